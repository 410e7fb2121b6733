"""Reading resumes exactly once, whoever goes on; bad files end in a sentence, never in a crash."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.models import Import, ImportFile, ImportRow
from devices.services.imports import uploading
from devices.services.imports.checking import staging
from devices.services.imports.uploading import UploadRefused
from tenants.models import Job, Tenant
from tenants.permissions import Actor
from tests.devices.imports.importing import FIVE, check, csv_of, line, machines, run, upload
from tests.devices.imports.test_committing import step_once

SOME = machines(12)


def test_a_check_left_by_killed_workers_stores_each_row_once(
    contoso: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "STEP_ROWS", 2)
    monkeypatch.setattr(staging, "STEP_SECONDS", 0)
    monkeypatch.setattr(staging, "STEP_SECONDS_AFTER_SKIPPING", 0)
    import_ = upload(contoso, csv_of(*map(line, SOME)))
    job = import_.check_job
    for _killed in range(4):
        step_once(job)
        staging.close(import_.pk)
    run(Job.objects.of(contoso).get(pk=job.pk))
    import_.refresh_from_db()
    serials = ImportRow.objects.filter(of=import_).order_by("number").values_list("serial_number", flat=True)
    assert list(serials) == [machine.serial for machine in SOME]
    assert import_.verdicts == {"new": 12}


def test_a_step_rolled_back_is_read_again(contoso: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    import_ = upload(contoso, csv_of(*map(line, SOME)))
    staging.stage(import_, at=0)
    ImportRow.objects.filter(of=import_).delete()
    number, _stream, is_end = staging.stage(import_, at=0)
    assert (number, is_end, ImportRow.objects.filter(of=import_).count()) == (12, True, 12)


def test_a_reading_that_broke_is_not_taken_for_the_end_of_the_file(
    contoso: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError("the disk stumbled")

    import_ = upload(contoso, csv_of(*map(line, SOME)))
    with monkeypatch.context() as broken:
        broken.setattr(staging.default_storage, "open", fail)
        with pytest.raises(OSError, match="stumbled"):
            staging.stage(import_, at=0)
    number, _stream, is_end = staging.stage(import_, at=0)
    assert (number, is_end, ImportRow.objects.filter(of=import_).count()) == (12, True, 12)


def test_a_stored_file_that_lost_its_end_fails_the_check(
    contoso: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "STEP_ROWS", 2)
    monkeypatch.setattr(staging, "STEP_SECONDS", 0)
    import_ = upload(contoso, csv_of(*map(line, SOME)))
    step_once(import_.check_job)
    staging.close(import_.pk)
    stored = ImportFile.objects.get(of=import_).stored_as
    default_storage.delete(stored)
    default_storage.save(stored, ContentFile(csv_of(line(SOME[0]))))
    run(Job.objects.of(contoso).get(pk=import_.check_job.pk))
    import_.refresh_from_db()
    assert import_.state == Import.State.FAILED
    assert "Upload it again" in import_.error_message


def test_several_files_are_numbered_through(contoso: Tenant) -> None:
    files = [
        ContentFile(csv_of(line(machine)), name=f"{place}.csv") for place, machine in enumerate(SOME[:3])
    ]
    import_ = uploading.accept(tenant=contoso, actor=Actor.command(), files=files)
    run(import_.check_job)
    rows = ImportRow.objects.filter(of=import_).order_by("number").values_list("number", "file")
    assert list(rows) == [(1, 0), (2, 1), (3, 2)]
    import_.refresh_from_db()
    assert import_.name == "0.csv and 2 more"


def test_merged_files_keep_each_rows_own_header(contoso: Tenant) -> None:
    other = "Hardware Hash,Device Serial Number"
    serial, _pkid, text, _tag, _user = line(SOME[1]).split(",")
    content = csv_of(line(SOME[0]), other, f"{text},{serial}")
    import_ = upload(contoso, content)
    run(import_.check_job)
    assert ImportFile.objects.get(of=import_).headers == [FIVE.split(","), other.split(",")]
    assert list(ImportRow.objects.filter(of=import_).order_by("number").values_list("header", flat=True)) == [
        0,
        1,
    ]


def test_the_upload_leaves_storage_when_it_was_read(
    contoso: Tenant, django_capture_on_commit_callbacks: object
) -> None:
    import_ = upload(contoso, csv_of(line(SOME[0])))
    stored = import_.files.get().stored_as
    assert default_storage.exists(stored)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        run(import_.check_job)
    assert not default_storage.exists(stored)
    assert len(import_.files.get().sha256) == 64


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "picture"),
        (b"PK\x03\x04" + bytes(200), ""),
        (b"", ""),
        (b"\0" * 5000, ""),
        ((",".join(f"c{number}" for number in range(10_000)) + "\n").encode(), ""),
    ],
    ids=["png", "zip", "empty", "nul", "columns"],
)
def test_a_file_that_is_something_else_is_refused_by_name(contoso: Tenant, content: bytes, word: str) -> None:
    with pytest.raises(UploadRefused) as refusal:
        upload(contoso, content)
    assert str(refusal.value).startswith("hashes.csv: ")
    assert word in str(refusal.value)
    assert not Import.objects.of(contoso).exists()


def test_a_ten_megabyte_cell_refuses_its_row_only(contoso: Tenant) -> None:
    import_ = check(contoso, line(SOME[0], tag="x" * 10_000_000), line(SOME[1]))
    assert import_.verdicts == {"invalid_hash": 1, "new": 1}


def test_too_many_rows_fail_the_import_with_the_limit(
    contoso: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = staging.Limits(rows=5)
    monkeypatch.setattr(staging, "Limits", lambda: small)
    import_ = check(contoso, *map(line, SOME))
    assert import_.state == Import.State.FAILED
    assert "5" in import_.error_message


def test_the_same_form_key_makes_one_import(contoso: Tenant) -> None:
    made = [
        uploading.accept(
            tenant=contoso,
            actor=Actor.command(),
            files=[ContentFile(csv_of(line(SOME[0])), name="a.csv")],
            key="one-time",
        )
        for _click in range(2)
    ]
    assert made[0].pk == made[1].pk
    assert Import.objects.of(contoso).count() == 1


def test_more_bytes_than_one_import_may_have_are_refused(
    contoso: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = uploading.Limits(size=1000)
    monkeypatch.setattr(uploading, "Limits", lambda: small)
    with pytest.raises(UploadRefused) as refusal:
        upload(contoso, csv_of(*map(line, SOME)))
    assert refusal.value.code == "too_large"


@pytest.mark.django_db
def test_the_server_samples_no_cells_hashes_or_keys() -> None:
    """Of 30,000 sampled rows it would keep them all in memory: 180 MB."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute "
            "WHERE attrelid = 'devices_importrow'::regclass AND attstattarget = 0"
        )
        assert {name for (name,) in cursor} == {"cells", "blob", "identity_keys"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(
        st.tuples(st.sampled_from(range(12)), st.text(max_size=40), st.text(max_size=40)), max_size=6
    )
)
def test_whatever_stands_in_the_cells_every_row_gets_a_verdict(
    contoso: Tenant, cells: list[tuple[int, str, str]]
) -> None:
    rows = [line(SOME[place], tag=tag, user=user) for place, tag, user in cells]
    content = csv_of(line(SOME[0]), *rows)
    import_ = upload(contoso, content)
    run(import_.check_job)
    import_.refresh_from_db()
    assert import_.state == Import.State.CHECKED
    assert sum(import_.verdicts.values()) == import_.row_count
    assert "" not in import_.verdicts
    assert timezone.now() >= import_.checked_at
