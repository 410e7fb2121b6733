"""The rows of an upload that failed, to correct and send again."""

from collections.abc import Iterator

from devices.models import Submission, SubmissionRow
from devices.services.imports.reader.headers import PARTNER_COLUMNS
from devices.services.imports.reader.template import write_failed


def failed_rows(submission: Submission) -> Iterator[bytes]:
    """The failing rows as CSV: the original columns and the reason; the API's in Partner Center's shape."""
    rows = submission.rows.filter(outcome=SubmissionRow.Outcome.FAILED).order_by("number")
    return write_failed(_failed(submission, row) for row in rows.iterator(chunk_size=200))


def _failed(submission: Submission, row: SubmissionRow) -> tuple[list[str], list[str], str, str]:
    code = f"{row.code or ''} {row.code_name}".strip()
    if row.cells and row.header < len(submission.headers):
        return submission.headers[row.header], row.cells, code, row.reason
    cells = [row.serial_number, row.product_key, "", row.manufacturer, row.model]
    return list(PARTNER_COLUMNS), cells, code, row.reason
