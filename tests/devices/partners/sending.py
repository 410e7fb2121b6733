"""Partners at work in tests: lines of made-up machines, and uploads run to their end."""

from base64 import b64encode
from collections.abc import Sequence

from django.utils import timezone

from devices import tasks
from devices.hardware import synthetic
from devices.hardware.encode import encode
from devices.hardware.identity import HardwareIdentity
from devices.models import Submission, SubmissionRow
from devices.registry.known_machines import product_key_of
from devices.services.partners import reporting, submitting
from devices.services.partners.lines import Line
from tenants.models import Partner, Tenant, User
from tests import factories


def machines(count: int, *, start: int = 1) -> list[HardwareIdentity]:
    """Different made-up machines."""
    return [synthetic.machine(seed=start + number) for number in range(count)]


def text_of(machine: HardwareIdentity) -> str:
    """The machine's hash as text."""
    return b64encode(encode(machine)).decode()


def by_hash(machine: HardwareIdentity, **values: str) -> Line:
    """Named by its hash."""
    return Line(hardware_hash=text_of(machine), **values)


def by_tuple(machine: HardwareIdentity, **values: str) -> Line:
    """Named by manufacturer, model and serial number."""
    tuple_ = {
        "manufacturer": machine.manufacturer or "",
        "model": machine.model or "",
        "serial": machine.serial or "",
    }
    return Line(**{**tuple_, **values})


def by_key(machine: HardwareIdentity, **values: str) -> Line:
    """Named by its ProductKeyID."""
    return Line(**{"product_key": product_key_of(machine), **values})


def report(oem: Partner, person: User, found: Sequence[HardwareIdentity]) -> Submission:
    """An OEM's report of hashes."""
    return reporting.report(
        partner=oem,
        actor=factories.actor(person, oem),
        lines=[by_hash(machine) for machine in found],
        name="cbr.csv",
        headers=[],
        key=None,
        now=timezone.now(),
    )


def send(
    partner: Partner, tenant: Tenant, person: User, lines: Sequence[Line], **options: object
) -> Submission:
    """Send an upload and work it off."""
    made = submitting.submit(
        partner=partner,
        tenant=tenant,
        actor=factories.actor(person, partner),
        lines=lines,
        **options,  # type: ignore[arg-type]
    )
    return work_off(made)


def work_off(made: Submission) -> Submission:
    """Run the job of an upload slice by slice, as a worker would."""
    assert made.job is not None
    while not made.job.is_ended:
        tasks.partner_submission(str(made.job.pk))
        made.job.refresh_from_db()
    made.refresh_from_db()
    return made


def outcomes(made: Submission) -> list[tuple[str, int | None]]:
    """Outcome and code of each row."""
    rows = SubmissionRow.objects.filter(of=made).order_by("number")
    return list(rows.values_list("outcome", "code"))


def reason(made: Submission, number: int = 1) -> str:
    """What was said about a row."""
    return SubmissionRow.objects.get(of=made, number=number).reason
