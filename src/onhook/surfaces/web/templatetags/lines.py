"""From records and stored codes to words and looks, the same in both faces. Loaded with `{% load lines %}`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django import template

from onhook.devices import numbers
from onhook.devices.models import Device
from onhook.devices.wanted import Counted, Line
from onhook.operations.models import Notice, Operation, OperationItem
from onhook.surfaces.web import words
from onhook.tenancy.models import User
from onhook.ui.states import Look

register = template.Library()


@register.filter
@lru_cache(maxsize=8192)
def phone(number: str) -> str:
    """Return an E.164 number as people write it."""
    return numbers.display(number)


@register.filter
def device_look(device: Device | Line, is_going: object = None) -> Look:
    """Return how a line stands; `is_going`: an operation that deletes it, or whether there is one."""
    return words.device(device, is_going=bool(is_going))


@register.filter
def operation_look(operation: Operation) -> Look:
    return words.operation(operation)


@register.filter
def item_look(item: OperationItem) -> Look:
    return words.ITEMS[item.state]


@register.filter
def item_word(state: str) -> str:
    return words.ITEMS[state].word


@register.filter
def notice_look(notice: Notice) -> Look:
    return words.notice(notice)


@register.filter
def level_look(level: str) -> Look:
    """Return the look of a precheck's level."""
    return words.LEVELS[level]


@register.filter
def channel_word(code: str) -> str:
    return words.CHANNELS.get(code, code)


@register.filter
def reason_word(code: str) -> str:
    return words.REASONS.get(code, code)


@register.filter
def how_checked_word(code: str) -> str:
    return words.HOW_CHECKED.get(code, code)


@register.filter
def role_word(code: str) -> str:
    return words.ROLES.get(code, code)


@register.filter
def step_word(name: str) -> str:
    return words.STEP_NAMES.get(name, name)


@register.filter
def shown_of(count: Counted, rows: Sequence[object]) -> str:
    """Return how many of how many are shown, such as `50 of 1,234 lines`."""
    total = str(count)
    return f"{len(rows):,} of {total} {'line' if total == '1' else 'lines'}"


@register.filter
def person_look(user: User) -> Look:
    return words.person(user)
