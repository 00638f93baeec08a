"""The searches beyond one company are support's, also behind the pages that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django import DjangoDbBlocker

from onhook.operations import finding, targets
from onhook.operations.ports import Account, Ports
from onhook.tenancy.actor import Actor, Surface
from tests import factories
from tests.security.canaries.crawling import undone
from tests.security.walls.cells import CELLS, EVERYBODY
from tests.security.walls.people_and_things import Cast

# Who reads the page of the search may search; nobody else.
MAY = CELLS["console:search"]["GET"].split()
NAMES = [*EVERYBODY.split(), "worker"]


class Crm:
    """A CRM that knows one account, and counts how often it is asked for it."""

    def __init__(self) -> None:
        self.asked = 0

    def accounts_of(self, *, coid: int, name: str) -> list[Account]:
        raise AssertionError((coid, name))

    def account(self, *, account_id: str) -> Account | None:
        raise AssertionError(account_id)

    def accounts_numbered(self, *, account_number: str) -> list[Account]:
        self.asked += 1
        return [Account(account_id="001", name="Example Plumbing", account_number=account_number, coid=4711)]

    def check(self) -> str:
        raise AssertionError


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    with django_db_blocker.unblock(), undone():
        yield Cast.gather()


def actor_named(name: str, cast: Cast) -> Actor:
    """Return somebody of the cast; who is not signed in acts as nobody, as the worker does."""
    user = cast.people.get(name)
    return factories.actor(user, Surface.CONSOLE) if user else Actor.system(Surface.WORKER)


def _anything(actor: Actor, crm: Crm) -> int:
    return finding.anything(text="4711", actor=actor).hits


def _in_crm(actor: Actor, crm: Crm) -> int:
    ports = Ports(mail=None, accounts=crm)  # type: ignore[arg-type]  # nobody mails
    return finding.in_crm(text="ACC-1001", actor=actor, ports=ports, seconds=10).hits


def _lines(actor: Actor, crm: Crm) -> int:
    return len(targets.find(text="Worker", actor=actor, most=5))


@pytest.mark.parametrize("search", [_anything, _in_crm, _lines], ids=["anything", "in_crm", "lines"])
@pytest.mark.parametrize("name", NAMES)
def test_only_support_searches_over_all_companies(name: str, search: Callable[[Actor, Crm], int], cast: Cast) -> None:
    actor, crm = actor_named(name, cast), Crm()

    if name in MAY:
        assert search(actor, crm) > 0
        assert crm.asked == (search is _in_crm)
    else:
        with pytest.raises(targets.NotPermitted):
            search(actor, crm)
        assert crm.asked == 0
