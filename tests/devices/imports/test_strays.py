"""Uploads that a killed process left behind are erased, and no others."""

import errno
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.utils import timezone

from devices.models import Import, ImportFile
from devices.services.imports import retention, uploading
from tenants.models import Job, Tenant, User
from tests.devices.imports import importing

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored(contoso: Tenant) -> Any:
    """Store an upload that is so many hours old."""

    def store(name: str, *, hours: int) -> str:
        path = default_storage.save(f"{retention.FOLDER}/{contoso.pk}/{name}/0.csv", ContentFile(b"hash"))
        then = (timezone.now() - timedelta(hours=hours)).timestamp()
        for each in (Path(default_storage.path(path)), Path(default_storage.path(path)).parent):
            os.utime(each, (then, then))
        return path

    return store


def test_an_old_upload_that_no_import_names_is_erased_with_its_folder(stored: Any) -> None:
    path = stored("left", hours=25)
    retention.erase_due()
    assert not default_storage.exists(path)
    assert not default_storage.exists(path.removesuffix("/0.csv"))


def test_an_upload_under_way_stays(stored: Any) -> None:
    path = stored("new", hours=1)
    assert retention.erase_strays(now=timezone.now()) == 0
    assert default_storage.exists(path)


def test_an_upload_that_waits_for_its_check_stays(contoso: Tenant, stored: Any) -> None:
    path = stored("waits", hours=25)
    import_ = Import.objects.create(tenant=contoso, name="waits.csv")
    ImportFile.objects.create(of=import_, position=0, name="waits.csv", size=4, stored_as=path)
    assert retention.erase_strays(now=timezone.now()) == 0
    assert default_storage.exists(path)


def test_the_folder_of_an_upload_that_was_read_goes(stored: Any) -> None:
    path = stored("read", hours=25)
    folder = Path(default_storage.path(path)).parent
    then = folder.stat().st_mtime
    default_storage.delete(path)
    os.utime(folder, (then, then))
    assert retention.erase_strays(now=timezone.now()) == 0
    assert not folder.exists()


def test_an_upload_whose_answer_was_lost_with_the_database_is_checked(
    contoso: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = uploading._start

    def start(*arguments: Any) -> None:
        started(*arguments)
        raise OperationalError("the connection broke during the commit")

    monkeypatch.setattr(uploading, "_start", start)
    with pytest.raises(OperationalError):
        importing.upload(contoso, importing.csv_of(importing.line(importing.machines(1)[0])))
    assert importing.run(Job.objects.of(contoso).get()).state == Job.State.SUCCEEDED
    assert Import.objects.of(contoso).get().verdicts == {"new": 1}


def test_an_upload_that_the_disk_has_no_room_for_is_refused_and_leaves_nothing(
    contoso: Tenant, intune_admin: User, client_of: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any) -> None:  # called between the opening of the file and its first byte
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.filesystem.locks.lock", full)
    rows = SimpleUploadedFile("hashes.csv", importing.csv_of(importing.line(importing.machines(1)[0])))
    answer = client_of(intune_admin).post(
        "/t/contoso/imports/new/", {"files": rows, "step": "confirm", "one_time_key": "k"}
    )
    assert (answer.status_code, "disk is full" in answer.content.decode()) == (503, True)
    assert [each for each in Path(settings.MEDIA_ROOT).rglob("*") if each.is_file()] == []
    assert not Import.objects.of(contoso).exists()
