"""The steps: what each looks at, asks of the service, and reads back; objects by exact ids only."""

from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from devices.connectors.base import Change
from devices.models import AutopilotDevice, Deregistration, EntraDevice, ManagedDevice, UndoKit
from devices.services.autopilot import undo_kits, users
from devices.services.autopilot.bulk import note_targets
from devices.services.managed import removing
from devices.services.profiles import assignment
from portal.ui.columns import utc
from tenants.services import audit

from . import plans
from .slices import Answers, Confirmed, Found, LocalStep, Look, Over, Settled, Slice, Step

State = Deregistration.State
REASONS = {"registration": "deleted", "full": "deregistered", "move": "moved"}
ACTIVITIES = {"registration": "device.deleted", "full": "device.deregistered", "move": "device.moved_out"}
NOTHING = Settled("none")
NAMES = {
    807: _("807 ZtdDeviceIsNotRegistered: the service holds no registration of this device."),
    811: _(
        "811 ZtdDeviceRegisteredByOtherTenant: another tenant registered this device. "
        "Whoever registered it has to deregister it."
    ),
}


def refused(code: int | None) -> Over:
    """A refusal of the service that no second try changes."""
    return Over(State.FAILED, str(code or ""), str(NAMES.get(code or 0, "")))


class Kit(LocalStep):
    """Keep what the removal takes away, before anything is removed."""

    name, title = plans.KIT, _("Keeping undo kits")

    def look(self, work: Slice) -> Look:
        """Pack a kit; a device that left the list meanwhile is over."""
        reason = REASONS[work.rows[0].way]
        here = list(work.devices())
        tenant, actor, now = work.tenant, work.actor, work.now
        undo_kits.renew(tenant=tenant, actor=actor, device_ids=here, reason=reason, now=now, job=work.job)
        kits = undo_kits.pack(
            tenant=tenant, actor=actor, device_ids=here, reason=reason, now=now, job=work.job
        )
        gone = Over(State.UNCHANGED, "", str(_("The device was removed already.")))
        return {pk: self._kept(*kits[pk]) if pk in kits else gone for pk in work.ids}

    def _kept(self, kit: UUID, has_hash: bool) -> Settled | Over:
        return Settled("kept" if has_hash else "without_hash", kit, after={"has_hash": has_hash})


class Intune(LocalStep):
    """Delete the Intune record that is linked to the device by id."""

    name, title = plans.INTUNE, _("Removing Intune records")

    def look(self, work: Slice) -> Look:
        """The live Intune record of each device."""
        rows = ManagedDevice.objects.of(work.tenant).live().filter(autopilot_device__in=work.ids)
        found = {row.autopilot_device_id: self._found(row) for row in rows.order_by("pk")}
        return {pk: found.get(pk, NOTHING) for pk in work.ids}

    def _found(self, row: ManagedDevice) -> Found:
        before = {"device_name": row.device_name, "user": row.user_principal_name}
        return Found(f"DELETE managedDevices/{row.pk}", row.pk, before)

    def send(self, work: Slice) -> Answers:
        """Ask Intune; records that are gone already answer the same."""
        objects = _objects(work)
        work.connector.remove_managed(tenant=work.tenant, managed_ids=list(objects), now=work.now)
        return {}

    def read_back(self, work: Slice) -> Confirmed:
        """Those whose record Intune does not show any more."""
        objects = _objects(work)
        left = set(work.connector.managed(tenant=work.tenant, managed_ids=list(objects)))
        gone = [pk for pk in objects if pk not in left]
        removing.mirror_removal(tenant=work.tenant, managed_ids=gone, now=work.now)
        return {objects[pk]: Settled("removed", after={"exists": False}) for pk in gone}


class User(LocalStep):
    """Take the user from the registration."""

    name, title = plans.USER, _("Unassigning users")

    def look(self, work: Slice) -> Look:
        """The user of each device."""
        devices = work.devices()
        return {pk: self._found(devices[pk]) if pk in devices else NOTHING for pk in work.ids}

    def _found(self, device: AutopilotDevice) -> Found | Settled:
        if not device.user_principal_name:
            return NOTHING
        request = f"POST windowsAutopilotDeviceIdentities/{device.pk}/unassignUserFromDevice"
        return Found(request, device.user_id, {"user": device.user_principal_name})

    def send(self, work: Slice) -> Answers:
        """Ask the service; what it does not hold cannot be configured (807)."""
        changes = [Change(pk, users.NOBODY) for pk in work.ids]
        accepted = set(work.connector.update(tenant=work.tenant, changes=changes, now=work.now))
        return {pk: refused(807) for pk in work.ids if pk not in accepted}

    def read_back(self, work: Slice) -> Confirmed:
        """Those that the service shows without a user."""
        shown = work.connector.registrations(tenant=work.tenant, ids=work.ids, limit=len(work.ids))
        free = [row.id for row in shown if not row.user_principal_name]
        AutopilotDevice.objects.of(work.tenant).live().filter(pk__in=free).update(user=None, **users.NOBODY)
        return {pk: Settled("unassigned", after={"user": ""}) for pk in free}


