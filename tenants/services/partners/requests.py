"""Authorization requests: a partner makes a link, a customer's Global Administrator answers it.

The flow follows "Registration authorization" [D]: only a Global Administrator may answer, acceptance is
effective at once. A link serves one customer.
"""

import uuid
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from portal.errors import Refused
from tenants.models import AuthorizationRequest, Partner, PartnerConsent, Region, Tenant
from tenants.permissions import Actor, missing
from tenants.services import audit, links, mailing, tenants
from tenants.services.partners.authority import authority_of

State = AuthorizationRequest.State
ANSWER = "partners.manage"


class AsksThroughReseller(Refused):
    """An indirect provider has no request of its own: it acts on its resellers' consents."""

    code = "asks_through_reseller"


class RequestClosed(Refused):
    """The request was answered or withdrawn, has expired, or never existed."""

    code = "request_closed"
    status = 404


class AlreadyAuthorized(Refused):
    """The tenant authorized this partner before."""

    code = "already_authorized"
    status = 409


class RegionNeeded(Refused):
    """The tenant's region has to be named first: a CSP serves only its own."""

    code = "region_needed"


class OtherRegion(Refused):
    """The partner sells in another region than the tenant's."""

    code = "other_region"
    status = 403


def create(
    *,
    partner: Partner,
    actor: Actor,
    note: str = "",
    email: str = "",
    lifetime: timedelta = AuthorizationRequest.LIFETIMES[1],
    key: uuid.UUID | None = None,
) -> AuthorizationRequest:
    """Make a request and mail its link where an address is given; raises AsksThroughReseller.

    key: the form's one-time key; the same key gives the same request.
    """
    if not authority_of(partner).asks_itself:
        sentence = _("An indirect provider acts on the consents given to its resellers; they send the link.")
        raise AsksThroughReseller(sentence)
    pk = uuid.uuid5(partner.pk, str(key)) if key else uuid.uuid4()
    now = timezone.now()
    with transaction.atomic():
        Partner.objects.select_for_update().get(pk=partner.pk)
        known: AuthorizationRequest | None = AuthorizationRequest.objects.of(partner).filter(pk=pk).first()
        if known is not None:
            return known
        request = AuthorizationRequest(
            pk=pk,
            partner=partner,
            note=note.strip(),
            email=email.strip().lower(),
            created_by=actor.user,
            created_by_label=actor.label[:254],
            created_at=now,
            expires_at=now + lifetime,
        )
        request.token_digest = links.digest_of(token_of(request))
        request.save(force_insert=True)
        _record(request, None, actor, "authorization.requested", after={"sent_to": request.email})
        transaction.on_commit(lambda: _mail(request))
    return request


def token_of(request: AuthorizationRequest) -> str:
    """The link's secret, made from the server's key: the row itself cannot give it away."""
    value = f"{request.pk}:{request.created_at.timestamp()}"
    return salted_hmac("tenants.services.partners.requests", value, algorithm="sha256").hexdigest()


def link_of(request: AuthorizationRequest) -> str:
    """The address to hand over; shown to the partner and e-mailed, never logged."""
    return links.absolute(reverse("tenants:authorization_link", args=[token_of(request)]))


@transaction.atomic
def withdraw(*, partner: Partner, actor: Actor, request: AuthorizationRequest) -> None:
    """Close an open request; raises RequestClosed."""
    rows = AuthorizationRequest.objects.of(partner).open().filter(pk=request.pk)
    if not rows.update(state=State.WITHDRAWN, decided_at=timezone.now()):
        raise RequestClosed(_("This request was closed already."))
    _record(request, None, actor, "authorization.withdrawn")


def open_request(*, digest: str) -> AuthorizationRequest:
    """The request of a token's digest while it may be answered; raises RequestClosed."""
    rows = AuthorizationRequest.unscoped.open().select_related("partner__provider")
    request: AuthorizationRequest | None = rows.filter(token_digest=digest, partner__is_active=True).first()
    if request is None:
        sentence = _("This request was answered, withdrawn or has expired. Ask the partner for a new one.")
        raise RequestClosed(sentence)
    return request


