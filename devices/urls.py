"""The addresses of what: device lists, profiles, groups, imports, syncs."""

from django.urls import URLPattern, path, re_path

from devices.api import partner_center
from devices.views import (
    all_autopilot_devices,
    autopilot_commands,
    autopilot_deletion,
    autopilot_device,
    autopilot_devices,
    autopilot_moving,
    comparing,
    deregistrations,
    enrollment_failures,
    enrolment,
    entra_devices,
    group_members,
    group_rules,
    groups,
    import_actions,
    import_downloads,
    imports,
    orphans,
    profile_assignments,
    profiles,
    removed_devices,
    replacing,
    syncs,
    windows_actions,
    windows_devices,
)
from devices.views.device_side import check_ins, enrolments, unknown
from devices.views.device_side import profiles as device_profiles
from devices.views.partners import batches as partner_batches
from devices.views.partners import devices as partner_devices
from devices.views.partners import uploads as partner_uploads
from portal.any_case import GUID, any_case

app_name = "devices"

T = "t/<slug:tenant_slug>/"
P = "p/<slug:partner_slug>/"
# Partner Center's addresses are read in any case; what else lies below their root is no page either
API = "^partner-center(?=/|$)"
CUSTOMER = rf"^partner-center/v1/customers/(?P<tenant>{GUID})/"
BATCHES = rf"{CUSTOMER}deviceBatches/(?P<batch>.{{1,100}})/devices"

IMPORT = f"{T}imports/<uuid:pk>/"
AUTOPILOT = f"{T}autopilot-devices/"
DEREGISTRATION = f"{AUTOPILOT}deregistrations/<uuid:pk>/"
REMOVED = f"{AUTOPILOT}removed/"
GROUP = f"{T}groups/<uuid:pk>/"
PROFILE = f"{T}deployment-profiles/<uuid:pk>/"

DEVICE_SIDE = [
    path("device/v1/profile", device_profiles.profile, name="device_profile"),
    path("device/v1/enrollments", enrolments.enrollment, name="device_enrollment"),
    path("device/v1/joins", enrolments.join, name="device_join"),
    path("device/v1/check-ins", check_ins.check_in, name="device_check_in"),
    path("device/v1/resets", check_ins.reset, name="device_reset"),
    re_path("^device/v1/", unknown.no_such_address, name="device_no_such_address"),
]

