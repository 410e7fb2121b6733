"""The stories of a fleet: which machine, who signs in, what breaks; the same for the same seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from devices.hardware import synthetic
from devices.hardware.encode import encode_base64
from devices.hardware.identity import HardwareIdentity

HEADER = "Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User"
PERSONAL_OFFSET = 2_000_000  # seeds of the machines that nobody registers


class Fate(StrEnum):
    """What becomes of a machine beside the ordinary."""

    PLAIN = "plain"
    DISK = "disk"
    BOARD = "board"
    RESET = "reset"
    PREPARED = "prepared"


@dataclass(frozen=True, slots=True)
class Shares:
    """Percent of the registered machines; personal ones come on top."""

    unlicensed: int = 5
    deleted: int = 2
    personal: int = 5
    disk: int = 5
    board: int = 3
    reset: int = 5


@dataclass(frozen=True, slots=True)
class Story:
    """One machine. is_lost: its Entra object was deleted before its first start."""

    number: int
    seed: int
    user: str
    fate: Fate = Fate.PLAIN
    is_unlicensed: bool = False
    is_lost: bool = False
    is_personal: bool = False

    def hardware(self) -> HardwareIdentity:
        """The machine as it was made."""
        return synthetic.machine(seed=self.seed)


@dataclass(frozen=True, slots=True)
class People:
    """User principal names of the tenant's directory."""

    licensed: Sequence[str]
    unlicensed: Sequence[str]


def stories(*, seed: int, count: int, shares: Shares, people: People) -> list[Story]:
    """Registered machines first, then the personal ones."""
    found = [_registered(seed, number, shares, people) for number in range(count)]
    for number in range(count * shares.personal // 100):
        user = people.licensed[number % len(people.licensed)]
        machine = PERSONAL_OFFSET + seed + number
        found.append(Story(count + number, machine, user, is_personal=True))
    return found


def _registered(seed: int, number: int, shares: Shares, people: People) -> Story:
    rng = random.Random(f"story {seed} {number}")  # noqa: S311 - reproducible, not secret
    is_unlicensed = bool(people.unlicensed) and rng.randrange(100) < shares.unlicensed
    is_lost = not is_unlicensed and rng.randrange(100) < shares.deleted
    names = people.unlicensed if is_unlicensed else people.licensed
    return Story(
        number=number,
        seed=seed + number,
        user=names[number % len(names)],
        fate=Fate.PREPARED if is_lost and number % 2 else _fate(rng, shares),
        is_unlicensed=is_unlicensed,
        is_lost=is_lost,
    )


def _fate(rng: random.Random, shares: Shares) -> Fate:
    drawn = rng.randrange(100)
    for fate, share in ((Fate.DISK, shares.disk), (Fate.BOARD, shares.board), (Fate.RESET, shares.reset)):
        if drawn < share:
            return fate
        drawn -= share
    return Fate.PLAIN


def csv_lines(found: Sequence[Story], tags: Sequence[str]) -> Iterator[str]:
    """The import file of the registered machines; group tags by turns."""
    yield HEADER
    for story in found:
        if not story.is_personal:
            machine = story.hardware()
            yield f"{machine.serial},,{encode_base64(machine)},{tags[story.number % len(tags)]},"
