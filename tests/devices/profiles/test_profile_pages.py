"""The pages of deployment profiles: form, live preview, assignments, deletion, rights."""

import pytest
from django.urls import reverse

from devices.models import DeploymentProfile
from devices.services.profiles.rules import templates
from tests import factories

pytestmark = pytest.mark.django_db
KIOSK = templates.order_id("KIOSK")

SETTINGS = {
    "display_name": "Kiosk",
    "device_type": "windowsPc",
    "device_usage_type": "singleUser",
    "join_type": "entra",
    "user_type": "standard",
    "locale": "os-default",
}


def at(tenant, name, **keys):
    return reverse(f"devices:{name}", kwargs={"tenant_slug": tenant.slug, **keys})


@pytest.fixture
def visitor(admin, client_of):
    return client_of(admin)


def test_a_profile_is_created_in_the_form_and_opens_on_its_assignments(contoso, visitor):
    response = visitor.post(at(contoso, "profile_new"), SETTINGS)
    profile = DeploymentProfile.objects.of(contoso).get()
    assert response.url == at(contoso, "profile_assignments", pk=profile.pk)
    assert profile.user_type == "standard"


@pytest.mark.parametrize("locale", ["el-GR", "en-AU", "sr-Latn-RS", "uk-UA"])
def test_a_profile_can_set_up_windows_in_the_language_of(contoso, visitor, locale):
    visitor.post(at(contoso, "profile_new"), {**SETTINGS, "locale": locale})
    assert DeploymentProfile.objects.of(contoso).get().locale == locale


def test_a_bad_template_is_explained_at_its_field_and_nothing_is_saved(contoso, visitor):
    response = visitor.post(at(contoso, "profile_new"), {**SETTINGS, "device_name_template": "A B"})
    assert response.status_code == 422
    assert "no blanks" in response.content.decode()
    assert not DeploymentProfile.objects.of(contoso).exists()


@pytest.mark.parametrize("name", ["device_type", "locale", "user_type"])
def test_a_value_the_form_never_offered_is_refused(contoso, visitor, name):
    assert visitor.post(at(contoso, "profile_new"), {**SETTINGS, name: "x\x00"}).status_code == 422


def test_the_mode_dims_what_it_does_not_offer_and_says_why(contoso, visitor):
    sent = {**SETTINGS, "device_usage_type": "shared", "display_name": "Typed already"}
    page = visitor.post(at(contoso, "profile_settings"), sent).content.decode()
    assert page.count("no user takes part") == 6
    assert "Typed already" in page


@pytest.mark.parametrize(
    ("template", "words"),
    [("K-%SERIAL%", "K-5CG1234XYZ"), ("%NAME%", "percent signs"), ("", "Windows chooses a name")],
)
def test_the_name_is_previewed_while_typing(contoso, visitor, template, words):
    address = at(contoso, "profile_name_preview")
    page = visitor.post(address, {"device_name_template": template})
    assert words in page.content.decode()


def test_two_tabs_do_not_overwrite_each_other(contoso, visitor):
    profile = factories.make_profile(contoso, "Kiosk")
    address = at(contoso, "profile_detail", pk=profile.pk)
    visitor.post(address, {**SETTINGS, "display_name": "First", "revision": 1})
    response = visitor.post(address, {**SETTINGS, "display_name": "Second", "revision": 1})
    assert response.status_code == 409
    profile.refresh_from_db()
    assert profile.display_name == "First"


def test_assigning_all_devices_twice_names_the_other_profile(contoso, visitor):
    factories.make_profile(contoso, "Everyone", is_for_all_devices=True)
    second = factories.make_profile(contoso, "Second")
    address = at(contoso, "profile_assignments", pk=second.pk)
    response = visitor.post(address, {"target": "all", "revision": 1})
    assert response.status_code == 422
    assert "Everyone" in response.content.decode()


def test_another_tenants_group_cannot_be_chosen(contoso, fabrikam, visitor):
    profile, foreign = factories.make_profile(contoso, "P"), factories.make_group(fabrikam, "Theirs")
    address = at(contoso, "profile_assignments", pk=profile.pk)
    sent = {"target": "groups", "include": [foreign.pk], "revision": 1}
    assert visitor.post(address, sent).status_code == 422


def test_a_profile_in_use_is_not_deleted_and_the_dialog_says_by_what(contoso, visitor):
    profile = factories.make_profile(contoso, "P", factories.make_group(contoso, "Lobby"))
    address = at(contoso, "profile_delete", pk=profile.pk)
    assert "Lobby" in visitor.get(address).content.decode()
    assert visitor.post(address, {"step": "confirm"}).status_code == 409


def test_a_deletion_says_which_profile_the_devices_would_get_once_the_dialog_is_open(contoso, visitor):
    profile = factories.make_profile(contoso, "P", factories.make_group(contoso, "Lobby", rule_text=KIOSK))
    factories.listed(contoso, "SN-1", group_tag="KIOSK")
    address, default = at(contoso, "profile_delete", pk=profile.pk), "Default (built-in)"
    assert default in visitor.get(address).content.decode()
    dialog = visitor.get(address, headers={"hx-request": "true"}).content.decode()
    assert default not in dialog
    assert f'hx-get="{address}?fragment=without"' in dialog
    assert default in visitor.get(f"{address}?fragment=without").content.decode()


def test_a_reader_sees_a_profile_and_can_change_nothing(contoso, reader, client_of):
    profile, visitor = factories.make_profile(contoso, "P"), client_of(reader)
    assert visitor.get(at(contoso, "profile_detail", pk=profile.pk)).status_code == 200
    for name in ("profile_detail", "profile_assignments", "profile_delete"):
        sent = {**SETTINGS, "revision": 1, "target": "all", "step": "confirm"}
        assert visitor.post(at(contoso, name, pk=profile.pk), sent).status_code == 403
    profile.refresh_from_db()
    assert (profile.display_name, profile.is_for_all_devices) == ("P", False)


def test_another_tenants_profile_is_not_found(contoso, fabrikam, visitor):
    foreign = factories.make_profile(fabrikam, "Theirs")
    for name in ("profile_detail", "profile_assignments", "profile_devices", "profile_delete"):
        assert visitor.get(at(contoso, name, pk=foreign.pk)).status_code == 404


def test_ten_and_three_hundred_profiles_take_the_same_number_of_queries(
    contoso, fabrikam, visitor, django_assert_num_queries
):
    for tenant, number in ((contoso, 10), (fabrikam, 300)):
        DeploymentProfile.objects.bulk_create(
            DeploymentProfile(tenant=tenant, display_name=f"P{each:03d}") for each in range(number)
        )
    visitor.get(at(contoso, "deployment_profiles"))
    for tenant in (contoso, fabrikam):
        with django_assert_num_queries(5):
            assert visitor.get(at(tenant, "deployment_profiles")).status_code == 200
