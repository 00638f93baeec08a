"""Audit search: by company, tag, subject, person and time; and the check of a company's chain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook.audit import searching, verification
from onhook.audit.searching import Wanted
from onhook.audit.vocabulary import Tag
from onhook.surfaces.console import navigation, words
from onhook.surfaces.web import addresses, stories
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.models import Company
from onhook.ui.navigation import Crumb


class SearchForm(forms.Form):
    """What to look for; every field may stay empty."""

    coid = forms.IntegerField(
        label="COID", min_value=1, max_value=2**31 - 1, required=False, widget=forms.TextInput({"inputmode": "numeric"})
    )
    tag = forms.ChoiceField(label="What happened", required=False)
    subject = forms.CharField(
        label="Subject", max_length=200, required=False, widget=forms.TextInput({"placeholder": "device:12, or user"})
    )
    person = forms.CharField(
        label="Person", max_length=200, required=False, widget=forms.TextInput({"placeholder": "COID/user name"})
    )
    since = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        tag = self.fields["tag"]
        assert isinstance(tag, forms.ChoiceField)
        tag.choices = [("", "Anything"), *words.tag_words()]

    def wanted(self, *, company_id: int | None) -> Wanted:
        """Return what was understood; a field with a fault counts as empty, and says so beside itself."""
        said = self.cleaned_data
        since, until = said.get("since"), said.get("until")
        return Wanted(
            company_id=company_id,
            tag=Tag(said["tag"]) if said.get("tag") else None,
            subject=said.get("subject", "").strip(),
            person=said.get("person", "").strip(),
            since=datetime(since.year, since.month, since.day, tzinfo=UTC) if since else None,
            # The day named is part of it.
            until=datetime(until.year, until.month, until.day, tzinfo=UTC) + timedelta(days=1) if until else None,
        )


def search(request: WebRequest) -> HttpResponseBase:
    """Search the whole trail; naming a company leads to its own page, so that the look is in its trail too."""
    form = SearchForm(request.GET)
    form.is_valid()
    coid = form.cleaned_data.get("coid")
    if coid and Company.objects.filter(pk=coid).exists():
        query = _query(request)
        return redirect(reverse("console:company-audit", args=[coid]) + (f"?{query}" if query else ""))
    if coid:
        form.add_error("coid", "No company has this COID. What is listed is of every company.")
    return _show(request, form, company_id=None, address=reverse("console:audit"))


def of_company(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001  # the wall read it
    """Search one company's trail; asked to, also check its chain from the first event to the last."""
    form = SearchForm({**request.GET.dict(), "coid": request.company.pk})
    form.is_valid()
    return _show(
        request,
        form,
        company_id=request.company.pk,
        address=reverse("console:company-audit", args=[request.company.pk]),
    )


def _show(request: WebRequest, form: SearchForm, *, company_id: int | None, address: str) -> HttpResponse:
    key = addresses.whole(request.GET.get("before", ""))
    page = searching.search(wanted=form.wanted(company_id=company_id), before=key)
    query = _query(request)
    report = verification.verify_company(company_id=company_id) if company_id and request.GET.get("check") else None
    context = {
        "crumbs": navigation.way(request.company, Crumb(word="Audit")) if company_id else [],
        "tabs": navigation.tabs(request, "company-audit") if company_id else [],
        "form": form,
        "events": [(event, stories.entry(event, is_raw=True)) for event in page.events],
        "company_id": company_id,
        "report": report,
        "query": query,
        "plain": address,
        "is_filtered": bool(query),
        "first_url": f"{address}?{query}" if key else "",
        "next_url": f"{address}?{query}{'&' if query else ''}before={page.next}" if page.next else "",
    }
    return render(request, "console/audit.html", context)


def _query(request: WebRequest) -> str:
    """Return what the address asks for, without company, key and check."""
    names = ("tag", "subject", "person", "since", "until")
    return urlencode({name: request.GET[name] for name in names if request.GET.get(name)})
