"""Filters of list pages: each is one address parameter named as the field, repeated for several.

Built on django-filter; every filter also knows how its value reads as a removable pill.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NONE = "(none)"
MOST_VALUES = 50


class ManyWidget(forms.SelectMultiple):
    """Reads every non-blank value of the parameter."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """All values sent, blank ones left out."""
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [value.strip() for value in values if value.strip()]


class ManyField(forms.Field):
    """A list of short texts; too many or too long ones are refused."""

    widget = ManyWidget

    def clean(self, value: Any) -> list[Any]:
        """The values; raises ValidationError."""
        values = value or []
        if len(values) > MOST_VALUES:
            raise forms.ValidationError(_("At most %(most)d values at once.") % {"most": MOST_VALUES})
        for text in values:
            ProhibitNullCharactersValidator()(text)
            if len(text) > 200:
                raise forms.ValidationError(_("A value may have at most 200 characters."))
        return values


class DatesWidget(ManyWidget):
    """Keeps blank parts: the place says which is from and which is to."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """All values sent, blank ones included."""
        return data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])


class DatesField(ManyField):
    """From and to as two values or one `2026-01-01..2026-01-31`; either side may be open."""

    widget = DatesWidget

    def clean(self, value: Any) -> list[Any]:
        """[from, to], or an empty list; raises ValidationError."""
        parts = span(value or [])
        if len(parts) > 2:
            raise forms.ValidationError(_("A range has one first and one last day."))
        found = [_day(part) for part in parts]
        if len(found) == 2 and found[0] and found[1] and found[0] > found[1]:
            raise forms.ValidationError(_("The first day is after the last day."))
        return found if any(found) else []


def span(values: list[str]) -> list[str]:
    """The two texts of a date range, however it was sent."""
    parts = values[0].split("..") if len(values) == 1 else values
    return [part.strip() for part in parts] + [""] * (2 - len(parts))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 9000:
        raise forms.ValidationError(_("“%(text)s” is not a date like 2026-01-31.") % {"text": text[:40]})
    return found


class PillMixin:
    """How a filter's raw values read as pills: (text, the values left when it is removed)."""

    kind = "text"

    def pills(self, values: list[str], choices: dict[str, str]) -> list[tuple[str, list[str]]]:
        """One pill per value."""
        shown = [value for value in values if value.strip()]
        return [(choices.get(value, value), [other for other in shown if other != value]) for value in shown]


class PickFilter(PillMixin, django_filters.MultipleChoiceFilter):
    """One or several of fixed choices; `choices` may be a callable taking the request."""

    kind = "pick"

    def __init__(self, *, choices: Any, **options: Any) -> None:
        self.choices_of: Callable[[Any], Any] | None = (
            choices if callable(choices) and not hasattr(choices, "choices") else None
        )
        fixed = getattr(choices, "choices", choices)
        options.setdefault("widget", ManyWidget)
        super().__init__(choices=[] if self.choices_of else list(fixed), **options)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Rows whose field is one of the values; (none) stands for no value."""
        return _any_of(qs, self.field_name, value) if value else qs


class ValuesFilter(PillMixin, django_filters.Filter):
    """One or several exact texts, with suggestions: a callable taking the request.

    without: the word of a box that asks for rows without any value.
    """

    kind = "values"
    field_class = ManyField

    def __init__(
        self,
        *,
        suggestions: Callable[[Any], Iterable[str]] | None = None,
        without: Any = "",
        **options: Any,
    ) -> None:
        self.suggestions, self.without = suggestions, without
        super().__init__(**options)

    def pills(self, values: list[str], choices: dict[str, str]) -> list[tuple[str, list[str]]]:
        """One pill per value; rows without any by their word."""
        return super().pills(values, {NONE: str(self.without)} if self.without else choices)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Rows whose field is one of the values; (none) stands for no value."""
        return _any_of(qs, self.field_name, value) if value else qs


class YesNoFilter(PickFilter):
    """Yes or no: a boolean field, or whether the field has a value (`is_presence`)."""

    def __init__(self, *, is_presence: bool = False, **options: Any) -> None:
        self.is_presence = is_presence
        words = options.pop("choices", [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))])
        super().__init__(choices=words, **options)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Both words together ask for everything."""
        if len(set(value or [])) != 1:
            return qs
        is_yes = value[0] == "yes"
        if not self.is_presence:
            return qs.filter(**{self.field_name: is_yes})
        return (
            qs.exclude(_nothing(qs, self.field_name)) if is_yes else qs.filter(_nothing(qs, self.field_name))
        )


class DateRangeFilter(PillMixin, django_filters.Filter):
    """Days from and to, both included, in the reader's time zone."""

    kind = "dates"
    field_class = DatesField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Rows whose moment lies in the days."""
        if not value:
            return qs
        start, end = value[0], value[1]
        if start:
            qs = qs.filter(**{f"{self.field_name}__gte": _midnight(start)})
        if end:
            qs = qs.filter(**{f"{self.field_name}__lt": _midnight(end) + timedelta(days=1)})
        return qs

    def pills(self, values: list[str], choices: dict[str, str]) -> list[tuple[str, list[str]]]:
        """One pill for the range."""
        parts = span(values)
        if not any(parts):
            return []
        start, end = (_words(part) for part in parts[:2])
        if start and end:
            return [(f"{start} – {end}", [])]
        text = _("from %(day)s") % {"day": start} if start else _("until %(day)s") % {"day": end}
        return [(text, [])]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _words(text: str) -> str:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    return day.isoformat() if day else text


def _nothing(qs: QuerySet[Any], name: str) -> Q:
    field = _field(qs, name)
    is_text = field is not None and field.get_internal_type() in ("CharField", "TextField")
    absent = Q(**{f"{name}__isnull": True})
    return absent | Q(**{name: ""}) if is_text else absent


def _field(qs: QuerySet[Any], name: str) -> Any:
    model: Any = qs.model
    field: Any = None
    for step in name.split("__"):
        if model is None:
            return None
        field = model._meta.get_field(step)
        model = getattr(field, "related_model", None)
    return field


def _any_of(qs: QuerySet[Any], name: str, values: list[str]) -> QuerySet[Any]:
    real = [value for value in values if value != NONE]
    wanted = Q(**{f"{name}__in": real}) if real else Q()
    return qs.filter(wanted | _nothing(qs, name)) if NONE in values else qs.filter(wanted)


class BladeFilterSet(django_filters.FilterSet):
    """The filters of a list page; declare PickFilter, ValuesFilter, YesNoFilter, DateRangeFilter."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for each in self.filters.values():
            choices_of = getattr(each, "choices_of", None)
            if choices_of is not None:
                each.extra["choices"] = list(choices_of(self.request))
