"""
Lines as the tables of both faces show them, each word made and escaped once.

A template that makes fifty rows of words by filters takes four times as long as one that finds the words ready, and
escaping is what is left of its time then.
"""

from __future__ import annotations

import html

from django.utils.safestring import SafeString, mark_safe

from onhook.devices.models import Device
from onhook.devices.wanted import Line
from onhook.surfaces.web import words
from onhook.surfaces.web.templatetags.lines import channel_word, phone
from onhook.ui.templatetags import ui

_NAMED_AFTER, _NOBODY = mark_safe(", "), mark_safe("no worker")  # our own words


def of_line(
    line: Line | Device, *, url: str, is_going: bool = False, is_picked: bool = False, channel: str = ""
) -> dict[str, object]:
    """
    Return what a row says, by name, as safe HTML.

    :param url: of the line's page.
    :param is_going: an operation that deletes the line is under way.
    :param is_picked: its box is ticked.
    :param channel: who bills the line, as a code.
    """
    number, worker = _text(phone(line.number)), _text(line.worker)
    return {
        "pk": _text(str(line.pk)),
        "url": _text(url),
        "number": number,
        "worker": worker,
        "label": number + _NAMED_AFTER + (worker or _NOBODY),
        "model": _text(line.model),
        "badge": ui.badge(words.device(line, is_going=is_going)),
        "is_going": is_going,
        "is_picked": is_picked,
        "soc_code": _text(line.soc_code),
        "channel": _text(channel_word(channel)),
        "hold_reason": _text(line.hold_reason),
        "held_since": ui.day(line.held_at),
        "activated": ui.day(line.activated_at, "not yet"),
        "last_used": ui.ago(line.last_seen_at),
        "deleted": ui.moment(line.deleted_at, ""),
    }


def _text(text: str) -> SafeString:
    """Return a text as the template would have escaped it, at a third of the cost."""
    return mark_safe(html.escape(text))  # noqa: S308  # escaped here
