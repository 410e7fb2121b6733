"""HashFault: why a text is not a sound hardware hash, in words an administrator understands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """The named faults, in the order in which they are looked for."""

    TOO_LARGE = "too_large"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    NOT_BASE64 = "not_base64"
    NOT_A_HASH = "not_a_hash"
    BAD_LENGTH = "bad_length"
    BAD_RECORD = "bad_record"
    NO_CHECKSUM = "no_checksum"
    WRONG_CHECKSUM = "wrong_checksum"
    BAD_PADDING = "bad_padding"
    REPEATED_RECORD = "repeated_record"
    BAD_RECORD_SIZE = "bad_record_size"
    WRONG_TPM_ID = "wrong_tpm_id"
    WRONG_CORE_COUNT = "wrong_core_count"


@dataclass(frozen=True, slots=True)
class Remains:
    """What the start of a cut-off hash still tells; a field is None where the cut came before it."""

    total: int  # bytes that the header promises before the checksum
    tool_version: tuple[int, int, int, int] | None = None
    os_version: tuple[int, int, int, int] | None = None
    generated_at: datetime | None = None
    utc_offset_minutes: int | None = None


class HashFault(ValueError):
    """A hash that cannot be used.

    fault: its name; message: what is wrong and what to do; offset: byte offset in the decoded hash
    (for not_base64: character position in the text as given), None where no place can be named;
    remains: for truncated, what could still be read.
    """

    def __init__(
        self, fault: Fault, message: str, offset: int | None = None, *, remains: Remains | None = None
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message
        self.offset = offset
        self.remains = remains

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (self.fault, self.message, self.offset, self.remains)


def _rebuilt(fault: Fault, message: str, offset: int | None, remains: Remains | None) -> HashFault:
    return HashFault(fault, message, offset, remains=remains)
