"""One-time links: the secret travels in the address, only its SHA-256 is kept."""

import hashlib
import secrets

from django.conf import settings


def new_token() -> str:
    """A secret of 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is stored of a token: 64 hexadecimal characters."""
    return hashlib.sha256(token.encode()).hexdigest()


def absolute(path: str) -> str:
    """A path below the installation's public address."""
    return f"{settings.PUBLIC_URL}{path}"
