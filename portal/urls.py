"""The addresses of the site; apps are named by string."""

from django.urls import include, path

from portal import views
from portal.ui.theme import choose_theme

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("theme", choose_theme, name="theme"),
    path("accounts/", include("tenants.account_urls")),
    path("", include("tenants.urls")),
    path("", include("devices.urls")),
]

handler400 = "portal.ui.error_pages.bad_request"
handler403 = "portal.ui.error_pages.permission_denied"
handler404 = "portal.ui.error_pages.page_not_found"
handler500 = "portal.ui.error_pages.server_error"
