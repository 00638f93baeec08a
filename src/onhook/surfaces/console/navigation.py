"""The console's side bar."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse

from onhook.ui.navigation import Group, Place


def navigation(request: HttpRequest) -> Sequence[Group]:
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [
        Group(
            places=[
                Place(
                    word="Find a line", url=reverse("console:search"), icon="search", is_here=here == "console:search"
                ),
                Place(word="Companies", url=reverse("portal:companies"), icon="building-2"),
            ]
        )
    ]
