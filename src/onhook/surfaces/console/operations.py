"""The operation page: who and what, the steps live with their evidence, the message, and the next act."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HTMX_STOP_POLLING

from onhook import clock
from onhook.operations import cancelling, engine, hurrying
from onhook.operations import status as statuses
from onhook.operations.models import Operation
from onhook.operations.status import Mark, Status
from onhook.operations.vocabulary import Action, Outcome
from onhook.surfaces.console import navigation, progress, questions, summaries
from onhook.surfaces.web import addresses, polling
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Crumb

_LINES_SHOWN = 20
_PAGE_OPERATIONS = 50
# Ends after which the same lines may be planned again.
_NOTHING_DONE = frozenset({Outcome.VOID, Outcome.CANCELLED, Outcome.REJECTED})


def operation(request: WebRequest, coid: int, operation_id: UUID) -> HttpResponse:  # noqa: ARG001  # the wall read it
    """Show an operation; the page may be left, the work goes on."""
    mark = _mark(request, operation_id)
    return render(request, "console/operation.html", _context(request, mark, _seen(request, operation_id)))


def live(request: WebRequest, coid: int, operation_id: UUID) -> HttpResponse:  # noqa: ARG001
    """
    Answer the page's own question: nothing new (204), only when to ask again, or also the parts that changed; 286 ends
    it. What did not change is not drawn anew: somebody may be typing there.
    """
    mark = _mark(request, operation_id)
    version, every = (
        progress.version(mark, is_quiet=progress.is_quiet(mark)),
        polling.pause(age_seconds=mark.age_seconds),
    )
    if not mark.is_closed and request.GET.get("seen") == version:
        if request.GET.get("every") == str(every):
            return HttpResponse(status=204)
        asked = {"operation_id": operation_id, "version": version, "every": every}
        return render(request, "console/parts/operation_poller.html", asked)
    context = _context(request, mark, _seen(request, operation_id))
    # The side bar is not drawn anew, and what changed may have been a question.
    context |= {"rail_key": navigation.QUESTIONS, "rail_count": navigation.waiting_questions(request.actor)}
    status = HTMX_STOP_POLLING if context["is_over"] else 200
    return render(request, "console/parts/operation_poll.html", context, status=status)


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
    row = seen.operation
    is_quiet = progress.is_quiet(mark)
    may = {
        permission: request.actor.may(permission, company_id=request.company.pk)
        for permission in (Permission.CANCEL_OPERATION, Permission.ANSWER_QUESTION, Permission.PLAN_DELETION)
    }
    is_deletion = row.action == Action.DELETE_DEVICE
    rows = progress.rows(seen)
    fault = next((step for step in rows if step.comes_again), None)
    return {
        "crumbs": navigation.way(
            request.company,
            Crumb(word="Operations", url=reverse("console:operations", args=[request.company.pk])),
            Crumb(word=f"{row.confirmed_at:%-d %b %Y, %H:%M} UTC"),
        ),
        "seen": seen,
        "operation": row,
        "operation_id": row.pk,
        "is_deletion": is_deletion,
        "rows": rows,
        "fault": fault,
        "next_try": engine.next_try(operation_id=row.pk, generation=row.generation) if fault else None,
        "done": progress.done(seen),
        "sentence": progress.sentence(seen, is_quiet=is_quiet),
        "is_quiet": is_quiet,
        "last_sign": progress.last_sign(seen),
        "version": progress.version(mark, is_quiet=is_quiet),
        "every": polling.pause(age_seconds=mark.age_seconds),
        "is_over": row.is_closed,
        "rest": row.line_count - len(seen.items),
        "asked": [questions.shown(question) for question in seen.questions],
        "read_back": summaries.read_back(seen),
        "summary": summaries.text(seen) if row.is_closed else "",
        "went_well": row.outcome in (Outcome.VERIFIED, Outcome.DONE),
        "may_cancel": row.is_cancellable and may[Permission.CANCEL_OPERATION],
        "may_answer": may[Permission.ANSWER_QUESTION],
        "colleagues": questions.colleagues(may_answer=may[Permission.ANSWER_QUESTION] and bool(seen.open_questions)),
        "may_plan_again": is_deletion and row.outcome in _NOTHING_DONE and may[Permission.PLAN_DELETION],
    }


def cancel(request: WebRequest, coid: int, operation_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """End an operation before its first line is deleted."""
    try:
        cancelling.cancel(
            company=request.company,
            operation_id=operation_id,
            actor=request.actor,
            reason=f"cancelled by {request.user.full_name} in the console",
            now=clock.now(),
        )
    except cancelling.UnableToCancel as refusal:
        if not Operation.objects.filter(company=request.company, pk=operation_id).exists():
            raise Http404 from None
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Cancelled. No line was deleted.")
    return redirect("console:operation", request.company.pk, operation_id)


def check(request: WebRequest, coid: int, operation_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Have a step that comes again tried at once."""
    try:
        hurrying.check_now(company=request.company, operation_id=operation_id, actor=request.actor)
    except hurrying.UnableToHurry as refusal:
        if not Operation.objects.filter(company=request.company, pk=operation_id).exists():
            raise Http404 from None
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "It is tried now.")
    return redirect("console:operation", request.company.pk, operation_id)


def operations(request: WebRequest, coid: int) -> HttpResponse:  # noqa: ARG001
    """List the company's operations, newest first, page by page by key."""
    rows = Operation.objects.filter(company=request.company).select_related(
        "confirmed_by__company", "plan__requester", "notice"
    )
    before = addresses.place(request.GET.get("before", ""))
    if before is not None:
        at, operation_id = before
        # The time alone would skip others of the same moment.
        rows = rows.filter(confirmed_at__lte=at).exclude(confirmed_at=at, pk__gte=operation_id)
    listed = list(rows.order_by("-confirmed_at", "-pk")[: _PAGE_OPERATIONS + 1])
    shown, address = listed[:_PAGE_OPERATIONS], reverse("console:operations", args=[request.company.pk])
    context = {
        "crumbs": navigation.way(request.company, Crumb(word="Operations")),
        "tabs": navigation.tabs(request, "operations"),
        "operations": shown,
        "first_url": address if before else "",
        "next_url": addresses.with_query(address, {"before": addresses.place_of(shown[-1].confirmed_at, shown[-1].pk)})
        if len(listed) > len(shown)
        else "",
    }
    return render(request, "console/operations.html", context)
