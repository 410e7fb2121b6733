"""The command `import_csv`: options, exit codes, output, and going on without a worker."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from devices.management.following import ProgressBar
from devices.models import AutopilotDevice, Import
from tenants.models import Job, Tenant
from tests.devices.imports.importing import add, csv_of, line, machines

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run_command(capsys: pytest.CaptureFixture[str], django_capture_on_commit_callbacks: object) -> Run:
    """import_csv in this process: (exit code, standard output, standard error)."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = 0
        try:
            call_command("import_csv", *map(str, arguments))
        except CommandError as error:
            code = error.returncode
            print(error)  # noqa: T201
        except SystemExit as error:
            code = int(error.code or 0)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """A CSV of rows on disk."""

    def write(*rows: str, name: str = "hashes.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(csv_of(*rows))
        return path

    return write


def test_all_good_rows_end_with_0(contoso: Tenant, run_command: Run, file: Callable[..., Path]) -> None:
    code, out, err = run_command("--tenant", "contoso", file(*map(line, machines(3))))
    assert code == 0
    assert "Added" in out
    assert "Registering" in err
    assert AutopilotDevice.objects.of(contoso).count() == 3


def test_a_job_that_nobody_has_begun_is_no_phase() -> None:
    said = io.StringIO()
    bar = ProgressBar(said)
    for phase in ("", "Reading", "Reading", "", "Registering"):
        bar.show(Job(phase=phase))
    assert said.getvalue() == "Reading …\nRegistering …\n"


def test_good_rows_are_imported_although_others_fail_and_the_end_is_1(
    contoso: Tenant, run_command: Run, file: Callable[..., Path]
) -> None:
    one, two = machines(2)
    code, out, _err = run_command("--tenant", "contoso", file(line(one), line(two, hash_="T0Fbad")))
    assert code == 1
    assert "802 InvalidZtdHardwareHash" in out
    assert AutopilotDevice.objects.of(contoso).get().serial_number == one.serial


def test_of_several_files_the_one_that_holds_a_failed_row_is_named(
    contoso: Tenant, run_command: Run, file: Callable[..., Path]
) -> None:
    one, two = machines(2)
    files = file(line(one)), file(line(two, hash_="T0Fbad"), name="b.csv")
    _code, out, _err = run_command("--tenant", "contoso", "--dry-run", *files)
    assert f"row 2 (b.csv, line 2): {two.serial}: 802" in out


def test_rows_that_were_left_out_are_named_with_the_reason(
    contoso: Tenant, run_command: Run, file: Callable[..., Path]
) -> None:
    one, two = machines(2)
    code, out, _err = run_command("--tenant", "contoso", file(line(one, serial="OTHER"), line(two)))
    assert code == 0
    assert f"row 1: {one.serial}: Needs a decision: The file says serial number OTHER" in out


@pytest.mark.parametrize(("bad", "expected"), [(False, 0), (True, 1)])
def test_a_dry_run_registers_nothing(
    contoso: Tenant, run_command: Run, file: Callable[..., Path], bad: bool, expected: int
) -> None:
    code, out, _err = run_command(
        "--tenant", "contoso", "--dry-run", file(line(machines(1)[0]), *([",,xx,,"] if bad else []))
    )
    assert code == expected
    assert "New" in out
    assert not AutopilotDevice.objects.of(contoso).exists()
    assert Import.objects.of(contoso).get().state == Import.State.CHECKED


def test_json_prints_only_json_lines_with_rows_counted_per_file(
    contoso: Tenant, run_command: Run, file: Callable[..., Path]
) -> None:
    one, two, three = machines(3)
    first, second = file(line(one), line(two)), file(line(three), line(one), name="b.csv")
    code, out, _err = run_command("--tenant", "contoso", "--json", first, second)
    found = [json.loads(text) for text in out.splitlines()]
    assert code == 1
    assert [(each["file"], each["row"], each["verdict"]) for each in found] == [
        ("hashes.csv", 1, "new"),
        ("hashes.csv", 2, "new"),
        ("b.csv", 1, "new"),
        ("b.csv", 2, "duplicate_in_file"),
    ]
    assert list(found[0]) == ["file", "row", "serial", "verdict", "code", "name", "reason", "device_id"]
    assert found[0]["device_id"] == str(AutopilotDevice.objects.of(contoso).get(serial_number=one.serial).pk)
    assert found[3]["name"] == "ZtdDeviceDuplicated"


def test_the_options_update_what_they_name(
    contoso: Tenant, run_command: Run, file: Callable[..., Path]
) -> None:
    [machine] = machines(1)
    add(contoso, line(machine, tag="OLD"))
    path = file(line(machine))
    run_command("--tenant", "contoso", "--group-tag", "NEW", path)
    assert AutopilotDevice.objects.of(contoso).get().group_tag == "OLD"
    run_command("--tenant", "contoso", "--group-tag", "NEW", "--update-tag", path)
    assert AutopilotDevice.objects.of(contoso).get().group_tag == "NEW"


def test_an_import_that_seems_anothers_wants_yes_tenant(
    contoso: Tenant, fabrikam: Tenant, run_command: Run, file: Callable[..., Path]
) -> None:
    some = machines(3)
    add(fabrikam, *map(line, some[:2]))
    path = file(*map(line, some))
    code, out, _err = run_command("--tenant", "contoso", path)
    assert code == 2
    assert "--yes-tenant" in out
    assert not AutopilotDevice.objects.of(contoso).exists()
    code, _out, _err = run_command("--tenant", "contoso", "--yes-tenant", path)
    assert code == 1
    assert AutopilotDevice.objects.of(contoso).get().serial_number == some[2].serial


@pytest.mark.parametrize(
    ("name", "said"),
    [("missing.csv", "missing.csv cannot be read: No such file"), ("picture.png", "picture.png: This is a")],
)
def test_a_file_that_is_no_csv_is_a_usage_error_in_words(
    contoso: Tenant, run_command: Run, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    code, out, _err = run_command("--tenant", "contoso", tmp_path / name)
    assert code == 2
    assert said in out
    assert "Errno" not in out
    assert not Import.objects.of(contoso).exists()


def test_an_unknown_tenant_is_a_usage_error(db: None, run_command: Run, file: Callable[..., Path]) -> None:
    code, out, _err = run_command("--tenant", "nope", file(line(machines(1)[0])))
    assert (code, out) == (2, "There is no tenant 'nope'.\n")