@transaction.atomic
def accept(*, digest: str, actor: Actor, tenant: Tenant, region: str = "") -> PartnerConsent:
    """Authorize the partner in a tenant, effective at once; region: the tenant's, where it has none yet.

    Raises RequestClosed, Forbidden, RegionNeeded, OtherRegion, AlreadyAuthorized.
    """
    request = _answer(digest, actor, tenant, State.ACCEPTED)
    tenant = _in_region(request.partner, actor, tenant, region)
    try:
        with transaction.atomic():
            consent: PartnerConsent = PartnerConsent.objects.create(
                tenant=tenant,
                partner=request.partner,
                request=request,
                scope=request.scope,
                granted_by_label=actor.label[:254],
                granted_at=timezone.now(),
            )
    except IntegrityError as error:
        sentence = _("%(tenant)s authorized %(partner)s before; nothing has to be done.")
        words = {"tenant": tenant.name, "partner": request.partner.name}
        raise AlreadyAuthorized(sentence % words) from error
    _record(request, tenant, actor, "partner.authorized", after={"scope": request.get_scope_display()})
    return consent


@transaction.atomic
def decline(*, digest: str, actor: Actor, tenant: Tenant) -> None:
    """Answer no for a tenant; raises RequestClosed or Forbidden."""
    request = _answer(digest, actor, tenant, State.DECLINED)
    _record(request, tenant, actor, "partner.declined")


def _answer(digest: str, actor: Actor, tenant: Tenant, state: str) -> AuthorizationRequest:
    """The open request, taken by one conditional UPDATE."""
    if not actor.can(ANSWER, tenant=tenant):
        raise missing(ANSWER)
    request = open_request(digest=digest)
    taken = AuthorizationRequest.unscoped.filter(pk=request.pk, state=State.OPEN)
    if not taken.update(state=state, tenant=tenant, decided_at=timezone.now()):
        raise RequestClosed(_("This request was answered already."))
    return request


def _in_region(partner: Partner, actor: Actor, tenant: Tenant, region: str) -> Tenant:
    """The tenant with its region, which has to be the partner's where its kind is bound to one."""
    if not authority_of(partner).is_regional:
        return tenant
    if not tenant.region:
        if region not in Region.values:
            raise RegionNeeded(_("Choose the region of this tenant: a CSP serves only its own."))
        tenant = tenants.change(
            tenant=tenant, actor=actor, revision=tenant.revision, name=tenant.name, region=region
        )
    if tenant.region != partner.sales_region:
        raise other_region(partner, tenant)
    return tenant


def other_region(partner: Partner, tenant: Tenant) -> OtherRegion:
    """The refusal that names both regions."""
    sentence = _("%(partner)s sells in %(theirs)s; %(tenant)s is in %(ours)s. A CSP serves only its region.")
    words = {
        "partner": partner.name,
        "theirs": partner.get_sales_region_display(),
        "tenant": tenant.name,
        "ours": tenant.get_region_display() or _("no region"),
    }
    return OtherRegion(sentence % words)


def _record(
    request: AuthorizationRequest, tenant: Tenant | None, actor: Actor, activity: str, **values: Any
) -> None:
    partner = request.partner
    seen = audit.Target(kind="partner", label=partner.name, object_id=partner.pk, **values)
    audit.record(tenant=tenant, partner=partner, actor=actor, activity=activity, targets=[seen])


def _mail(request: AuthorizationRequest) -> None:
    if not request.email:
        return
    subject = _("%(partner)s asks to register devices for you") % {"partner": request.partner.name}
    context = {"authorization": request, "link": link_of(request)}
    mailing.send(
        to=request.email,
        subject=subject,
        template="tenants/partners/request_mail.txt",
        context=context,
        about=f"authorization request {request.pk}",
    )
