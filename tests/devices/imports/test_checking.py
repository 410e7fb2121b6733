"""The check: every verdict with the service's code, words and warnings."""

from dataclasses import replace
from uuid import UUID

import pytest

from devices.hardware import synthetic
from devices.hardware.encode import encode_base64
from devices.models import AutopilotDevice, EntraDevice, Import
from devices.services.autopilot import editing
from devices.services.imports import planning, uploading
from devices.services.imports.uploading import Options
from tenants.models import Tenant, User, VerifiedDomain
from tenants.permissions import Actor
from tests import factories
from tests.devices.imports.importing import LATER, add, check, line, machines, row, verdicts

BOGUS = UUID("03000200-0400-0500-0006-000700080009")


def test_unknown_machines_are_new(contoso: Tenant) -> None:
    import_ = check(contoso, *map(line, machines(3)))
    assert import_.state == Import.State.CHECKED
    assert import_.verdicts == {"new": 3}
    first = row(import_)
    assert (first.serial_number, first.manufacturer) == (machines(1)[0].serial, machines(1)[0].manufacturer)


def test_a_machine_registered_here_is_806_and_links_to_its_device(contoso: Tenant) -> None:
    [machine] = machines(1)
    add(contoso, line(machine))
    found = row(check(contoso, line(synthetic.recapture(machine, at=LATER, new_disk=5))))
    assert (found.verdict, found.code, found.code_name) == (
        "already_registered",
        806,
        "ZtdDeviceAlreadyAssigned",
    )
    assert found.existing_device == AutopilotDevice.objects.of(contoso).get().pk
    assert "same TPM endorsement key" in found.reason
    assert "disk differs" in found.reason


def test_a_machine_of_another_tenant_is_808_and_the_tenant_is_not_named(
    contoso: Tenant, fabrikam: Tenant
) -> None:
    [machine] = machines(1)
    add(fabrikam, line(machine))
    found = row(check(contoso, line(machine)))
    assert (found.verdict, found.code, found.code_name) == (
        "other_tenant",
        808,
        "ZtdDeviceAssignedToOtherTenant",
    )
    assert found.existing_tenant == fabrikam.pk
    assert "Fabrikam" not in found.reason + found.next_step


def test_the_second_row_of_a_machine_is_duplicated_though_its_text_differs(contoso: Tenant) -> None:
    [machine] = machines(1)
    import_ = check(contoso, line(machine), line(synthetic.recapture(machine, at=LATER, new_disk=3)))
    assert verdicts(import_) == ["new", "duplicate_in_file"]
    found = row(import_, 2)
    assert (found.code, found.code_name) == (None, "ZtdDeviceDuplicated")
    assert "row 1" in found.reason


def test_a_damaged_hash_is_802_with_the_fault_in_words(contoso: Tenant) -> None:
    [machine] = machines(1)
    text = encode_base64(machine)
    found = row(
        check(contoso, line(machine, hash_=text[:200] + ("B" if text[200] != "B" else "C") + text[201:]))
    )
    assert (found.verdict, found.code, found.code_name) == ("invalid_hash", 802, "InvalidZtdHardwareHash")
    assert found.reason
    assert "Get-WindowsAutopilotInfo" in found.next_step


def test_an_empty_manufacturer_is_missing_identity_802(contoso: Tenant) -> None:
    found = row(check(contoso, line(replace(machines(1)[0], system_manufacturer=""))))
    assert (found.verdict, found.code) == ("missing_identity", 802)


def test_no_usable_identity_is_missing_identity_802(contoso: Tenant) -> None:
    machine = synthetic.machine(seed=1, serial="Default string", tpm=False, nics=0)
    poor = replace(machine, smbios_uuid=BOGUS, product_key_id=None)
    found = row(check(contoso, line(poor)))
    assert (found.verdict, found.code) == ("missing_identity", 802)


