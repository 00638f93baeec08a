"""Inviting people: what their names may hold."""

from __future__ import annotations

import pytest
from django.test import Client

from onhook.tenancy.models import User
from tests.functional.portal.conftest import session_of
from tests.world import World


@pytest.mark.parametrize(
    ("full_name", "is_taken"),
    [
        ("Mía O'Hara-Ünal", True),
        ("مها مثال", True),
        ("Mia \u202eelpmaxE", False),
        ("Mia\u2066 Example", False),
        ("Mia\x07Example", False),
    ],
)
def test_a_name_that_does_not_read_as_it_is_written_is_refused(world: World, full_name: str, is_taken: bool) -> None:
    client = Client()
    client.cookies["session"] = session_of(world.admin, is_fresh=True)
    said = {"full_name": full_name, "username": "mia", "email": "mia@plumbing.example", "role": "viewer"}

    with world.receiving_mail():
        answer = client.post("/companies/4711/people/new/", said)

    assert User.objects.filter(full_name=full_name).exists() is is_taken
    assert ("Write it again without." in answer.content.decode()) is not is_taken
