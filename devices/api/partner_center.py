"""Partner Center's device batches for partners' scripts; the same service as the page and the CSV file.

Sources: "Upload a list of devices …", "Get the status of a device batch upload", "REST error codes" of
Partner Center [D]; how a script in the field calls it: CIPP's upload [C].
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Count, Q
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.api import partner_shapes as shapes
from devices.api.bearer import PartnerMay, PartnerToken, actor_of, partner_of
from devices.models import DeviceBatch, Submission, SubmissionRow
from devices.services.imports import verdicts
from devices.services.partners import listing, submitting
from portal.errors import Refused
from portal.outages import as_refusal
from tenants.models import Tenant
from tenants.services.partners import consents

REQUEST_ID, CORRELATION_ID = "MS-RequestId", "MS-CorrelationId"
SOURCE = "Hangar"
MOST_BYTES = 10_000_000
LONGEST_KEY = 64  # what an upload keeps of a request's id; also the length of a digest
CODES = {
    401: "400",  # access denied
    403: "2032",  # access denied
    404: "1000",  # not found
    400: "800002",  # invalid request input
}
MALFORMED = {"code": str(verdicts.CODES[verdicts.INVALID_BODY]), "name": verdicts.INVALID_BODY}
NO_RELATION = {"no_consent", "other_region"}  # the partner has no relationship with the customer: 20002


class TooLarge(Refused):
    """A request body beyond what a batch may have."""

    code = "too_large"
    status = 413


class PartnerCenterView(APIView):
    """Base of the doors: token, permission by method, the field's headers and error body."""

    authentication_classes = [PartnerToken]
    permission_classes = [PartnerMay]
    words: dict[str, str] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a body beyond what a batch may have before it is read."""
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise TooLarge(_("The request body has more than %(most)d MB.") % {"most": MOST_BYTES // 10**6})
        super().initial(request, *args, **kwargs)

    def customer(self, request: Request, tenant: UUID) -> Tenant:
        """The customer of the address; raises NoConsent alike for a stranger and for one that is not."""
        found = consents.known(partner_of(request)).filter(pk=tenant).first()
        if found is None:
            raise consents.NoConsent(_("This partner has no relationship with the customer."))
        return consents.standing(partner=partner_of(request), tenant=found).tenant

    def batch(self, request: Request, customer: Tenant, name: str) -> DeviceBatch:
        """The partner's batch of this name for the customer; raises Http404."""
        if "\0" in name:
            raise Http404
        rows = DeviceBatch.objects.of(partner_of(request)).filter(tenant=customer, name=name)
        found: DeviceBatch | None = rows.select_related("tenant", "partner").first()
        if found is None:
            raise Http404
        return found

    def finalize_response(self, request: HttpRequest, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Repeat the caller's ids, or give new ones."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        for name in (REQUEST_ID, CORRELATION_ID):
            answer[name] = _printable(request.headers.get(name, "")) or str(uuid4())
        return answer

    def handle_exception(self, exc: Exception) -> Response:
        """The error as Partner Center shapes it."""
        exc = as_refusal(exc) or exc
        error = _error(exc)
        if error is None:
            raise exc
        status, word, sentence, data = error
        code = "20002" if word in NO_RELATION else CODES.get(status, "3000")
        if status == 400:
            data = [MALFORMED, *data]
        body = {"code": code, "description": sentence[:1024], "data": data, "source": SOURCE}
        headers = {"WWW-Authenticate": self.get_authenticate_header(self.request)} if status == 401 else {}
        if isinstance(exc, Refused) and "retry_after" in exc.context:
            headers["Retry-After"] = str(exc.context["retry_after"])
        return Response(body, status=status, headers=headers, exception=True)


def _error(exc: Exception) -> tuple[int, str, str, list[Any]] | None:
    """Status, word, sentence and details of an anticipated error."""
    if isinstance(exc, Refused):
        return exc.status, exc.code, str(exc), [{"code": exc.code}]
    if isinstance(exc, Http404):
        return 404, "not_found", "There is no such resource.", []
    if isinstance(exc, RecursionError):
        return 400, "invalid", "The request body is nested too deeply.", []
    if isinstance(exc, exceptions.ValidationError):
        return 400, "invalid", "The request body is not valid.", [exc.detail]
    if isinstance(exc, exceptions.APIException):
        return exc.status_code, str(exc.default_code), str(exc.detail), []
    return None


def _printable(text: str) -> str:
    return text if text.isascii() and text.isprintable() else ""


class DeviceBatches(PartnerCenterView):
    """GET the batches of a customer; POST a new one with its devices."""

    words = {"GET": "batches.read", "POST": "batches.upload"}

    def get(self, request: Request, tenant: UUID) -> Response:
        """Every batch the partner made for the customer."""
        customer = self.customer(request, tenant)
        done = Q(submissions__rows__outcome=SubmissionRow.Outcome.REGISTERED)
        rows = DeviceBatch.objects.of(partner_of(request)).filter(tenant=customer).order_by("created_at")
        found = rows.annotate(count=Count("submissions__rows", filter=done))
        items = [shapes.batch(row, count=row.count, customer=str(customer.pk)) for row in found]
        return Response(shapes.collection(items))

    def post(self, request: Request, tenant: UUID) -> Response:
        """Register devices in a new batch; 202 with the address of the status."""
        customer = self.customer(request, tenant)
        name, lines, options = shapes.read_batch(request.data)
        return _accepted(
            request,
            customer,
            lambda key: submitting.submit(
                partner=partner_of(request),
                tenant=customer,
                actor=actor_of(request),
                lines=lines,
                batch=name,
                creates_batch=True,
                request_id=key,
                through_api=True,
                **options,
            ),
        )


class BatchDevices(PartnerCenterView):
    """GET the devices of a batch; POST more devices into it."""

    words = {"GET": "partner_devices.read", "POST": "batches.upload"}

    def get(self, request: Request, tenant: UUID, batch: str) -> Response:
        """The devices that are registered still."""
        row = self.batch(request, self.customer(request, tenant), batch)
        rows = listing.devices_of(row).order_by("serial_number", "pk")
        return Response(shapes.collection([shapes.device(each) for each in rows]))

    def post(self, request: Request, tenant: UUID, batch: str) -> Response:
        """Register devices in a batch that exists; 202 with the address of the status."""
        customer = self.customer(request, tenant)
        row = self.batch(request, customer, batch)
        lines = shapes.read_devices(request.data)
        return _accepted(
            request,
            customer,
            lambda key: submitting.submit(
                partner=partner_of(request),
                tenant=customer,
                actor=actor_of(request),
                lines=lines,
                batch=row.name,
                request_id=key,
                through_api=True,
            ),
        )


class BatchDevice(PartnerCenterView):
    """DELETE one device of a batch: its registration alone (807 for what the batch does not hold)."""

    words = {"DELETE": "partner_devices.remove"}

    def delete(self, request: Request, tenant: UUID, batch: str, device: UUID) -> Response:
        """204 once the removal is under way."""
        row = self.batch(request, self.customer(request, tenant), batch)
        submitting.remove_one(batch=row, actor=actor_of(request), device_id=device)
        return Response(status=204)


class NoSuchAddress(PartnerCenterView):
    """Every other address below the API's root: 404 to whoever has a token, whatever the method."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise Http404 once the caller is known."""
        super().initial(request, *args, **kwargs)
        raise Http404


class BatchJobStatus(PartnerCenterView):
    """GET the status document of an upload."""

    words = {"GET": "batches.read"}

    def get(self, request: Request, tenant: UUID, tracking: UUID) -> Response:
        """What became of the upload and of each device."""
        rows = Submission.objects.of(partner_of(request)).filter(tenant_id=tenant, pk=tracking)
        made: Submission | None = rows.first()
        if made is None:
            raise Http404
        return Response(shapes.status(made))


def _accepted(request: Request, customer: Tenant, send: Callable[[str | None], Submission]) -> Response:
    """202 with the status address as Partner Center gives it: below its base, without host."""
    given = _printable(request.headers.get(REQUEST_ID, ""))
    key = given if len(given) <= LONGEST_KEY else sha256(given.encode()).hexdigest()
    made = send(key or None)
    address = f"/customers/{customer.pk}/batchJobStatus/{made.pk}"
    return Response(status=202, headers={"Location": address})
