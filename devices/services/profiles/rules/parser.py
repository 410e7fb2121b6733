"""Tokens into a tree; every refusal names the place and what was expected there."""

from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from devices.services.profiles.rules.attributes import (
    BY_NAME,
    NOT_HELD_BY_NAME,
    TEXT,
    TEXTS,
    YES_NO,
    Attribute,
)
from devices.services.profiles.rules.errors import BadRule
from devices.services.profiles.rules.patterns import MOST_REPEATED, Pattern, repeated
from devices.services.profiles.rules.patterns.reading import BadPattern, read
from devices.services.profiles.rules.tokens import Token, tokenize
from devices.services.profiles.rules.tree import OPERATORS, Comparison, Joined, Node, Not, Quantified, Value

DEEPEST = 40
BY_WORD = {word.lower(): word for word in OPERATORS}
OBJECT = "device."


def parse(text: str) -> Node:
    """The tree of a rule; raises BadRule."""
    return _tree(_Parser(text))


def _tree(parser: "_Parser") -> Node:
    if not parser.text.strip():
        raise BadRule(_("Write a rule, or choose one of the ready ones."), text=parser.text, start=0)
    tree = parser.either(0)
    if parser.here.kind != "end":
        raise parser.expected(_("-and, -or or the end of the rule"))
    return tree


@lru_cache(maxsize=4096)
def parsed(text: str) -> Node:
    """The tree of a rule that was accepted before; kept, as thousands of devices ask for it again."""
    return _tree(_Parser(text, most_repeated=None))


