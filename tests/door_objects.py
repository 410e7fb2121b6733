"""Builders of the objects that addresses name: a tenant in, the address' arguments out."""

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from devices.hardware import synthetic
from devices.hardware.encode import encode
from devices.models import (
    AutopilotDevice,
    DeploymentProfile,
    Deregistration,
    EnrollmentFailure,
    EntraDevice,
    Group,
    Import,
    ImportRow,
    ManagedDevice,
    Orphan,
    Submission,
    SyncRun,
    UndoKit,
)
from tenants import permissions
from tenants.models import Approval, AuditEvent, Invitation, Job, Partner, Tenant, VerifiedDomain
from tests import factories

_number = itertools.count(1)


def reset_key(tenant: Tenant) -> dict[str, Any]:
    """The parts of a password-reset address."""
    return {"uidb36": "1", "key": "no-key"}


def token(tenant: Tenant) -> dict[str, Any]:
    """A token that opens nothing."""
    return {"token": "nothing"}


def tenant_key(tenant: Tenant) -> dict[str, Any]:
    """The tenant itself."""
    return {"pk": tenant.pk}


def partner_key(tenant: Tenant) -> dict[str, Any]:
    """A partner; it belongs to no tenant."""
    return {"pk": factories.make_partner(f"Partner {next(_number)}").pk}


def partner_person(partner: Partner) -> dict[str, Any]:
    """A further person of a partner."""
    person = factories.make_person(f"p{next(_number)}@example.org")
    factories.work_for(partner, person, permissions.PARTNER_AGENT)
    return {"user_id": person.pk}


def partner_invitation(partner: Partner) -> dict[str, Any]:
    """An open invitation into a partner."""
    number = next(_number)
    values = {"email": f"i{number}@example.org", "token_digest": f"{number:064}"}
    roles = [permissions.PARTNER_AGENT]
    return {"pk": Invitation.unscoped.create(partner=partner, roles=roles, **values).pk}


def consent(tenant: Tenant) -> dict[str, Any]:
    """A partner's consent in a tenant."""
    return {"pk": factories.authorize(factories.make_partner(f"Partner {next(_number)}"), tenant).pk}


def authorization_request(partner: Partner) -> dict[str, Any]:
    """An open request of a partner."""
    return {"pk": factories.ask(partner).pk}


def submission(partner: Partner) -> dict[str, Any]:
    """A finished upload of a partner."""
    values = {"kind": "report", "state": "finished", "name": f"Upload {next(_number)}", "via": "partner"}
    return {"pk": Submission.objects.create(partner=partner, created_by_label="x", **values).pk}


def api_client(partner: Partner) -> dict[str, Any]:
    """An API client of a partner."""
    return {"pk": factories.make_client(partner)[0].pk}


def place(tenant: Tenant) -> dict[str, Any]:
    """A tenant by its id."""
    return {"place_id": tenant.pk}


def customer(tenant: Tenant) -> dict[str, Any]:
    """A tenant as a partner's customer."""
    return {"tenant": str(tenant.pk)}


def customers_batch(tenant: Tenant) -> dict[str, Any]:
    """A batch that does not exist."""
    return {"tenant": str(tenant.pk), "batch": "nothing"}


def customers_device(tenant: Tenant) -> dict[str, Any]:
    """A device that does not exist."""
    return {**customers_batch(tenant), "device": str(tenant.pk)}


def tracked(tenant: Tenant) -> dict[str, Any]:
    """An upload that does not exist."""
    return {"tenant": str(tenant.pk), "tracking": str(tenant.pk)}


def directory_user(tenant: Tenant) -> dict[str, Any]:
    """A directory user."""
    return {"pk": factories.make_directory_user(tenant).pk}


def domain(tenant: Tenant) -> dict[str, Any]:
    """A verified domain."""
    name = f"d{next(_number)}.example"
    return {"pk": VerifiedDomain.objects.create(tenant=tenant, name=name).pk}


def member(tenant: Tenant) -> dict[str, Any]:
    """A further member."""
    person = factories.make_person(f"m{next(_number)}@example.org")
    factories.join(tenant, person, permissions.READ_ONLY_OPERATOR)
    return {"user_id": person.pk}


def invitation(tenant: Tenant) -> dict[str, Any]:
    """An open invitation."""
    number = next(_number)
    values = {"email": f"i{number}@example.org", "token_digest": f"{number:064}"}
    roles = [permissions.READ_ONLY_OPERATOR]
    return {"pk": Invitation.objects.create(tenant=tenant, roles=roles, **values).pk}


def audit_event(tenant: Tenant) -> dict[str, Any]:
    """An audit event."""
    event = AuditEvent.objects.create(tenant=tenant, actor_label="x", via="browser", activity="user.created")
    return {"pk": event.pk}


def job(tenant: Tenant, **values: Any) -> dict[str, Any]:
    """A queued job that needs devices.update."""
    values = {"task": "tests.nothing", "title": "Job", "permission": "devices.update", **values}
    return {"pk": Job.objects.create(tenant=tenant, **values).pk}


def held_job(tenant: Tenant) -> dict[str, Any]:
    """A job that waits for a second administrator."""
    found, soon = job(tenant), timezone.now() + timedelta(days=1)
    values = {"count": 30, "limit": 20, "requested_by_label": "x", "expires_at": soon}
    Approval.objects.create(tenant=tenant, job_id=found["pk"], **values)
    return found


