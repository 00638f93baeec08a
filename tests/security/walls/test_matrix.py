"""Closed by default: every address, method and role, against cells that were written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from pytest_django import DjangoDbBlocker

from tests.security.walls import people_and_things
from tests.security.walls.cells import CELLS, EVERYBODY, NOTHING_THERE
from tests.security.walls.people_and_things import METHODS, Cast

EVERYONE = EVERYBODY.split()


def outcome(answer: HttpResponseBase) -> str:
    """Return how an address received somebody: in, to the sign-in, refused, not there, not this way."""
    if answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next="):
        return "sign in"
    return {403: "refused", 404: "not there", 405: "not this way", 500: "fault"}.get(answer.status_code, "in")


def test_every_address_has_a_cell_and_every_cell_an_address() -> None:
    assert people_and_things.routes() == sorted(CELLS)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo what happens inside, as the test runner does: also what insists on a transaction of its own."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    with django_db_blocker.unblock(), rolled_back():
        cast = Cast.gather()
        for name in EVERYONE:
            cast.client(name)
        yield cast


@pytest.mark.parametrize("route", sorted(CELLS))
def test_only_those_named_come_in(cast: Cast, route: str) -> None:
    where = people_and_things.address(route, cast.things)
    got: dict[str, str] = {}
    wanted: dict[str, str] = {}

    with rolled_back():
        for name in EVERYONE:
            client = cast.client(name)
            for method in METHODS:
                got[f"{method} {name}"] = outcome(client.generic(method, where))
                wanted[f"{method} {name}"] = expected(route, method, name)

    assert got == wanted


def expected(route: str, method: str, name: str) -> str:
    """Return what the cells say; who is refused sees either why or nothing at all."""
    cells = CELLS[route]
    # Who may read a page may ask for its head alone.
    method = "GET" if method == "HEAD" else method
    if method not in cells:
        return "not this way"
    if name in cells[method].split():
        return "not there" if route in NOTHING_THERE and name in cells["GET"].split() else "in"
    if name in ("nobody", "suspended", "company_suspended"):
        return "sign in"
    is_for_staff = not any(other in cells[method].split() for other in ("admin", "super_user", "viewer"))
    return "not there" if is_for_staff and name not in ("agent", "lead", "auditor") else "refused"