urlpatterns: list[URLPattern] = [
    *DEVICE_SIDE,
    path(f"{T}imports/", imports.Imports.as_view(), name="imports"),
    path(f"{T}imports/new/", imports.import_new, name="import_new"),
    path(f"{T}imports/template.csv", import_downloads.import_template, name="import_template"),
    path(IMPORT, imports.import_detail, name="import_detail"),
    path(f"{IMPORT}progress/", imports.import_progress, name="import_progress"),
    path(f"{IMPORT}options/", import_actions.import_options, name="import_options"),
    path(f"{IMPORT}ticks/", import_actions.import_ticks, name="import_ticks"),
    path(f"{IMPORT}commit/", import_actions.import_commit, name="import_commit"),
    path(f"{IMPORT}cancel/", import_actions.import_cancel, name="import_cancel"),
    path(f"{IMPORT}rows/<int:number>/replace/", replacing.replace_by_row, name="import_replace"),
    path(f"{IMPORT}failed.csv", import_downloads.import_failed, name="import_failed"),
    path(f"{IMPORT}old-values.csv", import_downloads.import_old_values, name="import_old_values"),
    path(f"{IMPORT}intune/", import_downloads.import_for_intune, name="import_for_intune"),
    path("all/autopilot-devices/", all_autopilot_devices.all_autopilot_devices, name="all_autopilot_devices"),
    path(AUTOPILOT, autopilot_devices.AutopilotDevices.as_view(), name="autopilot_devices"),
    path(f"{AUTOPILOT}export.csv", autopilot_devices.export, name="autopilot_devices_export"),
    path(f"{AUTOPILOT}assign-user/", autopilot_commands.assign_user, name="autopilot_assign_user"),
    path(f"{AUTOPILOT}unassign-user/", autopilot_commands.unassign_user, name="autopilot_unassign_user"),
    path(f"{AUTOPILOT}edit-group-tag/", autopilot_commands.edit_group_tag, name="autopilot_edit_group_tag"),
    path(
        f"{AUTOPILOT}edit-group-tag/what-if/",
        autopilot_commands.edit_group_tag_what_if,
        name="autopilot_edit_group_tag_what_if",
    ),
    path(f"{AUTOPILOT}assign-profile/", autopilot_commands.assign_profile, name="autopilot_assign_profile"),
    path(
        f"{AUTOPILOT}unassign-profile/",
        autopilot_commands.unassign_profile,
        name="autopilot_unassign_profile",
    ),
    path(f"{AUTOPILOT}unblock/", autopilot_commands.unblock, name="autopilot_unblock"),
    path(f"{AUTOPILOT}move/", autopilot_moving.move, name="autopilot_move"),
    path(f"{AUTOPILOT}delete/", autopilot_deletion.delete, name="autopilot_delete"),
    path(f"{AUTOPILOT}compare/", comparing.compare, name="autopilot_compare"),
    path(f"{AUTOPILOT}<uuid:pk>/", autopilot_device.autopilot_device, name="autopilot_device"),
    path(f"{AUTOPILOT}<uuid:pk>/replace/", replacing.replace_device, name="autopilot_replace"),
    path(
        f"{AUTOPILOT}<uuid:pk>/register-again/",
        autopilot_deletion.register_again,
        name="autopilot_register_again",
    ),
    path(
        f"{AUTOPILOT}register-again/<uuid:pk>/",
        autopilot_deletion.register_job_again,
        name="autopilot_register_job_again",
    ),
    path(REMOVED, removed_devices.RemovedDevices.as_view(), name="removed_devices"),
    path(f"{REMOVED}export.csv", removed_devices.RemovedDevices.as_export(), name="removed_devices_export"),
    path(f"{REMOVED}register-again/", removed_devices.register_again, name="removed_register_again"),
    path(f"{REMOVED}delete/", removed_devices.delete_kits, name="undo_kits_delete"),
    path(f"{REMOVED}<uuid:pk>/", removed_devices.removed_device, name="removed_device"),
    path(DEREGISTRATION, deregistrations.Deregistrations.as_view(), name="deregistrations"),
    path(
        f"{DEREGISTRATION}export.csv",
        deregistrations.Deregistrations.as_export(),
        name="deregistrations_export",
    ),
    path(f"{DEREGISTRATION}retry/", deregistrations.retry, name="deregistration_retry"),
    path(
        f"{DEREGISTRATION}deleted-on-premises/",
        deregistrations.confirm_by_hand,
        name="deregistration_by_hand",
    ),
    path(f"{DEREGISTRATION}<int:row>/", deregistrations.deregistration, name="deregistration"),
    path(f"{AUTOPILOT}add-to-group/", group_members.add_to_group, name="add_to_group"),
    path(f"{AUTOPILOT}<uuid:pk>/simulate-sign-in/", enrolment.simulate_sign_in, name="simulate_sign_in"),
    path(f"{T}groups/", groups.Groups.as_view(), name="groups"),
    path(f"{T}groups/export.csv", groups.Groups.as_export(), name="groups_export"),
    path(f"{T}groups/new/", group_rules.group_new, name="group_new"),
    path(GROUP, group_members.GroupMembers.as_view(), name="group_detail"),
    path(f"{GROUP}export.csv", group_members.GroupMembers.as_export(), name="group_detail_export"),
    path(f"{GROUP}profiles/", group_members.group_profiles, name="group_profiles"),
    path(f"{GROUP}edit/", group_rules.group_edit, name="group_edit"),
    path(f"{GROUP}delete/", groups.group_delete, name="group_delete"),
    path(f"{GROUP}add/", group_members.group_add, name="group_add"),
    path(f"{GROUP}remove/", group_members.group_remove, name="group_remove"),
    path(f"{T}deployment-profiles/", profiles.DeploymentProfiles.as_view(), name="deployment_profiles"),
    path(
        f"{T}deployment-profiles/export.csv",
        profiles.DeploymentProfiles.as_export(),
        name="deployment_profiles_export",
    ),
    path(f"{T}deployment-profiles/new/", profiles.profile_new, name="profile_new"),
    path(f"{T}deployment-profiles/settings/", profiles.profile_settings, name="profile_settings"),
    path(f"{T}deployment-profiles/name/", profiles.profile_name_preview, name="profile_name_preview"),
    path(PROFILE, profiles.profile_detail, name="profile_detail"),
    path(f"{PROFILE}assignments/", profile_assignments.profile_assignments, name="profile_assignments"),
    path(f"{PROFILE}devices/", profile_assignments.ProfileDevices.as_view(), name="profile_devices"),
    path(
        f"{PROFILE}devices/export.csv",
        profile_assignments.ProfileDevices.as_export(),
        name="profile_devices_export",
    ),
    path(f"{PROFILE}delete/", profiles.profile_delete, name="profile_delete"),
    path(f"{T}entra-devices/", entra_devices.EntraDevices.as_view(), name="entra_devices"),
    path(f"{T}entra-devices/export.csv", entra_devices.EntraDevices.as_export(), name="entra_devices_export"),
    path(f"{T}entra-devices/<uuid:pk>/", entra_devices.entra_device, name="entra_device"),
    path(
        f"{T}entra-devices/<uuid:pk>/delete/",
        entra_devices.entra_device_delete,
        name="entra_device_delete",
    ),
    path(f"{T}orphans/", orphans.Orphans.as_view(), name="orphans"),
    path(f"{T}orphans/export.csv", orphans.Orphans.as_export(), name="orphans_export"),
    path(f"{T}orphans/check/", orphans.orphans_check, name="orphans_check"),
    path(f"{T}orphans/progress/", orphans.orphans_progress, name="orphans_progress"),
    path(f"{T}orphans/fix/", orphans.orphans_fix, name="orphans_fix"),
    path(f"{T}orphans/<uuid:pk>/", orphans.orphan, name="orphan"),
    path(f"{T}windows-devices/", windows_devices.WindowsDevices.as_view(), name="windows_devices"),
    path(
        f"{T}windows-devices/export.csv",
        windows_devices.WindowsDevices.as_export(),
        name="windows_devices_export",
    ),
    path(
        f"{T}windows-devices/delete/", windows_devices.windows_devices_delete, name="windows_devices_delete"
    ),
    path(f"{T}windows-devices/wipe/", windows_actions.windows_devices_wipe, name="windows_devices_wipe"),
    path(f"{T}windows-devices/<uuid:pk>/", windows_devices.windows_device, name="windows_device"),
    path(
        f"{T}windows-devices/<uuid:pk>/rename/",
        windows_actions.windows_device_rename,
        name="windows_device_rename",
    ),
    path(
        f"{T}enrollment-failures/",
        enrollment_failures.EnrollmentFailures.as_view(),
        name="enrollment_failures",
    ),
    path(
        f"{T}enrollment-failures/export.csv",
        enrollment_failures.EnrollmentFailures.as_export(),
        name="enrollment_failures_export",
    ),
    path(
        f"{T}enrollment-failures/<uuid:pk>/",
        enrollment_failures.enrollment_failure,
        name="enrollment_failure",
    ),
    path(f"{T}syncs/", syncs.Syncs.as_view(), name="syncs"),
    path(f"{T}syncs/export.csv", syncs.Syncs.as_export(), name="syncs_export"),
    path(f"{T}syncs/start/", syncs.sync_start, name="sync_start"),
    path(f"{T}syncs/<uuid:pk>/progress/", syncs.sync_progress, name="sync_progress"),
    path(f"{T}syncs/<uuid:pk>/confirm/", syncs.sync_confirm, name="sync_confirm"),
    path(f"{T}syncs/<uuid:pk>/cancel/", syncs.sync_cancel, name="sync_cancel"),
    path(f"{P}batches/", partner_batches.Batches.as_view(), name="partner_batches"),
    path(f"{P}batches/export.csv", partner_batches.Batches.as_export(), name="partner_batches_export"),
    path(f"{P}batches/template.csv", partner_batches.batch_template, name="partner_batch_template"),
    path(f"{P}batches/register/", partner_uploads.register, name="partner_register"),
    path(f"{P}batches/deregister/", partner_uploads.remove, name="partner_remove"),
    path(f"{P}batches/<uuid:pk>/", partner_batches.batch, name="partner_batch"),
    path(f"{P}batches/<uuid:pk>/progress/", partner_batches.batch_progress, name="partner_batch_progress"),
    path(f"{P}batches/<uuid:pk>/failed.csv", partner_batches.batch_failed, name="partner_batch_failed"),
    path(f"{P}devices/", partner_devices.PartnerDevices.as_view(), name="partner_devices"),
    path(f"{P}devices/export.csv", partner_devices.PartnerDevices.as_export(), name="partner_devices_export"),
    path(f"{P}devices/deregister/", partner_devices.remove_selected, name="partner_devices_remove"),
    path(f"{P}hash-reports/new/", partner_uploads.report, name="partner_report"),
    any_case(f"{CUSTOMER}deviceBatches/?$", partner_center.DeviceBatches.as_view(), name="device_batches"),
    any_case(f"{BATCHES}/?$", partner_center.BatchDevices.as_view(), name="batch_devices"),
    any_case(f"{BATCHES}/(?P<device>{GUID})/?$", partner_center.BatchDevice.as_view(), name="batch_device"),
    any_case(
        f"{CUSTOMER}batchJobStatus/(?P<tracking>{GUID})/?$",
        partner_center.BatchJobStatus.as_view(),
        name="batch_job_status",
    ),
    any_case(API, partner_center.NoSuchAddress.as_view(), name="no_such_address"),
]
