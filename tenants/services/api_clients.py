"""API clients of a partner: created with a secret that is shown once, given a new one, revoked."""

import secrets
import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_access_token_model

from portal.errors import Conflict
from tenants.models import ApiClient, Partner
from tenants.permissions import Actor
from tenants.services import audit
from tenants.services.partners import consents

LIFETIMES = (timedelta(days=90), timedelta(days=180), timedelta(days=365))


class ClientGone(Conflict):
    """The client was revoked."""

    code = "client_revoked"


def new_secret() -> str:
    """A secret of 256 bits; longer than an object's id, so that a log line would mask it."""
    return secrets.token_urlsafe(32)


@transaction.atomic
def create(
    *, partner: Partner, actor: Actor, name: str, lifetime: timedelta, key: uuid.UUID | None = None
) -> tuple[ApiClient, str]:
    """A new client and its secret; raises ApiNotAllowed.

    key: the form's one-time key: the same one gives the same client with a new secret.
    """
    consents.may_use_api(partner)
    Partner.objects.select_for_update().get(pk=partner.pk)
    pk = uuid.uuid5(partner.pk, str(key)) if key else uuid.uuid4()
    known = ApiClient.objects.filter(pk=pk, partner=partner).first()
    if known is not None:
        return renew(partner=partner, actor=actor, client=known, lifetime=lifetime)
    secret, now = new_secret(), timezone.now()
    client = ApiClient(
        pk=pk,
        partner=partner,
        name=name.strip(),
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
        created_by_label=actor.label[:254],
        secret_at=now,
        expires_at=now + lifetime,
    )
    client.save(force_insert=True)
    _record(client, actor, "api_client.created", after={"expires": client.expires_at.date().isoformat()})
    return client, secret


@transaction.atomic
def renew(*, partner: Partner, actor: Actor, client: ApiClient, lifetime: timedelta) -> tuple[ApiClient, str]:
    """Another secret and another lifetime; the old secret and its tokens stop at once. Raises ClientGone."""
    current = _locked(partner, client)
    secret, now = new_secret(), timezone.now()
    current.client_secret, current.secret_at, current.expires_at = secret, now, now + lifetime
    current.save(update_fields=["client_secret", "secret_at", "expires_at"])
    _end_tokens(current)
    _record(current, actor, "api_client.renewed", after={"expires": current.expires_at.date().isoformat()})
    return current, secret


@transaction.atomic
def revoke(*, partner: Partner, actor: Actor, client: ApiClient) -> None:
    """Shut a client for good, its tokens included; raises ClientGone."""
    current = _locked(partner, client)
    current.revoked_at = timezone.now()
    current.save(update_fields=["revoked_at"])
    _end_tokens(current)
    _record(current, actor, "api_client.revoked")


def _locked(partner: Partner, client: ApiClient) -> ApiClient:
    rows = ApiClient.objects.select_for_update(of=("self",)).filter(partner=partner, revoked_at=None)
    current: ApiClient | None = rows.filter(pk=client.pk).first()
    if current is None:
        raise ClientGone(_("This client was revoked."))
    return current


def _end_tokens(client: ApiClient) -> None:
    get_access_token_model().objects.filter(application=client).delete()


def _record(client: ApiClient, actor: Actor, activity: str, **values: Any) -> None:
    seen = audit.Target(kind="api_client", label=str(client), object_id=client.pk, **values)
    audit.record(tenant=client.tenant, partner=client.partner, actor=actor, activity=activity, targets=[seen])