class _Parser:
    """A place in a rule, moving forward; `is_item`: inside the body of -any or -all.

    most_repeated: what the repeats of all its patterns may come to; None where they were accepted before.
    """

    def __init__(self, text: str, *, most_repeated: int | None = MOST_REPEATED) -> None:
        self.text, self.tokens, self.place, self.is_item = text, tokenize(text), 0, False
        self.repeated, self.most_repeated = 0, most_repeated

    @property
    def here(self) -> Token:
        return self.tokens[self.place]

    def next(self) -> Token:
        token = self.here
        self.place += 1
        return token

    def wrong(self, sentence: Any, token: Token | None = None) -> BadRule:
        return BadRule(sentence, text=self.text, start=(token or self.here).start)

    def expected(self, what: Any) -> BadRule:
        found = self.text[self.here.start : self.here.end][:30]
        if not found:
            return self.wrong(_("Expected %(what)s, but the rule ends here.") % {"what": what})
        return self.wrong(_("Expected %(what)s, not “%(found)s”.") % {"what": what, "found": found})

    def word(self) -> str:
        """The operator here in lower case, with or without its hyphen; empty for anything else."""
        return self.here.value.lower() if self.here.kind in ("operator", "word") else ""

    def since(self, start: int) -> str:
        """The text from a place up to here."""
        return self.text[start : self.tokens[self.place - 1].end]

    def either(self, depth: int) -> Node:
        return self.joined(depth, "or")

    def joined(self, depth: int, word: str) -> Node:
        """Parts with -or between them, each of parts with -and between them."""
        start, parts = self.here.start, []
        while True:
            parts.append(self.joined(depth, "and") if word == "or" else self.negated(depth))
            if self.word() != word:
                break
            self.next()
        return parts[0] if len(parts) == 1 else Joined(word == "and", tuple(parts), self.since(start))

    def negated(self, depth: int) -> Node:
        start, times = self.here.start, 0
        while self.word() == "not":
            self.next()
            times += 1
        part = self.primary(depth)
        return Not(part, self.since(start)) if times % 2 else part

    def primary(self, depth: int) -> Node:
        if self.here.kind == "(":
            return self.parenthesis(depth)
        if self.is_item:
            return self.item()
        attribute = self.attribute()
        if attribute.kind == TEXTS:
            return self.quantified(attribute, depth)
        return self.comparison(attribute)

    def parenthesis(self, depth: int) -> Node:
        opening = self.next()
        if depth >= DEEPEST:
            raise self.wrong(_("Too many parentheses inside each other."), opening)
        inner = self.either(depth + 1)
        if self.here.kind != ")":
            raise self.expected(_("-and, -or or a closing parenthesis"))
        self.next()
        return inner

    def attribute(self) -> Attribute:
        token = self.here
        name = token.value.lower()
        if token.kind == "word" and name == "_":
            raise self.wrong(_("_ stands for an item, inside the parentheses of -any or -all only."))
        if token.kind == "word" and name.startswith("user."):
            raise self.wrong(_("A rule of a device group reads attributes of devices, not of users."))
        if token.kind != "word" or not name.startswith(OBJECT):
            raise self.expected(_("an attribute such as device.displayName"))
        name = name.removeprefix(OBJECT)
        if name in NOT_HELD_BY_NAME:
            sentence = _("Hangar does not hold the attribute %(name)s, so a rule cannot read it.")
            raise self.wrong(sentence % {"name": NOT_HELD_BY_NAME[name]})
        if name not in BY_NAME:
            known = ", ".join(each.name for each in BY_NAME.values())
            sentence = _("A device has no attribute “%(name)s”. There are: %(known)s.")
            raise self.wrong(sentence % {"name": token.value[len(OBJECT) :], "known": known})
        self.next()
        return BY_NAME[name]

    def quantified(self, attribute: Attribute, depth: int) -> Node:
        start = self.tokens[self.place - 1].start
        word = self.word()
        if word not in ("any", "all"):
            sentence = _('-any or -all, as %(name)s holds several values: device.%(name)s -any (_ -eq "…")')
            raise self.expected(sentence % {"name": attribute.name})
        self.next()
        self.is_item = True
        body = self.parenthesis(depth) if self.here.kind == "(" else self.item()
        self.is_item = False
        return Quantified(attribute, word == "any", body, self.since(start))

    def item(self) -> Node:
        if self.here.kind != "word" or self.here.value != "_":
            raise self.expected(_("_, the sign for an item"))
        self.next()
        return self.comparison(None)

    def comparison(self, attribute: Attribute | None) -> Comparison:
        start = self.tokens[self.place - 1].start
        token, operator = self.here, BY_WORD.get(self.word())
        if operator is None:
            raise self.no_operator()
        self.next()
        if attribute is not None and attribute.kind == YES_NO and operator not in ("eq", "ne"):
            raise self.wrong(_("true and false go with -eq and -ne only."), token)
        value = self.value(attribute, operator, token)
        return Comparison(attribute, operator, value, self.since(start))

    def no_operator(self) -> BadRule:
        word = self.word()
        if word in ("le", "ge"):
            return self.wrong(_("-le and -ge compare dates of users; a device has none."))
        if word == "not":
            return self.wrong(_("-not stands before an expression. To ask for no value, write -eq null."))
        if word in ("any", "all"):
            return self.wrong(
                _("-any and -all need an attribute of several values: device.devicePhysicalIds.")
            )
        return self.expected(_("an operator such as -eq, -startsWith or -match"))

    def value(self, attribute: Attribute | None, operator: str, word: Token) -> Value:
        if operator in ("in", "notIn"):
            return self.texts()
        kind = attribute.kind if attribute is not None else TEXT
        token = self.here
        if token.kind == "word" and token.value.lower() in ("null", "$null"):
            if operator not in ("eq", "ne") or token.value.startswith("$"):
                raise self.wrong(_("null goes with -eq and -ne only, without a dollar sign."))
            self.next()
            return None
        if kind == YES_NO:
            return self.yes_or_no()
        text = self.quoted()
        if operator not in ("match", "notMatch"):
            return text
        return self.pattern(text, token)

    def pattern(self, text: str, token: Token) -> Pattern:
        """A pattern that can be matched in time, beside the others of the rule."""
        try:
            pattern = read(text)
        except BadPattern as fault:
            sentence = _("In this pattern, at letter %(place)d: %(sentence)s")
            values = {"place": fault.place + 1, "sentence": fault}
            raise self.wrong(sentence % values, token) from fault
        self.repeated += repeated(pattern.tree)
        if self.most_repeated is not None and self.repeated > self.most_repeated:
            raise self.wrong(_("The repeats of this rule's patterns are too large: use smaller ones."), token)
        return pattern

    def yes_or_no(self) -> bool:
        if self.here.kind not in ("word", "text") or self.here.value.lower() not in ("true", "false"):
            raise self.expected(_("true or false"))
        return self.next().value.lower() == "true"

    def quoted(self) -> str:
        if self.here.kind == "[":
            raise self.wrong(_("A list goes with -in and -notIn only."))
        if self.here.kind != "text":
            raise self.expected(_("a text in quotes"))
        return self.next().value

    def texts(self) -> tuple[str, ...]:
        """A list of texts in brackets."""
        if self.here.kind != "[":
            raise self.expected(_('a list such as ["A", "B"]'))
        found: list[str] = []
        while self.here.kind != "]":
            self.next()
            found.append(self.quoted())
            if self.here.kind not in (",", "]"):
                raise self.expected(_("a comma or a closing bracket"))
        self.next()
        return tuple(found)
