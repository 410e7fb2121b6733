"""The guard of the device side: the tenant's key, limits, a JSON object, and refusals as problem JSON."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from devices.forms.device_side import MachineForm
from devices.services.autopilot.enrolment.refusals import EnrollmentRefused
from portal import rate_limits
from portal.errors import Refused
from portal.outages import as_refusal
from tenants.models import Tenant
from tenants.permissions import Actor
from tenants.services import device_side

LARGEST_BODY = 128 * 1024
REQUESTS_A_MINUTE = 6000  # of one tenant: a fleet of 1,000 machines that start at once
WRONG_KEYS_A_MINUTE = 60  # of one address
SECRET_HEADER = "X-Hangar-Device-Secret"  # noqa: S105 - the header's name

Answer = Callable[..., dict[str, Any]]


class NotAllowed(Refused):
    """Another method than POST."""

    code = "method_not_allowed"
    status = 405


class BadRequest(Refused):
    """The body is not the JSON object it should be; `errors` in the context names the fields."""

    code = "bad_request"


class TooLarge(Refused):
    """More than a machine has to say."""

    code = "too_large"
    status = 413


def door(form_class: type[MachineForm] | None) -> Callable[[Answer], Any]:
    """A view for POST that answers JSON: the wrapped function gets request, tenant, actor and values."""

    def decorate(answer: Answer) -> Any:
        @csrf_exempt
        @wraps(answer)
        def view(request: HttpRequest) -> HttpResponse:
            try:
                return _answered(request, answer, form_class)
            except Exception as error:
                refused = error if isinstance(error, Refused) else as_refusal(error)
                if refused is None:
                    raise
                return _problem(refused)

        return view

    return decorate


def _answered(request: HttpRequest, answer: Answer, form_class: type[MachineForm] | None) -> HttpResponse:
    if request.method != "POST":
        raise NotAllowed(_("Use POST here."))
    address = request.META.get("REMOTE_ADDR") or None
    tenant = _tenant(request, address)
    rate_limits.count(f"device-side:{tenant.pk}", most=REQUESTS_A_MINUTE)
    values = _values(request, form_class)
    found = answer(request, tenant=tenant, actor=Actor.device(address), **values)
    return JsonResponse(found, headers={"Cache-Control": "no-store"})


def _tenant(request: HttpRequest, address: str | None) -> Tenant:
    """The tenant of the key; wrong keys are counted against the address that sends them."""
    scheme, _blank, secret = request.headers.get("Authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise device_side.UnknownKey(_("Send the tenant's enrollment key as a bearer token."))
        return device_side.tenant_of(secret=secret.strip(), now=timezone.now())
    except device_side.UnknownKey:
        rate_limits.count(f"device-side-key:{address}", most=WRONG_KEYS_A_MINUTE)
        raise


def _values(request: HttpRequest, form_class: type[MachineForm] | None) -> dict[str, Any]:
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        raise TooLarge(_("A request may have at most 128 KiB."))
    if form_class is None:
        return {}
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(_("The body is not JSON.")) from error
    if not isinstance(body, dict):
        raise BadRequest(_("The body is not a JSON object."))
    form = form_class.of(body)
    if not form.is_valid():
        raise BadRequest(_("The request is not complete."), errors=form.problems())
    return dict(form.cleaned_data)


def _problem(refused: Refused) -> HttpResponse:
    """The refusal as application/problem+json, with what Windows would show and what to do."""
    status = refused.status
    body: dict[str, Any] = {
        "title": refused.code,
        "status": status,
        "detail": str(refused),
        "code": refused.code,
    }
    if isinstance(refused, EnrollmentRefused):
        body |= {"errorCode": refused.error_code or None, "nextStep": str(refused.next_step)}
    if "errors" in refused.context:
        body["errors"] = refused.context["errors"]
    headers = {"Cache-Control": "no-store", **_headers(refused)}
    return JsonResponse(body, status=status, content_type="application/problem+json", headers=headers)


def _headers(refused: Refused) -> dict[str, str]:
    if "retry_after" in refused.context:
        return {"Retry-After": str(refused.context["retry_after"])}
    return {401: {"WWW-Authenticate": "Bearer"}, 405: {"Allow": "POST"}}.get(refused.status, {})
