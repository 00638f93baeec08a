"""Each index of the list's orders is taken, and without it the same page costs at least twice as much."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from onhook.devices import listing
from onhook.devices.models import Device
from onhook.devices.wanted import Key, Sort, Tab, Wanted
from onhook.tenancy import walls
from onhook.tenancy.models import Company
from tests import factories
from tests.security.canaries.crawling import undone

# Lines of the platform, in no order: every twentieth is the company's; of those every fourth is deleted, and every
# twentieth is held.
FILL = """
INSERT INTO devices_device (company_id, number, worker, model, soc_code, hold_reason, last_seen_at, deleted_at, held_at)
SELECT CASE WHEN n % 20 = 0 THEN 4711 ELSE 4712 END, '+1' || 201 + n / 100 || '55501' || lpad((n % 100)::text, 2, '0'),
       'Worker ' || md5(n::text), '', 'DIRECT', '', '2026-01-01'::timestamptz + n * interval '1 minute',
       CASE WHEN n / 20 % 4 = 0 THEN '2026-02-01'::timestamptz + n * interval '1 minute' END,
       CASE WHEN n / 20 % 20 = 1 THEN '2026-02-01'::timestamptz END
FROM generate_series(0, 39999) AS n ORDER BY md5(n::text)
"""
# What is wanted, and after how many rows the deep page begins.
PAGES = {
    "device_list_number": (Wanted(sort=Sort.NUMBER), 700),
    "device_list_worker": (Wanted(sort=Sort.WORKER), 700),
    "device_list_seen": (Wanted(sort=Sort.SEEN), 700),
    "device_list_held": (Wanted(tab=Tab.HELD), 30),
    "device_list_deleted": (Wanted(tab=Tab.DELETED), 100),
}
# So many times what it costs with its index, a page costs without: a longer list makes the difference larger.
TIMES = 2


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    with django_db_blocker.unblock(), undone():
        company = factories.company()
        factories.company(coid=4712, name="Sample Roofing")
        with connection.cursor() as cursor:
            cursor.execute(FILL)
            cursor.execute("ANALYZE devices_device")
        yield company


def plan_of(company: Company, wanted: Wanted, after: Key | None) -> tuple[float, set[str]]:
    """Return what the planner thinks a page costs behind the wall, and the indexes it takes."""
    with walls.confined(company_id=company.pk):
        with CaptureQueriesContext(connection) as asked:
            listing.page(company=company, wanted=wanted, after=after)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (FORMAT JSON) " + asked.captured_queries[-1]["sql"].replace("%", "%%"))
            [answer] = cursor.fetchone()
    [explained] = answer if isinstance(answer, list) else json.loads(answer)
    return explained["Plan"]["Total Cost"], set(indexes_of(explained["Plan"]))


def indexes_of(node: dict[str, Any]) -> Iterator[str]:
    if "Index Name" in node:
        yield node["Index Name"]
    for below in node.get("Plans", []):
        yield from indexes_of(below)


def test_every_index_of_the_list_has_a_page_that_needs_it() -> None:
    assert {index.name for index in Device._meta.indexes if index.name.startswith("device_list_")} == PAGES.keys()


@pytest.mark.parametrize("index", PAGES)
def test_a_page_takes_its_index_and_costs_twice_as_much_without(company: Company, index: str) -> None:
    wanted, _ = PAGES[index]
    with undone():
        cost, taken = plan_of(company, wanted, None)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX {index}")

        cost_without, taken_without = plan_of(company, wanted, None)

    assert taken == {index}
    assert index not in taken_without
    assert cost_without > TIMES * cost, (cost, cost_without, taken_without)


@pytest.mark.parametrize("index", PAGES)
def test_a_page_deep_in_the_list_takes_the_same_index(company: Company, index: str) -> None:
    wanted, rows_before = PAGES[index]
    after = listing.page(company=company, wanted=wanted, most=rows_before).next
    assert after

    _, taken = plan_of(company, wanted, after)

    assert taken == {index}
