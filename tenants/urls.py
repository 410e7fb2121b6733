"""The addresses of who: overview, people, jobs, audit, settings."""

from django.urls import URLPattern, path

from portal.any_case import GUID, any_case
from tenants.views import (
    approvals,
    audit,
    deletion,
    device_side,
    directory_users,
    domains,
    general,
    home,
    instance,
    invitations,
    jobs,
    members,
    set_up,
    tokens,
    user_import,
)
from tenants.views.partners import authorize as partner_authorize
from tenants.views.partners import clients as partner_clients
from tenants.views.partners import customers as partner_customers
from tenants.views.partners import instance as instance_partners
from tenants.views.partners import ledger as partner_ledger
from tenants.views.partners import people as partner_people
from tenants.views.partners import portal as partner_portal

app_name = "tenants"

T = "t/<slug:tenant_slug>/"
P = "p/<slug:partner_slug>/"
PARTNERS = "instance/partners/"
PEOPLE = f"{P}people/"
REQUESTS = f"{P}requests/"

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("help/terms/", home.terms, name="terms"),
    path("instance/", instance.Tenants.as_view(), name="instance"),
    path("instance/tenants/new/", instance.create_tenant, name="instance_create"),
    path("instance/tenants/<uuid:pk>/join/", instance.join_tenant, name="instance_join"),
    path(PARTNERS, instance_partners.Partners.as_view(), name="instance_partners"),
    path(f"{PARTNERS}new/", instance_partners.create_partner, name="instance_partner_create"),
    path(f"{PARTNERS}<uuid:pk>/edit/", instance_partners.edit_partner, name="instance_partner_edit"),
    path(f"{PARTNERS}<uuid:pk>/switch/", instance_partners.switch_partner, name="instance_partner_switch"),
    path(f"{PARTNERS}<uuid:pk>/invite/", instance_partners.invite_first, name="instance_partner_invite"),
    path("set-up/", set_up.set_up, name="set_up"),
    path("set-up/<str:token>/", set_up.open_link, name="set_up_link"),
    path("invitations/", invitations.invitation, name="invitation"),
    path("invitations/<str:token>/", invitations.open_link, name="invitation_link"),
    any_case(rf"^(?P<place_id>{GUID})/oauth2/v2\.0/token$", tokens.PlacedTokenView.as_view(), name="token"),
    path("partner-requests/", partner_authorize.authorization, name="authorization"),
    path("partner-requests/<str:token>/", partner_authorize.open_link, name="authorization_link"),
    path(f"{T}", home.overview, name="overview"),
    path(f"{T}set-up/", set_up.guide, name="guide"),
    path(f"{T}users/", directory_users.Users.as_view(), name="users"),
    path(f"{T}users/export.csv", directory_users.Users.as_export(), name="users_export"),
    path(f"{T}users/new/", directory_users.add_user, name="user_add"),
    path(f"{T}users/import/", user_import.import_users, name="user_import"),
    path(f"{T}users/options/", directory_users.user_options, name="user_options"),
    path(f"{T}users/license/", directory_users.license_users, name="users_license"),
    path(f"{T}users/unlicense/", directory_users.unlicense_users, name="users_unlicense"),
    path(f"{T}users/delete/", directory_users.delete_users, name="users_delete"),
    path(f"{T}users/<uuid:pk>/", directory_users.user, name="user"),
    path(f"{T}settings/", general.settings, name="settings"),
    path(f"{T}settings/general/", general.general, name="general"),
    path(f"{T}settings/general/delete/", general.delete_tenant, name="tenant_delete"),
    path(f"{T}settings/device-side/", device_side.device_side, name="device_side"),
    path(f"{T}settings/device-side/key/", device_side.device_side_key, name="device_side_key"),
    path(f"{T}settings/domains/", domains.domains, name="domains"),
    path(f"{T}settings/domains/<int:pk>/remove/", domains.remove_domain, name="domain_remove"),
    path(f"{T}settings/deletion/", deletion.deletion, name="deletion"),
    path(f"{T}settings/members/", members.Members.as_view(), name="members"),
    path(f"{T}settings/members/invite/", members.invite, name="member_invite"),
    path(f"{T}settings/members/<uuid:user_id>/roles/", members.change_roles, name="member_roles"),
    path(f"{T}settings/members/<uuid:user_id>/activate/", members.activate, name="member_activate"),
    path(f"{T}settings/members/<uuid:user_id>/deactivate/", members.deactivate, name="member_deactivate"),
    path(f"{T}settings/members/<uuid:user_id>/remove/", members.remove, name="member_remove"),
    path(f"{T}settings/partners/", partner_ledger.Ledger.as_view(), name="partners"),
    path(f"{T}settings/partners/<uuid:pk>/revoke/", partner_ledger.revoke_partner, name="partner_revoke"),
    path(f"{T}settings/invitations/<uuid:pk>/send/", members.send_again, name="invitation_send"),
    path(f"{T}settings/invitations/<uuid:pk>/withdraw/", members.withdraw, name="invitation_withdraw"),
    path(f"{T}audit/", audit.AuditLog.as_view(), name="audit"),
    path(f"{T}audit/export.csv", audit.AuditLog.as_export(), name="audit_export"),
    path(f"{T}audit/<uuid:pk>/", audit.audit_event, name="audit_event"),
    path(f"{T}jobs/", jobs.Jobs.as_view(), name="jobs"),
    path(f"{T}jobs/<uuid:pk>/", jobs.job, name="job"),
    path(f"{T}jobs/<uuid:pk>/progress/", jobs.progress, name="job_progress"),
    path(f"{T}jobs/<uuid:pk>/approve/", approvals.approve, name="job_approve"),
    path(f"{T}jobs/<uuid:pk>/decline/", approvals.decline, name="job_decline"),
    path(f"{T}jobs/<uuid:pk>/cancel/", jobs.cancel, name="job_cancel"),
    path(f"{T}jobs/<uuid:pk>/failed.csv", jobs.failed_items, name="job_failed"),
    path(P, partner_portal.partner_overview, name="partner_overview"),
    path(f"{P}customers/", partner_customers.Customers.as_view(), name="partner_customers"),
    path(
        f"{P}customers/export.csv", partner_customers.Customers.as_export(), name="partner_customers_export"
    ),
    path(REQUESTS, partner_customers.Requests.as_view(), name="partner_requests"),
    path(f"{REQUESTS}new/", partner_customers.request_new, name="partner_request_new"),
    path(f"{REQUESTS}<uuid:pk>/", partner_customers.request_detail, name="partner_request"),
    path(
        f"{REQUESTS}<uuid:pk>/withdraw/", partner_customers.request_withdraw, name="partner_request_withdraw"
    ),
    path(f"{P}api-clients/", partner_clients.PartnerClients.as_view(), name="partner_clients"),
    path(f"{P}api-clients/new/", partner_clients.client_new, name="partner_client_new"),
    path(f"{P}api-clients/<uuid:pk>/renew/", partner_clients.client_renew, name="partner_client_renew"),
    path(f"{P}api-clients/<uuid:pk>/revoke/", partner_clients.client_revoke, name="partner_client_revoke"),
    path(PEOPLE, partner_people.PartnerPeople.as_view(), name="partner_people"),
    path(f"{PEOPLE}invite/", partner_people.person_invite, name="partner_person_invite"),
    path(f"{PEOPLE}<uuid:user_id>/role/", partner_people.person_role, name="partner_person_role"),
    path(f"{PEOPLE}<uuid:user_id>/switch/", partner_people.person_switch, name="partner_person_switch"),
    path(f"{PEOPLE}<uuid:user_id>/remove/", partner_people.person_remove, name="partner_person_remove"),
    path(f"{P}invitations/<uuid:pk>/send/", partner_people.person_send_again, name="partner_invitation_send"),
    path(
        f"{P}invitations/<uuid:pk>/withdraw/",
        partner_people.person_withdraw,
        name="partner_invitation_withdraw",
    ),
]
