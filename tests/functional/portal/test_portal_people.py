"""Inviting people: what their names may hold."""

from __future__ import annotations

import pytest
from django.test import Client

from onhook.operations import rights
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import Role
from tests import factories
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


def fresh(user: User, *, is_fresh: bool = True) -> Client:
    client = Client()
    client.cookies["session"] = session_of(user, is_fresh=is_fresh)
    return client


def test_an_old_proof_sends_no_invitation(world: World) -> None:
    mia = factories.user(world.company, username="mia", role=Role.VIEWER)

    with world.receiving_mail():
        answer = fresh(world.admin, is_fresh=False).post(f"/companies/4711/people/{mia.pk}/invite/")

    assert answer["Location"].startswith("/security/again/")
    assert world.messages() == []


def test_a_form_that_was_opened_before_a_suspension_does_not_lift_it(world: World) -> None:
    mia = factories.user(world.company, username="mia", role=Role.VIEWER)
    client, address = fresh(world.admin), f"/companies/4711/people/{mia.pk}/"
    seen = client.get(address).context["form"]["seen"].value()
    other = factories.user(world.company, username="bob", role=Role.ADMIN)
    rights.change(user=mia, actor=factories.actor(other), role=Role.VIEWER, is_suspended=True)

    answer = client.post(address, {"role": "manager", "seen": seen}, follow=True)

    mia.refresh_from_db()
    assert (mia.role, mia.suspended_at is None) == (Role.VIEWER, False)
    assert "changed the rights of" in answer.content.decode()


def test_nobody_gets_a_customers_role_among_the_operators_people(world: World) -> None:
    lead = factories.user(Company.objects.get(pk=1), username="lea", role=Role.LEAD)
    client = fresh(lead)
    said = {"full_name": "New Person", "username": "newp", "email": "new@operator.example", "role": "viewer"}

    with world.receiving_mail():
        added = client.post("/companies/1/people/new/", said, follow=True)
        changed = client.post(f"/companies/1/people/{world.agent.pk}/", {"role": "admin"}, follow=True)

    assert (added.status_code, changed.status_code) == (200, 200)
    for answer in (added, changed):
        assert "The operator&#x27;s own people do not get their rights here." in answer.content.decode()
    assert not User.objects.filter(username="newp").exists()
    world.agent.refresh_from_db()
    assert world.agent.role == Role.AGENT
