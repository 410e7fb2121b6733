"""Directory users: whom devices can be assigned to, and who may enroll them (the licensed ones).

Deleting one leaves the devices: they keep the user principal name as text and lose the link.
"""

import re
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.errors import Conflict, Refused
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor
from tenants.services import audit

LONGEST_UPN = 113
UPN = re.compile(r"[A-Za-z0-9'._!#^~+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")


class BadUserPrincipalName(Refused):
    """A text that cannot be a user principal name."""

    code = "bad_user_principal_name"


class UserExists(Refused):
    """The tenant has a user with this name."""

    code = "user_exists"


def checked_upn(text: str) -> str:
    """A user principal name without blanks around it; raises BadUserPrincipalName.

    At most 113 characters of ASCII in the form name@domain (Microsoft Entra's own limits).
    """
    upn = text.strip()
    if len(upn) > LONGEST_UPN or not UPN.fullmatch(upn):
        raise BadUserPrincipalName(
            _("“%(text)s” is not a user principal name such as adele@contoso.com.") % {"text": upn[:60]}
        )
    return upn


def add(
    *,
    tenant: Tenant,
    actor: Actor,
    user_principal_name: str,
    display_name: str = "",
    is_licensed: bool = False,
) -> DirectoryUser:
    """Add one user; raises BadUserPrincipalName or UserExists."""
    values = {
        "user_principal_name": checked_upn(user_principal_name),
        "display_name": display_name.strip(),
        "is_licensed": is_licensed,
    }
    try:
        with transaction.atomic():
            user: DirectoryUser = DirectoryUser.objects.create(tenant=tenant, **values)
            audit.record(
                tenant=tenant, actor=actor, activity="user.created", targets=[_target(user, after=values)]
            )
    except IntegrityError as error:
        raise UserExists(_("A user with this user principal name exists.")) from error
    return user


def edit(
    *,
    tenant: Tenant,
    actor: Actor,
    user: DirectoryUser,
    revision: int,
    user_principal_name: str,
    display_name: str,
    is_licensed: bool,
) -> DirectoryUser:
    """Change one user; raises BadUserPrincipalName, UserExists, or Conflict for an old revision."""
    wanted = {
        "user_principal_name": checked_upn(user_principal_name),
        "display_name": display_name.strip(),
        "is_licensed": is_licensed,
    }
    try:
        with transaction.atomic():
            return _edit(tenant, actor, user, revision, wanted)
    except IntegrityError as error:
        raise UserExists(_("A user with this user principal name exists.")) from error


def _edit(
    tenant: Tenant, actor: Actor, user: DirectoryUser, revision: int, wanted: dict[str, Any]
) -> DirectoryUser:
    current = DirectoryUser.objects.of(tenant).select_for_update().filter(pk=user.pk).first()
    if current is None or current.revision != revision:
        sentence = _("Someone changed this meanwhile. Reload to see the change, then edit again.")
        raise Conflict(sentence, code="changed_meanwhile")
    before = {name: getattr(current, name) for name in wanted if getattr(current, name) != wanted[name]}
    if not before:
        return current
    after = {name: wanted[name] for name in before}
    for name, value in after.items():
        setattr(current, name, value)
    current.revision += 1
    current.save(update_fields=[*after, "revision"])
    changed = _target(current, before=before, after=after)
    audit.record(tenant=tenant, actor=actor, activity="user.updated", targets=[changed])
    return current


@transaction.atomic
def set_licence(*, tenant: Tenant, actor: Actor, users: QuerySet[DirectoryUser], is_licensed: bool) -> int:
    """Switch the licence of those users that differ; returns how many changed."""
    ids = _locked_ids(tenant, users.filter(is_licensed=not is_licensed))
    if not ids:
        return 0
    rows = DirectoryUser.objects.of(tenant).filter(pk__in=ids)
    event = audit.record(tenant=tenant, actor=actor, activity="user.licence_changed", target_count=0)
    audit.add_targets_by_sql(
        event=event,
        select="SELECT 'directory_user', u.id, u.user_principal_name, "
        "jsonb_build_object('is_licensed', NOT %s::boolean), jsonb_build_object('is_licensed', %s::boolean) "
        "FROM tenants_directoryuser u WHERE u.id = ANY(%s)",
        parameters=[is_licensed, is_licensed, ids],
    )
    rows.update(is_licensed=is_licensed, revision=F("revision") + 1)
    return len(ids)


@transaction.atomic
def remove(*, tenant: Tenant, actor: Actor, users: QuerySet[DirectoryUser]) -> int:
    """Delete users; their devices keep the name as text. Returns how many were deleted."""
    ids = _locked_ids(tenant, users)
    if not ids:
        return 0
    event = audit.record(tenant=tenant, actor=actor, activity="user.deleted", target_count=0)
    audit.add_targets_by_sql(
        event=event,
        select="SELECT 'directory_user', u.id, u.user_principal_name, jsonb_build_object('display_name', "
        "u.display_name, 'is_licensed', u.is_licensed), NULL::jsonb FROM tenants_directoryuser u "
        "WHERE u.id = ANY(%s)",
        parameters=[ids],
    )
    DirectoryUser.objects.of(tenant).filter(pk__in=ids).delete()
    return len(ids)


def _locked_ids(tenant: Tenant, users: QuerySet[DirectoryUser]) -> list[UUID]:
    """The keys of the tenant's users in a queryset, locked in key order against deadlocks."""
    rows = DirectoryUser.objects.of(tenant).filter(pk__in=users.order_by().values("pk"))
    return list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))


def _target(user: DirectoryUser, **values: Any) -> audit.Target:
    return audit.Target(kind="directory_user", label=user.user_principal_name, object_id=user.pk, **values)
