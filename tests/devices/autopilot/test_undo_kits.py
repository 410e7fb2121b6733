"""Undo kits: packed on every path, once a device."""

from datetime import timedelta

import pytest
from django.utils import timezone

from devices.connectors import connector_for
from devices.models import AutopilotDevice, UndoKit
from devices.services.autopilot import purging, restoring, undo_kits
from devices.services.profiles import assigning, direct
from devices.services.syncs import mirroring
from tenants.models import Schedule
from tenants.permissions import Actor
from tests import factories
from tests.cut_off import CutOff, cut_off
from tests.devices.autopilot import leaving

pytestmark = pytest.mark.django_db


@pytest.fixture
def device(contoso):
    return factories.machines(contoso, 1, group_tag="KIOSK")[0]


def pack(device, reason="partner", label=None):
    return undo_kits.pack(
        tenant=device.tenant,
        actor=label or Actor.command(),
        device_ids=[device.pk],
        reason=reason,
        now=timezone.now(),
    )


def test_a_kit_needs_no_job(contoso, device):
    (pk, has_hash) = pack(device)[device.pk]
    kit = UndoKit.objects.of(contoso).get()
    assert (kit.pk, kit.group_tag, kit.created_by, kit.job_id) == (pk, "KIOSK", "Command line", None)
    assert has_hash


def test_a_device_keeps_its_first_kit(contoso, device):
    first = pack(device)
    assert pack(device, "deleted", Actor.system()) == first
    assert UndoKit.objects.of(contoso).get().reason == "partner"


def test_a_sync_that_removes_a_device_leaves_a_kit(contoso, device):
    connector_for(contoso).release(tenant=contoso, device_ids=[device.pk], reason="x", now=timezone.now())
    mirroring.mirror(tenant=contoso, now=timezone.now())
    kit = UndoKit.objects.of(contoso).get()
    assert (kit.device_id, kit.reason, kit.created_by) == (device.pk, "not_in_service", "Hangar")
    assert kit.blob


def test_a_purge_that_was_cut_off_is_still_due(contoso, device, monkeypatch):
    purging.tick()
    long_ago = timezone.now() - timedelta(days=1)
    Schedule.objects.filter(name=purging.NAME).update(next_run_at=long_ago)
    monkeypatch.setattr(purging, "purge", cut_off)
    with pytest.raises(CutOff):
        purging.tick()
    assert Schedule.objects.get(name=purging.NAME).next_run_at == long_ago


def test_another_tenants_device_is_not_packed(fabrikam, device):
    packed = undo_kits.pack(
        tenant=fabrikam, actor=Actor.system(), device_ids=[device.pk], reason="deleted", now=timezone.now()
    )
    assert packed == {}


def test_a_device_comes_back_though_its_direct_profile_is_for_all_devices_now(contoso, admin, device):
    profile, actor, now = factories.make_profile(contoso, "P"), factories.actor(admin), timezone.now()
    direct.assign(tenant=contoso, actor=actor, profile=profile, device_ids=[device.pk], now=now)
    leaving.run(leaving.start(contoso, admin))
    words = {"include": [], "exclude": [], "is_for_all_devices": True, "revision": None}
    assigning.assign(tenant=contoso, actor=actor, profile=profile, now=now, **words)
    kit = UndoKit.objects.of(contoso).get()
    again = restoring.restore(tenant=contoso, actor=actor, kit=kit, now=now)
    assert AutopilotDevice.objects.of(contoso).get(pk=again).assigned_profile == profile
