"""No token in a log: long unbroken texts, such as those of one-time links and hashes, are masked."""

import logging
import re
from typing import Any

from gunicorn.glogging import Logger

LONG = re.compile(r"[0-9A-Za-z_+-]{38,}")
MASK = "[masked]"


def masked(text: str) -> str:
    """The text without unbroken runs longer than an object's id (36 characters)."""
    return LONG.sub(MASK, text)


class MaskingFilter(logging.Filter):
    """Masks the message of a record before a handler writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes, masked."""
        record.msg, record.args = masked(record.getMessage()), None
        return True


class MaskingFormatter(logging.Formatter):
    """Masks the whole entry: the text of an exception may quote a row of the database."""

    def format(self, record: logging.LogRecord) -> str:
        """The entry with its traceback, masked."""
        return masked(super().format(record))


class AccessLog(Logger):
    """The web server's log of requests, whose addresses hold the tokens of invitations and resets."""

    def setup(self, cfg: Any) -> None:
        """Mask what the server says of requests that it cannot read, too."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(MaskingFormatter(self.error_fmt, self.datefmt))

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """The parts of a line, masked."""
        parts = super().atoms(resp, req, environ, request_time)
        return {name: masked(part) if isinstance(part, str) else part for name, part in parts.items()}
