"""Inviting people: what their names may hold."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from onhook.operations import rights
from onhook.tenancy import people, walls
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


def with_a_second_factor(user: User) -> User:
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"})
    return user


def mails_of(world: World) -> list[dict[str, Any]]:
    """Return the mails once there is one; they go out beside the request."""
    ends = time.monotonic() + 10
    while not (received := world.messages()) and time.monotonic() < ends:
        time.sleep(0.05)
    return received


def test_an_admin_removes_the_second_factor_of_somebody_who_lost_it(world: World) -> None:
    mia = with_a_second_factor(factories.user(world.company, username="mia", role=Role.VIEWER))
    client, address = fresh(world.admin), f"/companies/4711/people/{mia.pk}/second-factor/"

    with world.receiving_mail():
        first, second = (client.post(address, follow=True).content.decode() for _ in range(2))
        (mail,) = mails_of(world)

    assert mail["subject"] == "Your second factor was removed"
    assert "signs in with the password alone now" in first
    assert "has no second factor. Nothing was changed." in second
    assert not Authenticator.objects.exists()
    assert "second factor removed" in client.get("/companies/4711/activity/").content.decode()


def test_nobody_removes_a_second_factor_of_their_own_or_of_another_company(world: World) -> None:
    ada = with_a_second_factor(world.admin)
    theirs = with_a_second_factor(factories.user(factories.company(coid=4799), username="eve", role=Role.ADMIN))
    client = fresh(ada)

    own = client.post(f"/companies/4711/people/{ada.pk}/second-factor/", follow=True)
    foreign = client.post(f"/companies/4711/people/{theirs.pk}/second-factor/")
    with walls.confined(company_id=4711):
        assert people.remove_second_factors(theirs) is False

    assert "Your own second factor is on the page of your sign-in." in own.content.decode()
    assert foreign.status_code == 404
    assert Authenticator.objects.count() == 4


def test_an_old_proof_removes_no_second_factor(world: World) -> None:
    mia = with_a_second_factor(factories.user(world.company, username="mia", role=Role.VIEWER))
    client = fresh(world.admin, is_fresh=False)

    answer = client.post(f"/companies/4711/people/{mia.pk}/second-factor/", follow=True)

    assert "Nothing was removed: the proof that it is you is too old." in answer.content.decode()
    assert Authenticator.objects.count() == 2
