"""Hold a deletion back: a second administrator's approval, and a cooling-off time (design ruling).

A held job is queued with `run_after` in the future; what it would do may not begin before `may_run`.
Deletions count over a day for each person who asks, so that a large one is not split into small ones; the
caller counts `earlier`, what the same person asked for before, after `one_at_a_time`.
"""

from datetime import datetime, timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import jobs
from portal.errors import Conflict, Refused
from tenants.models import Approval, Job, Tenant
from tenants.permissions import Actor, missing
from tenants.services import audit, members

EXPIRES_AFTER = timedelta(hours=72)
LONGEST_REASON = 500


class OwnRequest(Refused):
    """Nobody approves or declines what they asked for; they may cancel it."""

    code = "own_request"
    status = 409


class NotWaiting(Conflict):
    """The request was decided, withdrawn or has expired."""

    code = "approval_not_waiting"


class ReasonMissing(Refused):
    """Who declines says why."""

    code = "reason_missing"


class ApprovalExpired(Refused):
    """Nobody approved in time."""

    code = "approval_expired"


def one_at_a_time(*, tenant: Tenant, actor: Actor) -> None:
    """Let the same person's requests count one another: until the transaction ends, the next one waits."""
    if tenant.approval_above is None:
        return
    whose = actor.user or actor.client
    key = f"deletion:{tenant.pk}:{whose.pk if whose else actor.via}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def hold(*, job: Job, actor: Actor, count: int, earlier: int, now: datetime) -> bool:
    """Hold a new job of `count` deletions back where its tenant wants that; whether it is held.

    Call it where the job is prepared, before it is dispatched.
    """
    tenant = job.tenant
    if is_needed(tenant=tenant, count=count, earlier=earlier):
        approval = Approval.objects.create(
            tenant=tenant,
            job=job,
            count=count,
            earlier=earlier,
            limit=tenant.approval_above or 0,
            requested_by=actor.user,
            requested_by_label=actor.label,
            requested_at=now,
            expires_at=now + EXPIRES_AFTER,
        )
        _record(approval, actor, "approval.requested")
        job.run_after = approval.expires_at
    elif tenant.cooling_off_hours:
        job.run_after = now + cooling_off(tenant)
    else:
        return False
    job.save(update_fields=["run_after"])
    return True


def is_needed(*, tenant: Tenant, count: int, earlier: int) -> bool:
    """Whether so many deletions, with those asked for earlier, need a second administrator."""
    return tenant.approval_above is not None and count > 0 and count + earlier > tenant.approval_above


def is_alone(*, tenant: Tenant, actor: Actor) -> bool:
    """Whether nobody but who asks could approve."""
    others = members.administrators(tenant=tenant)
    return not (others.exclude(user=actor.user) if actor.user else others).exists()


def why(*, tenant: Tenant, count: int, earlier: int) -> str:
    """Why so many deletions need a second administrator, for who asks; empty where they do not."""
    if not is_needed(tenant=tenant, count=count, earlier=earlier):
        return ""
    limit = tenant.approval_above or 0
    if count > limit:
        sentence = ngettext(
            "More than %(limit)s device: a second Global Administrator has to approve.",
            "More than %(limit)s devices: a second Global Administrator has to approve.",
            limit,
        )
    else:
        sentence = ngettext(
            "You asked for %(earlier)s in the last 24 hours; with this one it is more than %(limit)s. "
            "A second administrator has to approve.",
            "You asked for %(earlier)s in the last 24 hours; with these %(count)s it is more than %(limit)s. "
            "A second administrator has to approve.",
            count,
        )
    return sentence % {"earlier": intcomma(earlier), "count": intcomma(count), "limit": intcomma(limit)}


def cooling_off(tenant: Tenant) -> timedelta:
    """How long the tenant wants to be able to change its mind."""
    return timedelta(hours=tenant.cooling_off_hours)


