"""A device as a partner names it, from a file, a form or the API."""

import json
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from devices.registry.submissions import Named


@dataclass(frozen=True, slots=True)
class Line:
    """The texts of one device; refusal: why it cannot even be looked at. device_id: a known registration."""

    serial: str = ""
    product_key: str = ""
    hardware_hash: str = ""
    manufacturer: str = ""
    model: str = ""
    line: int = 0
    header: int = 0
    cells: tuple[str, ...] = ()
    refusal: str = ""
    device_id: str = ""

    @property
    def named(self) -> Named:
        """What the table of registration channels looks at."""
        return Named(
            serial=self.serial,
            product_key=self.product_key,
            manufacturer=self.manufacturer,
            model=self.model,
            has_hash=bool(self.hardware_hash),
        )

    @property
    def values(self) -> dict[str, Any]:
        """The columns of a stored row that come from the line."""
        return {
            "line": self.line,
            "header": self.header,
            "cells": list(self.cells),
            "serial_number": self.serial,
            "product_key": self.product_key,
            "manufacturer": self.manufacturer,
            "model": self.model,
        }

    @property
    def blob(self) -> bytes | None:
        """The bytes of the hash; None where the text is no base64."""
        text = self.hardware_hash.rstrip("=")
        try:
            return a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
        except (Base64Error, ValueError):
            return None


def digest_of(lines: Sequence[Line], *words: str) -> str:
    """What tells one upload from another: its devices as they are named, and its own texts.

    Devices that are known by their registration count as one: while they are removed there are fewer.
    """
    names = [
        (line.serial, line.product_key, line.hardware_hash, line.manufacturer, line.model)
        for line in lines
        if not line.device_id
    ]
    return sha256(json.dumps([words, names]).encode()).hexdigest()
