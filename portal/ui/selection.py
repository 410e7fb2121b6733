"""The rows a command acts on: ticked ids, one row of a menu, or everything that matches."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from portal.errors import Refused

MATCHING = "matching"
MOST_IDS = 1000


class NothingSelected(Refused):
    """A command that acts on rows came without any."""

    code = "nothing_selected"


class BadSelection(Refused):
    """The selection names impossible ids or an address state that cannot be understood."""

    code = "bad_selection"


@dataclass(frozen=True, slots=True)
class Selection:
    """What was selected: `ids`, or everything that `query` (a list's query string) matches."""

    ids: tuple[str, ...] = ()
    is_matching: bool = False
    query: str = ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Name and value of the hidden inputs that carry the selection on."""
        if self.is_matching:
            return [("selection", MATCHING), ("query", self.query)]
        return [("selection", key) for key in self.ids]


def selection_of(request: HttpRequest) -> Selection:
    """The selection a request carries; raises NothingSelected or BadSelection."""
    sent = request.POST if request.method == "POST" else request.GET
    only = sent.getlist("only")
    ids = only or sent.getlist("selection")
    if MATCHING in ids:
        return Selection(is_matching=True, query=sent.get("query", ""))
    if not ids:
        raise NothingSelected(_("Select at least one row first."))
    if len(ids) > MOST_IDS:
        raise BadSelection(_("Select fewer rows, or everything that matches."))
    return Selection(ids=tuple(dict.fromkeys(ids)))


def limited(rows: QuerySet[Any], ids: tuple[str, ...]) -> QuerySet[Any]:
    """The rows with these keys; raises BadSelection for a key no row can have."""
    field = rows.model._meta.pk
    try:
        keys = [field.to_python(key) for key in ids]
        for key in keys:
            field.run_validators(key)
    except ValidationError as error:
        raise BadSelection(_("The selection could not be understood. Select again.")) from error
    return rows.filter(pk__in=keys)


def state_of(query: str) -> QueryDict:
    """A posted query string as address parameters; raises BadSelection when it is absurd."""
    if len(query) > 8000:
        raise BadSelection(_("The selection could not be understood. Select again."))
    return QueryDict(query)
