"""The device name template: what is refused, and that every name it makes is a Windows name."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.services.profiles import names


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("KIOSK %SERIAL%", "no blanks"),
        ("KIOSK_%SERIAL%", "letters, digits and hyphens"),
        ("KIOSK-%NAME%", "percent signs"),
        ("KIOSK-100%", "percent signs"),
        ("%RAND:0%", "1 to 15"),
        ("A%RAND:99%", "1 to 15"),
        ("KIOSK-%RAND:10%", "at most 15"),
        ("ABCDEFGHIJKLMNO%SERIAL%", "at most 15"),
        ("%SERIAL%%SERIAL%", "only once"),
        ("%RAND:8%", "all digits"),
        ("1234", "all digits"),
    ],
)
def test_a_bad_template_is_refused_with_the_reason(template, words):
    with pytest.raises(names.BadTemplate, match=words):
        names.check_template(template)


@pytest.mark.parametrize("template", ["", "KIOSK-%SERIAL%", "%SERIAL%", "PC%RAND:13%", "a-%rand:3%-%serial%"])
def test_a_good_template_passes(template):
    names.check_template(template)


def test_a_long_serial_is_cut_to_the_room_left():
    assert names.expand("KIOSK-%SERIAL%", serial="ABCDEFGHIJKLMNOP") == "KIOSK-ABCDEFGHI"


def test_characters_a_name_cannot_hold_are_left_out_of_the_serial():
    assert names.expand("K-%SERIAL%", serial="VMware-56 4d/ü") == "K-VMware-564d"


def test_a_serial_of_digits_alone_never_makes_a_name_of_digits():
    assert names.expand("%SERIAL%", serial="12345678") == "D-12345678"


def test_the_preview_is_an_example_and_stays_the_same():
    assert names.preview("KIOSK-%RAND:4%") == names.preview("KIOSK-%RAND:4%") == "KIOSK-7391"


pieces = st.sampled_from(
    ["%SERIAL%", "%RAND:3%", "%RAND:1%", "%serial%", "A", "7", "-", "Kiosk", " ", "%", "ü"]
)


@given(st.lists(pieces, max_size=6).map("".join), st.text(max_size=40))
def test_every_name_of_an_accepted_template_is_a_windows_name(template, serial):
    try:
        names.check_template(template)
    except names.BadTemplate:
        return
    name = names.expand(template, serial=serial)
    assert re.fullmatch(r"[A-Za-z0-9-]{0,15}", name)
    assert not name.isdigit()
