"""The console's own words in templates. Loaded with `{% load csu %}`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template

from onhook.billing.channels import FactKind
from onhook.operations.models import Operation
from onhook.operations.vocabulary import Outcome
from onhook.surfaces.console import words
from onhook.tenancy.actor import Surface
from onhook.ui.states import Look

register = template.Library()


@register.filter
def sentence(reason: str) -> str:
    """Return a reason as a sentence of its own."""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}." if reason else ""


_BILLS: dict[str, Look] = {
    "known": Look("Known", "ok", "circle-check"),
    "not_known_yet": Look("Not known yet", "idle", "clock"),
    "needs_person": Look("A person will decide", "warn", "circle-question-mark"),
    "not_set_up": Look("Not set up", "idle", "unplug"),
}
_LINKS = {
    "fits": "fits",
    "differs": "differs from the copy in Salesforce: the mail will be held",
    "not_acceptable": "not acceptable: the mail will be held",
}
_FACTS: dict[str, str] = {
    FactKind.ACCOUNT: "Salesforce account",
    FactKind.SUBSCRIPTION: "Subscription",
    FactKind.STORED_LINK: "Stored link to ignore",
}
_TITLES: dict[str, str] = {
    Outcome.VERIFIED: "Deleted and verified.",
    Outcome.DONE: "Done.",
    Outcome.MISMATCH: "CSU does not show what was deleted.",
    Outcome.TIMED_OUT: "The deletion is not proven.",
    Outcome.VOID: "The operation is void.",
    Outcome.REJECTED: "The operation was rejected.",
    Outcome.CANCELLED: "The operation was cancelled.",
}
_SURFACES: dict[str, str] = {
    Surface.CLI: "Command line",
    Surface.PORTAL: "Portal",
    Surface.CONSOLE: "Console",
    Surface.ASSISTANT: "Assistant",
    Surface.API: "API",
    Surface.WORKER: "Worker",
}
_SAFE: dict[str, str] = {
    Outcome.MISMATCH: "Open each line that does not fit, and look at its other rows before you plan anything new.",
    Outcome.TIMED_OUT: "Open each line: its page shows the Deleted Datetime as it is now.",
    Outcome.VOID: "Planning the lines again is safe.",
    Outcome.REJECTED: "Planning the lines again is safe.",
    Outcome.CANCELLED: "Planning the lines again is safe.",
}


@register.filter
def question_word(kind: str) -> str:
    return words.QUESTION_KINDS.get(kind, kind)


@register.filter
def bill_look(bill: Mapping[str, Any]) -> Look:
    """Return how much the billing systems said."""
    return _BILLS[bill["state"]]


@register.filter
def link_word(code: str) -> str:
    return _LINKS.get(code, "not known yet")


@register.filter
def fact_word(kind: str) -> str:
    return _FACTS.get(kind, kind)


@register.filter
def is_web(address: str) -> bool:
    """Whether an address out of a record may be followed: nothing but the web's own scheme."""
    return str(address).startswith(("https://", "http://"))


@register.filter
def outcome_title(operation: Operation) -> str:
    return _TITLES.get(operation.outcome, "It did not end as planned.")


@register.filter
def outcome_safe(operation: Operation) -> str:
    """Return what may be done after an end that nobody wanted."""
    return _SAFE.get(operation.outcome, "")


@register.filter
def surface_word(code: str) -> str:
    return _SURFACES.get(code, code)


@register.filter
def day_word(text: str) -> str:
    """Return a day as the billing systems write it, `2027-04-07`, as people do: `7 Apr 2027`."""
    try:
        return f"{date.fromisoformat(text):%-d %b %Y}"
    except (TypeError, ValueError):
        return "not known"
