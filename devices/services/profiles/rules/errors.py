"""What is wrong with a rule, and where."""

from typing import Any

from django.utils.translation import gettext as _

from portal.errors import Refused

EXCERPT = 60


class BadRule(Refused):
    """A rule that cannot be read; the context holds line, column, excerpt and caret."""

    code = "bad_rule"

    def __init__(self, sentence: Any, *, text: str, start: int) -> None:
        line, column, excerpt, caret = locate(text, start)
        where = _("Line %(line)d, column %(column)d: %(sentence)s")
        super().__init__(
            where % {"line": line, "column": column, "sentence": sentence},
            field="rule_text",
            line=line,
            column=column,
            start=start,
            excerpt=excerpt,
            caret=caret,
            sentence=str(sentence),
        )


def locate(text: str, start: int) -> tuple[int, int, str, str]:
    """Line and column of a place, both from 1, the text around it, and a caret below it."""
    before = text[:start]
    line = before.count("\n") + 1
    begin = before.rfind("\n") + 1
    end = text.find("\n", start)
    row = text[begin : end if end >= 0 else len(text)].replace("\t", " ").rstrip("\r")
    column = start - begin
    left = max(column - EXCERPT // 2, 0)
    return line, column + 1, row[left : left + EXCERPT], " " * (column - left) + "^"
