"""Columns of the installation's tenants and partners."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn, NumberColumn
from portal.ui.tables import BladeTable
from tenants.models import BELONGING, Partner, Region, Tenant

TONES = {"active": "success", "deactivated": "neutral"}


class PlaceColumn(Column):
    """The address below which a tenant or a partner lies."""

    css = "mono"

    def __init__(self, verbose_name: Any, *, below: str, **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.below = below

    def text(self, value: Any) -> str:
        """The whole path."""
        return f"/{self.below}/{value}/"


class InstanceTenantTable(BladeTable):
    """Every tenant; those one belongs to are links."""

    name = Column(_("Tenant"), sort="name")
    slug = PlaceColumn(_("Address"), below="t", sort="slug")
    authority = ChoiceColumn(_("Authority"), choices=Tenant.Authority)
    people = NumberColumn(_("Active members"))
    created_at = DateTimeColumn(_("Created"))

    def render_name(self, value: str, record: Any) -> Any:
        """The name, which leads into a tenant one belongs to."""
        if not record.is_joined:
            return value
        return format_html('<a href="{}">{}</a>', reverse("tenants:overview", args=[record.slug]), value)


class InstancePartnerTable(BladeTable):
    """Every partner."""

    name = Column(_("Partner"), sort="name")
    slug = PlaceColumn(_("Address"), below="p", sort="slug")
    kind = ChoiceColumn(_("Kind"), choices=Partner.Kind)
    sales_region = ChoiceColumn(_("Sales region"), choices=Region)
    provider = Column(_("Provider"))
    people = NumberColumn(_("Active people"))
    status = ChoiceColumn(_("State"), choices=BELONGING, tones=TONES)
