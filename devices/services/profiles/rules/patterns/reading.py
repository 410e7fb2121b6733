"""Pattern text into its tree; what is left out is refused with the reason and the place."""

from django.utils.translation import gettext as _

from devices.services.profiles.rules.patterns import (
    DEEPEST,
    LONGEST_REPEAT,
    MOST_STATES,
    Edge,
    Either,
    Letters,
    Part,
    Pattern,
    Repeat,
    Row,
    letters,
    size,
)

NEW_LINE = (10, 10)
DIGITS = [(48, 57)]
# the scripts group tags are written in: Latin, Greek and Cyrillic
WORDS = [(48, 57), (65, 90), (95, 95), (97, 122), (0xAA, 0xAA), (0xB5, 0xB5), (0xBA, 0xBA), (0xC0, 0xD6)]
WORDS += [(0xD8, 0xF6), (0xF8, 0x24F), (0x370, 0x3FF), (0x400, 0x52F)]
BLANKS = [(9, 13), (32, 32), (0xA0, 0xA0)]
CLASSES = {"d": DIGITS, "w": WORDS, "s": BLANKS}
CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
QUANTIFIERS = {"*": (0, None), "+": (1, None), "?": (0, 1)}


class BadPattern(ValueError):
    """A pattern that cannot be used; `place` is the letter it fails at."""

    def __init__(self, sentence: str, place: int) -> None:
        super().__init__(sentence)
        self.place = place


def read(text: str) -> Pattern:
    """The pattern; raises BadPattern."""
    reader = _Reader(text.removeprefix("(?i)"), len(text) - len(text.removeprefix("(?i)")))
    tree = reader.either(0)
    if not reader.is_at_end:
        raise reader.wrong(_("This parenthesis closes nothing. Write \\) for the letter itself."))
    if size(tree) > MOST_STATES:
        raise BadPattern(_("This pattern is too large: use smaller repeats."), 0)
    return Pattern(text, tree)


