"""Streaming CSV exports: UTF-8, ISO 8601 UTC, formulas defused."""

import csv
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse
from django.utils import timezone

from portal.ui.formula_guard import guard_formula

ROWS_A_CHUNK = 200


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
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8", headers=headers)
