"""Reading rules: both old spellings, precedence, quotes, lists, null, and refusals at their place."""

import pytest

from devices.services.profiles.rules import parser, templates, tokens, verdicts
from devices.services.profiles.rules.errors import BadRule

FACTS = {
    "accountEnabled": True,
    "deviceId": "6f1c7d7e-0000-4000-8000-000000000001",
    "deviceManufacturer": None,
    "deviceModel": "Book 14",
    "deviceOSType": "Windows",
    "deviceOSVersion": "10.0.26100.1",
    "deviceOwnership": "Company",
    "devicePhysicalIds": ("[ZTDID]:1", "[OrderID]:Kiosk-7"),
    "deviceTrustType": "AzureAd",
    "displayName": 'O\'Brien "PC"',
    "enrollmentProfileName": None,
    "managementType": "MDM",
    "objectId": "6f1c7d7e-0000-4000-8000-000000000002",
}


def fulfils(text, **facts):
    return verdicts.fulfils(parser.parse(text), FACTS | facts)


@pytest.mark.parametrize(
    "text",
    [
        '(device.devicePhysicalIDs -any (_ -startsWith "[ZTDid]"))',
        '(device.devicePhysicalIDs -any _ -contains "[ZTDId]")',
        'device.devicePhysicalIds -any (_ -eq "[OrderID]:KIOSK-7")',
        'device.devicePhysicalIds any (_ startsWith "[orderid]:kiosk")',
        "device.devicePhysicalIds -any (_ -match '^\\[OrderID\\]:KIOSK-\\d$')",
        'device.devicePhysicalIds -any (_ -startsWith "[OrderID]" -and _ -endsWith "7")',
        'device.devicePhysicalIds -all (_ -startsWith "[" -or _ -eq null)',
        'device.deviceModel -in ["Book 13", "book 14"]',
        'device.deviceModel -notIn ["Book 13"]',
        'device.deviceModel –eq "Book 14" –and device.deviceOSType –ne "Linux"',
        "device.displayName -eq 'O''Brien \"PC\"'",
        'device.displayName -eq "O\'Brien `"PC`""',
        'DEVICE.DEVICEOWNERSHIP -EQ "company"',
        "device.accountEnabled -eq true",
        "device.objectId -ne null",
        "device.deviceManufacturer -eq null",
        'device.deviceManufacturer -ne "Contoso"',
        'device.deviceManufacturer -notStartsWith ""',
        '-not device.deviceModel -eq "X" -and device.deviceOSType -eq "Windows"',
        'device.deviceModel -eq "X" -and device.deviceModel -eq "Y" -or device.deviceOSType -eq "Windows"',
        'device.deviceOSVersion -startsWith "10.0.2"',
        'device.deviceTrustType -eq "AzureAD"',
    ],
)
def test_these_rules_take_the_device(text):
    assert fulfils(text)


@pytest.mark.parametrize(
    "text",
    [
        'device.deviceModel -eq "X" -and (device.deviceModel -eq "Y" -or device.deviceOSType -eq "Windows")',
        '-not (device.deviceModel -eq "X" -or device.deviceOSType -eq "Windows")',
        'device.deviceManufacturer -eq ""',
        'device.deviceManufacturer -contains ""',
        'device.devicePhysicalIds -all (_ -startsWith "[ZTDID]")',
        'device.displayName -eq "null"',
        'device.deviceModel -match "^ook"',
    ],
)
def test_these_rules_do_not(text):
    assert not fulfils(text)


def test_all_holds_for_an_empty_collection_and_any_does_not():
    assert fulfils('device.devicePhysicalIds -all (_ -eq "x")', devicePhysicalIds=())
    assert not fulfils('device.devicePhysicalIds -any (_ -ne "x")', devicePhysicalIds=())


