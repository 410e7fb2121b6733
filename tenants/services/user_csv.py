"""CSV import of directory users: read as a stream, checked whole, then saved in one transaction."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from portal.errors import Conflict, Refused
from portal.ui.formula_guard import unguard_formula
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor
from tenants.services import audit
from tenants.services.directory_users import BadUserPrincipalName, checked_upn

MOST_ROWS = 50_000
MOST_BYTES = 20 * 1024 * 1024
MOST_ERRORS = 100
LONGEST_CELL = 1024
BATCH = 1000

HEADERS = {
    "userprincipalname": "upn",
    "upn": "upn",
    "username": "upn",
    "email": "upn",
    "displayname": "name",
    "name": "name",
    "licensed": "licensed",
    "licensedforintune": "licensed",
    "islicensed": "licensed",
    "licenses": "licensed",
    "licences": "licensed",
    "licenced": "licensed",
}
NO = frozenset(["false", "no", "0", "n", "unlicensed", "none"])


class BadFile(Refused):
    """The file as a whole cannot be read."""

    code = "bad_file"


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one line (counted from 1, the header included)."""

    line: int
    message: str


class BadRows(Refused):
    """Some rows are wrong, so nothing was saved; `errors` lists the first MOST_ERRORS."""

    code = "bad_rows"

    def __init__(self, message: Any, *, errors: list[RowError]) -> None:
        super().__init__(message, errors=errors)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class UserRow:
    """One checked row; None means that the cell was empty and changes nothing."""

    upn: str
    name: str | None
    licensed: bool | None


@dataclass(slots=True)
class Outcome:
    """How many users were added, updated and left as they were."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    targets: list[audit.Target] = field(default_factory=list)


def import_users(*, tenant: Tenant, actor: Actor, file: IO[bytes]) -> Outcome:
    """Add and update users from a CSV; all or nothing.

    Raises BadFile, BadRows, or Conflict when somebody added one of them at the same moment.
    """
    rows = list(read(file))
    outcome = Outcome()
    try:
        with transaction.atomic():
            for start in range(0, len(rows), BATCH):
                _save(tenant, rows[start : start + BATCH], outcome)
            if outcome.targets:
                audit.record(tenant=tenant, actor=actor, activity="user.imported", targets=outcome.targets)
    except IntegrityError as error:
        raise Conflict(_("Somebody changed these users meanwhile. Upload the file again.")) from error
    return outcome


def read(file: IO[bytes]) -> Iterator[UserRow]:
    """The checked rows of a file; raises BadFile or, after the last line, BadRows."""
    errors: list[RowError] = []
    seen: dict[str, int] = {}
    try:
        reader = csv.reader(_lines(file), delimiter=_delimiter(file))
        places = _places(next(reader, []))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(seen) + len(errors) >= MOST_ROWS:
                raise BadFile(_("The file has more than %(most)d rows.") % {"most": MOST_ROWS})
            row = _checked(cells, places, reader.line_num, seen, errors)
            if row is not None and not errors:
                yield row
    except (csv.Error, UnicodeError) as error:
        raise BadFile(_("The file is not readable as CSV text.")) from error
    if errors:
        sentence = _("Nothing was saved: correct these rows and upload the file again.")
        raise BadRows(sentence, errors=errors[:MOST_ERRORS])
    if not seen:
        raise BadFile(_("The file holds no users."))


def _checked(
    cells: list[str], places: dict[str, int], line: int, seen: dict[str, int], errors: list[RowError]
) -> UserRow | None:
    values = {
        name: unguard_formula(cells[at].strip()) if at < len(cells) else "" for name, at in places.items()
    }
    try:
        if any(len(value) > LONGEST_CELL or "\x00" in value for value in values.values()):
            raise BadFile(_("A cell is too long or holds a character that cannot be stored."))
        upn = checked_upn(values["upn"])
        earlier = seen.setdefault(upn.lower(), line)
        if earlier != line:
            raise BadFile(_("The same user is in line %(line)d already.") % {"line": earlier})
        name = values.get("name", "")
        if len(name) > 256:
            raise BadFile(_("The display name may have at most 256 characters."))
        return UserRow(upn, name or None, _licensed(values.get("licensed", "")))
    except (BadFile, BadUserPrincipalName) as error:
        if len(errors) < MOST_ERRORS:
            errors.append(RowError(line, str(error)))
        return None


def _licensed(text: str) -> bool | None:
    """Yes/no words, or Microsoft's own list of licence names (any name is a licence)."""
    word = text.lower()
    if not word:
        return None
    return word not in NO


