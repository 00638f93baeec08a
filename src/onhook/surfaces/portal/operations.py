"""A deletion under way and over: progress in four words, the result line by line, and the list of all."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HTMX_STOP_POLLING

from onhook import clock
from onhook.operations import cancelling, handing_over
from onhook.operations import status as statuses
from onhook.operations.models import Operation
from onhook.operations.status import Mark, Status
from onhook.operations.vocabulary import Action, Outcome, StepName, StepState
from onhook.surfaces.web import addresses, polling, words
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Crumb
from onhook.ui.states import Tone

_LINES_SHOWN = 100
_PAGE_OPERATIONS = 50


@dataclass(frozen=True, kw_only=True)
class Word:
    """One of the four words of the progress, as `ui/parts/steps.html` shows it."""

    word: str
    note: str = ""
    detail: str = ""
    raw: str = ""
    tone: Tone | str = ""
    icon: str = "circle-dashed"
    is_now: bool = False


_STEPS_OF_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Requested", frozenset({StepName.AUTHORISE})),
    ("Removed", frozenset({StepName.DELETE_DEVICES})),
    ("Checked", frozenset({StepName.VERIFY_DELETED, StepName.RESOLVE_VERIFICATION})),
    (
        "Billing",
        frozenset({StepName.FIND_ACCOUNT, StepName.FIND_SUBSCRIPTION, StepName.NOTIFY_CUSTOMER, StepName.CLOSE}),
    ),
)
_WENT_WELL = (Outcome.VERIFIED, Outcome.DONE)
# What a link to the shop has nothing of.
_OF_LINES = ("Removed", "Checked")
_NOW = {
    "Requested": "Rights and {lines} are checked once more.",
    "Removed": "The {lines} {are} being deleted.",
    "Checked": "Each line is read back as support would.",
    "Billing": "The bill is looked up and your message written.",
}
_DONE = {
    "Requested": "Confirmed and checked",
    "Removed": "Deleted",
    "Checked": "Read back and verified",
    "Billing": "Told by mail",
}


def words_of(seen: Status) -> list[Word]:
    """Return the four words with how far each is."""
    told: list[Word] = []
    is_over = seen.operation.is_closed
    is_link = seen.operation.action == Action.SEND_BILLING_LINK
    for word, names in _STEPS_OF_WORDS:
        if is_link and word in _OF_LINES:
            continue
        if is_link and word == "Requested":
            told.append(Word(word=word, note="Asked for", tone="ok", icon="check"))
            continue
        steps = [step for step in seen.steps if step.name in names]
        is_done = bool(steps) and all(step.state == StepState.DONE for step in steps) and _has_moved_on(seen, word)
        if is_done:
            told.append(Word(word=word, note=_DONE[word], tone="ok", icon="check"))
        elif is_over:
            told.append(Word(word=word, note="Not done", tone="idle", icon="minus"))
        elif any(step.state in (StepState.WAITING, StepState.STOPPED) for step in steps):
            told.append(Word(word=word, note="Waits for a person", tone="warn", icon="hourglass", is_now=True))
        elif steps or (not told or told[-1].icon == "check"):
            told.append(Word(word=word, note="Now", tone="info", icon="loader-circle", is_now=True))
        else:
            told.append(Word(word=word, note=""))
    return told


def _has_moved_on(seen: Status, word: str) -> bool:
    """Whether what comes after this word began: a word may have more steps to come than have rows yet."""
    later = [names for index, (_, names) in enumerate(_STEPS_OF_WORDS) if index > _index(word)]
    return seen.operation.is_closed or any(step.name in names for names in later for step in seen.steps)


def _index(word: str) -> int:
    return next(index for index, (name, _) in enumerate(_STEPS_OF_WORDS) if name == word)


def operation(request: WebRequest, coid: int, operation_id: UUID) -> HttpResponse:  # noqa: ARG001  # the wall read it
    """Show an operation; the page may be left, the work goes on."""
    mark = _mark(request, operation_id)
    return render(request, "portal/operation.html", _context(request, mark, _seen(request, operation_id)))


def live(request: WebRequest, coid: int, operation_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Answer the page's own question: nothing new (204), the part that changed, or the last one (286)."""
    mark = _mark(request, operation_id)
    if not mark.is_closed and request.GET.get("seen") == _version(mark):
        return HttpResponse(status=204)
    seen = _seen(request, operation_id)
    context = _context(request, mark, seen)
    status = HTMX_STOP_POLLING if seen.operation.is_closed else 200
    return render(request, "portal/parts/operation_live.html", context, status=status)


def _mark(request: WebRequest, operation_id: UUID) -> Mark:
    # Read before the rest: what changes in between makes the next answer a new one.
    mark = statuses.mark(operation_id=operation_id, company=request.company)
    if mark is None:
        raise Http404
    return mark


def _seen(request: WebRequest, operation_id: UUID) -> Status:
    try:
        seen = statuses.status(operation_id=operation_id, actor=request.actor, most_items=_LINES_SHOWN)
    except statuses.NoSuchOperation:
        raise Http404 from None
    if seen.operation.company_id != request.company.pk:
        raise Http404
    return seen


