"""Accept a partner's upload: the one way in for page, CSV file and API.

Consent (tenants.services.partners.consents) and the table of registration channels
(devices.registry.submissions) are asked here and nowhere else; the job asks consent again at every step.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from devices.connectors import connector_for
from devices.models import DeviceBatch, Registration, Submission, SubmissionRow
from devices.registry.submissions import Identifier, Terms, terms_of
from devices.services.partners import listing
from devices.services.partners.answers import CODES, NOT_REGISTERED
from devices.services.partners.examining import examined, refuse
from devices.services.partners.lines import Line, digest_of
from portal.errors import Conflict, NotFound, Refused
from tenants.models import Job, Partner, Tenant
from tenants.permissions import Actor, missing_with_partner
from tenants.services import jobs
from tenants.services.partners import consents

TASK = "devices.partner_submission"
Kind = Submission.Kind
PERMISSIONS = {Kind.REGISTER: "batches.upload", Kind.REMOVE: "partner_devices.remove"}
MOST_KNOWN = 1000
LIMITS = {"batch": 100, "purchase_order": 255, "group_tag": 512}


class NothingSent(Refused):
    """The upload names no device."""

    code = "nothing_sent"


class TooManyDevices(Refused):
    """A batch has more devices than the partner's channel allows."""

    code = "too_many_devices"
    status = 413


class BadValue(Refused):
    """A text of the upload is too long or has line breaks; `field` names it."""

    code = "bad_value"


class RequestReused(Conflict):
    """The request's id was used for another upload."""

    code = "request_reused"


class BatchExists(Conflict):
    """The customer has a batch of this name already."""

    code = "batch_exists"


class NotRegistered(NotFound):
    """807: the batch holds no such device that is registered still."""

    code = "not_registered"


def submit(
    *,
    partner: Partner,
    tenant: Tenant,
    actor: Actor,
    lines: Sequence[Line],
    kind: str = Kind.REGISTER,
    batch: str = "",
    creates_batch: bool = False,
    purchase_order: str = "",
    group_tag: str = "",
    headers: Sequence[Sequence[str]] = (),
    request_id: str | None = None,
    through_api: bool = False,
) -> Submission:
    """Store the devices and start the job that registers or removes them; returns the upload.

    request_id: the same one gives the upload it made the first time. creates_batch: a batch of this name
    must not exist. Raises NoConsent, OtherRegion, ApiNotAllowed, Forbidden, TooManyDevices, NothingSent,
    BadValue, RequestReused, BatchExists, NoConnector.
    """
    if not actor.can(PERMISSIONS[Kind(kind)], tenant=tenant):
        raise missing_with_partner(PERMISSIONS[Kind(kind)])
    if through_api:
        consents.may_use_api(partner)
    consents.standing(partner=partner, tenant=tenant)
    connector_for(tenant)
    terms = terms_of(partner)
    texts = _checked({"batch": batch, "purchase_order": purchase_order, "group_tag": group_tag})
    _check_size(lines, terms)
    digest = digest_of(lines, kind, *texts.values())
    with transaction.atomic():
        Partner.objects.select_for_update().get(pk=partner.pk)
        known = _sent_before(partner, tenant, request_id, digest)
        if known is not None:
            return known
        name = texts["batch"] or (_("Deregistration") if kind == Kind.REMOVE else _("Without name"))
        submission: Submission = Submission.objects.create(
            partner=partner,
            tenant=tenant,
            kind=kind,
            batch=_batch(partner, tenant, actor, texts["batch"], creates_batch) if texts["batch"] else None,
            name=name,
            purchase_order=texts["purchase_order"],
            group_tag=texts["group_tag"],
            request_id=request_id,
            digest=digest,
            headers=[list(each) for each in headers],
            row_count=len(lines),
            via="api" if through_api else actor.via,
            created_by_label=actor.label[:254],
        )
        SubmissionRow.objects.bulk_create(
            _row(submission, number, line, terms) for number, line in enumerate(lines, 1)
        )
        submission.job = _start(submission, actor)
        submission.save(update_fields=["job"])
    return submission


def remove_known(
    *, partner: Partner, actor: Actor, registrations: QuerySet[Registration], key: str | None = None
) -> list[Submission]:
    """Deregister registrations the partner sees: one upload for each customer.

    Raises NothingSent, TooManyDevices, and what submit raises.
    """
    rows = list(registrations.select_related("tenant").order_by("serial_number", "pk")[: MOST_KNOWN + 1])
    check_known(len(rows))
    of_tenant: dict[Tenant, list[Line]] = defaultdict(list)
    for row in rows:
        of_tenant[row.tenant].append(_line_of(row))
    with transaction.atomic():
        return [
            submit(
                partner=partner,
                tenant=tenant,
                actor=actor,
                lines=lines,
                kind=Kind.REMOVE,
                request_id=str(uuid.uuid5(tenant.pk, key)) if key else None,
            )
            for tenant, lines in of_tenant.items()
        ]


