"""The out-of-box configuration bitmap, bit by bit."""

import pytest

from devices.models import DeploymentProfile
from devices.services.profiles.oobe import settings_of

ALWAYS = 8 + 256


@pytest.mark.parametrize(
    ("values", "bits"),
    [
        ({}, 0),
        ({"user_type": "standard"}, 2),
        ({"privacy_settings_hidden": True}, 4),
        ({"eula_hidden": True}, 16),
        ({"device_usage_type": "shared"}, 32 + 64),
        ({"keyboard_selection_page_skipped": True}, 1024),
        ({"escape_link_hidden": True, "join_type": "hybrid"}, 0),
    ],
)
def test_each_setting_has_its_bit(values, bits):
    assert settings_of(DeploymentProfile(**values)).configuration == ALWAYS + bits


def test_the_built_in_profile_hides_nothing_and_makes_administrators():
    built_in = settings_of(None)
    assert built_in.configuration == ALWAYS
    assert (built_in.user_type, built_in.is_self_deploying, built_in.is_hybrid) == (
        "administrator",
        False,
        False,
    )
