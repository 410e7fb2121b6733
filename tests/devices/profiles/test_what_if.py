"""What if says exactly what then happens: of tags, of rules, of assignments."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devices import tasks
from devices.models import AutopilotDevice, EntraDevice, GroupMember, ProfileAssignment
from devices.services.autopilot import bulk
from devices.services.directory import groups
from devices.services.profiles import assigning, assignment, conflicts, evaluating, profiles, what_if
from devices.services.profiles.rules import templates
from devices.services.syncs import mirroring
from tenants.models import Job
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LAB = '(device.devicePhysicalIds -any (_ -match "^\\[OrderID\\]:LAB-[0-9]$"))'
COMPANY_KIOSK = f'{templates.order_id("KIOSK")} -and device.displayName -startsWith "SN-1"'
NO_TAG = 'device.devicePhysicalIds -all (_ -notStartsWith "[OrderID]")'
TAGS = ["KIOSK", "kiosk", "SALES", "LAB-1", "LAB-X", ""]


@pytest.fixture
def world(contoso):
    """Groups of every kind, profiles of every age, an exclusion and a profile on All devices."""
    made = {
        "kiosks": factories.make_group(contoso, "Kiosks", rule_text=templates.order_id("KIOSK")),
        "sales": factories.make_group(contoso, "Sales", rule_text=templates.order_id("SALES")),
        "lab": factories.make_group(contoso, "Lab", rule_text=LAB),
        "first": factories.make_group(contoso, "First kiosks", rule_text=COMPANY_KIOSK),
        "untagged": factories.make_group(contoso, "Untagged", rule_text=NO_TAG),
        "hand": factories.make_group(contoso, "By hand"),
    }
    names = ["first", "kiosks", "sales", "lab", "untagged", "hand"]
    for age, name in enumerate(names):
        created = NOW - timedelta(days=age)
        made[f"{name} profile"] = factories.make_profile(contoso, name, made[name], created_at=created)
    ProfileAssignment.objects.create(profile=made["lab profile"], group=made["hand"], kind="exclude")
    factories.make_profile(contoso, "Everyone", is_for_all_devices=True)
    for number in range(24):
        factories.register(contoso, f"SN-{number}", group_tag=TAGS[number % len(TAGS)])
    mirroring.mirror(tenant=contoso, now=NOW)
    for entra in EntraDevice.objects.of(contoso).order_by("display_name")[::5]:
        GroupMember.objects.create(group=made["hand"], device=entra)
    everyone = list(EntraDevice.objects.of(contoso).values_list("pk", flat=True))
    assignment.refresh_objects(tenant=contoso, entra_device_ids=everyone, now=NOW)
    return made


def held(tenant):
    return dict(AutopilotDevice.objects.of(tenant).values_list("pk", "assigned_profile__display_name"))


def moved(before, after):
    return {(pk, before[pk], after[pk]) for pk in after if before[pk] != after[pk]}


def predicted(found):
    moves = {(move.device_id, move.old, move.new) for move in found.moves()}
    assert sum(pair.count for pair in found.pairs()) == len(moves)
    return moves


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        ("set", "KIOSK"),
        ("set", "LAB-7"),
        ("set", "other"),
        ("clear", ""),
        ("prefix", "LAB-"),
        ("append", "1"),
    ],
)
def test_tags_move_exactly_the_devices_that_were_predicted(contoso, admin, world, operation, text):
    rows = AutopilotDevice.objects.of(contoso).filter(serial_number__in=[f"SN-{n}" for n in range(18)])
    found = predicted(bulk.what_if_tags(tenant=contoso, rows=rows, operation=operation, text=text))
    before = held(contoso)
    arguments = {"operation": operation, "text": text}
    job = bulk.start(
        tenant=contoso, actor=factories.actor(admin), kind="edit_group_tag", rows=rows, arguments=arguments
    )
    tasks.change_autopilot_devices(str(job.pk))
    assert found
    assert moved(before, held(contoso)) == found


@pytest.mark.parametrize(
    ("include", "exclude", "is_for_all_devices"),
    [
        ([], [], False),
        (["hand", "sales"], ["kiosks"], False),
        (["lab"], [], False),
        (["untagged"], ["hand"], False),
    ],
)
def test_assignments_move_exactly_the_devices_that_were_predicted(
    contoso, admin, world, include, exclude, is_for_all_devices
):
    chosen = {
        "profile": world["untagged profile"],
        "include": [world[name].pk for name in include],
        "exclude": [world[name].pk for name in exclude],
        "is_for_all_devices": is_for_all_devices,
    }
    found, before = predicted(what_if.of_assignments(**chosen)), held(contoso)
    assigning.assign(tenant=contoso, actor=factories.actor(admin), revision=None, now=NOW, **chosen)
    assert found or include == ["untagged"]
    assert moved(before, held(contoso)) == found


def test_all_devices_moves_exactly_the_devices_that_were_predicted(contoso, admin, world):
    everyone = profiles.DeploymentProfile.objects.of(contoso).get(display_name="Everyone")
    chosen = {"profile": everyone, "include": [world["hand"].pk], "exclude": [], "is_for_all_devices": False}
    found, before = predicted(what_if.of_assignments(**chosen)), held(contoso)
    assigning.assign(tenant=contoso, actor=factories.actor(admin), revision=None, now=NOW, **chosen)
    assert found
    assert moved(before, held(contoso)) == found


@pytest.mark.parametrize(
    "text",
    [LAB, NO_TAG, templates.all_autopilot(), 'device.displayName -eq "nobody"', templates.tag_prefix("S")],
)
@pytest.mark.parametrize("name", ["kiosks", "hand"])
def test_a_rule_moves_exactly_the_devices_that_were_predicted(contoso, admin, world, name, text):
    group = world["kiosks" if name == "kiosks" else "first"]
    found, before = predicted(what_if.of_rule(group=group, text=text)), held(contoso)
    groups.update(
        tenant=contoso,
        actor=factories.actor(admin),
        group=group,
        name=group.name,
        description="",
        rule_text=text,
        revision=None,
        now=NOW,
    )
    assert moved(before, held(contoso)) == found


def test_looking_changes_nothing_and_takes_no_lock(contoso, world):
    rows = AutopilotDevice.objects.of(contoso)
    with CaptureQueriesContext(connection) as queries:
        bulk.what_if_tags(tenant=contoso, rows=rows, operation="set", text="KIOSK").pairs()
    words = " ".join(query["sql"] for query in queries).upper()
    assert not [word for word in ("UPDATE ", "INSERT ", "DELETE ", "FOR NO KEY") if word in words]


def test_a_rule_over_a_large_tenant_is_evaluated_by_a_job(contoso, admin, world, monkeypatch):
    monkeypatch.setattr(evaluating, "AT_ONCE", 3)
    monkeypatch.setattr(evaluating, "SLICE", 10)
    group, job = groups.create(
        tenant=contoso, actor=factories.actor(admin), name="New", rule_text=NO_TAG, now=NOW
    )
    assert (group.members.count(), evaluating.processing(group).state) == (0, evaluating.EVALUATING)
    tasks.evaluate_group(str(job.pk))
    job.refresh_from_db()
    group.refresh_from_db()
    assert (job.state, job.done, job.counters["changed"]) == (Job.State.SUCCEEDED, 24, 4)
    assert (group.members.count(), group.evaluated_at is not None) == (4, True)
    assert evaluating.processing(group).state == evaluating.UP_TO_DATE


def test_warnings_name_shared_groups_and_older_profiles_that_win(contoso, world):
    found = conflicts.warn(
        profile=world["first profile"],
        include=[world["kiosks"].pk],
        exclude=[world["hand"].pk],
        is_for_all_devices=False,
    )
    assert [(each.group_name, each.older, each.younger) for each in found.shared] == [
        ("Kiosks", ["kiosks"], [])
    ]
    assert found.hidden[0].profile_name == "kiosks"
    assert found.falls_to == "Everyone"
    assert conflicts.warn(
        profile=world["first profile"], include=[world["kiosks"].pk], exclude=[], is_for_all_devices=True
    ).loses_groups
