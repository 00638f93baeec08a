"""Activity: what happened in the company, support's looks included."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from onhook.audit import reading
from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag
from onhook.surfaces.web import addresses, stories
from onhook.surfaces.web.requests import WebRequest
from onhook.ui.navigation import Crumb, Tab

_KINDS: dict[str, tuple[str, tuple[Tag, ...]]] = {
    "": ("All", ()),
    "deletions": (
        "Deletions",
        (
            Tag.PLAN_MADE,
            Tag.PLAN_SENT,
            Tag.PLAN_CONFIRMED,
            Tag.PLAN_VOIDED,
            Tag.PLAN_DECLINED,
            Tag.PLAN_WITHDRAWN,
            Tag.DEVICE_DELETED,
            Tag.OPERATION_CLOSED,
            Tag.OPERATION_CANCELLED,
            Tag.OPERATION_REJECTED,
            Tag.OPERATION_VOIDED,
        ),
    ),
    "sign-in": (
        "Sign-in and rights",
        (
            Tag.SIGNED_IN,
            Tag.SIGNED_OUT,
            Tag.SIGN_IN_FAILED,
            Tag.PASSWORD_CHANGED,
            Tag.FACTOR_ADDED,
            Tag.FACTOR_REMOVED,
            Tag.USER_INVITED,
            Tag.USER_CHANGED,
            Tag.TOKEN_ISSUED,
            Tag.TOKENS_REVOKED,
        ),
    ),
    "support": ("Support", (Tag.COMPANY_VIEWED,)),
    "data": ("Data", (Tag.DATA_EXPORTED, Tag.DEVICES_IMPORTED, Tag.USERS_IMPORTED)),
}
# Where an operation begins and ends; the steps between are on its own page.
_OF_OPERATIONS = frozenset(
    {
        Tag.PLAN_CONFIRMED,
        Tag.OPERATION_CLOSED,
        Tag.OPERATION_CANCELLED,
        Tag.OPERATION_REJECTED,
        Tag.OPERATION_VOIDED,
    }
)


def activity(request: WebRequest, coid: int) -> HttpResponse:  # noqa: ARG001  # the wall read it
    """Show the company's trail, newest first."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in _KINDS else ""
    before = addresses.whole(request.GET.get("before", ""))
    once = list(stories.OF_MANY_LINES)
    page = reading.of_company(company_id=request.company.pk, before=before, tags=_KINDS[kind][1], once=once)
    lines = reading.lines_of(events=page.events, tags=once)
    address = reverse("portal:activity", args=[request.company.pk])
    context = {
        "crumbs": [Crumb(word="Security"), Crumb(word="Activity")],
        "tabs": [
            Tab(word=word, url=addresses.with_query(address, {"kind": code}), is_here=code == kind)
            for code, (word, _) in _KINDS.items()
        ],
        "days": stories.by_day(
            _entry(event, lines=lines.get((event.operation_id, event.tag), 0)) for event in page.events
        ),
        "first_url": addresses.with_query(address, {"kind": kind}) if before else "",
        "next_url": addresses.with_query(address, {"kind": kind, "before": str(page.next)}) if page.next else "",
    }
    return render(request, "portal/activity.html", context)


def _entry(event: AuditEvent, *, lines: int) -> stories.Entry:
    """
    Return an event as a line of the page, with the way to the operation where one began or ended, and where the event
    stands for many `lines` of it.
    """
    told = stories.entry_of_many(event, lines=lines) if lines > 1 else stories.entry(event)
    if event.operation_id is None or (lines <= 1 and event.tag not in _OF_OPERATIONS):
        return told
    link = reverse("portal:operation", args=[event.company_id, event.operation_id])
    return replace(told, link=link, link_word="Show the operation")
