"""The users of a tenant's directory: who a device can be assigned to."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower, Upper
from django.db.models.functions.text import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models.tenant import TenantManager, TenantOwned


class DirectoryUserQuerySet(models.QuerySet["DirectoryUser"]):
    """Directory users, chainable."""

    def by_upn(self, upn: str) -> "DirectoryUserQuerySet":
        """Those with a user principal name, ignoring case."""
        return self.filter(user_principal_name__iexact=upn.strip())

    def licensed(self) -> "DirectoryUserQuerySet":
        """Those with an Intune licence."""
        return self.filter(is_licensed=True)


class DirectoryUser(TenantOwned):
    """A Microsoft Entra user of the tenant; licensed users can enroll devices."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_principal_name = models.CharField(_("User principal name"), max_length=254)
    display_name = models.CharField(_("Display name"), max_length=256, blank=True)
    is_licensed = models.BooleanField(_("Licensed for Intune"), default=False)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    search = models.GeneratedField(
        expression=Upper(Concat("user_principal_name", models.Value(" "), "display_name")),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects: ClassVar[Any] = TenantManager.of_queryset(DirectoryUserQuerySet)
    unscoped: ClassVar[Any] = DirectoryUserQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint("tenant", Lower("user_principal_name"), name="upn_is_unique_in_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "user_principal_name", "id"], name="user_by_upn"),
            models.Index(fields=["tenant", "display_name", "id"], name="user_by_name"),
            GinIndex(
                OpClass("tenant", "uuid_ops"),
                OpClass("search", "gin_trgm_ops"),
                name="user_search",
            ),
        ]

    def __str__(self) -> str:
        return self.user_principal_name
