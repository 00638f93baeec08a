"""How many lines are still to be lowered at the shop: true for every history, and whoever records at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onhook.billing import ledger
from onhook.billing.models import LicenceDecrease, SubscriptionReading
from onhook.tenancy.models import Company
from tests import factories
from tests.integration.operations.looking import wait_until_somebody_waits

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@dataclass
class Customer:
    """A customer, their shop, and the ledger beside them; `told` and `lowered` are what really happened."""

    company: Company
    reference: str
    paid: int
    told: int = 0
    lowered: int = 0
    has_bought: bool = False
    pending: list[tuple[datetime, int]] = field(default_factory=list)
    seconds: int = 0

    def now(self) -> datetime:
        self.seconds += 1
        return START + timedelta(seconds=self.seconds)

    def read(self) -> None:
        """Ask the shop and record its answer at once."""
        asked_at, quantity = self.now(), self.paid
        self._record(quantity, asked_at)

    def ask(self) -> None:
        """Ask the shop; the answer is recorded later, when others may have recorded theirs."""
        self.pending.append((self.now(), self.paid))

    def record_late(self) -> None:
        """Record an old answer, and ask again when it is too old to be used, as a run does."""
        if self.pending:
            asked_at, quantity = self.pending.pop(0)
            try:
                self._record(quantity, asked_at)
            except ledger.Overtaken:
                self.read()

    def _record(self, quantity: int, asked_at: datetime) -> None:
        ledger.record_reading(
            company_id=self.company.pk,
            reference=self.reference,
            quantity=quantity,
            asked_at=asked_at,
            now=self.now(),
        )

    def delete(self, lines: int) -> None:
        """Delete lines: read the count, and keep that they are to be lowered."""
        self.read()
        self._decrease(lines, self.reference)

    def delete_without_link(self, lines: int) -> None:
        """Delete lines while nobody knows which subscription pays for them."""
        self._decrease(lines, "")

    def _decrease(self, lines: int, reference: str) -> None:
        operation_id, now = uuid4(), self.now()
        for _ in range(2):  # the second time is what a run does after a crash
            ledger.record_decrease(
                company_id=self.company.pk, reference=reference, operation_id=operation_id, lines=lines, now=now
            )
        self.told += lines

    def lower(self, lines: int) -> None:
        """Lower the count at the shop: part of what was told, never more."""
        lowered = min(lines, self.told - self.lowered, self.paid)
        self.paid -= lowered
        self.lowered += lowered

    def buy(self, lines: int) -> None:
        self.paid += lines
        self.has_bought = True

    @property
    def unseen(self) -> int:
        return ledger.unseen(company_id=self.company.pk, reference=self.reference)


Event = tuple[str, int]
LINES = st.integers(min_value=1, max_value=4)
QUIET = st.one_of(
    st.tuples(st.sampled_from(["delete", "lower", "delete_without_link"]), LINES),
    st.tuples(st.sampled_from(["read", "ask", "record_late"]), st.just(0)),
)
ANY = st.one_of(QUIET, st.tuples(st.just("buy"), LINES))


@pytest.fixture
def customer(db: None) -> Callable[[], Customer]:
    """Give customers with a first reading of 60 lines, each with a subscription of its own."""
    company = factories.company()

    def make() -> Customer:
        LicenceDecrease.objects.all().delete()
        made = Customer(company=company, reference=uuid4().hex, paid=60)
        made.read()
        return made

    return make


def _happen(customer: Customer, events: list[Event]) -> None:
    for name, lines in events:
        act = getattr(customer, name)
        act(lines) if lines else act()
        rows = LicenceDecrease.objects.values_list("lines", "seen")
        seen = sum(row[1] for row in rows)
        assert all(0 <= row[1] <= row[0] for row in rows)
        assert seen <= customer.lowered, "a decrease counts as seen that the customer never made"
        assert customer.unseen >= 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(ANY, max_size=14))
def test_no_history_sees_more_than_was_lowered(customer: Callable[[], Customer], events: list[Event]) -> None:
    _happen(customer(), events)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(QUIET, max_size=14))
def test_without_purchases_the_customer_is_always_told_the_right_count(
    customer: Callable[[], Customer], events: list[Event]
) -> None:
    """So two operations in a row never both say "12 to 11": each lowers the count that the next one starts from."""
    subject = customer()
    _happen(subject, events)
    before = subject.told

    subject.delete(1)
    first = subject.paid - subject.unseen
    subject.delete(2)
    second = subject.paid - subject.unseen

    assert (first, second) == (60 - before - 1, 60 - before - 3)


def test_a_decrease_larger_than_asked_for_settles_all_and_nothing_more(customer: Callable[[], Customer]) -> None:
    subject = customer()
    subject.delete(1)
    subject.paid -= 5
    subject.read()

    subject.delete(2)

    assert (subject.paid, subject.unseen) == (55, 2)


def test_the_oldest_decrease_is_seen_first(customer: Callable[[], Customer]) -> None:
    subject = customer()
    for lines in (1, 2, 3):
        subject.delete(lines)

    subject.lower(2)
    subject.read()

    assert list(LicenceDecrease.objects.order_by("told_at").values_list("lines", "seen")) == [(1, 1), (2, 1), (3, 0)]


def test_an_answer_that_was_overtaken_is_not_kept(customer: Callable[[], Customer]) -> None:
    subject = customer()
    subject.delete(1)
    subject.ask()
    subject.lower(1)
    subject.read()
    asked_at, quantity = subject.pending.pop()

    with pytest.raises(ledger.Overtaken):
        subject._record(quantity, asked_at)

    assert SubscriptionReading.objects.get().quantity == 59
    assert subject.unseen == 0


@pytest.fixture
def two_decreases(committed: str) -> Company:
    """Give a committed company whose subscription has 12 lines and two decreases of one that the shop has not seen."""
    company = factories.company()
    _record(12, asked_at=START)
    for _ in range(2):
        ledger.record_decrease(company_id=company.pk, reference="SUB", operation_id=uuid4(), lines=1, now=START)
    return company


def _record(quantity: int, *, asked_at: datetime) -> None:
    ledger.record_reading(
        company_id=4711, reference="SUB", quantity=quantity, asked_at=asked_at, now=asked_at + timedelta(seconds=1)
    )


def _in_thread(act: Callable[[], Any]) -> tuple[threading.Thread, list[BaseException]]:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            with transaction.atomic():
                act()
        except BaseException as error:  # noqa: BLE001  # the test looks at it
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread, errors


@pytest.mark.parametrize(("second", "seen"), [(11, 1), (10, 2)])
def test_two_that_record_at_the_same_moment_share_one_drop(two_decreases: Company, second: int, seen: int) -> None:
    later = START + timedelta(minutes=1)
    with transaction.atomic():
        _record(11, asked_at=later)
        # It asked the shop after the first one's answer was there, and comes to record while that is not committed.
        thread, errors = _in_thread(lambda: _record(second, asked_at=later + timedelta(seconds=2)))
        wait_until_somebody_waits()
    thread.join(30)

    assert errors == []
    assert sum(LicenceDecrease.objects.values_list("seen", flat=True)) == seen


def test_of_two_different_counts_read_at_the_same_moment_one_is_read_again(two_decreases: Company) -> None:
    later = START + timedelta(minutes=1)
    with transaction.atomic():
        _record(11, asked_at=later)
        thread, errors = _in_thread(lambda: _record(12, asked_at=later))
        wait_until_somebody_waits()
    thread.join(30)

    assert [type(error) for error in errors] == [ledger.Overtaken]
    assert (SubscriptionReading.objects.get().quantity, ledger.unseen(company_id=4711, reference="SUB")) == (11, 1)