class _Reader:
    """A place in a pattern, moving forward."""

    def __init__(self, text: str, offset: int) -> None:
        self.text, self.offset, self.place = text, offset, 0

    @property
    def is_at_end(self) -> bool:
        return self.place >= len(self.text)

    @property
    def letter(self) -> str:
        """The letter here, empty at the end."""
        return self.text[self.place : self.place + 1]

    def wrong(self, sentence: str, place: int | None = None) -> BadPattern:
        return BadPattern(sentence, self.offset + (self.place if place is None else place))

    def take(self, text: str) -> bool:
        """Move on behind the text if it stands here."""
        if not self.text.startswith(text, self.place):
            return False
        self.place += len(text)
        return True

    def either(self, depth: int) -> Part:
        if depth > DEEPEST:
            raise self.wrong(_("This pattern has too many parentheses inside each other."))
        branches = [self.row(depth)]
        while self.take("|"):
            branches.append(self.row(depth))
        return branches[0] if len(branches) == 1 else Either(tuple(branches))

    def row(self, depth: int) -> Part:
        parts: list[Part] = []
        while not self.is_at_end and self.letter not in "|)":
            parts.append(self.repeated(depth))
        return Row(tuple(parts))

    def repeated(self, depth: int) -> Part:
        start = self.place
        part = self.one(depth)
        limits = self.quantifier()
        if limits is None:
            return part
        if isinstance(part, Edge):
            raise self.wrong(_("^ and $ cannot be repeated."), start)
        self.take("?")  # lazy or not, a text matches or it does not
        if self.letter and self.letter in "*+?":
            raise self.wrong(_("Nothing to repeat here."))
        return Repeat(part, *limits)

    def quantifier(self) -> tuple[int, int | None] | None:
        if self.letter and self.letter in QUANTIFIERS:
            self.place += 1
            return QUANTIFIERS[self.text[self.place - 1]]
        if self.letter != "{":
            return None
        start, end = self.place, self.text.find("}", self.place)
        least, comma, most = self.text[start + 1 : max(end, start)].partition(",")
        if end < 0 or not _is_number(least) or not (most == "" or _is_number(most)):
            raise self.wrong(_("Expected a count such as {3} or {1,5}. Write \\{ for the letter itself."))
        low = int(least)
        high = None if comma and not most else int(most or least)
        if (high or low) > LONGEST_REPEAT or (high is not None and high < low):
            raise self.wrong(_("A repeat counts up to 255, the smaller number first."))
        self.place = end + 1
        return low, high

    def one(self, depth: int) -> Part:
        """One letter, set, edge or group."""
        start, letter = self.place, self.letter
        self.place += 1
        match letter:
            case "(":
                return self.group(depth, start)
            case "[":
                return self.set(start)
            case "^" | "$":
                return Edge(letter == "^")
            case ".":
                return letters([NEW_LINE], negated=True)
            case "\\":
                return self.escape(start)
            case "*" | "+" | "?" | "{":
                raise self.wrong(_("Nothing to repeat here."), start)
            case _:
                return letters([(ord(letter),) * 2])

    def group(self, depth: int, start: int) -> Part:
        if self.take("?") and not self.take(":"):
            if self.letter in ("=", "!") or self.text[self.place : self.place + 2] in ("<=", "<!"):
                raise self.wrong(
                    _("Look-ahead and look-behind are not allowed: they can take for ever."), start
                )
            raise self.wrong(_("Only plain groups (…) and (?:…) are allowed."), start)
        inner = self.either(depth + 1)
        if not self.take(")"):
            raise self.wrong(_("This parenthesis is never closed."), start)
        return inner

    def escape(self, start: int) -> Letters:
        """A class such as \\d, or one letter taken as it is."""
        letter = self.letter
        if letter.lower() in CLASSES and letter:
            self.place += 1
            return letters(CLASSES[letter.lower()], negated=letter.isupper())
        return letters([(self.escaped(start),) * 2])

    def escaped(self, start: int) -> int:
        letter = self.letter
        self.place += 1
        if not letter:
            raise self.wrong(_("A backslash at the end escapes nothing."), start)
        if letter.isdigit() or letter == "k":
            raise self.wrong(_("Back references are not allowed: they can take very long."), start)
        if letter in CONTROLS:
            return ord(CONTROLS[letter])
        if letter.isalnum():
            raise self.wrong(_("\\%(letter)s is not supported.") % {"letter": letter}, start)
        return ord(letter)

    def set(self, start: int) -> Letters:
        """Letters in brackets."""
        negated, ranges = self.take("^"), []
        is_first = True
        while is_first or self.letter != "]":
            if self.is_at_end:
                raise self.wrong(_("This bracket is never closed."), start)
            is_first = False
            ranges += self.range()
        self.place += 1
        return letters(ranges, negated=negated)

    def range(self) -> list[tuple[int, int]]:
        start = self.place
        if self.text.startswith("-[", start):
            raise self.wrong(_("Sets cannot be taken from each other. Write \\[ for the letter itself."))
        low = self.member()
        if isinstance(low, list) or self.letter != "-" or self.text.startswith("-]", self.place):
            return low if isinstance(low, list) else [(low, low)]
        self.place += 1
        high = self.member()
        if isinstance(high, list) or high < low:
            raise self.wrong(_("This range has no letters in it: the smaller one comes first."), start)
        return [(low, high)]

    def member(self) -> int | list[tuple[int, int]]:
        """One letter of a set, or all letters of a class."""
        start, letter = self.place, self.letter
        self.place += 1
        if letter == "[" and self.letter in (":", ".", "="):
            raise self.wrong(_("Named sets such as [:alpha:] are not supported."), start)
        if letter != "\\":
            return ord(letter)
        if self.letter and self.letter.lower() in CLASSES:
            word = self.letter
            self.place += 1
            return list(letters(CLASSES[word.lower()], negated=word.isupper()).ranges)
        return self.escaped(start)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4
