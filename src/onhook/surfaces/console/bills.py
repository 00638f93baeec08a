"""The bill of a company, which pages show beside what is on record: read after the page is there, or on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from onhook.config import wiring
from onhook.operations import overview
from onhook.surfaces.web.requests import WebRequest

# It may take longer than a plan waits, and still frees the server's thread soon.
_PATIENCE = 2


def answer(request: WebRequest, *, address: str, page: Callable[[dict[str, Any]], HttpResponse]) -> HttpResponse:
    """
    Ask the billing systems now: as a part of the page, or as that page where there is no JavaScript.

    :param address: where this very part is asked for, which it offers as "Read again".
    :param page: makes the whole page with the bill in it.
    """
    seen = overview.bill(company=request.company, ports=wiring.ports(), seconds=_PATIENCE * settings.PREVIEW_SECONDS)
    if request.htmx:
        return render(request, "console/parts/bill_card.html", {"bill": seen, "bill_url": address})
    return page(seen)