@pytest.mark.parametrize(
    ("text", "place", "part"),
    [
        ("", (1, 1), "Write a rule"),
        ("device.displayName", (1, 19), "an operator such as -eq"),
        ('device.displayName -eq\n  "A" -und x', (2, 7), "-and, -or or the end"),
        ('(device.displayName -eq "A"', (1, 28), "closing parenthesis"),
        ('device.displayName -eq "A', (1, 24), "never closed"),
        ("device.displayName -eq A", (1, 24), "a text in quotes, not “A”"),
        ("device.displayName -eq “A”", (1, 24), "Curly quotes"),
        ('device.displayName -in "A"', (1, 24), "a list such as"),
        ('device.displayName -in ["A" "B"]', (1, 29), "a comma"),
        ('device.displayName -eq ["A"]', (1, 24), "-in and -notIn only"),
        ("device.displayName -startsWith null", (1, 32), "null goes with -eq and -ne only"),
        ("device.displayName -not null", (1, 20), "write -eq null"),
        ('device.displayName -ge "A"', (1, 20), "dates of users"),
        ('device.accountEnabled -eq "yes"', (1, 27), "true or false"),
        ("device.accountEnabled -in [true]", (1, 23), "-eq and -ne only"),
        ('device.devicePhysicalIds -contains "[ZTDId]"', (1, 26), "-any or -all"),
        ('device.devicePhysicalIds -any ("x")', (1, 32), "the sign for an item"),
        ('_ -eq "x"', (1, 1), "stands for an item"),
        ('device.colour -eq "red"', (1, 1), "no attribute “colour”"),
        ("device.isRooted -eq true", (1, 1), "does not hold the attribute isRooted"),
        ('user.department -eq "Sales"', (1, 1), "not of users"),
        ('device.displayName -match "a(b"', (1, 27), "at letter 2: This parenthesis is never closed"),
        ('device.displayName -match "(?=a)"', (1, 27), "Look-ahead"),
        ('device.displayName -match "(a)\\1"', (1, 27), "Back references"),
        ('device.displayName -match "[a-z-[c]]"', (1, 27), "Sets cannot"),
        ('device.displayName -match "(a{200}){200}"', (1, 27), "too large"),
        ('device.displayName -match "(\\w?){100}"', (1, 27), "repeats of this rule"),
        ('device.displayName -match "' + "\\w*" * 160 + '"', (1, 27), "repeats of this rule"),
        (
            " -or ".join(f'device.deviceModel -match "(a?){{{n}}}"' for n in range(30, 40)),
            (1, 150),
            "repeats of",
        ),
        ("(" * 60 + "device.accountEnabled -eq true" + ")" * 60, (1, 41), "Too many parentheses"),
        ("device.accountEnabled -eq true" + " " * 3100, (1, 3073), "at most 3,072"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(text, place, part):
    with pytest.raises(BadRule) as caught:
        parser.parse(text)
    context = caught.value.context
    assert (context["line"], context["column"]) == place
    assert part in context["sentence"]
    assert context["caret"].endswith("^")


def test_the_caret_stands_below_the_place():
    with pytest.raises(BadRule) as caught:
        parser.parse('device.displayName -eq "A" -and\ndevice.colour -eq "red"')
    context = caught.value.context
    assert context["excerpt"].startswith("device.colour")
    assert context["caret"] == "^"


@pytest.mark.parametrize("value", ["KIOSK", 'a"b', "a`b", "a\\b", "Ä '"])
def test_a_ready_rule_holds_any_value(value):
    assert fulfils(templates.order_id(value), devicePhysicalIds=(f"[OrderID]:{value}",))
    assert tokens.tokenize(tokens.quoted(value))[0].value == value


def test_every_ready_rule_can_be_read():
    assert all(parser.parse(each.text) for each in templates.TEMPLATES)


@pytest.mark.parametrize("pattern", [".{255}", "^[A-Z]{3}-\\d{5}$", "x" * 1500, ".*a.*b.*c.*" * 10])
def test_ordinary_repeats_are_read(pattern):
    assert parser.parse(f"device.displayName -match '{pattern}'")


def test_a_rule_with_larger_repeats_that_was_kept_before_is_still_read():
    assert parser.parsed("device.displayName -match '(a?){255}'")


def test_a_pattern_that_backtracks_for_ever_elsewhere_answers_at_once_here():
    rule = 'device.displayName -match "^(a+)+$"'
    assert not fulfils(rule, displayName="a" * 250 + "!")


def test_a_verdict_names_each_clause_and_what_was_found():
    rule = 'device.devicePhysicalIds -any (_ -eq "[OrderID]:X") -and -not device.deviceModel -eq "Book 14"'
    verdict = verdicts.judge(parser.parse(rule), FACTS)
    any_, not_ = verdict.parts
    assert (verdict.word, verdict.holds, any_.word, any_.holds, any_.hits) == ("and", False, "any", False, ())
    assert any_.text == 'device.devicePhysicalIds -any (_ -eq "[OrderID]:X")'
    assert (not_.word, not_.parts[0].attribute, not_.parts[0].found) == ("not", "deviceModel", "Book 14")
