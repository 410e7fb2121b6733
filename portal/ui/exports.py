"""Streaming CSV exports: UTF-8, ISO 8601 UTC, formulas defused; a broken one never looks whole."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from portal.ui.formula_guard import guard_formula

ROWS_A_CHUNK = 200
BYTES_A_CHUNK = 64 * 1024


class _Line:
    """What csv.writer writes to: hands the line back."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of a CSV, in chunks; every cell is guarded."""
    writer = csv.writer(_Line())
    chunk = [writer.writerow([guard_formula(str(cell)) for cell in header])]
    for row in rows:
        chunk.append(writer.writerow([guard_formula(str(cell)) for cell in row]))
        if len(chunk) >= ROWS_A_CHUNK:
            yield "".join(chunk)
            chunk = []
    yield "".join(chunk)


def csv_response(*, name: str, header: Iterable[str], rows: Iterable[Iterable[str]]) -> StreamingHttpResponse:
    """A download named `<name>-<date>.csv`."""
    stamp = timezone.now().strftime("%Y-%m-%d")
    return csv_download(csv_lines(header, rows), f"{name.replace('_', '-')}-{stamp}.csv")


def csv_download(chunks: Iterable[str] | Iterable[bytes], name: str) -> StreamingHttpResponse:
    """A download of lines that are CSV already; no cache keeps it."""
    lines: Iterator[Any] = iter(chunks)
    begun = list(islice(lines, 1))  # a fault before the first line is answered in words
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(chain(begun, lines), content_type="text/csv; charset=utf-8", headers=headers)


class KnownLengthMiddleware:
    """Gives downloads a length where HTTP/1.0 would end a broken one just as a whole one."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        response = self.get_response(request)
        is_old = request.META.get("SERVER_PROTOCOL") == "HTTP/1.0"
        if is_old and response.streaming and not response.has_header("Content-Length"):
            _keep_first(response)
        return response


def _keep_first(response: StreamingHttpResponse) -> None:
    """Make the whole body before anything of it is sent."""
    kept = TemporaryFile()  # noqa: SIM115 - closed with its last reference
    for chunk in response:
        kept.write(chunk)
    response["Content-Length"] = str(kept.tell())
    kept.seek(0)
    response.streaming_content = iter(lambda: kept.read(BYTES_A_CHUNK), b"")
