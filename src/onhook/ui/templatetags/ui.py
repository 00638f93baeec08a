"""Template tags of the components. A page loads them with `{% load ui %}`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from onhook.ui import icons
from onhook.ui.states import TONE_ICONS, Look

register = template.Library()

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@register.simple_tag
def icon(name: str, size: int = 18) -> SafeString:
    """Return an icon of the lucide package."""
    return icons.svg(str(name), size)


@register.simple_tag
def turning(size: int = 16) -> SafeString:
    return icons.turning(size)


@register.simple_tag
def badge(look: Look) -> SafeString:
    """Return a state as icon, word and colour."""
    return _badge(look.tone, look.icon, look.word)


@lru_cache(maxsize=256)
def _badge(tone: str, icon_name: str, word: str) -> SafeString:
    drawn = icons.turning(14) if icon_name == "loader-circle" else icons.svg(icon_name, 14)
    return format_html('<span class="badge" data-tone="{}">{}{}</span>', tone, drawn, word)


@register.simple_block_tag
def notice(content: str, tone: str, title: str = "", icon: str = "") -> SafeString:
    """Return a box that says something the reader must not miss; `bad` and `warn` are announced."""
    role = "alert" if tone == "bad" else "status" if tone in ("ok", "warn") else "note"
    heading = format_html("<strong>{}</strong>", title) if title else ""
    return format_html(
        '<div class="notice" data-tone="{}" role="{}">{}<div>{}<div>{}</div></div></div>',
        tone,
        role,
        icons.svg(icon or TONE_ICONS[tone], 20),
        heading,
        mark_safe(content),  # noqa: S308  # what the template between the tags made, escaped there
    )


@register.simple_block_tag
def card(content: str, title: str = "", aside: str = "", id: str = "", plain: bool = False) -> SafeString:  # noqa: A002
    """Return a card; `plain` leaves out the padded body, for lists and tables that fill it."""
    inner: str = mark_safe(content)  # noqa: S308  # see `notice`
    if not plain:
        inner = format_html('<div class="body">{}</div>', inner)
    aside = format_html('<span class="muted small">{}</span>', aside) if aside else ""
    head = format_html("<header><h2>{}</h2>{}</header>", title, aside) if title else ""
    mark = format_html(' id="{}"', id) if id else ""
    return format_html('<section class="card"{}>{}{}</section>', mark, head, inner)


@register.filter
def thousands(value: int) -> str:
    """Return 1000000 as `1,000,000`."""
    return f"{value:,}"


@register.filter
def lines(count: int) -> str:
    """Return `1 line` or `3 lines`."""
    return "1 line" if count == 1 else f"{count:,} lines"


def _time(at: datetime, words: str) -> SafeString:
    """Return words about a time, with the time itself for machines and for whoever points at it."""
    # Put together by hand, as a list has a hundred of them: times and our own words hold nothing to escape.
    said = at.astimezone(UTC).isoformat()
    title = f"{said[:10]} {said[11:19]} UTC"
    return mark_safe(f'<time datetime="{said}" title="{title}" class="nowrap">{words}</time>')  # noqa: S308


@register.filter
def moment(at: datetime | None, empty: str = "never") -> str:
    """Return a time in full, in UTC, such as `22 Nov 2026, 03:41:07 UTC`."""
    if at is None:
        return empty
    return _time(at, f"{at.astimezone(UTC):%-d %b %Y, %H:%M:%S} UTC")


@register.filter
def day(at: datetime | None, empty: str = "never") -> str:
    """Return the day of a time in UTC, such as `22 Nov 2026`; the rest is in its title."""
    return empty if at is None else _time(at, _date(at.astimezone(UTC).date()))


@lru_cache(maxsize=4096)
def _date(day: date) -> str:
    return f"{day:%-d %b %Y}"


@register.filter
def clock(at: datetime | None) -> str:
    """Return the time of day in UTC, such as `03:41`."""
    return "" if at is None else _time(at, f"{at.astimezone(UTC):%H:%M}")


@register.filter
def ago(at: datetime | None, empty: str = "never") -> str:
    """Return how long ago a time is, such as `2 min ago`; the time itself is in its title."""
    return empty if at is None else _time(at, _span(int((datetime.now(UTC) - at).total_seconds())))


def _span(seconds: int) -> str:
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min ago"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h ago"
    days = seconds // _DAY
    return "1 day ago" if days == 1 else f"{days:,} days ago"


@register.filter
def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.inclusion_tag("ui/parts/field.html")
def field(bound: Any, wide: bool = False) -> dict[str, Any]:
    """Return a form's field with label, help and errors, tied together for readers."""
    return {"field": bound, "wide": wide}


@register.inclusion_tag("ui/parts/tabs.html")
def tabs(places: Any, label: str) -> dict[str, Any]:
    """Return tabs that are links (`navigation.Tab`)."""
    return {"tabs": places, "label": label}


@register.inclusion_tag("ui/parts/crumbs.html")
def crumbs(way: Any) -> dict[str, Any]:
    """Return the way to a page (`navigation.Crumb`)."""
    return {"crumbs": way}
