"""The portal's side bar."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse

from onhook.ui.navigation import Group, Place


def navigation(request: HttpRequest) -> Sequence[Group]:
    company = getattr(request, "company", None)
    coid = company.pk if company else 0
    return [
        Group(
            heading="Administration",
            places=[Place(word="Devices", url=reverse("portal:devices", args=[coid]), icon="smartphone", is_here=True)],
        )
    ]