def may_run(job: Job, *, now: datetime) -> bool:
    """Whether a held job may begin; if not yet, its next turn is set. Raises ApprovalExpired."""
    approval = Approval.objects.of(job.tenant).filter(job=job).first()
    if approval is None or approval.state == Approval.State.APPROVED:
        return True
    if approval.state != Approval.State.WAITING or approval.expires_at <= now:
        raise ApprovalExpired(_("No second administrator approved this in time. Nothing was removed."))
    job.run_after = approval.expires_at
    return False


@transaction.atomic
def approve(*, job: Job, actor: Actor, reason: str = "", now: datetime) -> Approval:
    """Let a held job run, after its cooling-off time; raises Forbidden, OwnRequest or NotWaiting."""
    approval = _decide(job, actor, Approval.State.APPROVED, reason, now)
    Job.objects.of(job.tenant).filter(pk=job.pk).update(run_after=now + cooling_off(job.tenant))
    jobs.dispatch(job)
    _record(approval, actor, "approval.granted")
    return approval


@transaction.atomic
def decline(*, job: Job, actor: Actor, reason: str, now: datetime) -> Approval:
    """End a held job before it began; raises Forbidden, OwnRequest, NotWaiting or ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing(_("Say why, so that the other administrator knows."))
    approval = _decide(job, actor, Approval.State.DECLINED, reason, now)
    jobs.request_cancel(job)
    _record(approval, actor, "approval.declined")
    return approval


def to_decide(*, tenant: Tenant, actor: Actor) -> QuerySet[Approval]:
    """The requests the actor may decide, the oldest first; none without the right."""
    rows: QuerySet[Approval] = Approval.objects.of(tenant).filter(state=Approval.State.WAITING)
    if actor.user is None or not actor.can("approvals.decide", tenant=tenant):
        return rows.none()
    others = Q(requested_by=None) | ~Q(requested_by=actor.user)
    return rows.filter(others).select_related("job").order_by("requested_at", "pk")


def close(*, job: Job) -> None:
    """When a job ends that nobody decided about: expired, or withdrawn by whoever cancelled it."""
    is_failed = job.state == Job.State.FAILED
    state = Approval.State.EXPIRED if is_failed else Approval.State.WITHDRAWN
    waiting = Approval.objects.of(job.tenant).filter(job=job, state=Approval.State.WAITING)
    waiting.update(state=state, decided_at=job.finished_at)


def _decide(job: Job, actor: Actor, state: str, reason: str, now: datetime) -> Approval:
    if not actor.can("approvals.decide", tenant=job.tenant):
        raise missing("approvals.decide")
    held = Job.objects.of(job.tenant).select_for_update(of=("self",)).get(pk=job.pk)
    approval = Approval.objects.of(job.tenant).select_for_update().filter(job=held).first()
    if approval is None or approval.state != Approval.State.WAITING or held.is_ended:
        raise NotWaiting(_("This does not wait for an approval any more."))
    if held.cancel_requested_at is not None or approval.expires_at <= now:
        raise NotWaiting(_("This does not wait for an approval any more."))
    if actor.user is None or actor.user.pk == approval.requested_by_id:
        raise OwnRequest(_("You asked for this yourself, so another administrator has to decide."))
    approval.state, approval.reason = state, reason.strip()[:LONGEST_REASON]
    approval.decided_by, approval.decided_by_label = actor.user, actor.label
    approval.decided_at = now
    approval.save(update_fields=["state", "reason", "decided_by", "decided_by_label", "decided_at"])
    found: Approval = approval
    return found


def _record(approval: Approval, actor: Actor, activity: str) -> None:
    more = {"earlier": approval.earlier, "reason": approval.reason}
    after = {"devices": approval.count, **{name: value for name, value in more.items() if value}}
    target = audit.Target(kind="job", label=approval.job.title, object_id=approval.job_id, after=after)
    audit.record(tenant=approval.tenant, actor=actor, activity=activity, targets=[target])
