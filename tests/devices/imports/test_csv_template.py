"""The files we write are exact, and the reader reads them back."""

from devices.services.imports.reader import template
from devices.services.imports.reader.row import Row
from tests.devices.imports.shapes import FIVE, HASH, THREE, lines, read, read_one, refusal


def written(rows: list[Row], **options: object) -> tuple[bytes, list[str]]:
    refused: list[str] = []
    parts = template.write_rows(
        rows, refuse=lambda _row, fault: refused.append(fault.context["column"]), **options
    )
    return b"".join(parts), refused


def test_the_template_is_the_exact_header() -> None:
    assert template.template() == (FIVE + "\r\n").encode()


def test_rows_are_written_in_microsofts_exact_format() -> None:
    text = lines(FIVE, f"S1,PK,{HASH},KIOSK,a@b.example")
    assert written(read(text)) == (text.encode(), [])


def test_a_value_that_the_format_cannot_hold_is_refused() -> None:
    rows = read(lines(FIVE, f'"S,1",,{HASH},,', f"S2,,{HASH},BÜRO,", f"S3,,{HASH},,"))
    content, refused = written(rows)
    assert content == lines(FIVE, f"S3,,{HASH},,").encode()
    assert refused == ["Device Serial Number", "Group Tag"]


def test_an_export_may_hold_any_letters_and_a_formula_guard() -> None:
    rows = read(lines(FIVE, f"S1,,{HASH},=BÜRO,"))
    content, _refused = written(rows, encoding="utf-8", guard=True)
    assert b",'=B\xc3\x9cRO," in content
    assert read_one(content).group_tag == "=BÜRO"


def test_files_for_intune_hold_at_most_500_rows() -> None:
    rows = read(lines(FIVE, *(f"S{n},,{HASH},," for n in range(1001))))
    files = list(template.intune_files(rows, refuse=lambda _row, _fault: None))
    assert [len(read(content)) for content in files] == [500, 500, 1]


def test_rows_that_failed_can_be_read_again_with_their_columns() -> None:
    rows = read(lines(FIVE, f"=S1,,{HASH},A,B,c@d.example", "S2,,n/a,,") + lines(THREE, f'"S,3",,{HASH}'))
    content = b"".join(template.write_failed((row.columns, row.cells, "802", "Why, exactly") for row in rows))
    again = read(content)
    assert [row.serial for row in again] == ["=S1", "S2", "S,3"]
    assert [refusal(row) for row in again] == ["too_many_values", "not_a_hash", None]
    assert again[2].columns[:3] == ("Reason code", "Reason", "Device Serial Number")
