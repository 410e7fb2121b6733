"""How a secret that the machine made is kept: one SHA-256, since 256 random bits need no slow hash.

A slow one (argon2, for people's passwords) would give whoever knows a client's id a second of this
machine's time for every wrong guess.
"""

import hashlib
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher
from django.utils.crypto import constant_time_compare


class RandomSecretHasher(BasePasswordHasher):
    """Only for secrets of full entropy; settings.OAUTH2_PROVIDER names it, no password ever is."""

    algorithm = "random_sha256"

    def encode(self, password: str, salt: str) -> str:
        """algorithm$salt$digest."""
        digest = hashlib.sha256(f"{salt}{password}".encode("utf-8", "surrogatepass")).hexdigest()
        return f"{self.algorithm}${salt}${digest}"

    def decode(self, encoded: str) -> dict[str, Any]:
        """The parts of a stored secret."""
        algorithm, salt, digest = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the secret is the stored one."""
        return constant_time_compare(encoded, self.encode(password, self.decode(encoded)["salt"]))

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        """What may be shown of it."""
        return {"algorithm": self.algorithm}

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing: there is no work factor."""
