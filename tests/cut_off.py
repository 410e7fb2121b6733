"""A process that dies in the middle of what it does, as far as the database can tell."""

from typing import NoReturn


class CutOff(BaseException):
    """Nothing after this line was done; no handler of ordinary errors sees it."""


def cut_off(*args: object, **options: object) -> NoReturn:
    """Stands in for the step during which the process dies."""
    raise CutOff
