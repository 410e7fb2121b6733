"""Rate limits: how often something may happen in a minute, counted in the shared cache."""

import time

from django.core.cache import cache
from django.utils.translation import gettext as _

from portal.errors import Refused

SECONDS = 60


class TooManyRequests(Refused):
    """Too often in too short a time; `retry_after` in the context says how many seconds to wait."""

    code = "too_many_requests"
    status = 429


def count(name: str, *, most: int) -> None:
    """Count one event under a name; raises TooManyRequests beyond `most` a minute."""
    now = time.time()
    window = int(now) // SECONDS
    key = f"rate:{name}:{window}"
    number = 1
    if not cache.add(key, 1, 2 * SECONDS):
        number = _increase(key)
    if number > most:
        wait = int((window + 1) * SECONDS - now) + 1
        sentence = _("Too many requests. Try again in %(seconds)d seconds.")
        raise TooManyRequests(sentence % {"seconds": wait}, retry_after=wait)


def _increase(key: str) -> int:
    """One more; a counter that expired at this moment begins anew."""
    try:
        return int(cache.incr(key))
    except ValueError:
        cache.set(key, 1, 2 * SECONDS)
        return 1
