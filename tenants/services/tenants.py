"""Tenants: create, rename, verified domains, and deletion of an empty one."""

import re
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils.translation import gettext_lazy as _

from portal.errors import Conflict, NotFound, Refused
from tenants import permissions
from tenants.models import (
    ApiClient,
    Approval,
    AuditEvent,
    AuthorizationRequest,
    DeviceSide,
    DirectoryUser,
    EnrollmentKey,
    Invitation,
    Job,
    Membership,
    PartnerConsent,
    Schedule,
    SetupLink,
    Tenant,
    User,
    VerifiedDomain,
)
from tenants.permissions import Actor
from tenants.services import audit

DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
SETTINGS = (
    PartnerConsent,
    Membership,
    Invitation,
    VerifiedDomain,
    DirectoryUser,
    Job,
    DeviceSide,
    EnrollmentKey,
)
HELD: dict[str, Any] = {
    "devices.AutopilotDevice": _("Windows Autopilot devices, removed ones among them"),
    "devices.DeploymentProfile": _("deployment profiles"),
    "devices.Deregistration": _("deregistrations"),
    "devices.DeviceAction": _("actions that wait for a device"),
    "devices.DeviceBatch": _("device batches of partners"),
    "devices.EnrollmentFailure": _("enrollment failures"),
    "devices.EntraDevice": _("Microsoft Entra devices"),
    "devices.Group": _("groups"),
    "devices.GroupRuleKey": _("rules of groups"),
    "devices.Import": _("imports"),
    "devices.ManagedDevice": _("Windows devices"),
    "devices.Orphan": _("orphans"),
    "devices.OrphanCheck": _("checks for orphans"),
    "devices.Registration": _("registrations"),
    "devices.Submission": _("uploads of partners"),
    "devices.SyncRun": _("syncs"),
    "devices.SyncState": _("a schedule of syncs"),
    "devices.UndoKit": _("undo kits"),
}
GOES_ALONG = (*SETTINGS, ApiClient, Approval, AuthorizationRequest, Schedule, AuditEvent, SetupLink)


class AddressTaken(Refused):
    """Another tenant has this address."""

    code = "address_taken"


class BadDomain(Refused):
    """A text that is not a domain name."""

    code = "bad_domain"


class DomainTaken(Refused):
    """The domain belongs to a tenant already."""

    code = "domain_taken"


class TenantInUse(Refused):
    """The tenant holds registrations or other device data."""

    code = "tenant_in_use"
    status = 409


class AlreadyMember(Refused):
    """The person is a member of the tenant already."""

    code = "already_member"


def target(tenant: Tenant, **values: Any) -> audit.Target:
    """The tenant as an audit target."""
    return audit.Target(kind="tenant", label=tenant.name, object_id=tenant.pk, **values)


def create(*, actor: Actor, name: str, slug: str, administrator: User | None = None) -> Tenant:
    """A new local tenant, with its first Global Administrator; raises AddressTaken."""
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(name=name.strip(), slug=slug, authority=Tenant.Authority.LOCAL)
    except IntegrityError as error:
        raise AddressTaken(_("Another tenant has this address. Choose another one.")) from error
    with transaction.atomic():
        after = {"name": tenant.name, "address": tenant.slug, "authority": tenant.authority}
        audit.record(
            tenant=tenant, actor=actor, activity="tenant.created", targets=[target(tenant, after=after)]
        )
        if administrator is not None:
            join(tenant=tenant, actor=actor, user=administrator)
    return tenant


def join(*, tenant: Tenant, actor: Actor, user: User) -> Membership:
    """Make a person Global Administrator of a tenant, audited there; raises AlreadyMember."""
    roles = [permissions.GLOBAL_ADMINISTRATOR]
    try:
        with transaction.atomic():
            membership = Membership.objects.create(tenant=tenant, user=user, roles=roles)
            seen = audit.Target(
                kind="member", label=user.email, object_id=user.pk, after={"roles": list(roles)}
            )
            audit.record(tenant=tenant, actor=actor, activity="member.joined", targets=[seen])
    except IntegrityError as error:
        raise AlreadyMember(_("You are a member of this tenant already.")) from error
    return membership


@transaction.atomic
def change(*, tenant: Tenant, actor: Actor, revision: int, name: str, region: str) -> Tenant:
    """Change the visible name (the address stays) and the region; raises Conflict for an old revision."""
    current = _locked(tenant)
    _same_revision(current, revision)
    wanted = {"name": name.strip(), "region": region}
    before = {field: getattr(current, field) for field in wanted if getattr(current, field) != wanted[field]}
    if not before:
        return current
    after = {field: wanted[field] for field in before}
    for field, value in after.items():
        setattr(current, field, value)
    current.revision += 1
    current.save(update_fields=[*after, "revision"])
    changed = target(current, before=before, after=after)
    audit.record(tenant=current, actor=actor, activity="tenant.updated", targets=[changed])
    return current


