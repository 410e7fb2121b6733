"""The export: exactly what is filtered, safe to open, and with the hash only by its own right."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from devices.models import AutopilotDevice, RegistrationHash
from devices.services.imports.reader import csv_file
from tenants.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db

EXPORT = "/t/contoso/autopilot-devices/export.csv"
IMPORT_HEADER = "Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User"


@pytest.fixture
def client(client_of, admin):
    return client_of(admin)


@pytest.fixture
def devices(contoso):
    return factories.machines(contoso, 2, group_tag="KIOSK") + factories.machines(contoso, 1, first=9)


def lines(response):
    return b"".join(response.streaming_content).decode().splitlines()


def test_the_export_holds_what_is_filtered_under_the_visible_words(client, devices):
    found = lines(client.get(EXPORT, {"group_tag": "KIOSK", "columns": "serial_number,group_tag"}))
    assert found[0] == "Serial number,Group tag"
    assert sorted(found[1:]) == sorted(f"{each.serial_number},KIOSK" for each in devices[:2])


def test_never_and_the_built_in_profile_are_written_in_words(client, devices):
    columns = {"columns": "serial_number,assigned_profile,last_contacted_at"}
    text = "\n".join(lines(client.get(EXPORT, columns)))
    assert "Never" in text
    assert "Default (built-in)" in text


def test_a_tag_that_looks_like_a_formula_is_defused(client, contoso):
    factories.machines(contoso, 1, group_tag="=cmd|'/c calc'!A0")
    found = lines(client.get(EXPORT, {"columns": "serial_number,group_tag"}))
    assert found[1].endswith(",'=cmd|'/c calc'!A0")


@pytest.mark.parametrize("parameters", [{"colour": "red"}, {"with_hash": "maybe"}, {"q": "a\x00b"}])
def test_an_impossible_export_gets_a_sentence(client, devices, parameters):
    assert client.get(EXPORT, parameters).status_code == 400


def test_the_hash_comes_in_exactly_the_five_import_columns(client, devices):
    found = lines(client.get(EXPORT, {"with_hash": "1"}))
    assert found[0] == IMPORT_HEADER
    assert len(found) == 4


def test_an_export_with_hash_is_audited(client, devices):
    lines(client.get(EXPORT, {"with_hash": "1"}))
    assert AuditEvent.objects.get(activity="device.hash_exported").target_count == 3


def test_an_export_with_hash_is_read_back_unchanged(client, contoso, devices):
    AutopilotDevice.objects.of(contoso).filter(pk=devices[0].pk).update(group_tag='=A,"B"')
    data = b"".join(client.get(EXPORT, {"with_hash": "1"}).streaming_content)
    rows = read_back(data)
    held = dict(RegistrationHash.objects.values_list("registration__serial_number", "blob"))
    tags = dict(AutopilotDevice.objects.of(contoso).values_list("serial_number", "group_tag"))
    assert {row.serial: row.group_tag or "" for row in rows} == tags
    assert {row.serial for row in rows} == set(held)


def read_back(data):
    return list(csv_file.Reader(io.BytesIO(data)))


@pytest.mark.parametrize("role", ["reader", "help_desk", "school_admin"])
def test_the_hash_needs_its_own_right(client_of, devices, role, request):
    client = client_of(request.getfixturevalue(role))
    assert client.get(EXPORT, {"with_hash": "1"}).status_code == 403
    assert client.get(EXPORT).status_code == 200
    assert not AuditEvent.objects.filter(activity="device.hash_exported").exists()


def test_the_list_offers_the_hashes_of_what_it_shows_to_who_may_have_them(client, client_of, reader, devices):
    page = "/t/contoso/autopilot-devices/?group_tag=KIOSK"
    link = f'href="{EXPORT}?with_hash=1&amp;group_tag=KIOSK" data-export="{EXPORT}?with_hash=1"'
    assert link in client.get(page).content.decode()
    assert "with_hash" not in client_of(reader).get(page).content.decode()


def test_another_tenants_member_exports_nothing(client_of, outsider, devices):
    assert client_of(outsider).get(EXPORT).status_code == 404


def exported(*arguments):
    out = io.StringIO()
    call_command("export_csv", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_writes_the_same_export(client, contoso, devices):
    asked = {"group_tag": "KIOSK"}
    assert exported("--tenant", "contoso", "--group-tag", "KIOSK") == lines(client.get(EXPORT, asked))


def test_the_command_with_hash_writes_the_import_columns(contoso, devices):
    assert exported("--tenant", "contoso", "--with-hash")[0] == IMPORT_HEADER


@pytest.mark.parametrize(
    "arguments",
    [["--tenant", "nowhere"], ["--tenant", "contoso", "--profile-status", "sideways"]],
)
def test_an_impossible_command_is_one_sentence(contoso, arguments):
    with pytest.raises(CommandError) as refusal:
        exported(*arguments)
    assert refusal.value.returncode == 2


def test_a_value_that_no_filter_knows_is_answered_with_those_it_knows(contoso):
    profile = factories.make_profile(contoso, "Kiosks")
    with pytest.raises(
        CommandError, match=r"^--enrollment-state: .*not_contacted \(Not contacted\), enrolled"
    ):
        exported("--tenant", "contoso", "--enrollment-state", "Enrolled")
    with pytest.raises(CommandError, match=rf"^--assigned-profile: .*{profile.pk} \(Kiosks\)"):
        exported("--tenant", "contoso", "--assigned-profile", "Kiosks")
