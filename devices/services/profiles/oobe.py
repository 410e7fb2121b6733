"""What a profile is to the machine in its set-up: settings, and the out-of-box configuration bitmap.

Bits: "Troubleshooting FAQ" [D] and Microsoft's own JSON generator [O]. The built-in default profile
hides nothing, is user-driven and makes administrators (design ruling; no source lists its settings).
"""

from dataclasses import dataclass
from enum import IntFlag

from devices.models import DeploymentProfile


class Oobe(IntFlag):
    """The bits of the configuration; one of 1 (skip Cortana) is never set by the generator."""

    STANDARD_USER = 2
    SKIP_PRIVACY = 4
    SKIP_OEM_REGISTRATION = 8
    SKIP_EULA = 16
    SELF_DEPLOYING = 32 + 64
    ALWAYS = 256
    SKIP_KEYBOARD = 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a profile as the set-up obeys them; the defaults are the built-in profile's."""

    is_self_deploying: bool = False
    is_hybrid: bool = False
    skip_connectivity_check: bool = False
    eula_hidden: bool = False
    privacy_settings_hidden: bool = False
    escape_link_hidden: bool = False
    user_type: str = DeploymentProfile.UserType.ADMINISTRATOR
    preprovisioning_allowed: bool = False
    locale: str = "os-default"
    keyboard_selection_page_skipped: bool = False

    @property
    def configuration(self) -> int:
        """The bitmap (CloudAssignedOobeConfig)."""
        bits = Oobe.SKIP_OEM_REGISTRATION | Oobe.ALWAYS
        wanted = {
            Oobe.STANDARD_USER: self.user_type == DeploymentProfile.UserType.STANDARD,
            Oobe.SKIP_PRIVACY: self.privacy_settings_hidden,
            Oobe.SKIP_EULA: self.eula_hidden,
            Oobe.SELF_DEPLOYING: self.is_self_deploying,
            Oobe.SKIP_KEYBOARD: self.keyboard_selection_page_skipped,
        }
        for bit, is_set in wanted.items():
            bits |= bit if is_set else Oobe(0)
        return int(bits)


def settings_of(profile: DeploymentProfile | None) -> Settings:
    """The settings of a profile; None is the built-in default."""
    if profile is None:
        return Settings()
    return Settings(
        is_self_deploying=profile.device_usage_type == DeploymentProfile.DeviceUsage.SELF_DEPLOYING,
        is_hybrid=profile.join_type == DeploymentProfile.JoinType.HYBRID,
        skip_connectivity_check=profile.skip_connectivity_check,
        eula_hidden=profile.eula_hidden,
        privacy_settings_hidden=profile.privacy_settings_hidden,
        escape_link_hidden=profile.escape_link_hidden,
        user_type=profile.user_type,
        preprovisioning_allowed=profile.preprovisioning_allowed,
        locale=profile.locale,
        keyboard_selection_page_skipped=profile.keyboard_selection_page_skipped,
    )
