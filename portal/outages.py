"""Faults of the servers around Hangar, as refusals: they pass by themselves or by an operator's hand."""

import errno
import logging

from django.db import InterfaceError, OperationalError, connection
from django.utils.translation import gettext_lazy as _
from redis import RedisError

from portal.errors import Conflict, Refused

log = logging.getLogger(__name__)

RETRY_AFTER = 5
DEADLOCK = "40P01"
DISK_FULL = "53100"
FULL = (errno.ENOSPC, errno.EDQUOT)
UNWRITABLE = (errno.EROFS, errno.EACCES)
STOPPED = ("57P01", "57P02", "57P03")  # by an operator, by a crash, not yet started
NO_CONNECTION = "08"


class Unavailable(Refused):
    """A part of the installation does not answer."""

    code = "unavailable"
    status = 503


class DatabaseAway(Unavailable):
    """The database is not there: nothing can be read, a page's shell and the person included."""

    code = "database_away"


class StorageUnwritable(Unavailable):
    """Nothing can be stored: the disk is full, or may not be written to."""

    code = "storage_unwritable"


def as_refusal(error: BaseException | None) -> Refused | None:
    """What a person or script is told of such a fault, which the log names; None for every other error."""
    found = _refusal(error)
    if found is not None:
        log.warning("%s: %s", found.code, " ".join(str(error).split()))
    return found


def _refusal(error: BaseException | None) -> Refused | None:
    if is_database_away(error):
        sentence = _("Hangar's database does not answer, most likely because it is being restarted.")
        return DatabaseAway(sentence, retry_after=RETRY_AFTER)
    if isinstance(error, RedisError):
        return Unavailable(_("A part of Hangar does not answer right now. Try again in a minute."))
    if _state(error) == DEADLOCK:
        sentence = _("Somebody changed the same objects at the same moment. Nothing was saved; try again.")
        return Conflict(sentence, code="busy")
    number = error.errno if isinstance(error, OSError) else None
    if _state(error) == DISK_FULL or number in FULL:
        return StorageUnwritable(_("The server's disk is full. Nothing was saved; tell who operates it."))
    if number in UNWRITABLE:
        sentence = _("Hangar may not write to its own disk. Nothing was saved; tell who operates it.")
        return StorageUnwritable(sentence)
    return None


def is_database_away(error: BaseException | None) -> bool:
    """Whether the connection could not be made or was lost, and not what was asked of the database."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = _state(error)
    if state:
        return state in STOPPED or state.startswith(NO_CONNECTION)
    held = connection.connection
    return held is None or bool(held.closed)


def _state(error: BaseException | None) -> str:
    """The SQLSTATE of a database error; empty where there is none."""
    return getattr(getattr(error, "__cause__", None), "sqlstate", None) or ""