def _context(request: WebRequest, mark: Mark, seen: Status) -> dict[str, object]:
    row, told = seen.operation, words_of(seen)
    sentence, what_follows = _said(seen, told, reader=request.user)
    return {
        "crumbs": [
            Crumb(word="Administration"),
            Crumb(word="Operations", url=reverse("portal:operations", args=[request.company.pk])),
            Crumb(word=f"{row.confirmed_at:%-d %b %Y, %H:%M}"),
        ],
        "seen": seen,
        "operation": row,
        "is_deletion": row.action == Action.DELETE_DEVICE,
        "words": told,
        "done": sum(word.icon == "check" for word in told),
        "sentence": sentence,
        "what_follows": what_follows,
        "every": polling.pause(age_seconds=mark.age_seconds),
        "version": _version(mark),
        "rest": row.line_count - len(seen.items),
        "went_well": row.outcome in _WENT_WELL,
        "may_cancel": row.is_cancellable
        and request.actor.may(Permission.CANCEL_OPERATION, company_id=request.company.pk),
    }


def _said(seen: Status, told: list[Word], *, reader: User) -> tuple[str, str]:
    """Return how the operation stands in one sentence, and what follows for whoever reads it."""
    row = seen.operation
    if row.outcome in _WENT_WELL:
        to = seen.notice.recipient if seen.notice else None
        who = "" if to is None else "you" if to.pk == reader.pk else to.full_name
        done = "The link is sent." if row.action != Action.DELETE_DEVICE else _deleted(row.line_count)
        return done, f"The message to {who} says what follows for the bill." if who else ""
    if row.is_closed:
        untouched = " No line was deleted." if row.irreversible_at is None else ""
        why = row.outcome_reason.rstrip(".") or "it did not end as planned; support knows"
        return f"{words.operation(row).word}.{untouched}", f"{why[:1].upper()}{why[1:]}."
    if seen.open_questions:
        deleted = "Nothing is deleted yet." if row.action == Action.DELETE_DEVICE else "No link is sent yet."
        if row.irreversible_at is not None:
            deleted = _counted("The {lines} {are} deleted already.", row.line_count)
        return f"A member of support decides first. {deleted}", "You need to do nothing, and hear from us by mail."
    now_word = next((word for word in told if word.is_now), None)
    now = _counted(_NOW.get(now_word.word, ""), row.line_count) if now_word else ""
    return now, "You can leave this page: the work goes on, and the result comes by mail."


def _counted(sentence: str, lines: int) -> str:
    return sentence.format(lines="line" if lines == 1 else "lines", are="is" if lines == 1 else "are")


def _deleted(lines: int) -> str:
    return f"{lines:,} line{'' if lines == 1 else 's'} deleted and verified."


def _version(mark: Mark) -> str:
    """Return what the page says it shows: its rhythm is part of it, so that it is drawn anew to ask less often."""
    return f"{mark.text[:16]}{polling.pause(age_seconds=mark.age_seconds)}"


def cancel(request: WebRequest, coid: int, operation_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """End an operation before its first line is deleted."""
    try:
        cancelling.cancel(
            company=request.company,
            operation_id=operation_id,
            actor=request.actor,
            reason=f"cancelled by {request.user.full_name} on the web page",
            now=clock.now(),
        )
    except cancelling.UnableToCancel as refusal:
        if not Operation.objects.filter(company=request.company, pk=operation_id).exists():
            raise Http404 from None
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Cancelled. No line was deleted.")
    return redirect("portal:operation", request.company.pk, operation_id)


def operations(request: WebRequest, coid: int) -> HttpResponse:  # noqa: ARG001
    """List the company's operations, newest first, the plans that wait for this person, and those they made."""
    rows = Operation.objects.filter(company=request.company).select_related("confirmed_by", "plan__requester")
    before = addresses.place(request.GET.get("before", ""))
    if before:
        at, operation_id = before
        # The time alone would skip others of the same moment.
        rows = rows.filter(confirmed_at__lte=at).exclude(confirmed_at=at, pk__gte=operation_id)
    listed = list(rows.order_by("-confirmed_at", "-pk")[: _PAGE_OPERATIONS + 1])
    address = reverse("portal:operations", args=[request.company.pk])
    shown = listed[:_PAGE_OPERATIONS]
    now = clock.now()
    context = {
        "crumbs": [Crumb(word="Administration"), Crumb(word="Operations")],
        "operations": shown,
        "waiting": handing_over.waiting_for(person=request.user, now=now) if not before else [],
        "planned": handing_over.made_by(person=request.user, company=request.company, now=now) if not before else [],
        "first_url": address if before else "",
        "next_url": addresses.with_query(address, {"before": addresses.place_of(shown[-1].confirmed_at, shown[-1].pk)})
        if len(listed) > len(shown)
        else "",
    }
    return render(request, "portal/operations.html", context)
