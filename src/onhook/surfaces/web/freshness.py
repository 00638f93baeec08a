"""Whether the person proved themselves lately: what a confirmation asks for."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse


def is_fresh(request: HttpRequest) -> bool:
    """True when the last password or code of this session is younger than the limit."""
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - float(records[-1]["at"]) < settings.FRESH_PROOF_SECONDS


def address(*, then: str) -> str:
    """Return where a person proves themselves and comes back to `then`, an address of ours."""
    return f"{reverse('account_reauthenticate')}?{urlencode({'next': then})}"


def ask_again(*, then: str) -> HttpResponseRedirect:
    """Send the person to prove themselves, and back to `then`, an address of ours."""
    return HttpResponseRedirect(address(then=then))
