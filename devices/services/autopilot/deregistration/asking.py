"""How many devices somebody asked to remove lately: a deletion split into small ones counts as one.

Whoever asks counts for themselves: a person, an API client, or the operators of the command line.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from devices.models import Deregistration, UndoKit
from tenants.models import AuditEvent, AuditTarget, Job, Tenant
from tenants.permissions import Actor
from tenants.services import approvals

WINDOW = timedelta(hours=24)
REPLACED = "device.replaced"
State = Deregistration.State


def earlier(*, tenant: Tenant, actor: Actor, new: QuerySet[Any] | list[Any], now: datetime) -> int:
    """The devices that the actor asked to remove in the last 24 hours, besides the new ones (ids).

    Requests that wait count as those that began. What was taken back or declined before anything was
    done to a device does not, nor what was registered again. 0 where the tenant has no such rule.
    """
    if tenant.approval_above is None:
        return 0
    since = now - WINDOW
    deregistered = _deregistered(tenant, actor, since).exclude(device_id__in=new)
    replaced = _replaced(tenant, actor, since).exclude(object_id__in=new)
    return deregistered.values_list("device_id").union(replaced.values_list("object_id")).count()


def why_held(*, tenant: Tenant, actor: Actor, new: QuerySet[Any], count: int, now: datetime) -> str:
    """Why a request for `count` rows would wait for approval; empty if it would not.

    new: Autopilot devices, or deregistrations to be tried again.
    """
    key = "device_id" if new.model is Deregistration else "pk"
    before = earlier(tenant=tenant, actor=actor, new=new.order_by().values(key), now=now)
    sentence = approvals.why(tenant=tenant, count=count, earlier=before)
    if sentence and approvals.is_alone(tenant=tenant, actor=actor):
        alone = _(
            "This tenant has nobody else who could: invite another Global Administrator under Settings."
        )
        return f"{sentence} {alone}"
    return sentence


def _deregistered(tenant: Tenant, actor: Actor, since: datetime) -> QuerySet[Deregistration]:
    requests = Job.objects.of(tenant).filter(created_at__gt=since, **_asked_by(actor))
    if actor.user is None:
        requests = requests.filter(client=actor.client)
    asked_of_service = Func(
        F("steps"),
        function="jsonb_path_exists",
        template="%(function)s(%(expressions)s, '$[*].requested_at')",
        output_field=BooleanField(),
    )
    is_touched = Q(state__in=[State.DONE, State.BY_HAND]) | Q(asked_of_service=True)
    is_to_come = Q(state=State.ACTIVE, job__cancel_requested_at=None)
    rows = Deregistration.objects.of(tenant).filter(job__in=requests)
    rows = rows.annotate(asked_of_service=asked_of_service).filter(is_touched | is_to_come)
    found: QuerySet[Deregistration] = rows.exclude(_is_back(tenant, "device_id"))
    return found


def _replaced(tenant: Tenant, actor: Actor, since: datetime) -> QuerySet[AuditTarget]:
    """The old devices of replacements; the audit log is what nobody can erase."""
    events = AuditEvent.objects.filter(tenant=tenant, activity=REPLACED, at__gt=since, **_asked_by(actor))
    rows = AuditTarget.objects.filter(event__in=events, after__has_key="replaced_by")
    return rows.exclude(_is_back(tenant, "object_id"))


def _asked_by(actor: Actor) -> dict[str, Any]:
    return {"actor": actor.user} if actor.user else {"actor": None, "via": actor.via}


def _is_back(tenant: Tenant, device: str) -> Exists:
    """Whether it was registered again from its undo kit."""
    kits = UndoKit.objects.of(tenant).filter(restored_at__isnull=False)
    return Exists(kits.filter(device_id=OuterRef(device)))
