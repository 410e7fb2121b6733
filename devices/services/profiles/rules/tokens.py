"""Rule text into tokens, each knowing where it stands."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from devices.services.profiles.rules.errors import BadRule

LONGEST_RULE = 3072
PUNCTUATION = "()[],"
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
CURLY = "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
BLANK = re.compile(r"[\s\u00a0]+")
OPERATOR = re.compile(rf"[{re.escape(DASHES)}]([A-Za-z]+)")
WORD = re.compile(r"[A-Za-z0-9_$.]+")


@dataclass(frozen=True, slots=True)
class Token:
    """kind: one of PUNCTUATION, text, operator, word or end; value: without quotes, escapes or hyphen."""

    kind: str
    value: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """The tokens of a rule, the last one of kind end; raises BadRule."""
    if len(text) > LONGEST_RULE:
        sentence = _("A rule may have at most 3,072 characters; this one has %(count)d.")
        raise BadRule(sentence % {"count": len(text)}, text=text, start=LONGEST_RULE)
    found: list[Token] = []
    place = 0
    while place < len(text):
        blank = BLANK.match(text, place)
        if blank:
            place = blank.end()
            continue
        token = _next(text, place)
        found.append(token)
        place = token.end
    return [*found, Token("end", "", len(text), len(text))]


def _next(text: str, place: int) -> Token:
    letter = text[place]
    if letter in PUNCTUATION:
        return Token(letter, letter, place, place + 1)
    if letter in "\"'":
        return _quoted(text, place)
    operator = OPERATOR.match(text, place)
    if operator:
        return Token("operator", operator[1], place, operator.end())
    word = WORD.match(text, place)
    if word:
        return Token("word", word[0], place, word.end())
    if letter in CURLY:
        raise BadRule(_("Curly quotes do not work: write straight ones."), text=text, start=place)
    if not letter.isprintable():
        raise BadRule(_("A character that cannot be seen stands here: remove it."), text=text, start=place)
    sentence = _("“%(letter)s” has no meaning here. A text stands in quotes.")
    raise BadRule(sentence % {"letter": letter}, text=text, start=place)


def _quoted(text: str, place: int) -> Token:
    """A text in quotes; a backtick escapes in double quotes, doubling in single ones."""
    quote, value, at = text[place], [], place + 1
    while at < len(text):
        letter, following = text[at], text[at + 1 : at + 2]
        if letter == "\0":
            raise BadRule(_("A character that cannot be seen stands here: remove it."), text=text, start=at)
        if quote == '"' and letter == "`" and following in ('"', "`"):
            value.append(following)
            at += 2
        elif letter == quote and quote == "'" and following == "'":
            value.append("'")
            at += 2
        elif letter == quote:
            return Token("text", "".join(value), place, at + 1)
        else:
            value.append(letter)
            at += 1
    raise BadRule(_("This quote is never closed."), text=text, start=place)


def quoted(text: str) -> str:
    """A text as a rule writes it, in double quotes."""
    escaped = text.replace("`", "``").replace('"', '`"')
    return f'"{escaped}"'
