"""Staff of COID 1: find a company, and look at its lines."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from onhook.devices import csu
from onhook.surfaces.web import addresses
from onhook.surfaces.web.requests import WebRequest
from onhook.ui.navigation import Crumb

_MOST = 50


def companies(request: WebRequest) -> HttpResponse:
    """Search companies by COID or part of the name. Several are listed, none is chosen."""
    text = addresses.plain(request.GET.get("q", ""))[:100]
    found = csu.companies(text=text, most=_MOST) if text else []
    context = {
        "crumbs": [Crumb(word="Support"), Crumb(word="Companies")],
        "text": text,
        "found": found,
        "is_too_short": bool(text) and not text.isdecimal() and len(text) < csu.LEAST_LETTERS,
    }
    return render(request, "portal/companies.html", context)