class Registration(LocalStep):
    """End the registration, and take the device from the list."""

    name, title = plans.REGISTRATION, _("Releasing registrations")

    def look(self, work: Slice) -> Look:
        """The devices that are still in the list; 807 and 811 are the service's last word."""
        devices = work.devices()
        refusals = work.connector.refusals(tenant=work.tenant, device_ids=list(devices))
        return {pk: self._found(devices.get(pk), refusals.get(pk)) for pk in work.ids}

    def _found(
        self, device: AutopilotDevice | None, refusal: tuple[int, str] | None
    ) -> Found | Settled | Over:
        if device is None:
            return Settled("gone")
        if refusal is not None:
            return refused(refusal[0])
        before = {"group_tag": device.group_tag, "registered_by": device.registered_by}
        return Found(f"DELETE windowsAutopilotDeviceIdentities/{device.pk}", device.pk, before)

    def send(self, work: Slice) -> Answers:
        """Ask the service; a registration that ended since it was looked at is as good as released."""
        reason = REASONS[work.rows[0].way]
        work.connector.release(tenant=work.tenant, device_ids=work.ids, reason=reason, now=work.now)
        return {}

    def read_back(self, work: Slice) -> Confirmed:
        """Those that the service does not show any more leave the list."""
        shown = work.connector.registrations(tenant=work.tenant, ids=work.ids, limit=len(work.ids))
        left = {row.id for row in shown}
        released = [pk for pk in work.ids if pk not in left]
        take_from_list(work, released)
        return {pk: Settled("released", after={"removed_at": utc(work.now)}) for pk in released}


class Entra(LocalStep):
    """The Entra object goes with the registration only if the device never enrolled: nothing to ask."""

    name, title = plans.ENTRA, _("Looking at Microsoft Entra objects")

    def look(self, work: Slice) -> Look:
        """The object linked to each device by id."""
        objects = _entra_of(work)
        return {pk: self._found(objects.get(pk)) for pk in work.ids}

    def _found(self, row: EntraDevice | None) -> Found | Settled:
        if row is None:
            return NOTHING
        before = {"display_name": row.display_name, "has_enrolled": row.has_enrolled}
        if row.deleted_at is not None:
            return Settled("removed", row.pk, before, {"deleted_at": utc(row.deleted_at)})
        if row.has_enrolled:
            return Settled("kept", row.pk, before, {"physical_ids": row.physical_ids})
        return Found(f"GET devices/{row.pk}", row.pk, before)

    def read_back(self, work: Slice) -> Confirmed:
        """Those whose object is settled by now."""
        found = self.look(work)
        return {pk: each for pk, each in found.items() if isinstance(each, Settled)}


class OnPremises(LocalStep):
    """The computer object of a hybrid device, which a person deletes in Active Directory."""

    name, title = plans.ON_PREMISES, _("Noting on-premises objects")

    def look(self, work: Slice) -> Look:
        """The joined object: the one Intune knew, or the twin, or the device's own."""
        own = _entra_of(work)
        twins = EntraDevice.objects.of(work.tenant).live().filter(twin_of__in=own.values())
        twin_of = {row.twin_of_id: row for row in twins.order_by("-pk")}
        joined = {pk: twin_of.get(row.pk, row) for pk, row in own.items()} | self._managed(work)
        return {pk: self._noted(joined.get(pk)) for pk in work.ids}

    def _managed(self, work: Slice) -> dict[UUID, EntraDevice]:
        hybrid = {"entra_device__trust_type": "ServerAd", "entra_device__deleted_at": None}
        rows = ManagedDevice.objects.of(work.tenant).filter(autopilot_device__in=work.ids, **hybrid)
        rows = rows.select_related("entra_device").order_by("enrolled_at", "pk")
        return {row.autopilot_device_id: row.entra_device for row in rows}

    def _noted(self, row: EntraDevice | None) -> Settled:
        if row is None or row.deleted_at is not None:
            return NOTHING
        before = {"computer": row.display_name, "device_id": str(row.device_id)}
        return Settled("by_hand", row.pk, before, {"exists": True})


def take_from_list(work: Slice, device_ids: list[UUID]) -> None:
    """Released devices leave the list, with one audit target each."""
    devices = work.part([row for row in work.rows if row.device_id in set(device_ids)]).devices()
    way = work.rows[0].way
    AutopilotDevice.objects.of(work.tenant).filter(pk__in=devices).update(
        removed_at=work.now, removal_reason=REASONS[way], revision=F("revision") + 1
    )
    assignment.refresh(tenant=work.tenant, device_ids=list(devices), now=work.now)
    kits = UndoKit.objects.of(work.tenant).filter(device_id__in=devices)
    kits.update(job_id=work.job.pk)
    targets = [
        audit.Target(
            kind="autopilot_device",
            label=serial,
            object_id=pk,
            before={"group_tag": tag, "user": user},
        )
        for pk, serial, tag, user in kits.order_by("serial_number", "pk").values_list(
            "device_id", "serial_number", "group_tag", "user_principal_name"
        )
    ]
    if targets:
        note_targets(work.job, work.actor, ACTIVITIES[way], targets)


def _objects(work: Slice) -> dict[UUID, UUID]:
    """The object each device's current step is about → the device."""
    return {UUID(row.steps[-1]["object"]): row.device_id for row in work.rows}


def _entra_of(work: Slice) -> dict[UUID, EntraDevice]:
    linked = AutopilotDevice.objects.of(work.tenant).filter(pk__in=work.ids, entra_device__isnull=False)
    return {row.pk: row.entra_device for row in linked.select_related("entra_device")}


STEPS: dict[str, Step] = {
    each.name: each for each in (Kit(), Intune(), User(), Registration(), Entra(), OnPremises())
}
