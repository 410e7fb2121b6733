"""The shell as a Django app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """How: the shell and the kit; knows no tenant and no device."""

    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"
