"""The people of the company: who may do what, invitations, and suspending."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook.operations import rights
from onhook.operations.errors import OutcomeUnknown, Rejected, Retryable
from onhook.surfaces.portal.forms import FactorForm, PersonForm, RightsForm
from onhook.surfaces.web import freshness, invitations, letters
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy import people
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Permission, Role
from onhook.ui.navigation import Crumb


def listed(request: WebRequest, coid: int) -> HttpResponse:  # noqa: ARG001  # the wall read it
    """List the company's people."""
    context = {
        "crumbs": [Crumb(word="Administration"), Crumb(word="People")],
        "people": User.objects.filter(company=request.company).order_by("full_name", "pk"),
        "may_manage": _may_manage(request),
    }
    return render(request, "portal/people.html", context)


def _may_manage(request: WebRequest) -> bool:
    return request.actor.may(Permission.MANAGE_USERS, company_id=request.company.pk)


def new(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001
    """Add a person and invite them by mail; they choose their password themselves."""
    if request.method == "POST" and not freshness.is_fresh(request):
        return _ask_again(request, "Nothing was sent")
    form = PersonForm(request.POST or None, company=request.company)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = rights.add(
                company=request.company,
                actor=request.actor,
                username=said["username"],
                full_name=said["full_name"],
                email=said["email"],
                role=Role(said["role"]),
            )
        except rights.UnableToChange as refusal:
            messages.error(request, str(refusal))
        else:
            _invite(request, made)
            return redirect("portal:people", request.company.pk)
    context = {"crumbs": _crumbs(request, "New"), "form": form, **_proof(request)}
    return render(request, "portal/person_new.html", context)


def person(request: WebRequest, coid: int, person_id: int) -> HttpResponseBase:  # noqa: ARG001
    """Show a person and change their rights."""
    who = _person(request, person_id)
    if request.method == "POST" and not freshness.is_fresh(request):
        return _ask_again(request, "The rights were not changed")
    form = _rights_form(who, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rights.change(
                user=who,
                actor=request.actor,
                role=Role(form.cleaned_data["role"]),
                is_suspended=form.cleaned_data["is_suspended"],
                seen=form.cleaned_data["seen"] or None,
            )
        except rights.UnableToChange as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"The rights of {who.full_name} are changed.")
        return redirect("portal:person", request.company.pk, who.pk)
    return _show(request, who, form=form)


def _rights_form(who: User, said: QueryDict | None = None) -> RightsForm:
    has = rights.Rights.of(who)
    begins = {"role": has.role.value, "is_suspended": has.is_suspended, "seen": str(has)}
    return RightsForm(said, initial=begins)


def _show(
    request: WebRequest,
    who: User,
    *,
    form: RightsForm,
    factor_form: FactorForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "crumbs": _crumbs(request, who.full_name),
        "who": who,
        "form": form,
        # The operator's own people lose a second factor at the command line only.
        "has_factor": not who.is_staff_member and people.has_second_factor(who),
        "factor_form": factor_form or FactorForm(who=who),
        "is_self": who.pk == request.user.pk,
        **_proof(request, then=_page_of(request, who)),
    }
    return render(request, "portal/person.html", context, status=status)


def _page_of(request: WebRequest, who: User) -> str:
    return reverse("portal:person", args=[request.company.pk, who.pk])


def _proof(request: WebRequest, *, then: str = "") -> dict[str, object]:
    """Say whether the form may be shown; what was typed into one would be lost on the way to the proof."""
    return {"is_fresh": freshness.is_fresh(request), "again": freshness.address(then=then or request.path)}


def _ask_again(request: WebRequest, what: str, *, again: str = "fill it in", then: str = "") -> HttpResponseBase:
    """Send the person to prove themselves when their proof grew old over the form."""
    messages.warning(request, f"{what}: the proof that it is you is too old. Afterwards, {again} again.")
    return freshness.ask_again(then=then or request.path)


def invite(request: WebRequest, coid: int, person_id: int) -> HttpResponseBase:  # noqa: ARG001
    """Send the invitation once more: a link to choose a password."""
    who = _person(request, person_id)
    page = _page_of(request, who)
    if not freshness.is_fresh(request):
        return _ask_again(request, "Nothing was sent", again="send it", then=page)
    _invite(request, who)
    return redirect(page)


def remove_factor(request: WebRequest, coid: int, person_id: int) -> HttpResponseBase:  # noqa: ARG001
    """Take away the second factor of somebody who lost it, sign them out, and tell them by mail."""
    who = _person(request, person_id)
    page = _page_of(request, who)
    if not freshness.is_fresh(request):
        return _ask_again(request, "Nothing was removed", again="remove it", then=page)
    sure = FactorForm(request.POST, who=who)
    if not sure.is_valid():
        problem = HTTPStatus.UNPROCESSABLE_ENTITY
        return _show(request, who, form=_rights_form(who), factor_form=sure, status=problem)
    try:
        rights.remove_second_factor(user=who, actor=request.actor)
    except rights.UnableToChange as refusal:
        messages.error(request, str(refusal))
        return redirect(page)
    is_told = letters.tell(
        to=who.email,
        template="web/mail/factor_removed",
        context={"to": who, "by": request.user, "address": letters.address(request, reverse("account_login"))},
    )
    told = "They are told by mail." if is_told else "They have no mail address on record: tell them."
    messages.success(
        request, f"{who.full_name} is signed out everywhere, and signs in with the password alone from now on. {told}"
    )
    return redirect(page)


def _invite(request: WebRequest, who: User) -> None:
    try:
        invitations.send(request, who)
    except (Retryable, Rejected, OutcomeUnknown):
        messages.error(request, f"{who.full_name} is there, but the invitation did not go out. Send it again later.")
    except invitations.NoAddress:
        messages.error(request, f"{who.full_name} has no mail address on record. No invitation was sent.")
    else:
        messages.success(request, f"The invitation is on its way to {who.email}.")


def _person(request: WebRequest, person_id: int) -> User:
    who = User.objects.filter(company=request.company, pk=person_id).first()
    if who is None:
        raise Http404
    return who


def _crumbs(request: WebRequest, here: str) -> list[Crumb]:
    return [
        Crumb(word="Administration"),
        Crumb(word="People", url=reverse("portal:people", args=[request.company.pk])),
        Crumb(word=here),
    ]
