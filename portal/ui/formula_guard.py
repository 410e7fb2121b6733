"""The guard against formula injection: what an export writes, and how a reader takes it off again.

Rule: OWASP "CSV Injection": a cell that a spreadsheet would run as a formula gets a leading `'`.
"""

import re

_RISKY = re.compile(r"'*[=+\-@\t\r]")


def guard_formula(text: str) -> str:
    """The text as it is safe to open in a spreadsheet; exactly undone by `unguard_formula`."""
    return "'" + text if _RISKY.match(text) else text


def unguard_formula(text: str) -> str:
    """The text without the guard; text that carries no guard comes back as it is."""
    return text[1:] if text.startswith("'") and _RISKY.match(text) else text
