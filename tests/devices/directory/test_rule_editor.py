"""The page of a group's rule: fault at its place, whom it takes, why a device does or does not match."""

import pytest
from django.urls import reverse

from devices.models import AutopilotDevice, Group
from devices.services.profiles.rules import templates
from tests import factories

pytestmark = pytest.mark.django_db
KIOSK = templates.order_id("KIOSK")


def at(tenant, name, **keys):
    return reverse(f"devices:{name}", kwargs={"tenant_slug": tenant.slug, **keys})


@pytest.fixture
def visitor(admin, client_of):
    return client_of(admin)


def post(visitor, address, *, htmx=False, **sent):
    headers = {"hx-request": "true"} if htmx else {}
    return visitor.post(address, sent, headers=headers).content.decode()


def test_validating_shows_whom_the_rule_takes_and_why_a_device_does_not_match_and_saves_nothing(
    contoso, visitor
):
    factories.listed(contoso, "SN-1", group_tag="KIOSK")
    factories.listed(contoso, "SN-2", group_tag="SALES")
    sent = {"name": "New", "membership": "dynamic", "rule_text": KIOSK, "device": "sn-2", "step": "try"}
    page = post(visitor, at(contoso, "group_new"), **sent)
    assert "1 device matches" in page
    assert "SN-1" in page
    assert "Does not match" in page
    assert "[OrderID]:SALES" in page
    assert not Group.objects.of(contoso).exists()


def test_under_htmx_only_the_result_comes(contoso, visitor):
    page = post(visitor, at(contoso, "group_new"), htmx=True, rule_text=KIOSK)
    assert page.strip().startswith("<section")
    assert "<html" not in page


def test_the_page_of_a_rule_opens_before_the_rule_was_tried(contoso, visitor):
    group = factories.make_group(contoso, "Kiosks", rule_text=KIOSK)
    factories.listed(contoso, "SN-1", group_tag="KIOSK")
    page = visitor.get(at(contoso, "group_edit", pk=group.pk)).content.decode()
    assert 'hx-trigger="load, input' in page
    assert "1 device matches" not in page
    sent = {"rule_text": KIOSK, "revision": 1}
    assert "1 device matches" in post(visitor, at(contoso, "group_edit", pk=group.pk), htmx=True, **sent)


def test_a_fault_is_shown_with_its_place_before_and_after_saving(contoso, visitor):
    sent = {"name": "New", "membership": "dynamic", "rule_text": 'device.colour -eq "red"'}
    assert "Line 1, column 1" in post(visitor, at(contoso, "group_new"), step="try", **sent)
    answer = visitor.post(at(contoso, "group_new"), {**sent, "step": "confirm"})
    assert answer.status_code == 422
    assert "no attribute “colour”" in answer.content.decode()
    assert not Group.objects.of(contoso).exists()


def test_a_ready_rule_is_filled_in_and_keeps_what_was_typed(contoso, visitor):
    page = post(
        visitor, at(contoso, "group_new"), name="Mine", membership="dynamic", template="all_autopilot"
    )
    assert "[ZTDid]" in page
    assert 'value="Mine"' in page


def test_changing_a_rule_shows_every_device_that_would_move_and_then_moves_them(contoso, visitor):
    group = factories.make_group(contoso, "Kiosks", rule_text=KIOSK)
    profile = factories.make_profile(contoso, "Kiosk profile", group)
    device = factories.listed(contoso, "SN-2", group_tag="SALES")
    address = at(contoso, "group_edit", pk=group.pk)
    sent = {"name": "Kiosks", "description": "", "rule_text": templates.order_id("SALES"), "revision": 1}
    page = post(visitor, address, step="try", **sent)
    assert "1 would enter the group, 0 would leave it" in page
    assert "Kiosk profile" in page
    assert "1 device would get another profile" in post(visitor, address, step="list", **sent)
    file = b"".join(visitor.post(address, {**sent, "step": "download"}).streaming_content).decode()
    assert "SN-2,SALES,Default (built-in),Kiosk profile" in file
    assert post(visitor, address, step="confirm", **sent) == ""
    device.refresh_from_db()
    assert device.assigned_profile == profile


def test_a_dynamic_groups_page_says_how_far_its_evaluation_is(contoso, visitor):
    group = factories.make_group(contoso, "Kiosks", rule_text=KIOSK)
    page = visitor.get(at(contoso, "group_detail", pk=group.pk)).content.decode()
    assert "Update complete" in page


def test_the_tag_dialog_and_its_list_say_which_profiles_would_move(contoso, visitor):
    group = factories.make_group(contoso, "Kiosks", rule_text=KIOSK)
    factories.make_profile(contoso, "Kiosk profile", group)
    device = factories.listed(contoso, "SN-1")
    sent = {"selection": str(device.pk), "operation": "set", "text": "KIOSK"}
    dialog = post(visitor, at(contoso, "autopilot_edit_group_tag"), step="confirm", **sent)
    assert "Kiosk profile" in dialog
    page = post(visitor, at(contoso, "autopilot_edit_group_tag_what_if"), step="list", **sent)
    assert "1 device would get another profile" in page
    assert AutopilotDevice.objects.of(contoso).get().group_tag == ""


def test_looking_at_assignments_warns_and_saves_nothing(contoso, visitor):
    group = factories.make_group(contoso, "Kiosks", rule_text=KIOSK)
    older = factories.make_profile(contoso, "Older profile", group)
    younger = factories.make_profile(contoso, "Younger profile")
    factories.listed(contoso, "SN-1", group_tag="KIOSK")
    sent = {"target": "groups", "include": str(group.pk), "revision": 1}
    page = post(visitor, at(contoso, "profile_assignments", pk=younger.pk), htmx=True, step="try", **sent)
    assert "the older profile “Older profile” wins" in page
    assert "No device would get another profile" in page
    assert not younger.assignments.exists()
    page = post(
        visitor, at(contoso, "profile_assignments", pk=older.pk), step="try", target="groups", revision=1
    )
    assert "Default (built-in)" in page
    assert older.assignments.exists()


def test_a_device_names_the_clause_that_put_it_into_the_group_of_its_profile(contoso, visitor):
    factories.make_profile(contoso, "Kiosk", factories.make_group(contoso, "Kiosks", rule_text=KIOSK))
    device = factories.listed(contoso, "SN-1", group_tag="kiosk")
    address = at(contoso, "autopilot_device", pk=device.pk)
    page = visitor.get(f"{address}?tab=profile").content.decode()
    assert "Fulfilled by" in page
    assert "[OrderID]:kiosk" in page
