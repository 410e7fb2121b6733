"""Deployment profiles: the rules of their settings, assignments and deletion."""

import pytest
from django.utils import timezone

from devices.models import DeploymentProfile, Group, GroupMember
from devices.services.profiles import assigning, direct, profiles
from tenants.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def actor(admin):
    return factories.actor(admin)


@pytest.fixture
def create(contoso, actor):
    def create(name="Kiosk", **values):
        return profiles.create(tenant=contoso, actor=actor, values={"display_name": name, **values}, now=NOW)

    return create


@pytest.fixture
def assign(contoso, actor):
    def assign(profile, include=(), exclude=(), is_for_all_devices=False, revision=None):
        return assigning.assign(
            tenant=contoso,
            actor=actor,
            profile=profile,
            include=[group.pk for group in include],
            exclude=[group.pk for group in exclude],
            is_for_all_devices=is_for_all_devices,
            revision=revision,
            now=NOW,
        )

    return assign


def refused_field(create, **values):
    with pytest.raises(profiles.BadSetting) as caught:
        create(**values)
    return caught.value.context["field"]


def test_a_profile_is_made_with_intunes_defaults(create):
    profile = create()
    assert (profile.device_usage_type, profile.user_type, profile.locale) == (
        "singleUser",
        "administrator",
        "os-default",
    )


def test_a_name_is_needed_and_unique_whatever_its_case(create):
    assert refused_field(create, name="  ") == "display_name"
    create("Kiosk")
    assert refused_field(create, name="KIOSK") == "display_name"


def test_the_prefix_of_offline_profiles_is_reserved(create):
    assert refused_field(create, name="offlineautopilotProfile-1") == "display_name"


def test_a_bad_template_is_refused_at_its_field(create):
    assert refused_field(create, device_name_template="A B") == "device_name_template"


def test_a_tenant_has_at_most_350_profiles(contoso, create):
    DeploymentProfile.objects.bulk_create(
        DeploymentProfile(tenant=contoso, display_name=f"P{number}") for number in range(350)
    )
    with pytest.raises(profiles.TooManyProfiles):
        create()


def test_self_deploying_fixes_what_has_no_effect_in_it(create):
    profile = create(
        device_usage_type="shared",
        user_type="administrator",
        preprovisioning_allowed=True,
        join_type="hybrid",
    )
    assert (profile.user_type, profile.preprovisioning_allowed, profile.join_type) == (
        "standard",
        False,
        "entra",
    )


def test_hololens_is_always_self_deploying(create):
    assert create(device_type="holoLens", device_usage_type="singleUser").device_usage_type == "shared"


def test_the_keyboard_is_configured_only_with_a_language(create):
    assert create(keyboard_selection_page_skipped=True).keyboard_selection_page_skipped is False
    other = create("Other", keyboard_selection_page_skipped=True, locale="de-DE")
    assert other.keyboard_selection_page_skipped is True


def test_hybrid_join_has_no_name_template_and_alone_may_skip_the_connectivity_check(create):
    hybrid = create(join_type="hybrid", device_name_template="K-%SERIAL%", skip_connectivity_check=True)
    assert (hybrid.device_name_template, hybrid.skip_connectivity_check) == ("", True)
    assert create("Other", skip_connectivity_check=True).skip_connectivity_check is False


def test_a_stale_form_is_refused(contoso, actor, create):
    profile = create()
    save = {"tenant": contoso, "actor": actor, "profile": profile, "now": NOW}
    profiles.update(values={"display_name": "First tab"}, revision=1, **save)
    with pytest.raises(profiles.ProfileChanged):
        profiles.update(values={"display_name": "Second tab"}, revision=1, **save)


def test_the_audit_keeps_what_changed_before_and_after(contoso, actor, create):
    profile = create()
    profiles.update(
        tenant=contoso,
        actor=actor,
        profile=profile,
        values={"display_name": "Kiosk", "user_type": "standard"},
        revision=1,
        now=NOW,
    )
    target = AuditEvent.objects.get(activity="profile.updated").targets.get()
    assert (target.before, target.after) == ({"user_type": "administrator"}, {"user_type": "standard"})


