"""From audit events to sentences in a timeline, grouped by day. The same words in both faces."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby

from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag
from onhook.devices import numbers
from onhook.surfaces.web import words
from onhook.tenancy.permissions import OPERATOR_COID
from onhook.ui.states import Tone


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    sentence: str
    detail: str = ""
    tone: Tone = "idle"
    icon: str = "circle"
    link: str = ""
    link_word: str = ""
    raw: str = ""


@dataclass(frozen=True)
class Day:
    """One day's entries, newest first."""

    heading: str
    entries: list[Entry]


@dataclass(frozen=True)
class _Story:
    sentence: str
    icon: str
    tone: Tone = "idle"


STORIES: dict[str, _Story] = {
    Tag.COMPANIES_IMPORTED: _Story("Companies imported", "file-input"),
    Tag.USERS_IMPORTED: _Story("People imported", "file-input"),
    Tag.DEVICES_IMPORTED: _Story("Lines imported", "file-input"),
    Tag.DATA_EXPORTED: _Story("Data exported", "download"),
    Tag.WORLD_SEEDED: _Story("Trial data made", "sprout"),
    Tag.TOKEN_ISSUED: _Story("Access token issued", "key-round"),
    Tag.TOKENS_REVOKED: _Story("Access tokens revoked", "key-round"),
    Tag.SIGNED_IN: _Story("Signed in", "log-in"),
    Tag.SIGNED_OUT: _Story("Signed out", "log-out"),
    Tag.SIGN_IN_FAILED: _Story("Sign-in failed", "shield-alert", "warn"),
    Tag.PASSWORD_CHANGED: _Story("Password changed", "key-round"),
    Tag.FACTOR_ADDED: _Story("Second proof added to the sign-in", "shield-check", "ok"),
    Tag.FACTOR_REMOVED: _Story("Second proof removed from the sign-in", "shield-off", "warn"),
    Tag.USER_INVITED: _Story("Invited", "user-plus"),
    Tag.USER_CHANGED: _Story("Rights changed", "user-cog"),
    Tag.CASE_OPENED: _Story("Handed over to support", "message-circle-question-mark", "info"),
    Tag.CASE_WRITTEN: _Story("Wrote to support", "message-circle"),
    Tag.CASE_ANSWERED: _Story("Support answered", "message-circle-reply", "ok"),
    Tag.CASE_ASSIGNED: _Story("Case given to a person of support", "user-check"),
    Tag.CASE_CLOSED: _Story("Case closed", "circle-check"),
    Tag.COMPANY_VIEWED: _Story("Support looked at this company", "eye"),
    Tag.RULES_PUBLISHED: _Story("SOC rules published", "book-check"),
    Tag.PLAN_MADE: _Story("Deletion planned", "clipboard-list", "info"),
    Tag.PLAN_SENT: _Story("Plan sent to somebody who may confirm it", "send", "info"),
    Tag.PLAN_CONFIRMED: _Story("Deletion confirmed", "clipboard-check", "info"),
    Tag.PLAN_VOIDED: _Story("Plan void: facts changed", "clipboard-x", "warn"),
    Tag.PLAN_DECLINED: _Story("Plan declined", "circle-x", "warn"),
    Tag.PLAN_WITHDRAWN: _Story("Plan withdrawn", "undo-2"),
    Tag.OPERATION_AUTHORISED: _Story("Rights and lines checked again", "shield-check", "ok"),
    Tag.OPERATION_VOIDED: _Story("Operation void: facts changed", "ban", "warn"),
    Tag.OPERATION_CANCELLED: _Story("Operation cancelled", "circle-slash", "warn"),
    Tag.OPERATION_REJECTED: _Story("Operation rejected", "circle-x", "bad"),
    Tag.DEVICE_DELETED: _Story("Line deleted in the device portal", "phone-off", "ok"),
    Tag.DEVICE_SKIPPED: _Story("Line left as it was", "skip-forward", "warn"),
    Tag.DELETION_VERIFIED: _Story("Read back: deleted", "shield-check", "ok"),
    Tag.DELETION_MISMATCHED: _Story("Read back: does not match", "octagon-alert", "bad"),
    Tag.DELETION_UNREADABLE: _Story("The deletion could not be read back", "timer-off", "bad"),
    Tag.QUESTION_OPENED: _Story("A person must decide", "circle-question-mark", "warn"),
    Tag.QUESTION_ASSIGNED: _Story("Question given to a person of support", "user-check"),
    Tag.QUESTION_ANSWERED: _Story("Decided", "message-circle-reply", "info"),
    Tag.NOTICE_WRITTEN: _Story("Message to the customer written", "mail"),
    Tag.NOTICE_SENDING: _Story("Message being sent", "mail"),
    Tag.NOTICE_SENT: _Story("Message sent", "mail-check", "ok"),
    Tag.NOTICE_DOUBTFUL: _Story("Message perhaps not arrived", "mail-question-mark", "warn"),
    Tag.NOTICE_BY_HAND: _Story("Customer told by hand", "hand"),
    Tag.OPERATION_CLOSED: _Story("Operation closed", "flag", "ok"),
    Tag.OPERATION_RESUMED: _Story("Operation resumed", "play", "info"),
    Tag.OPERATION_HURRIED: _Story("Tried again at once, as asked", "play", "info"),
}
# What happened to many lines of one operation, told once.
OF_MANY_LINES: dict[Tag, str] = {
    Tag.DEVICE_DELETED: "Deleted {lines} lines",
    Tag.DEVICE_SKIPPED: "Left {lines} lines as they were",
}
# What an event that this table does not know yet looks like.
_OTHER = _Story("", "circle-dot")


