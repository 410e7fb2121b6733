"""Anticipated refusals: every "no" that Hangar says on purpose is a child of Refused."""

from typing import Any


class Refused(Exception):
    """A request that was understood and is refused.

    message: a sentence for the person (translated); code: a stable word for scripts; status: the
    HTTP status the doors answer with; context: values a template or an API envelope may show.
    """

    code = "refused"
    status = 400

    def __init__(self, message: Any, *, code: str | None = None, **context: Any) -> None:
        super().__init__(message)
        self.message = message
        self.context = context
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return str(self.message)


class Forbidden(Refused):
    """The person lacks a permission; `permission` names it."""

    code = "forbidden"
    status = 403

    def __init__(self, message: Any, *, permission: str, **context: Any) -> None:
        super().__init__(message, **context)
        self.permission = permission


class NotFound(Refused):
    """There is no such object where the person may look."""

    code = "not_found"
    status = 404


class Conflict(Refused):
    """Someone changed the object meanwhile, or it is busy."""

    code = "conflict"
    status = 409
