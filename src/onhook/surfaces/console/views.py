"""The console's pages."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from onhook.surfaces.web.requests import WebRequest


def search(request: WebRequest) -> HttpResponse:
    """The one search box."""
    return render(request, "console/search.html", {"search_text": request.GET.get("q", "")})