def entry(event: AuditEvent, *, is_raw: bool = False) -> Entry:
    """Return an event as a line of a timeline; `is_raw` adds what was recorded, for staff and auditors."""
    story = STORIES.get(event.tag, _OTHER)
    return Entry(
        at=event.at,
        sentence=story.sentence or event.tag.replace(":", " ").replace("_", " ").capitalize(),
        detail=", ".join(part for part in (_who(event), *_details(event)) if part),
        tone=story.tone,
        icon=story.icon,
        raw=json.dumps({"subject": event.subject, **event.after}, indent=1, ensure_ascii=False) if is_raw else "",
    )


def entry_of_many(event: AuditEvent, *, lines: int) -> Entry:
    """Return what happened to `lines` lines of an operation, the newest of which `event` tells."""
    return replace(entry(event), sentence=OF_MANY_LINES[Tag(event.tag)].format(lines=f"{lines:,}"), detail=_who(event))


def by_day(entries: Iterable[Entry]) -> list[Day]:
    """Group entries that come newest first."""
    return [
        Day(_heading(day), list(group))
        for day, group in groupby(entries, key=lambda one: one.at.astimezone(UTC).date())
    ]


def _heading(day: date) -> str:
    today = datetime.now(UTC).date()
    word = {0: "Today, ", 1: "Yesterday, "}.get((today - day).days, "")
    return f"{word}{day.day} {day:%B %Y}"


def _who(event: AuditEvent) -> str:
    if event.actor == "system":
        return f"by the command line ({event.os_user})" if event.os_user else ""
    who = f"by {event.actor}"
    if event.actor.startswith(f"{OPERATOR_COID}/"):
        who += " (support)"
    if event.on_behalf_of and event.on_behalf_of != event.actor:
        who += f" for {event.on_behalf_of}"
    return who


def _details(event: AuditEvent) -> list[str]:
    after = event.after
    told: list[str] = []
    if event.subject.startswith("user:") and event.subject != f"user:{event.actor}":
        told.append(event.subject.removeprefix("user:"))
    if event.subject.startswith("device:") and event.before.get("number"):
        told.append(numbers.display(event.before["number"]))
    if after.get("kind") in words.FACTORS:
        told.append(words.FACTORS[after["kind"]])
    if isinstance(after.get("lines"), int):
        told.append("1 line" if after["lines"] == 1 else f"{after['lines']:,} lines")
    if isinstance(after.get("reason"), str) and after["reason"]:
        told.append(words.REASONS.get(after["reason"], "").lower() or after["reason"])
    if isinstance(after.get("answer"), str) and after["answer"]:
        told.append(f"answer: {words.ANSWERS.get(after['answer'], after['answer'])}")
    told += [
        f"{word} {after[key]}"
        for key, word in (("ticket", "ticket"), ("to", "to"))
        if isinstance(after.get(key), str) and after[key]
    ]
    if after.get("sessions_ended"):
        told.append("signed out everywhere")
    told += _rights(event)
    if event.tag == Tag.COMPANY_VIEWED:
        told.append(str(after.get("page", "")).partition(":")[2].replace("-", " "))
    return told


def _rights(event: AuditEvent) -> list[str]:
    """Return what of a person's rights is not as it was before."""
    before, after = event.before, event.after
    told = []
    if after.get("role") in words.ROLES and after["role"] != before.get("role"):
        told.append(f"role {words.ROLES[after['role']]}")
    if after.get("is_suspended", False) != before.get("is_suspended", False):
        told.append("suspended" if after.get("is_suspended") else "no longer suspended")
    return told
