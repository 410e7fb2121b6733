"""Who a device may be assigned to: a user of the tenant's directory who is licensed for Intune.

Source: "Assign a user to a specific Windows Autopilot device" [D].
"""

from django.utils.translation import gettext_lazy as _

from portal.errors import Refused
from tenants.models import DirectoryUser, Tenant


class UnknownUser(Refused):
    """No user of the tenant's directory has this user principal name."""

    code = "unknown_user"


class UnlicensedUser(Refused):
    """The user has no Intune license, so the device could not be enrolled by them."""

    code = "unlicensed_user"


def licensed(*, tenant: Tenant, upn: str) -> DirectoryUser:
    """The licensed user with this name, case ignored; raises UnknownUser or UnlicensedUser."""
    user = DirectoryUser.objects.of(tenant).by_upn(upn).first()
    if user is None:
        sentence = _("There is no user “%(upn)s” in this tenant. Add the user under Users first.")
        raise UnknownUser(sentence % {"upn": upn})
    if not user.is_licensed:
        sentence = _("%(upn)s is not licensed for Intune. Assign a license to this user first.")
        raise UnlicensedUser(sentence % {"upn": user.user_principal_name})
    return user


def assignment_of(*, user: DirectoryUser, friendly_name: str = "") -> dict[str, str]:
    """The two values that assign a user; the friendly name is the display name unless given."""
    return {
        "user_principal_name": user.user_principal_name,
        "addressable_user_name": friendly_name.strip() or user.display_name,
    }


NOBODY = {"user_principal_name": "", "addressable_user_name": ""}
