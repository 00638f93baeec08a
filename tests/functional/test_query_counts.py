"""Every page and partial asks the database no more often for thirty rows than for one, whatever the rows are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from onhook import clock
from onhook.assistant.models import Case, CaseMessage
from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.devices.models import Device
from onhook.operations import confirming, planning
from onhook.operations.models import Operation, Plan, Question
from onhook.operations.vocabulary import QuestionKind, StepName
from onhook.surfaces.access import READS, Audience
from onhook.surfaces.web.access import all_routes
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.security.canaries.crawling import undone
from tests.security.walls import people_and_things
from tests.security.walls.people_and_things import Things

# One process counts for all of these tests.
pytestmark = pytest.mark.xdist_group("query counts")

SIZES = (1, 3, 30)
# More than anybody would expect of one page.
MOST_QUERIES = 25
# Pages of the sign-in have no rows, and a link out of a mail works once.
ROUTES = [name for name, row in sorted(all_routes().items()) if row.methods & READS and ":" in name]
# What else the address says: `PICKED` becomes as many picked lines as there are of everything, `OPERATION` the newest.
SAYING = {
    "help:steps": ["?operation=OPERATION"],
    "portal:deletion": ["?PICKED"],
    "console:deletion": ["?PICKED"],
    "portal:devices": ["?q=Worker", "?tab=deleted", "?tab=held&sort=seen", "?q=Nobody&PICKED"],
    "console:devices": ["?text=Worker", "?tab=deleted", "?text=Nobody&PICKED"],
    "console:search": ["?q=Worker&list=1", "?q=Example&list=1"],
    "console:audit": ["?q=device"],
    "portal:companies": ["?q=Example"],
}
CASES = [
    (route, query)
    for route in ROUTES
    for query in ["", *SAYING.get(route, [])]
    if query or not route.endswith((":deletion", ":steps"))
]
Counts = dict[tuple[str, str, bool], dict[int, int]]


class Growing:
    """A company with as many of each thing as asked for, and the people who look at it."""

    def __init__(self) -> None:
        self.things = Things.of(factories.company(), first_line=9_000)
        self.lead = factories.agent(username="lead", role=Role.LEAD)
        self._made = 0
        self.picked = ""

    def grow(self, size: int) -> None:
        """Make it have `size` of each."""
        for number in range(self._made, size):
            self._one_more(number)
        self._made = size
        # The newest plan and operation have as many lines as there are of everything else.
        lines = [self._line(100 * size + number) for number in range(2 * size)]
        self.picked = "&".join(f"device={line.pk}" for line in lines[:size])
        self.things.plan = self._plan(lines[:size])
        self.things.operation = self._confirmed(self._plan(lines[size:]))
        for number in range(size):
            self._question(self.things.operation, subject=f"code {number}")

    def _one_more(self, number: int) -> None:
        company, now = self.things.company, clock.now()
        factories.user(company, username=f"person{number}")
        factories.company(coid=5_000 + number, name=f"Example {number}")
        self._question(self._confirmed(self._plan([self._line(number)])))
        self._plan([self._line(5_000 + number)])
        Device.objects.filter(pk=self._line(6_000 + number).pk).update(deleted_at=now)
        Device.objects.filter(pk=self._line(7_000 + number).pk).update(held_at=now, hold_reason="moved")
        entry = trail.Entry(tag=Tag.DEVICE_SKIPPED, subject=f"device:{self.things.device.pk}", after={"n": number})
        trail.record(company_id=company.pk, actor=factories.actor(self.things.admin), entries=[entry])
        CaseMessage.objects.create(
            case=Case.objects.get(company=company),
            company=company,
            author=self.things.colleague,
            author_name="Colleague Example",
            is_from_support=False,
            text="And one thing more.",
            at=now,
        )

    def _line(self, number: int) -> Device:
        return factories.device(self.things.company, line=number)

    def _plan(self, lines: list[Device]) -> Plan:
        return planning.plan(
            company=self.things.company,
            device_ids=[line.pk for line in lines],
            request=factories.request(self.things.admin),
            actor=factories.actor(self.things.admin),
            now=clock.now(),
        )

    def _confirmed(self, plan: Plan) -> Operation:
        return confirming.confirm(
            company=plan.company,
            plan_id=plan.pk,
            plan_hash=plan.plan_hash,
            actor=factories.actor(self.things.admin),
            now=clock.now(),
        )

    def _question(self, operation: Operation, subject: str = "") -> None:
        Question.objects.create(
            operation=operation,
            company=operation.company,
            step=StepName.AUTHORISE.value,
            kind=QuestionKind.SOC_CODE.value,
            subject=subject,
            text="Who bills this code?",
            choices=[{"code": "direct", "label": "Billed directly"}],
            opened_at=clock.now(),
        )

    def said(self, query: str) -> str:
        return query.replace("PICKED", self.picked).replace("OPERATION", str(self.things.operation.pk))

    def reader_of(self, route: str) -> User:
        """Return who looks at an address: its case is read by the person who opened it."""
        if all_routes()[route].audience in (Audience.STAFF, Audience.COMPANY_FOR_STAFF):
            return self.lead
        return self.things.colleague if route == "portal:case" else self.things.admin


@pytest.fixture(scope="module")
def counted(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Counts]:
    with django_db_blocker.unblock(), undone():
        caches["counts"].clear()
        counts: Counts = defaultdict(dict)
        growing = Growing()
        clients = {}
        for person in (growing.lead, growing.things.admin, growing.things.colleague):
            clients[person.pk] = Client()
            clients[person.pk].force_login(person)
        for size in SIZES:
            growing.grow(size)
            for route, query in CASES:
                where = people_and_things.address(route, growing.things) + growing.said(query)
                client = clients[growing.reader_of(route).pk]
                for is_partial in (False, True):
                    counts[route, query, is_partial][size] = queries_of(client, where, is_partial=is_partial)
        yield counts


def queries_of(client: Client, where: str, *, is_partial: bool) -> int:
    headers = {"HX-Request": "true"} if is_partial else {}
    # The first look is written down, once a minute, and the session's last use as well.
    client.get(where, headers=headers)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(where, headers=headers)
        b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    assert answer.status_code in (200, 286), where
    return len(queries)


@pytest.mark.parametrize("is_partial", [False, True], ids=["page", "partial"])
@pytest.mark.parametrize(("route", "query"), CASES)
def test_queries_do_not_grow_with_rows(counted: Counts, route: str, query: str, is_partial: bool) -> None:
    by_size = counted[route, query, is_partial]

    # Fewer may be: a search that is full asks no further.
    assert by_size[30] <= by_size[3] <= by_size[1], by_size
    assert by_size[30] <= MOST_QUERIES
