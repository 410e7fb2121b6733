"""As whom the embedded servers run, and a data folder which that user can enter."""

import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.env import CLONE

SHARED = Path("/var/lib/hangar")


class CannotStart(Exception):
    """One sentence that says why Hangar does not start."""


@dataclass(frozen=True)
class Account:
    """The user of the servers; uid and gid are None where it is the user of this process."""

    uid: int | None = None
    gid: int | None = None

    def can_enter(self, folder: Path) -> bool:
        """Whether the user may go into the folder, tried as that user."""
        return self.run(["/bin/sh", "-c", 'cd "$0"', str(folder)]) == 0

    def run(self, command: list[str]) -> int:
        """Exit status of a short command run as the user, 126 where it may not be started."""
        try:
            done = subprocess.run(command, capture_output=True, check=False, cwd="/", **self.identity())
        except PermissionError:
            return 126
        return done.returncode

    def identity(self) -> dict[str, Any]:
        """The arguments of Popen that drop to this user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or folder that we have just made to the user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """Ourselves, or as root `postgres` (else `nobody`): PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise CannotStart("Root needs a user `postgres` or `nobody` for the database to run as.")


def choose_data_folder(account: Account) -> Path:
    """Make and return the data folder.

    HANGAR_DATA, else `var/`; where the servers' user cannot enter the clone, a folder below
    /var/lib/hangar that `var/moved_to` points to. No existing folder's permissions are changed.
    """
    named = os.environ.get("HANGAR_DATA")
    if named:
        folder = (CLONE / Path(named).expanduser()).resolve()
        make_folder(folder, account)
        if not account.can_enter(folder):
            raise CannotStart(
                f"HANGAR_DATA={folder} cannot be entered by the user that runs the database: "
                "name a folder that others may enter."
            )
        return folder
    pointer = CLONE / "var" / "moved_to"
    if pointer.is_file():
        folder = Path(pointer.read_text().strip())
        make_folder(folder, account)
        return folder
    if account.uid is None or _reaches(account, CLONE / "var"):
        make_folder(CLONE / "var", account)
        return CLONE / "var"
    return _move_away(account, pointer)


def _reaches(account: Account, folder: Path) -> bool:
    return account.can_enter(folder if folder.exists() else folder.parent)


def _move_away(account: Account, pointer: Path) -> Path:
    digest = hashlib.sha256(str(CLONE).encode()).hexdigest()[:16]
    folder = SHARED / digest
    make_folder(folder, account)
    if not account.can_enter(folder):
        raise CannotStart(f"{folder} cannot be entered by the user that runs the database.")
    pointer.parent.mkdir(mode=0o700, exist_ok=True)
    pointer.write_text(f"{folder}\n")
    return folder


def make_folder(folder: Path, account: Account) -> None:
    """Make a folder that the servers' user may pass through and nobody else may list."""
    if folder.exists() and not folder.is_dir():
        raise CannotStart(f"{folder} is a file: name a folder.")
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(exist_ok=True)
        missing.chmod(0o700 if account.uid is None else 0o711)


def private_folder(folder: Path, account: Account | None = None) -> Path:
    """Make a folder of mode 0700, owned by the servers' user where an account is given."""
    if not folder.exists():
        folder.mkdir(mode=0o700)
        if account is not None:
            account.own(folder)
    return folder