def test_assigning_groups_gives_their_devices_the_profile(contoso, create, assign):
    group = factories.make_group(contoso, "Kiosks", rule="order_id", rule_value="KIOSK")
    device = factories.listed(contoso, "SN-1", group_tag="KIOSK")
    profile = create()
    assign(profile, include=[group])
    device.refresh_from_db()
    assert device.assigned_profile == profile
    assign(profile)
    device.refresh_from_db()
    assert device.assigned_profile is None


def test_only_one_profile_is_on_all_devices_and_the_error_names_it(create, assign):
    assign(create("Everyone"), is_for_all_devices=True)
    with pytest.raises(assigning.AllDevicesTaken, match="Everyone"):
        assign(create("Second"), is_for_all_devices=True)


def test_exclusions_are_unsupported_with_all_devices(contoso, create, assign):
    with pytest.raises(assigning.NoGroupsWithAllDevices):
        assign(create(), exclude=[factories.make_group(contoso, "Lab")], is_for_all_devices=True)


def test_a_group_is_included_or_excluded_not_both(contoso, create, assign):
    group = factories.make_group(contoso, "Lab")
    with pytest.raises(assigning.IncludedAndExcluded):
        assign(create(), include=[group], exclude=[group])


def test_809_ztd_profile_is_not_registered_for_assignments_of_another_tenants_profile(
    contoso, fabrikam, assign
):
    group, foreign = factories.make_group(contoso, "Kiosks"), factories.make_profile(fabrikam, "Kiosk")
    with pytest.raises(profiles.ProfileNotRegistered, match="809 ZtdProfileIsNotRegistered"):
        assign(foreign, include=[group])
    assert not foreign.assignments.exists()


def test_another_tenants_group_is_unknown(fabrikam, create, assign):
    with pytest.raises(assigning.UnknownGroup):
        assign(create(), include=[factories.make_group(fabrikam, "Theirs")])


def test_deletion_is_refused_while_assigned_and_names_what_blocks_it(contoso, actor, create, assign):
    profile = create()
    assign(profile, include=[factories.make_group(contoso, "Kiosks")])
    with pytest.raises(profiles.StillAssigned, match="Kiosks"):
        profiles.delete(tenant=contoso, actor=actor, profile=profile)


def test_deletion_is_refused_while_on_all_devices(contoso, actor, create, assign):
    profile = create()
    assign(profile, is_for_all_devices=True)
    profile.refresh_from_db()
    with pytest.raises(profiles.StillAssigned, match="All devices"):
        profiles.delete(tenant=contoso, actor=actor, profile=profile)


def test_a_profile_goes_with_its_empty_direct_group(contoso, actor, create):
    profile, device = create(), factories.listed(contoso, "SN-1")
    direct.assign(tenant=contoso, actor=actor, profile=profile, device_ids=[device.pk], now=NOW)
    with pytest.raises(profiles.StillAssigned, match="direct"):
        profiles.delete(tenant=contoso, actor=actor, profile=profile)
    direct.unassign(tenant=contoso, actor=actor, device_ids=[device.pk], now=NOW)
    profiles.delete(tenant=contoso, actor=actor, profile=profile)
    assert not Group.objects.of(contoso).exists()


def test_a_removed_device_does_not_keep_a_profile_from_being_deleted(contoso, actor, create):
    profile, device = create(), factories.listed(contoso, "SN-1")
    device.assigned_profile, device.removed_at = profile, NOW
    device.save()
    profiles.delete(tenant=contoso, actor=actor, profile=profile)
    assert not DeploymentProfile.objects.of(contoso).exists()


def test_a_renamed_profile_renames_its_direct_group(contoso, actor, create):
    profile, device = create(), factories.listed(contoso, "SN-1")
    direct.assign(tenant=contoso, actor=actor, profile=profile, device_ids=[device.pk], now=NOW)
    values = {"display_name": "Lobby"}
    profiles.update(tenant=contoso, actor=actor, profile=profile, values=values, revision=None, now=NOW)
    assert GroupMember.objects.get().group.name == "Lobby (direct)"
