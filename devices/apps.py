"""Devices as a Django app."""

from django.apps import AppConfig


class DevicesConfig(AppConfig):
    """What: device facts, decisions, and the doors to them."""

    name = "devices"
    default_auto_field = "django.db.models.BigAutoField"