def test_neither_serial_nor_hash_is_803(contoso: Tenant) -> None:
    found = row(check(contoso, ",,,TAG,", line(machines(1)[0])))
    assert (found.verdict, found.code, found.code_name) == (
        "missing_identity",
        803,
        "MissingZtdSerialNumberAndProductKey",
    )


def test_a_uuid_shared_by_two_different_machines_is_813(contoso: Tenant) -> None:
    one, two = machines(2)
    add(contoso, line(one))
    found = row(check(contoso, line(replace(two, smbios_uuid=one.smbios_uuid))))
    assert (found.verdict, found.code, found.code_name) == ("missing_identity", 813, "ZtdDeviceIsNotUnique")


def test_another_serial_in_the_file_needs_a_decision(contoso: Tenant) -> None:
    [machine] = machines(1)
    found = row(check(contoso, line(machine, serial="TEST-OTHER")))
    assert (found.verdict, found.decision, found.is_ticked) == ("needs_decision", "serial_differs", False)
    assert "TEST-OTHER" in found.reason
    assert str(machine.serial) in found.reason


def test_a_serial_in_another_case_is_the_same_serial(contoso: Tenant) -> None:
    [machine] = machines(1)
    assert verdicts(check(contoso, line(machine, serial=f" {str(machine.serial).lower()} "))) == ["new"]


@pytest.mark.parametrize(
    ("serial", "in_the_file"),
    [
        ("1234567890123", "1.23457E+12"),
        ("1234567890123", "1,23E+12"),
        ("9999998", "1.00E+07"),
        ("5E12", "5.00E+12"),
        ("0012345678", "12345678"),
        ("1234567890123456", "1234567890123450"),
    ],
)
def test_a_serial_that_a_spreadsheet_spoilt_is_repaired_from_the_hash(
    contoso: Tenant, serial: str, in_the_file: str
) -> None:
    machine = synthetic.machine(seed=1, serial=serial)
    found = row(check(contoso, line(machine, serial=f'"{in_the_file}"')))
    assert (found.verdict, found.serial_number) == ("new", serial)
    (note,) = (note for note in found.notes if note["code"] == "excel_serial")
    assert in_the_file in note["message"]
    assert serial in note["message"]


@pytest.mark.parametrize(
    ("serial", "in_the_file"),
    [
        ("1234567890123", "1.23458E+12"),
        ("1234567890123", "1.23457E+13"),
        ("TEST-1", "1.23E+12"),
        ("0012345678", "12345679"),
        ("87654321", "8765432"),
        ("1234567890123456", "1234567890123400"),
        ("7654321", "1E+" + "9" * 200),
    ],
)
def test_a_serial_that_no_spreadsheet_makes_of_the_hashs_needs_a_decision(
    contoso: Tenant, serial: str, in_the_file: str
) -> None:
    machine = synthetic.machine(seed=1, serial=serial)
    found = row(check(contoso, line(machine, serial=in_the_file)))
    assert (found.verdict, found.decision) == ("needs_decision", "serial_differs")
    assert "is used" not in str(found.notes)


def test_a_product_id_that_a_spreadsheet_spoilt_gives_way_to_the_hashs(contoso: Tenant) -> None:
    one, two = machines(2)
    mine = str(one.product_key_id)
    rows = (
        line(one).replace(",,", f",{int(mine):.5E},", 1),
        line(two).replace(",,", ",1.23457E+11,", 1),
    )
    import_ = add(contoso, *rows)
    said = [note["message"] for number in (1, 2) for note in row(import_, number).notes]
    assert ["the one in the hash is used" in said[0], "left out" in said[1]] == [True, True]
    keys = AutopilotDevice.objects.of(contoso).values_list("serial_number", "product_key")
    assert dict(keys) == {one.serial: mine, two.serial: two.product_key_id}


