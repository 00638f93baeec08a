"""Another company's things and things that do not exist are the same 404."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from onhook.tenancy.permissions import Role
from tests import factories
from tests.security.canaries import places
from tests.security.walls import people_and_things
from tests.security.walls.cells import CELLS
from tests.security.walls.people_and_things import Things

OF_COMPANY = sorted(route for route in CELLS if route.startswith("portal:") and route != "portal:companies")
# As the resolver has them: whatever names more than a company.
OF_THINGS = sorted(
    place.name
    for place in places.places()
    if place.name.partition(":")[0] in ("portal", "console") and {name for name, _ in place.gaps} - {"coid"}
)
NOT_THERE = {
    "case_id": uuid4(),
    "device_id": 999_999,
    "person_id": 999_999,
    "plan_id": uuid4(),
    "operation_id": uuid4(),
    "question_id": 999_999,
}


@pytest.fixture
def mine(db: None) -> Things:
    return Things.of(factories.company(), first_line=10)


@pytest.fixture
def theirs(db: None) -> Things:
    return Things.of(factories.company(coid=4712, name="Sample Roofing"), first_line=110)


@pytest.fixture
def client(mine: Things) -> Client:
    client = Client()
    client.force_login(mine.admin)
    return client


def answers(client: Client, route: str, *paths: str) -> list[tuple[int, bytes]]:
    """Return status and body that each path gives, by the first method that the route has."""
    method = "GET" if "GET" in CELLS[route] else "POST"
    given = [client.generic(method, path) for path in paths]
    return [(answer.status_code, answer.content) for answer in given]


@pytest.mark.parametrize("route", OF_COMPANY)
def test_another_companys_address_is_the_same_as_a_missing_companys(client: Client, theirs: Things, route: str) -> None:
    where = people_and_things.address(route, theirs)

    foreign, missing = answers(client, route, where, where.replace("/4712/", "/9999/"))

    assert foreign == missing
    assert foreign[0] == 404


@pytest.fixture
def lead(mine: Things) -> Client:
    client = Client()
    client.force_login(factories.user(factories.agent().company, username="lea", role=Role.LEAD))
    return client


@pytest.mark.parametrize("who", ["customer", "staff"])
@pytest.mark.parametrize("route", OF_THINGS)
def test_another_companys_thing_under_a_company_is_the_same_as_a_missing_one(
    client: Client, lead: Client, theirs: Things, route: str, who: str
) -> None:
    client = client if who == "customer" else lead
    where = people_and_things.address(route, theirs).replace("/4712/", "/4711/")
    nowhere = where
    for name, value in NOT_THERE.items():
        nowhere = nowhere.replace(f"/{theirs.arguments()[name]}/", f"/{value}/")

    foreign, missing = answers(client, route, where, nowhere)

    assert where != nowhere
    assert foreign == missing
    assert foreign[0] == 404


def test_another_companys_line_cannot_be_planned(client: Client, theirs: Things) -> None:
    answer = client.post(
        f"/companies/4711/deletions/new/?device={theirs.device.pk}", {"reason": "lost", "note": "", "key": "k"}
    )

    assert answer.status_code == 404
