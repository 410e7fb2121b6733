"""Who signs in: a licensed user of the tenant's own directory, with room for one more device.

Rules: "Registration overview", a licensed user ([D]); 50 devices a user by default, "Troubleshooting
FAQ" [D]; a user name of another organization, "Known issues" [D].
"""

from typing import Any

from django.utils.translation import gettext as _

from devices.models import ManagedDevice
from devices.services.autopilot.enrolment.refusals import (
    DeviceLimitReached,
    UnknownUser,
    UnlicensedUser,
    WrongTenant,
)
from tenants.models import DirectoryUser, Tenant, VerifiedDomain
from tenants.services import device_side


def find_user(*, tenant: Tenant, upn: str) -> DirectoryUser:
    """The directory user with a UPN; raises UnknownUser, or WrongTenant for another domain's."""
    clean = upn.replace("\x00", "").strip()
    user: DirectoryUser | None = DirectoryUser.objects.of(tenant).by_upn(clean).first()
    if user is not None:
        return user
    if _is_of_another_organization(tenant, clean):
        sentence = _("“%(upn)s” belongs to another organization than %(tenant)s.")
        raise WrongTenant(sentence % {"upn": clean[:254], "tenant": tenant.name}, field="user")
    sentence = _("“%(upn)s” is not a user of this tenant's directory.")
    raise UnknownUser(sentence % {"upn": clean[:254]}, field="user")


def _is_of_another_organization(tenant: Tenant, upn: str) -> bool:
    """Whether the domain is none of the tenant's, where the tenant has named its domains."""
    names = set(VerifiedDomain.objects.of(tenant).values_list("name", flat=True))
    domain = upn.rpartition("@")[2].lower()
    return bool(names and domain and domain not in names)


def admit(*, tenant: Tenant, user: DirectoryUser, earlier: ManagedDevice | None) -> DirectoryUser:
    """The user as of now, locked so that two devices count each other; earlier counts no longer.

    Raises UnknownUser, UnlicensedUser, DeviceLimitReached.
    """
    rows: Any = DirectoryUser.objects.of(tenant).select_for_update(no_key=True)
    current: DirectoryUser | None = rows.filter(pk=user.pk).first()
    if current is None:
        sentence = _("“%(upn)s” is not a user of this tenant's directory.")
        raise UnknownUser(sentence % {"upn": user.user_principal_name}, field="user")
    if not current.is_licensed:
        sentence = _("“%(upn)s” has no Intune license, so the device cannot enroll.")
        raise UnlicensedUser(sentence % {"upn": current.user_principal_name}, field="user")
    limit = device_side.of(tenant).device_limit
    others = ManagedDevice.objects.of(tenant).live().filter(user=current)
    if others.exclude(pk=earlier.pk if earlier else None).count() >= limit:
        sentence = _("“%(upn)s” has %(limit)d devices already, as many as this tenant allows.")
        values = {"upn": current.user_principal_name, "limit": limit}
        raise DeviceLimitReached(sentence % values, field="user")
    return current
