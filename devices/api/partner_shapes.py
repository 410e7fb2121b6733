"""The bodies of Partner Center's device batches: what comes in becomes lines, what goes out is shaped.

Shapes: "Device deployment resources" and "REST error codes" of Partner Center [D]. Property names are
read in any case: the SDK writes BatchId, scripts write batchId.
"""

from typing import Any
from urllib.parse import quote

from rest_framework import serializers

from devices.models import DeviceBatch, Registration, Submission, SubmissionRow
from devices.services.partners.lines import Line
from portal.ui.columns import utc

State, Outcome = Submission.State, SubmissionRow.Outcome
STATES = {State.QUEUED: "queued", State.PROCESSING: "processing"}
MOST = 2000  # devices read of one body; the service refuses what the channel does not allow


def lowered(value: Any) -> Any:
    """The same value with property names in lower case, at every depth."""
    if isinstance(value, dict):
        return {str(name).lower(): lowered(inner) for name, inner in value.items()}
    return [lowered(each) for each in value] if isinstance(value, list) else value


class Text(serializers.CharField):
    """A text that may be absent, null or empty."""

    def __init__(self, most: int) -> None:
        super().__init__(required=False, allow_null=True, allow_blank=True, max_length=most, default="")


class DeviceShape(serializers.Serializer):
    """One device to register."""

    serialnumber = Text(255)
    productkey = Text(40)
    hardwarehash = Text(32_768)
    oemmanufacturername = Text(255)
    modelname = Text(255)

    def line(self, values: dict[str, Any]) -> Line:
        """The device as the service takes it."""
        texts = {name: values.get(name) or "" for name in self.fields}
        return Line(
            serial=texts["serialnumber"],
            product_key=texts["productkey"],
            hardware_hash="".join(texts["hardwarehash"].split()),
            manufacturer=texts["oemmanufacturername"],
            model=texts["modelname"],
        )


class BatchShape(serializers.Serializer):
    """A DeviceBatchCreationRequest; group tag and purchase order are our own addition."""

    batchid = serializers.CharField(max_length=100)
    devices = DeviceShape(many=True, max_length=MOST)
    grouptag = Text(512)
    purchaseorder = Text(255)


def read_batch(body: Any) -> tuple[str, list[Line], dict[str, str]]:
    """Batch id, devices and options of a body; raises ValidationError."""
    shape = BatchShape(data=lowered(body))
    shape.is_valid(raise_exception=True)
    values = shape.validated_data
    options = {"group_tag": values["grouptag"] or "", "purchase_order": values["purchaseorder"] or ""}
    return values["batchid"], _lines(values["devices"]), options


def read_devices(body: Any) -> list[Line]:
    """The devices of a body that is a list, or has one; raises ValidationError."""
    found = lowered(body)
    rows = found.get("devices", found) if isinstance(found, dict) else found
    shape = DeviceShape(data=rows, many=True, max_length=MOST)
    shape.is_valid(raise_exception=True)
    return _lines(shape.validated_data)


def _lines(values: list[dict[str, Any]]) -> list[Line]:
    shape = DeviceShape()
    return [shape.line(each) for each in values]


def collection(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Items as Partner Center lists them."""
    return {"totalCount": len(items), "items": items, "attributes": {"objectType": "Collection"}}


def batch(row: DeviceBatch, *, count: int, customer: str) -> dict[str, Any]:
    """A DeviceBatch."""
    return {
        "id": row.name,
        "createdBy": row.created_by_label,
        "creationDate": utc(row.created_at),
        "deviceCount": count,
        "devicesLink": {
            "uri": f"/customers/{customer}/deviceBatches/{quote(row.name, safe='')}/devices",
            "method": "GET",
            "headers": [],
        },
        "attributes": {"objectType": "DeviceBatch"},
    }


def device(row: Registration) -> dict[str, Any]:
    """A Device; the hash is never given out."""
    return {
        "id": str(row.pk),
        "serialNumber": row.serial_number,
        "productKey": row.product_key,
        "hardwareHash": None,
        "oemManufacturerName": row.manufacturer,
        "modelName": row.model,
        "policies": [],
        "uploadedDate": utc(row.registered_at),
        "allowedOperations": ["GET", "DELETE"],
        "attributes": {"objectType": "Device"},
    }


def status(made: Submission) -> dict[str, Any]:
    """A BatchUploadDetails: the state of an upload and of each device in it."""
    rows = made.rows.order_by("number").defer("cells", "blob")
    is_clean = made.state == State.FINISHED and not made.failed_count
    done = "finished" if is_clean else "finished_with_errors"
    return {
        "batchTrackingId": str(made.pk),
        "status": STATES.get(State(made.state), done),
        "startedTime": utc(made.started_at or made.created_at),
        "completedTime": utc(made.finished_at) if made.finished_at else None,
        "devicesStatus": [_device_status(row) for row in rows],
        "attributes": {"objectType": "BatchUploadDetails"},
    }


def _device_status(row: SubmissionRow) -> dict[str, Any]:
    is_done = row.outcome in (Outcome.REGISTERED, Outcome.REMOVED)
    waiting = "in-progress" if row.outcome == Outcome.WAITING else "finished_with_errors"
    return {
        "deviceId": str(row.device_id) if row.device_id else None,
        "serialNumber": row.serial_number,
        "productKey": row.product_key,
        "status": "finished" if is_done else waiting,
        "errorCode": str(row.code or "") if row.code or row.code_name else None,
        "errorDescription": (row.code_name or row.reason or None) if not is_done else None,
        "attributes": {"objectType": "DeviceUploadDetails"},
    }
