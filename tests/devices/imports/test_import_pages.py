"""The import pages: pane, plan, options, ticks, commit, downloads, and who may see what."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from devices.models import AutopilotDevice, Import, ImportRow
from devices.services.imports import committing, downloads, uploading
from devices.services.imports.reader.limits import Limits
from devices.views import upload_limit
from tenants.models import AuditEvent, Job, Tenant, User
from tenants.permissions import Actor
from tests.devices.imports.importing import add, check, csv_of, line, machines, row, run

ClientOf = Callable[[User], Client]


def page(client: Client, import_: Import, query: str = "") -> str:
    return client.get(f"/t/contoso/imports/{import_.pk}/{query}").content.decode()


def post(client: Client, import_: Import, action: str, **data: object) -> object:
    return client.post(f"/t/contoso/imports/{import_.pk}/{action}/", data)


def send(client: Client, content: bytes = b"", name: str = "hashes.csv", **data: object) -> object:
    if content or name != "hashes.csv":
        data["files"] = SimpleUploadedFile(name, content)
    return client.post("/t/contoso/imports/new/", data)


def test_an_upload_leads_to_its_plan(contoso: Tenant, intune_admin: User, client_of: ClientOf) -> None:
    client = client_of(intune_admin)
    response = send(client, csv_of(line(machines(1)[0])))
    import_ = Import.objects.of(contoso).get()
    assert response.status_code == 302
    assert response["Location"] == f"/t/contoso/imports/{import_.pk}/"
    assert "Reading" in page(client, import_) or "Queued" in page(client, import_)


def test_the_pane_says_where_hashes_come_from(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    text = client_of(intune_admin).get("/t/contoso/imports/new/").content.decode()
    for words in (
        "Add Autopilot devices",
        "Shift+F10",
        "-OutputFile",
        "DeviceHash_",
        "-Online",
        "template.csv",
    ):
        assert words in text


def test_pasted_rows_are_an_import(contoso: Tenant, intune_admin: User, client_of: ClientOf) -> None:
    send(client_of(intune_admin), pasted=csv_of(line(machines(1)[0])).decode())
    assert Import.objects.of(contoso).get().name == "Pasted text"


def test_several_files_are_one_import(contoso: Tenant, intune_admin: User, client_of: ClientOf) -> None:
    files = [SimpleUploadedFile(f"{n}.csv", csv_of(line(machine))) for n, machine in enumerate(machines(2))]
    client_of(intune_admin).post("/t/contoso/imports/new/", {"files": files})
    assert Import.objects.of(contoso).get().files.count() == 2


def test_a_double_click_makes_one_import(contoso: Tenant, intune_admin: User, client_of: ClientOf) -> None:
    client = client_of(intune_admin)
    for _click in range(2):
        send(client, csv_of(line(machines(1)[0])), one_time_key="2f1b7c1e-0000-4000-8000-000000000001")
    assert Import.objects.of(contoso).count() == 1


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n" + bytes(300), b"PK\x03\x04" + bytes(300), b" ", b"\0" * 3000, b"a,b\r\n1,2\r\n"],
    ids=["png", "zip", "blank", "nul", "no hash column"],
)
def test_a_file_that_is_something_else_is_refused_in_the_pane(
    contoso: Tenant, intune_admin: User, client_of: ClientOf, content: bytes
) -> None:
    response = send(client_of(intune_admin), content)
    assert response.status_code == 422
    assert "hashes.csv: " in response.content.decode()
    assert not Import.objects.of(contoso).exists()


def test_nothing_chosen_is_said(contoso: Tenant, intune_admin: User, client_of: ClientOf) -> None:
    assert "Choose a file or paste rows first." in send(client_of(intune_admin)).content.decode()


def test_an_upload_beyond_the_limit_is_drained_and_refused(
    contoso: Tenant, intune_admin: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_limit, "ROOM_FOR_FIELDS", -Limits().size + 100)
    response = send(client_of(intune_admin), csv_of(line(machines(1)[0])))
    assert response.status_code == 422
    assert "250 MB" in response.content.decode()


def test_the_plan_counts_verdicts_and_offers_the_commit(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    one, two = machines(2)
    import_ = check(contoso, line(one), line(two), line(one), line(two, serial="X"))
    text = page(client_of(intune_admin), import_)
    assert "Import 2 devices into Contoso" in text
    assert "Duplicate in file" in text
    assert "Real Windows machines ask Microsoft" in text


def test_the_plan_filters_and_searches_its_rows(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    one, two = machines(2)
    import_ = check(contoso, line(one), line(two, serial="X"))
    client = client_of(intune_admin)
    assert str(one.serial) not in page(client, import_, "?verdict=needs_decision")
    assert str(two.serial) not in page(client, import_, f"?q={one.serial}")


def test_a_row_can_be_found_in_its_file_by_the_line(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    [machine] = machines(1)
    import_ = check(contoso, line(machine))
    text = page(client_of(intune_admin), import_, "?columns=number&columns=line")
    assert "Line in the file" in text
    assert re.findall(r'<td class="number">(\d+)</td>', text) == ["2"]


def test_a_plan_of_several_files_names_the_file_of_each_row(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    files = [ContentFile(csv_of(line(each)), name=f"{n}.csv") for n, each in enumerate(machines(2), 1)]
    import_ = uploading.accept(tenant=contoso, actor=Actor.command(), files=files)
    run(import_.check_job)
    text = page(client_of(intune_admin), import_)
    assert re.findall(r"<td>(\d\.csv)</td>", text) == ["1.csv", "2.csv"]


def test_a_plan_of_one_file_does_not_repeat_its_name(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    import_ = check(contoso, line(machines(1)[0]))
    client = client_of(intune_admin)
    assert "<td>hashes.csv</td>" not in page(client, import_)
    assert "<td>hashes.csv</td>" in page(client, import_, "?columns=number&columns=file")


def test_options_settle_the_plan(contoso: Tenant, intune_admin: User, client_of: ClientOf) -> None:
    [machine] = machines(1)
    add(contoso, line(machine, tag="OLD"))
    import_ = check(contoso, line(machine, tag="NEW"))
    client = client_of(intune_admin)
    post(client, import_, "options", updates_group_tag="on")
    text = page(client, import_)
    assert "<del>OLD</del>" in text
    assert "<ins>NEW</ins>" in text
    assert "1 value is overwritten" in text


def test_ticked_rows_join_the_commit(contoso: Tenant, intune_admin: User, client_of: ClientOf) -> None:
    one, two = machines(2)
    import_ = check(contoso, line(one, serial="X"), line(two, serial="Y"))
    client = client_of(intune_admin)
    fragment = client.post(
        f"/t/contoso/imports/{import_.pk}/ticks/",
        {"row": 2, "ticked": "1"},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert "Import 1 device into Contoso" in fragment
    post(client, import_, "ticks", ticked="1")
    assert "Import 2 devices into Contoso" in page(client, import_)
    post(client, import_, "ticks")
    assert not row(import_, 2).is_ticked


def test_a_double_click_on_import_is_one_job(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    import_ = check(contoso, *map(line, machines(2)))
    client = client_of(intune_admin)
    for _click in range(2):
        assert post(client, import_, "commit").status_code == 302
    assert Job.objects.of(contoso).filter(task="devices.commit_import").count() == 1
    run(Job.objects.of(contoso).get(task="devices.commit_import"))
    text = page(client, import_)
    assert "2 added" in text
    assert AutopilotDevice.objects.of(contoso).get(serial_number=machines(1)[0].serial)


def test_progress_is_a_fragment_that_reloads_at_the_end(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    import_ = check(contoso, *map(line, machines(2)))
    client = client_of(intune_admin)
    address = f"/t/contoso/imports/{import_.pk}/progress/"
    post(client, import_, "commit")
    assert "HX-Refresh" not in client.get(address)
    run(Job.objects.of(contoso).get(task="devices.commit_import"))
    assert client.get(address)["HX-Refresh"] == "true"


def test_cancelling_an_ended_import_is_a_message(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    import_ = add(contoso, line(machines(1)[0]))
    client = client_of(intune_admin)
    post(client, import_, "cancel")
    assert "already ended" in page(client, import_)


def test_failed_rows_can_be_corrected_and_uploaded_again(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    one, two = machines(2)
    import_ = add(contoso, line(one), line(two, hash_="T0FbadHASH"))
    content = b"".join(client_of(intune_admin).get(f"/t/contoso/imports/{import_.pk}/failed.csv"))
    text = content.decode("utf-8-sig")
    assert text.startswith("Reason code,Reason,Device Serial Number,")
    assert "802 InvalidZtdHardwareHash" in text
    again = check(
        contoso,
        *text.replace("T0FbadHASH", line(two).split(",")[2]).splitlines()[1:],
    )
    assert again.row_count == 1


def test_the_download_for_intune_is_microsofts_exact_format(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    some = machines(2)
    import_ = check(contoso, *(line(machine, tag="KIOSK") for machine in some), line(some[0]))
    response = client_of(intune_admin).get(f"/t/contoso/imports/{import_.pk}/intune/")
    lines = b"".join(response).decode("ascii").split("\r\n")
    assert lines[0] == "Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User"
    assert [text.split(",")[0] for text in lines[1:3]] == [machine.serial for machine in some]
    assert len(lines) == 4


def test_the_download_for_intune_is_written_down_as_an_export_of_hashes(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    import_ = check(contoso, *map(line, machines(2)), "X,,T0FbadHASH")
    client_of(intune_admin).get(f"/t/contoso/imports/{import_.pk}/intune/")
    event = AuditEvent.objects.get(tenant=contoso, activity="device.hash_exported")
    assert (event.actor, event.target_count, event.summary) == (intune_admin, 2, import_.name)


def test_more_than_500_rows_for_intune_are_several_files(
    contoso: Tenant, intune_admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "intune_files", lambda rows, refuse: _small(rows, refuse))
    import_ = check(contoso, *map(line, machines(5)))
    content, name = downloads.for_intune(import_, actor=Actor(user=intune_admin))
    assert name == "intune.zip"
    with zipfile.ZipFile(io.BytesIO(content.read())) as archive:
        assert archive.namelist() == ["intune-001.csv", "intune-002.csv", "intune-003.csv"]


def _small(rows: object, refuse: object) -> object:
    from devices.services.imports.reader.template import intune_files

    return intune_files(rows, refuse=refuse, rows_per_file=2)  # type: ignore[arg-type]


def test_a_row_that_intune_cannot_read_is_listed_beside_the_files(contoso: Tenant) -> None:
    one, two = machines(2)
    import_ = check(contoso, line(one), f'{two.serial},,{line(two).split(",")[2]},"a,b",')
    content, _name = downloads.for_intune(import_, actor=Actor.command())
    with zipfile.ZipFile(io.BytesIO(content.read())) as archive:
        assert "not-included.csv" in archive.namelist()


def test_the_old_values_can_be_kept(contoso: Tenant, intune_admin: User, client_of: ClientOf) -> None:
    [machine] = machines(1)
    add(contoso, line(machine, tag="=OLD"))
    import_ = check(contoso, line(machine, tag="NEW"))
    client = client_of(intune_admin)
    post(client, import_, "options", updates_group_tag="on")
    text = b"".join(client.get(f"/t/contoso/imports/{import_.pk}/old-values.csv")).decode()
    assert "'=OLD,NEW" in text


def test_another_tenant_is_named_only_to_someone_who_may_see_it(
    contoso: Tenant, fabrikam: Tenant, intune_admin: User, admin: User, client_of: ClientOf
) -> None:
    [machine] = machines(1)
    add(fabrikam, line(machine))
    import_ = check(contoso, line(machine), actor=Actor(user=intune_admin))
    device = str(AutopilotDevice.objects.of(fabrikam).get().pk)
    blind, seeing = page(client_of(intune_admin), import_), page(client_of(admin), import_)
    assert "Fabrikam" not in blind
    assert device not in blind
    assert "Open the device in Fabrikam" in seeing


def test_an_import_that_seems_anothers_asks_for_the_name_to_be_typed(
    contoso: Tenant, fabrikam: Tenant, admin: User, client_of: ClientOf
) -> None:
    some = machines(3)
    add(fabrikam, *map(line, some[:2]))
    import_ = check(contoso, *map(line, some), actor=Actor(user=admin))
    client = client_of(admin)
    assert "2 of 2 machines" in page(client, import_)
    post(client, import_, "commit", typed="Fabrikam")
    assert not Job.objects.of(contoso).filter(task="devices.commit_import").exists()
    post(client, import_, "commit", typed="Contoso")
    assert Job.objects.of(contoso).filter(task="devices.commit_import").exists()


@pytest.mark.parametrize(
    "path", ["", "progress/", "failed.csv", "old-values.csv", "intune/"], ids=lambda path: path or "plan"
)
def test_another_tenants_import_is_not_found(
    contoso: Tenant, fabrikam: Tenant, admin: User, client_of: ClientOf, path: str
) -> None:
    import_ = check(fabrikam, line(machines(1)[0]))
    assert client_of(admin).get(f"/t/contoso/imports/{import_.pk}/{path}").status_code == 404


@pytest.mark.parametrize("action", ["options", "ticks", "commit", "cancel"])
def test_a_reader_sees_the_plan_and_can_change_nothing(
    contoso: Tenant, reader: User, client_of: ClientOf, action: str
) -> None:
    import_ = check(contoso, line(machines(1)[0]))
    client = client_of(reader)
    assert "Import 1 device into" not in page(client, import_)
    assert post(client, import_, action).status_code == 403


def test_a_school_administrator_cannot_import(
    contoso: Tenant, school_admin: User, client_of: ClientOf
) -> None:
    response = client_of(school_admin).get("/t/contoso/imports/new/")
    assert response.status_code == 403
    assert "Create device" in response.content.decode()


def test_the_history_shows_who_when_and_how_many(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    import_ = check(contoso, *map(line, machines(3)), actor=Actor(user=intune_admin))
    run(committing.start(import_=import_, actor=Actor(user=intune_admin)))
    text = client_of(intune_admin).get("/t/contoso/imports/").content.decode()
    for words in ("hashes.csv", intune_admin.email, "Completed"):
        assert words in text


def test_strange_cell_contents_are_shown_as_text(
    contoso: Tenant, intune_admin: User, client_of: ClientOf
) -> None:
    [machine] = machines(1)
    import_ = check(contoso, line(machine, serial="<script>x</script>", tag="<b>t</b>"))
    text = page(client_of(intune_admin), import_)
    assert "<script>x" not in text
    assert "<b>t</b>" not in text
    assert "&lt;script&gt;x" in text


@pytest.mark.parametrize("count", [3, 40])
def test_the_plan_page_asks_a_fixed_number_of_queries(
    contoso: Tenant, intune_admin: User, client_of: ClientOf, django_assert_num_queries: object, count: int
) -> None:
    import_ = check(contoso, *(line(machine, serial="X") for machine in machines(count)))
    client = client_of(intune_admin)
    page(client, import_)
    with django_assert_num_queries(8):  # type: ignore[operator]
        page(client, import_)
    assert ImportRow.objects.filter(of=import_).count() == count