def _places(header: list[str]) -> dict[str, int]:
    """Which column holds what; raises BadFile without a column of user principal names."""
    places: dict[str, int] = {}
    for at, title in enumerate(header[:200]):
        plain = "".join(letter for letter in title.lower() if letter.isalnum())
        name = HEADERS.get(plain)
        if name is not None:
            places.setdefault(name, at)
    if "upn" not in places:
        raise BadFile(_("The first line must name the columns: userPrincipalName, displayName, licensed."))
    return places


def _encoding(head: bytes) -> str:
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _lines(file: IO[bytes]) -> Iterable[str]:
    """The text lines, each at most a little longer than its cells may be."""
    text = _text(file)
    longest = 40 * LONGEST_CELL
    while line := text.readline(longest):
        if len(line) >= longest:
            raise BadFile(_("A line of the file is too long for a list of users."))
        yield line
    text.detach()


def _text(file: IO[bytes]) -> io.TextIOWrapper:
    file.seek(0, io.SEEK_END)
    if file.tell() > MOST_BYTES:
        raise BadFile(_("The file is larger than 20 MB."))
    file.seek(0)
    head = file.read(65536)
    if not head.strip():
        raise BadFile(_("The file is empty."))
    file.seek(0)
    raw = getattr(file, "file", file)
    return io.TextIOWrapper(raw, encoding=_encoding(head), newline="")


def _delimiter(file: IO[bytes]) -> str:
    """The separator that the header line uses most."""
    text = _text(file)
    first = text.readline(40 * LONGEST_CELL)
    text.detach()
    return max(",;\t", key=first.count)


def _save(tenant: Tenant, rows: list[UserRow], outcome: Outcome) -> None:
    names = [row.upn.lower() for row in rows]
    known = {
        user.user_principal_name.lower(): user
        for user in DirectoryUser.objects.of(tenant)
        .annotate(lowered=Lower("user_principal_name"))
        .filter(lowered__in=names)
        .order_by("pk")
        .select_for_update()
    }
    new = [_new(tenant, row) for row in rows if row.upn.lower() not in known]
    DirectoryUser.objects.bulk_create(new)
    outcome.targets += [_target(user, None, _values(user)) for user in new]
    changed = [user for row in rows if (user := _changed(known.get(row.upn.lower()), row, outcome))]
    DirectoryUser.unscoped.bulk_update(changed, ["display_name", "is_licensed", "revision"])
    outcome.added += len(new)
    outcome.updated += len(changed)
    outcome.unchanged += len(rows) - len(new) - len(changed)


def _new(tenant: Tenant, row: UserRow) -> DirectoryUser:
    return DirectoryUser(
        tenant=tenant,
        user_principal_name=row.upn,
        display_name=row.name or "",
        is_licensed=bool(row.licensed),
    )


def _changed(user: DirectoryUser | None, row: UserRow, outcome: Outcome) -> DirectoryUser | None:
    """The user with the row's values, if any differs."""
    if user is None:
        return None
    before = _values(user)
    user.display_name = user.display_name if row.name is None else row.name
    user.is_licensed = user.is_licensed if row.licensed is None else row.licensed
    after = _values(user)
    differing = [name for name in before if before[name] != after[name]]
    if not differing:
        return None
    user.revision += 1
    old, new = ({name: values[name] for name in differing} for values in (before, after))
    outcome.targets.append(_target(user, old, new))
    return user


def _values(user: DirectoryUser) -> dict[str, Any]:
    return {"display_name": user.display_name, "is_licensed": user.is_licensed}


def _target(user: DirectoryUser, before: dict[str, Any] | None, after: dict[str, Any] | None) -> audit.Target:
    label = user.user_principal_name
    return audit.Target(kind="directory_user", label=label, object_id=user.pk, before=before, after=after)
