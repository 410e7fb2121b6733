"""Edit the tag of many devices of a tenant with many dynamic groups, and compare with *what if*."""

import os
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils import timezone

from devices.management.following import follow
from devices.models import AutopilotDevice, DeploymentProfile, Group
from devices.services.autopilot import bulk
from devices.services.directory import groups
from devices.services.profiles import assigning, profiles
from devices.services.profiles.rules import templates
from tenants.models import Job, Tenant
from tenants.permissions import Actor

Say = Callable[[str], object]
OTHERS = (
    '(device.devicePhysicalIds -any (_ -match "^\\[OrderID\\]:{tag}-[0-9]+$"))',
    '(device.devicePhysicalIds -any (_ -eq "[OrderID]:{tag}")) -and device.deviceOwnership -eq "Company"',
    '(device.devicePhysicalIds -any (_ -eq "[OrderID]:{tag}"))',
    '(device.displayName -startsWith "{tag}")',
    '(device.devicePhysicalIds -any (_ -contains "{tag}"))',
)


def retag(tenant: Tenant, devices: int, others: int, say: Say) -> None:
    """Time a tag edit of `devices` devices from one group's profile to another's, and *what if* of it."""
    actor, stamp = Actor.system(), f"{timezone.now():%H%M%S}"
    old, new = f"OLD-{stamp}", f"KIOSK-{stamp}"
    for number in range(others):
        rule = OTHERS[number % len(OTHERS)].replace("{tag}", f"T{number}-{stamp}")
        _group(tenant, actor, f"Bench {number} {stamp}", rule)
    for tag in (old, new):
        group = _group(tenant, actor, f"Tag {tag}", templates.order_id(tag))
        _profile(tenant, actor, f"Profile {tag}", group)
    rows = AutopilotDevice.objects.of(tenant).live().order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:devices])
    chosen = AutopilotDevice.objects.of(tenant).filter(pk__in=ids)
    total = AutopilotDevice.objects.of(tenant).live().count()
    say(f"{len(ids)} of {total} devices, {others + 2} dynamic groups more; load {os.getloadavg()[0]:.1f}")
    _edit(tenant, actor, chosen, old, say)
    before = _profiles_of(tenant)
    started = time.perf_counter()
    what_if = bulk.what_if_tags(tenant=tenant, rows=chosen, operation="set", text=new)
    for pair in what_if.pairs():
        say(f"what if: {pair.count} devices from {pair.old} to {pair.new}")
    say(f"what if took {time.perf_counter() - started:.1f} s")
    names = {profile.pk: profile.display_name for profile in DeploymentProfile.objects.of(tenant)}
    predicted = {(move.device_id, move.new) for move in what_if.moves()}
    _edit(tenant, actor, chosen, new, say)
    now = _profiles_of(tenant)
    moved = {(pk, names.get(profile)) for pk, profile in now.items() if profile != before[pk]}
    say(f"moved {len(moved)}; exactly as predicted: {moved == predicted}")


def _edit(tenant: Tenant, actor: Actor, rows: Any, tag: str, say: Say) -> None:
    started = time.perf_counter()
    arguments = {"operation": "set", "text": tag}
    job = bulk.start(tenant=tenant, actor=actor, kind="edit_group_tag", rows=rows, arguments=arguments)
    job = follow(job, show=lambda _job: None)
    seconds = time.perf_counter() - started
    for assigning_job in Job.objects.of(tenant).filter(task="devices.assign_profiles").unfinished():
        follow(assigning_job, show=lambda _job: None)
    assigned = time.perf_counter() - started
    say(f"set to {tag}: {job.state}, {job.done} devices in {seconds:.1f} s, Assigned after {assigned:.1f} s")


def _group(tenant: Tenant, actor: Actor, name: str, rule: str) -> Group:
    group, job = groups.create(tenant=tenant, actor=actor, name=name, rule_text=rule, now=timezone.now())
    if job is not None:
        follow(job, show=lambda _job: None)
    return group


def _profile(tenant: Tenant, actor: Actor, name: str, group: Group) -> None:
    now = timezone.now()
    profile = profiles.create(tenant=tenant, actor=actor, values={"display_name": name}, now=now)
    job = assigning.assign(
        tenant=tenant,
        actor=actor,
        profile=profile,
        include=[group.pk],
        exclude=[],
        is_for_all_devices=False,
        revision=None,
        now=now,
    )
    if job is not None:
        follow(job, show=lambda _job: None)


def _profiles_of(tenant: Tenant) -> dict[UUID, UUID | None]:
    rows = AutopilotDevice.objects.of(tenant).live()
    return dict(rows.values_list("pk", "assigned_profile"))