def device_import(tenant: Tenant) -> dict[str, Any]:
    """A checked import without rows."""
    check = Job.unscoped.get(pk=job(tenant, state="succeeded")["pk"])
    values = {"name": "devices.csv", "state": Import.State.CHECKED, "check_job": check}
    return {"pk": Import.objects.create(tenant=tenant, **values).pk}


def board_row(tenant: Tenant) -> dict[str, Any]:
    """A row of a plan that holds the new board of a device here."""
    import_ = device_import(tenant)
    identity = synthetic.machine(seed=next(_number))
    old = autopilot_device(tenant)["pk"]
    values = {"verdict": "needs_decision", "decision": "replaced_board", "blob": encode(identity)}
    ImportRow.objects.create(of_id=import_["pk"], number=1, existing_device=old, **values)
    return {**import_, "number": 1}


def autopilot_device(tenant: Tenant, **values: Any) -> dict[str, Any]:
    """A registered device."""
    values = {"serial_number": f"SN{next(_number)}", "manufacturer": "Contoso", **values}
    return {"pk": AutopilotDevice.objects.create(tenant=tenant, **values).pk}


def removed_device(tenant: Tenant) -> dict[str, Any]:
    """A device that was removed, with its undo kit."""
    found = autopilot_device(tenant, removed_at=timezone.now())
    _undo_kit(tenant, device_id=found["pk"])
    return found


def deletion_job(tenant: Tenant) -> dict[str, Any]:
    """A finished deletion that left an undo kit."""
    found = job(tenant, state="succeeded", task="devices.delete_autopilot")
    _undo_kit(tenant, device_id=autopilot_device(tenant, removed_at=timezone.now())["pk"], job_id=found["pk"])
    return found


def undo_kit(tenant: Tenant) -> dict[str, Any]:
    """The undo kit of a device that was removed."""
    removed = autopilot_device(tenant, removed_at=timezone.now())
    return {"pk": _undo_kit(tenant, device_id=removed["pk"]).pk}


def deregistration(tenant: Tenant) -> dict[str, Any]:
    """One device of a deregistration that failed."""
    values = {"task": "devices.deregister_autopilot_devices", "arguments": {"is_full": False}}
    found = job(tenant, state="succeeded", **values)
    device, steps = autopilot_device(tenant), ["undo_kit", "registration"]
    row = Deregistration.objects.create(
        tenant=tenant,
        job_id=found["pk"],
        position=1,
        device_id=device["pk"],
        way="registration",
        plan=steps,
        step=steps[0],
        state="failed",
    )
    return {**found, "row": row.pk}


def deregistered_job(tenant: Tenant) -> dict[str, Any]:
    """A deregistration that ended."""
    return {"pk": deregistration(tenant)["pk"]}


def group(tenant: Tenant) -> dict[str, Any]:
    """An assigned group."""
    return {"pk": Group.objects.create(tenant=tenant, name=f"Group {next(_number)}").pk}


def profile(tenant: Tenant) -> dict[str, Any]:
    """A deployment profile that is assigned to nothing."""
    name = f"Profile {next(_number)}"
    return {"pk": DeploymentProfile.objects.create(tenant=tenant, display_name=name).pk}


def entra_device(tenant: Tenant) -> dict[str, Any]:
    """A Microsoft Entra device object."""
    return {"pk": EntraDevice.objects.create(tenant=tenant, display_name=f"SN{next(_number)}").pk}


def managed_device(tenant: Tenant) -> dict[str, Any]:
    """An enrolled device."""
    serial = f"SN{next(_number)}"
    values = {"device_name": serial, "serial_number": serial}
    return {"pk": ManagedDevice.objects.create(tenant=tenant, **values).pk}


def orphan(tenant: Tenant) -> dict[str, Any]:
    """A registration without its object."""
    found = autopilot_device(tenant)
    values = {"defect": Orphan.Defect.NO_ENTRA_DEVICE, "record": Orphan.Record.AUTOPILOT}
    return {"pk": Orphan.objects.create(tenant=tenant, object_id=found["pk"], label="SN", **values).pk}


def enrollment_failure(tenant: Tenant) -> dict[str, Any]:
    """A failed enrollment of a machine that is not registered."""
    values = {"mode": "user_driven", "serial_number": f"SN{next(_number)}", "reason": "unlicensed_user"}
    return {"pk": EnrollmentFailure.objects.create(tenant=tenant, sentence="x", **values).pk}


def sync(tenant: Tenant) -> dict[str, Any]:
    """A sync that waits for confirmation."""
    SyncRun.objects.of(tenant).delete()
    run = Job.unscoped.get(pk=job(tenant, state="running")["pk"])
    return {"pk": SyncRun.objects.create(tenant=tenant, trigger="manual", state="held", job=run).pk}


def _undo_kit(tenant: Tenant, **values: Any) -> UndoKit:
    return UndoKit.objects.create(
        tenant=tenant,
        serial_number="SN",
        manufacturer="Contoso",
        reason="test",
        created_by="x",
        expires_at=timezone.now() + timedelta(days=1),
        **values,
    )
