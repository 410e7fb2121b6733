"""Template tags of the kit: icons, moments, status dots, breadcrumbs, field wiring."""

from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.forms import BoundField
from django.forms.boundfield import BoundWidget
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from heroicons.templatetags.heroicons import heroicon_mini, heroicon_outline

from portal.ui.columns import time_element
from portal.ui.forms import described_by
from portal.ui.navigation import crumbs

register = template.Library()


@register.simple_tag
def icon(name: str, size: int = 20) -> str:
    """An inline SVG that screen readers skip; 16 pixels and less take the filled drawing."""
    return _drawn(name, size)


@register.simple_tag
def when(moment: datetime | None, empty: Any = "–") -> SafeString:
    """A moment in the person's time zone, or the given word."""
    if moment is None:
        return format_html('<span class="nothing">{}</span>', empty)
    return mark_safe(time_element(moment))  # noqa: S308


@register.simple_tag
def status(label: Any, tone: str = "neutral") -> SafeString:
    """A label with a status dot; tone is success, warning, danger, info or neutral."""
    return format_html('<span class="status" data-tone="{}">{}</span>', tone, label)


@cache
def _drawn(name: str, size: int) -> str:
    draw = heroicon_mini if size <= 16 else heroicon_outline
    return mark_safe(draw(name, size=size, aria_hidden="true", **{"class": "icon"}))  # noqa: S308


@register.simple_tag(takes_context=True)
def trail(context: dict[str, Any], steps: Any) -> list[tuple[str, str]]:
    """A declared breadcrumb as (label, address) pairs."""
    request: HttpRequest = context["request"]
    return crumbs(steps, request)


@register.simple_tag
def wired(field: BoundField) -> SafeString:
    """The field's input, tied to its help and error texts; no placeholder says the label again."""
    attributes: dict[str, Any] = {"placeholder": False}
    ids = described_by(field)
    if ids:
        attributes["aria-describedby"] = ids
    if field.errors:
        attributes["aria-invalid"] = "true"
    return field.as_widget(attrs=attributes)


@register.filter
def box(option: BoundWidget) -> SafeString:
    """An option's radio or check box, without the widget's templates: a form may hold hundreds."""
    data = option.data
    head = '<input type="{}" name="{}" value="{}"{}>'
    return format_html(head, data["type"], data["name"], data["value"], flatatt(data["attrs"]))


@register.filter
def input_kind(field: BoundField) -> str:
    """The kind of a field's input: checkbox, choices, file or text."""
    kinds = {
        "CheckboxInput": "checkbox",
        "RadioSelect": "choices",
        "CheckboxSelectMultiple": "choices",
        "ClearableFileInput": "file",
    }
    names = (each.__name__ for each in type(field.field.widget).__mro__)
    return next((kinds[name] for name in names if name in kinds), "text")


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds as `45 s`, `3 min` or `2 h 5 min`."""
    if seconds is None:
        return ""
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    minutes = whole // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