def test_rows_shifted_against_each_other_are_said_to_be(contoso: Tenant) -> None:
    some = machines(4)
    serials = [str(machine.serial) for machine in some]
    shifted = [
        line(machine, serial=serial) for machine, serial in zip(some, serials[1:] + serials[:1], strict=True)
    ]
    import_ = check(contoso, *shifted)
    found = row(import_, 1)
    assert verdicts(import_) == ["needs_decision"] * 4
    assert found.decision == "shifted"
    assert "4 rows are shifted" in found.reason
    assert "row 2" in found.reason


def test_a_replaced_board_needs_a_decision(contoso: Tenant) -> None:
    [machine] = machines(1)
    add(contoso, line(machine))
    found = row(check(contoso, line(synthetic.recapture(machine, at=LATER, new_board=9))))
    assert (found.verdict, found.decision) == ("needs_decision", "replaced_board")
    assert found.existing_device == AutopilotDevice.objects.of(contoso).get().pk


def test_a_replaced_board_of_another_tenants_device_is_simply_new(contoso: Tenant, fabrikam: Tenant) -> None:
    [machine] = machines(1)
    add(fabrikam, line(machine))
    found = row(check(contoso, line(synthetic.recapture(machine, at=LATER, new_board=9))))
    assert (found.verdict, found.existing_tenant, found.existing_device) == ("new", None, None)


def test_a_tag_too_long_to_keep_needs_a_decision(contoso: Tenant) -> None:
    found = row(check(contoso, line(machines(1)[0], tag="x" * 600)))
    assert (found.verdict, found.decision, found.group_tag) == ("needs_decision", "unusable_value", "")


def test_a_tag_of_two_lines_needs_a_decision_as_no_device_may_have_it(contoso: Tenant) -> None:
    found = row(check(contoso, line(machines(1)[0], tag='"two\nlines"')))
    assert (found.verdict, found.decision, found.group_tag) == ("needs_decision", "unusable_value", "")
    assert "line breaks" in found.reason


@pytest.mark.parametrize("tag", ["two\nlines", "x" * 600])
def test_no_default_tag_is_taken_that_no_device_may_have(contoso: Tenant, tag: str) -> None:
    with pytest.raises(uploading.UploadRefused, match="group tag may"):
        check(contoso, line(machines(1)[0]), options=Options(default_group_tag=tag))
    import_ = check(contoso, line(machines(1)[0]))
    with pytest.raises(editing.BadValue):
        planning.change_options(import_=import_, options=Options(default_group_tag=tag))


def test_a_generic_serial_is_a_warning(contoso: Tenant) -> None:
    machine = synthetic.machine(seed=1, serial="Default string")
    found = row(check(contoso, line(machine)))
    assert found.verdict == "new"
    assert [each["code"] for each in found.warnings] == ["generic_serial"]


def test_a_hash_of_unusual_size_is_noted(contoso: Tenant) -> None:
    found = row(check(contoso, line(replace(machines(1)[0], size=3500))))
    assert (found.verdict, [each["code"] for each in found.notes]) == ("new", ["unusual_hash"])


def test_unknown_users_and_foreign_domains_are_warnings(contoso: Tenant) -> None:
    VerifiedDomain.objects.create(tenant=contoso, name="contoso.example")
    factories.make_directory_user(contoso, "Known@contoso.example")
    one, two, three = machines(3)
    import_ = check(
        contoso,
        line(one, user="known@CONTOSO.example"),
        line(two, user="nobody@contoso.example"),
        line(three, user="someone@elsewhere.example"),
    )
    codes = [[each["code"] for each in row(import_, number).warnings] for number in (1, 2, 3)]
    assert codes == [[], ["unknown_user"], ["unverified_domain", "unknown_user"]]


def test_a_personal_device_with_the_serial_is_a_warning_that_names_814(contoso: Tenant) -> None:
    [machine] = machines(1)
    EntraDevice.objects.create(
        tenant=contoso, display_name="PC", serial_number=machine.serial, trust_type="Workplace"
    )
    [warning] = row(check(contoso, line(machine))).warnings
    assert (warning["code"], warning["service_code"]) == ("registered_device", 814)


