"""Case folding that Python and PostgreSQL agree on: one letter at a time, by its simple lower case."""

COLLATION = "hangar_fold"
DOTTED_I = "\u0130"  # the one letter whose lower case has two code points


def fold(text: str) -> str:
    """The text in lower case, letter by letter, as lower() under COLLATION."""
    return "".join(map(_letter, text)) if not text.isascii() else text.lower()


def _letter(letter: str) -> str:
    return "i" if letter == DOTTED_I else letter.lower()


def folded(column: str) -> str:
    """SQL: the column's text in lower case."""
    return f'lower({column} COLLATE "{COLLATION}")'
