"""Inviting people: what their names may hold."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import DatabaseError, transaction
from django.test import Client

from onhook import clock
from onhook.audit.models import AuditEvent
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


SURE = {"is_sure": "on"}


def test_an_admin_removes_the_second_factor_of_somebody_who_lost_it(world: World) -> None:
    mia = with_a_second_factor(factories.user(world.company, username="mia", role=Role.VIEWER))
    client, address = fresh(world.admin), f"/companies/4711/people/{mia.pk}/second-factor/"

    with world.receiving_mail():
        first, second = (client.post(address, SURE, follow=True).content.decode() for _ in range(2))
        (mail,) = mails_of(world)

    assert mail["subject"] == "Your second factor was removed"
    assert "You are signed out wherever you were signed in" in mail["text"]
    assert "Mia Example is signed out everywhere, and signs in with the password alone from now on." in first
    assert "has no second factor. Nothing was changed." in second
    assert not Authenticator.objects.exists()


def test_a_removed_second_factor_is_told_as_a_warning_of_the_sign_in(world: World) -> None:
    mia = with_a_second_factor(factories.user(world.company, username="mia", role=Role.VIEWER))
    client = fresh(world.admin)

    client.post(f"/companies/4711/people/{mia.pk}/second-factor/", SURE)

    told = client.get("/companies/4711/activity/?kind=sign-in").content.decode()
    assert "Second proof removed from the sign-in" in told
    assert "4711/mia, signed out everywhere" in told
    events = AuditEvent.objects.filter(subject="user:4711/mia")
    assert [(event.tag, event.actor) for event in events] == [("user:factor_removed", "4711/ada")]


def test_whoever_loses_a_second_factor_is_signed_out_and_nobody_else(world: World) -> None:
    mia = with_a_second_factor(factories.user(world.company, username="mia", role=Role.VIEWER))
    found_phone, other, admin = fresh(mia), fresh(factories.user(world.company, username="ben")), fresh(world.admin)
    assert found_phone.get("/companies/4711/devices/").status_code == 200

    admin.post(f"/companies/4711/people/{mia.pk}/second-factor/", SURE)

    mia.refresh_from_db()
    status = [one.get("/companies/4711/devices/").status_code for one in (found_phone, other, admin, fresh(mia))]
    assert status == [302, 200, 200, 200]


def test_a_second_factor_stays_until_somebody_says_that_they_made_sure(world: World) -> None:
    mia = with_a_second_factor(factories.user(world.company, username="mia", role=Role.VIEWER))
    client = fresh(world.admin)

    answer = client.post(f"/companies/4711/people/{mia.pk}/second-factor/")

    assert answer.status_code == 422
    shown = answer.content.decode()
    field = shown[shown.index("I made sure that it is Mia Example who asks") :]
    assert "Make sure who asks first, and say so here. Nothing was removed." in field[: field.index("</form>")]
    assert Authenticator.objects.count() == 2
    # The form of rights on this page does not go to the address of the second factor.
    assert f'<form method="post" action="/companies/4711/people/{mia.pk}/"' in shown


@pytest.mark.parametrize(("has_one", "is_fresh"), [(True, True), (True, False), (False, True)])
def test_a_second_factor_is_offered_to_be_removed_where_there_is_one_and_the_proof_is_fresh(
    world: World, has_one: bool, is_fresh: bool
) -> None:
    mia = factories.user(world.company, username="mia", role=Role.VIEWER)
    if has_one:
        with_a_second_factor(mia)

    shown = fresh(world.admin, is_fresh=is_fresh).get(f"/companies/4711/people/{mia.pk}/").content.decode()

    assert ("Remove the second factor</button>" in shown) is (has_one and is_fresh)
    assert ("<h2>Second factor</h2>" in shown) is has_one


def test_a_company_learns_of_its_own_peoples_second_factors_only_whether_they_are_there(world: World) -> None:
    mia = with_a_second_factor(factories.user(world.company, username="mia", role=Role.VIEWER))
    theirs = with_a_second_factor(factories.user(factories.company(coid=4799), username="eve", role=Role.ADMIN))

    with walls.confined(company_id=4711):
        seen = [people.has_second_factor(one) for one in (mia, world.admin, theirs)]
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Authenticator.objects.count()

    assert seen == [True, False, False]
    assert people.has_second_factor(theirs)


def test_nobody_removes_a_second_factor_of_their_own_or_of_another_company(world: World) -> None:
    ada = with_a_second_factor(world.admin)
    theirs = with_a_second_factor(factories.user(factories.company(coid=4799), username="eve", role=Role.ADMIN))
    client = fresh(ada)

    own = client.post(f"/companies/4711/people/{ada.pk}/second-factor/", SURE, follow=True)
    foreign = client.post(f"/companies/4711/people/{theirs.pk}/second-factor/", SURE)
    with walls.confined(company_id=4711):
        assert people.remove_second_factors(theirs, now=clock.now()) is False

    assert "Your own second factor is on the page of your sign-in." in own.content.decode()
    assert foreign.status_code == 404
    assert Authenticator.objects.count() == 4


def test_an_old_proof_removes_no_second_factor(world: World) -> None:
    mia = with_a_second_factor(factories.user(world.company, username="mia", role=Role.VIEWER))
    client = fresh(world.admin, is_fresh=False)

    answer = client.post(f"/companies/4711/people/{mia.pk}/second-factor/", SURE, follow=True)

    assert "Nothing was removed: the proof that it is you is too old." in answer.content.decode()
    assert Authenticator.objects.count() == 2