def check_known(count: int) -> None:
    """Whether so many selected devices may be deregistered at once; raises NothingSent, TooManyDevices."""
    if not count:
        raise NothingSent(_("None of the selected devices can be deregistered by you (any more)."))
    if count > MOST_KNOWN:
        sentence = _("Select at most %(most)d devices at once.")
        raise TooManyDevices(sentence % {"most": MOST_KNOWN})


def remove_one(*, batch: DeviceBatch, actor: Actor, device_id: uuid.UUID) -> Submission:
    """Deregister one device of a batch by its key.

    Raises NotRegistered (807) for what the batch does not hold, and what submit raises.
    """
    row = listing.devices_of(batch).filter(pk=device_id).first()
    if row is None:
        sentence = _("The batch holds no such device that is registered with the customer.")
        raise NotRegistered(sentence, number=CODES[NOT_REGISTERED])
    return submit(
        partner=batch.partner,
        tenant=batch.tenant,
        actor=actor,
        lines=[_line_of(row)],
        kind=Kind.REMOVE,
        through_api=True,
    )


def _line_of(row: Registration) -> Line:
    """A registration that is known, named as a partner would."""
    return Line(
        serial=row.serial_number,
        manufacturer=row.manufacturer,
        model=row.model,
        product_key=row.product_key,
        device_id=str(row.pk),
    )


def _sent_before(partner: Partner, tenant: Tenant, request_id: str | None, digest: str) -> Submission | None:
    """The upload that a request of this id made, if any; raises RequestReused where it was another one."""
    if request_id is None:
        return None
    known: Submission | None = Submission.objects.of(partner).filter(request_id=request_id).first()
    if known is not None and (known.tenant_id, known.digest) != (tenant.pk, digest):
        raise RequestReused(_("This request was sent before, for another customer or other devices."))
    return known


def _checked(texts: dict[str, str]) -> dict[str, str]:
    found = {}
    for name, text in texts.items():
        found[name] = text.strip()
        if len(found[name]) > LIMITS[name] or not found[name].isprintable():
            sentence = _("This text has at most %(most)d characters and no line breaks.")
            raise BadValue(sentence % {"most": LIMITS[name]}, field=name)
    if {".", ".."} & set(found["batch"].split("/")):
        raise BadValue(_("A batch is not named “.” or “..”: an address cannot lead to it."), field="batch")
    return found


def _check_size(lines: Sequence[Line], terms: Terms) -> None:
    if not lines:
        raise NothingSent(_("Name at least one device."))
    if len(lines) > terms.most:
        sentence = _("A batch may have %(most)d devices; this one has %(count)d. Send it in parts.")
        raise TooManyDevices(sentence % {"most": terms.most, "count": len(lines)})


def _batch(partner: Partner, tenant: Tenant, actor: Actor, name: str, creates: bool) -> DeviceBatch:
    label = actor.label[:254]
    batch, is_new = DeviceBatch.objects.get_queryset().get_or_create(
        partner=partner, tenant=tenant, name=name, defaults={"created_by_label": label}
    )
    if creates and not is_new:
        raise BatchExists(_("This customer has a batch named “%(name)s” already.") % {"name": name})
    found: DeviceBatch = batch
    return found


def _row(submission: Submission, number: int, line: Line, terms: Terms) -> SubmissionRow:
    identifier, refusal = examined(line, terms)
    row = SubmissionRow(
        of=submission,
        number=number,
        identifier=identifier or "",
        **line.values,
        device_id=uuid.UUID(line.device_id) if line.device_id else None,
        blob=line.blob if identifier == Identifier.HASH and not refusal.name else None,
    )
    if refusal.name:
        refuse(row, refusal)
    return row


def _start(submission: Submission, actor: Actor) -> Job:
    titles = {
        Kind.REGISTER: _("Register devices (%(partner)s)"),
        Kind.REMOVE: _("Deregister devices (%(partner)s)"),
    }
    words: dict[str, Any] = {"partner": submission.partner.name}
    tenant = submission.tenant
    if tenant is None:
        raise ValueError("an upload without customer has no job")
    return jobs.start(
        tenant=tenant,
        actor=actor,
        task=TASK,
        title=titles[Kind(submission.kind)] % words,
        permission=PERMISSIONS[Kind(submission.kind)],
        arguments={"submission": str(submission.pk)},
        total=submission.row_count,
    )
