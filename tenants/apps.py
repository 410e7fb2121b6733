"""Tenants as a Django app."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Who exists, who may, who did."""

    name = "tenants"
    default_auto_field = "django.db.models.BigAutoField"