def test_repairs_are_noted_and_do_not_refuse(contoso: Tenant) -> None:
    [machine] = machines(1)
    text = encode_base64(machine)
    found = row(check(contoso, line(machine, hash_=f"{text[:76]} {text[76:]}")))
    assert found.verdict == "new"
    assert found.notes


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(), "already_registered"),
        (Options(updates_user=True), "unchanged"),
        (Options(updates_group_tag=True), "update"),
    ],
)
def test_the_boxes_decide_about_devices_that_are_here(
    contoso: Tenant, options: Options, expected: str
) -> None:
    [machine] = machines(1)
    add(contoso, line(machine, tag="OLD"))
    import_ = check(contoso, line(machine, tag="NEW"), options=options)
    assert verdicts(import_) == [expected]
    assert row(import_).changes == ({"group_tag": ["OLD", "NEW"]} if expected == "update" else {})
    assert import_.overwrite_count == (expected == "update")


def test_an_empty_cell_never_clears(contoso: Tenant) -> None:
    [machine] = machines(1)
    add(contoso, line(machine, tag="OLD", user="a@contoso.example"))
    import_ = check(contoso, line(machine), options=Options(updates_group_tag=True, updates_user=True))
    assert verdicts(import_) == ["unchanged"]


def test_changed_options_settle_the_plan_anew(contoso: Tenant) -> None:
    [machine] = machines(1)
    add(contoso, line(machine, tag="OLD"))
    import_ = check(contoso, line(machine))
    import_ = planning.change_options(
        import_=import_, options=Options(default_group_tag="KIOSK", updates_group_tag=True)
    )
    assert import_.verdicts == {"update": 1}
    assert row(import_).changes == {"group_tag": ["OLD", "KIOSK"]}
    import_ = planning.change_options(import_=import_, options=Options())
    assert import_.verdicts == {"already_registered": 1}


def test_a_differing_serial_blocks_an_update_but_not_a_device_left_alone(contoso: Tenant) -> None:
    [machine] = machines(1)
    add(contoso, line(machine, tag="OLD"))
    wrong = line(machine, serial="TEST-OTHER", tag="NEW")
    assert verdicts(check(contoso, wrong)) == ["already_registered"]
    assert verdicts(check(contoso, wrong, options=Options(updates_group_tag=True))) == ["needs_decision"]


def test_most_machines_of_another_administered_tenant_ask_for_the_name(
    contoso: Tenant, fabrikam: Tenant, admin: User
) -> None:
    some = machines(3)
    add(fabrikam, *map(line, some[:2]))
    import_ = check(contoso, *map(line, some), actor=Actor(user=admin))
    assert import_.needs_tenant_typed
    assert import_.foreign_tenant_reason == "devices"


def test_most_domains_of_another_administered_tenant_ask_for_the_name(
    contoso: Tenant, fabrikam: Tenant, admin: User
) -> None:
    VerifiedDomain.objects.create(tenant=fabrikam, name="fabrikam.example")
    one, two = machines(2)
    import_ = check(
        contoso,
        line(one, user="a@fabrikam.example"),
        line(two, user="b@fabrikam.example"),
        actor=Actor(user=admin),
    )
    assert import_.foreign_tenant_reason == "domains"


def test_a_tenant_the_person_does_not_administer_is_not_hinted_at(
    contoso: Tenant, fabrikam: Tenant, intune_admin: User
) -> None:
    some = machines(2)
    add(fabrikam, *map(line, some))
    assert not check(contoso, *map(line, some), actor=Actor(user=intune_admin)).needs_tenant_typed


def test_another_tenants_registrations_never_show_in_changes(contoso: Tenant, fabrikam: Tenant) -> None:
    [machine] = machines(1)
    add(fabrikam, line(machine, tag="SECRET"))
    found = row(check(contoso, line(machine, tag="NEW"), options=Options(updates_group_tag=True)))
    assert found.changes == {}
    assert "SECRET" not in found.reason
