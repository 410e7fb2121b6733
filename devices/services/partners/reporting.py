"""An OEM reports hashes of machines that nobody owns yet (CBR report), so that others can name them.

Source: OEM registration [D]. A report is small (the channel's thousand), so it is done in the request.
That an OEM reports only machines of the manufacturer names recorded for it, and under no product ID of
another OEM's, is our own: another hash under a name makes it 813 for everyone.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from devices.hardware.decode import decode
from devices.hardware.faults import HashFault
from devices.models import Submission, SubmissionRow
from devices.registry import known_machines
from devices.registry.claims import is_sufficient
from devices.registry.submissions import REPORT, REPORTERS
from devices.services.imports import verdicts
from devices.services.partners.answers import answer, key_of_other, other_manufacturer
from devices.services.partners.examining import examined, refuse
from devices.services.partners.lines import Line
from devices.services.partners.submitting import NothingSent, TooManyDevices
from portal.errors import Refused
from tenants.models import Partner
from tenants.permissions import Actor, missing_with_partner
from tenants.services import audit

PERMISSION = "hashes.report"
Outcome = SubmissionRow.Outcome


class NotAReporter(Refused):
    """Only a manufacturer reports hashes of machines that nobody owns."""

    code = "not_a_reporter"
    status = 403


def report(
    *,
    partner: Partner,
    actor: Actor,
    lines: Sequence[Line],
    name: str,
    headers: Sequence[Sequence[str]],
    key: str | None,
    now: datetime,
) -> Submission:
    """Keep the hashes and say what became of each; the same key gives the report it made the first time.

    Raises NotAReporter, Forbidden, NothingSent or TooManyDevices.
    """
    if partner.kind not in REPORTERS:
        raise NotAReporter(_("Only a manufacturer reports hashes."))
    if partner.pk != getattr(actor.partner, "pk", None) or not actor.can_for_partner(PERMISSION):
        raise missing_with_partner(PERMISSION)
    if not lines:
        raise NothingSent(_("The file holds no hashes."))
    if len(lines) > REPORT.most:
        raise TooManyDevices(_("A report may have %(most)d hashes.") % {"most": REPORT.most})
    with transaction.atomic():
        current = Partner.objects.select_for_update().get(pk=partner.pk)
        known: Submission | None = Submission.objects.of(partner).filter(request_id=key).first()
        if key is not None and known is not None:
            return known
        made = _store(current, actor, name, headers, key, len(lines), now)
        _keep(made, lines, now)
        seen = audit.Target(kind="hash_report", label=made.name, object_id=made.pk)
        audit.record(
            tenant=None,
            actor=actor,
            activity="hashes.reported",
            targets=[seen],
            summary=_("%(kept)d of %(rows)d hashes") % {"kept": made.done_count, "rows": made.row_count},
        )
    return made


def _store(
    partner: Partner,
    actor: Actor,
    name: str,
    headers: Sequence[Sequence[str]],
    key: str | None,
    rows: int,
    now: datetime,
) -> Submission:
    made: Submission = Submission.objects.create(
        partner=partner,
        kind=Submission.Kind.REPORT,
        state=Submission.State.FINISHED,
        name=name[:255],
        request_id=key,
        headers=[list(each) for each in headers],
        row_count=rows,
        via=actor.via,
        created_by_label=actor.label[:254],
        started_at=now,
        finished_at=now,
    )
    return made


def _keep(made: Submission, lines: Sequence[Line], now: datetime) -> None:
    rows: list[SubmissionRow] = []
    machines: dict[int, known_machines.Reported] = {}
    for number, line in enumerate(lines, 1):
        row = SubmissionRow(
            of=made, number=number, line=line.line, header=line.header, cells=list(line.cells)
        )
        row.serial_number, row.product_key = line.serial, line.product_key
        row.manufacturer, row.model = line.manufacturer, line.model
        machine = _examine(row, line, made.partner)
        if machine is not None:
            machines[number] = machine
        rows.append(row)
    for number in known_machines.under_keys_of_others(made.partner, machines):
        row = rows[number - 1]
        refuse(row, key_of_other(row.product_key))
        row.cells = list(lines[number - 1].cells)
        del machines[number]
    SubmissionRow.objects.bulk_create(rows)
    known_machines.keep(report=made, machines=machines.values(), now=now)
    counts = Counter(row.outcome for row in rows)
    made.done_count, made.failed_count = counts[Outcome.KEPT], counts[Outcome.FAILED]
    made.save(update_fields=["done_count", "failed_count"])


def _examine(row: SubmissionRow, line: Line, partner: Partner) -> known_machines.Reported | None:
    """The machine of a row, or None with the row refused."""
    identifier, refusal = examined(line, REPORT)
    blob = line.blob
    if refusal.name or blob is None:
        said = refusal if line.hardware_hash else answer(verdicts.INVALID_HASH, _("This row has no hash."))
        refuse(row, said)
        return None
    try:
        identity = decode(blob)
    except HashFault as fault:
        refuse(row, answer(verdicts.INVALID_HASH, fault.message))
        return None
    if not is_sufficient(identity) or not known_machines.is_nameable(identity):
        sentence = _("The hash holds neither a whole name (manufacturer, model, serial) nor a product ID.")
        refuse(row, answer(verdicts.INVALID_HASH, sentence))
        return None
    if identity.manufacturer not in partner.manufacturers:
        row.manufacturer, row.model = (identity.manufacturer or "")[:255], (identity.model or "")[:255]
        refuse(row, other_manufacturer(identity.manufacturer or "", partner.manufacturers))
        return None
    row.identifier, row.outcome, row.cells = identifier or "", Outcome.KEPT, []
    row.serial_number = (identity.serial or "")[:255]
    row.manufacturer, row.model = (identity.manufacturer or "")[:255], (identity.model or "")[:255]
    row.product_key = known_machines.product_key_of(identity)
    return known_machines.Reported(identity, blob)