@transaction.atomic
def set_deletion_rules(
    *, tenant: Tenant, actor: Actor, approval_above: int | None, cooling_off_hours: int, revision: int
) -> Tenant:
    """Say what holds a deletion back; raises Conflict for an old revision. Held jobs keep their terms."""
    current = _locked(tenant)
    _same_revision(current, revision)
    before = _deletion_rules(current)
    current.approval_above, current.cooling_off_hours = approval_above, cooling_off_hours
    after = _deletion_rules(current)
    if before == after:
        return current
    current.revision += 1
    current.save(update_fields=["approval_above", "cooling_off_hours", "revision"])
    changed = target(current, before=before, after=after)
    audit.record(tenant=current, actor=actor, activity="tenant.deletion_rules_changed", targets=[changed])
    return current


def _deletion_rules(tenant: Tenant) -> dict[str, Any]:
    return {"approval_above": tenant.approval_above, "cooling_off_hours": tenant.cooling_off_hours}


def _same_revision(tenant: Tenant, revision: int) -> None:
    if tenant.revision != revision:
        sentence = _("Someone changed this meanwhile. Reload to see the change, then edit again.")
        raise Conflict(sentence, code="changed_meanwhile")


def add_domain(*, tenant: Tenant, actor: Actor, name: str) -> VerifiedDomain:
    """Name a domain the tenant owns; raises BadDomain or DomainTaken."""
    name = name.strip().rstrip(".").lower()
    if not DOMAIN.fullmatch(name):
        raise BadDomain(_("This is not a domain name such as contoso.com."))
    try:
        with transaction.atomic():
            domain = VerifiedDomain.objects.create(tenant=tenant, name=name)
            seen = audit.Target(kind="domain", label=name)
            audit.record(tenant=tenant, actor=actor, activity="domain.added", targets=[seen])
    except IntegrityError as error:
        if VerifiedDomain.objects.of(tenant).filter(name=name).exists():
            raise DomainTaken(_("This domain is in the list already.")) from error
        raise DomainTaken(_("This domain belongs to another tenant of this installation.")) from error
    return domain


@transaction.atomic
def remove_domain(*, tenant: Tenant, actor: Actor, domain: VerifiedDomain) -> None:
    """Take a domain from the tenant; raises NotFound when it is gone already."""
    gone, _kinds = VerifiedDomain.objects.of(tenant).filter(pk=domain.pk).delete()
    if not gone:
        raise NotFound(_("This domain was removed meanwhile."), code="domain_gone")
    seen = audit.Target(kind="domain", label=domain.name)
    audit.record(tenant=tenant, actor=actor, activity="domain.removed", targets=[seen])


@transaction.atomic
def delete(*, tenant: Tenant, actor: Actor) -> None:
    """Delete a tenant that holds no device data; raises TenantInUse naming what it holds.

    Its audit events stay, detached, beside one event of the installation that says so.
    """
    current = _locked(tenant)
    kept = held(current)
    if kept:
        sentence = _("This tenant cannot be deleted while it holds: %(what)s.")
        raise TenantInUse(sentence % {"what": ", ".join(kept)})
    AuditEvent.objects.filter(tenant=current).update(tenant=None)
    for model in SETTINGS:
        model.objects.of(current).delete()
    ApiClient.objects.filter(tenant=current).delete()
    AuthorizationRequest.unscoped.filter(tenant=current).update(tenant=None)
    before = {"name": current.name, "address": current.slug}
    gone = target(current, before=before)
    current.delete()
    audit.record(tenant=None, actor=actor, activity="tenant.deleted", targets=[gone])


def _locked(tenant: Tenant) -> Tenant:
    """The tenant's row, locked; raises NotFound when another request deleted it first."""
    current = Tenant.objects.select_for_update().filter(pk=tenant.pk).first()
    if current is None:
        raise NotFound(_("This tenant was deleted meanwhile."), code="tenant_gone")
    return current


def held(tenant: Tenant) -> list[str]:
    """What other apps keep for the tenant, in words; any of it keeps the tenant from being deleted."""
    names = []
    relations = Tenant._meta.get_fields(include_hidden=True)
    for relation in (each for each in relations if isinstance(each, ForeignObjectRel)):
        model = relation.related_model
        if model in GOES_ALONG:
            continue
        rows = model._base_manager.filter(**{relation.field.name: tenant})
        if rows.exists():
            names.append(str(HELD.get(model._meta.label) or model._meta.verbose_name_plural))
    return names
