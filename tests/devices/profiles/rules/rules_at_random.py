"""Hypothesis strategies of rules and of the objects they are evaluated on."""

from hypothesis import strategies as st

from devices.services.profiles.rules.attributes import HELD, TEXT, TEXTS, YES_NO
from devices.services.profiles.rules.tokens import quoted
from devices.services.profiles.rules.tree import OPERATORS

# Letters whose case is a trap: dotted and dotless i, both sigmas, sharp s, the Kelvin sign, digraphs.
LETTERS = st.sampled_from("aAbB1 -_:[]().*\\'\"`%{}|^$?+İıΣσςẞßKkſǅﬁÄäЖж🙂\u0345")
TEXTS_ = st.text(LETTERS, max_size=6)
WORDS = st.sampled_from(
    [
        "Company",
        "personal",
        "KIOSK",
        "kiosk",
        "[OrderID]:KIOSK",
        "[orderid]:kiosk",
        "[ZTDID]:1",
        "Windows",
        "",
    ]
)
VALUES = WORDS | TEXTS_
ATTRIBUTES = {kind: [each.name for each in HELD if each.kind == kind] for kind in (TEXT, TEXTS, YES_NO)}


PIECES = ["a", "B", ".", "\\d", "\\w", "\\S", "[a-z]", "[^A-C]", "[\\dÄ-]", "^", "$", "\\[", "Σ", "K", ""]


@st.composite
def patterns(draw, depth=2):
    """Texts of regular expressions, most of them valid."""
    if depth == 0:
        return draw(st.sampled_from(PIECES))
    inner = patterns(depth=depth - 1)
    word = draw(st.sampled_from(["row", "either", "group", "repeat", "leaf"]))
    if word == "row":
        return draw(inner) + draw(inner)
    if word == "either":
        return f"(?:{draw(inner)}|{draw(inner)})"
    if word == "group":
        return f"({draw(inner)})"
    if word == "repeat":
        return f"(?:{draw(inner)}x)" + draw(st.sampled_from(["*", "+", "?", "{2}", "{0,3}", "{1,}", "*?"]))
    return draw(patterns(depth=0))


@st.composite
def comparisons(draw, left):
    """One comparison of a text, or of an item."""
    operator = draw(st.sampled_from(OPERATORS))
    if operator in ("in", "notIn"):
        value = "[" + ", ".join(map(quoted, draw(st.lists(VALUES, min_size=1, max_size=3)))) + "]"
    elif operator in ("match", "notMatch"):
        value = quoted(draw(patterns()))
    elif operator in ("eq", "ne") and draw(st.integers(0, 4)) == 0:
        value = "null"
    else:
        value = quoted(draw(VALUES))
    return f"{left} -{operator} {value}"


@st.composite
def joined(draw, leaf, depth):
    """Expressions of leaves with -and, -or, -not and parentheses."""
    if depth == 0:
        return draw(leaf)
    inner = joined(leaf, depth - 1)
    word = draw(st.sampled_from(["leaf", "and", "or", "not", "parenthesis"]))
    if word in ("and", "or"):
        return f"{draw(inner)} -{word} {draw(inner)}"
    if word == "not":
        return f"-not ({draw(inner)})"
    return f"({draw(inner)})" if word == "parenthesis" else draw(leaf)


@st.composite
def clauses(draw):
    """One clause of a rule."""
    kind = draw(st.sampled_from([TEXT, TEXTS, TEXTS, YES_NO]))
    name = draw(st.sampled_from(ATTRIBUTES[kind]))
    if kind == YES_NO:
        return (
            f"device.{name} -{draw(st.sampled_from(['eq', 'ne']))} {draw(st.sampled_from(['true', 'False']))}"
        )
    if kind == TEXTS:
        body = draw(joined(comparisons("_"), 1))
        return f"device.{name} -{draw(st.sampled_from(['any', 'all']))} ({body})"
    return draw(comparisons(f"device.{name}"))


rules = joined(clauses(), 2)

fields = st.fixed_dictionaries(
    {
        "display_name": VALUES,
        "manufacturer": VALUES,
        "model": VALUES,
        "operating_system": WORDS,
        "os_version": VALUES,
        "management_type": st.sampled_from(["", "MDM"]),
        "enrollment_profile": VALUES,
        "trust_type": st.sampled_from(["", "AzureAd", "ServerAd"]),
        "is_enabled": st.booleans(),
        "is_company_owned": st.booleans(),
        "physical_ids": st.lists(VALUES, max_size=3),
    }
)
