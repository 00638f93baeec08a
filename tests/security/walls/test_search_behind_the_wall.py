"""Row security does not slow the search: behind the wall it goes by the trigram indexes, on 100,000 lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from psycopg.errors import Diagnostic
from pytest_django import DjangoDbBlocker

from onhook.devices import listing
from onhook.devices.models import Device
from onhook.tenancy import walls
from onhook.tenancy.models import Company
from tests import factories
from tests.security.canaries.crawling import undone

# They are made once, in one process.
pytestmark = pytest.mark.xdist_group("search behind the wall")

LINES = 100_000


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    with django_db_blocker.unblock(), undone():
        mine, theirs = factories.company(), factories.company(coid=4712, name="Sample Roofing")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            # Area codes with a 9 in the middle are nobody's: the numbering plan keeps them back.
            cursor.execute(
                """
                INSERT INTO devices_device (company_id, number, worker, model, soc_code, hold_reason)
                SELECT CASE WHEN n %% 2 = 0 THEN %s ELSE %s END,
                       '+129' || n / 10000 || '555' || lpad((n %% 10000)::text, 4, '0'),
                       'Worker ' || md5(n::text), 'Example Phone ' || n %% 7, 'CKSWDirectAdv1515', ''
                FROM generate_series(0, %s) AS n
                """,
                [mine.pk, theirs.pk, LINES - 1],
            )
            cursor.execute("SET LOCAL session_replication_role = DEFAULT; ANALYZE devices_device")
            # As a vacuum leaves them: new rows wait in a list beside the index until then.
            for index in ("number", "worker", "model"):
                cursor.execute(f"SELECT gin_clean_pending_list('device_{index}_contains')")
        yield mine


@contextmanager
def plans() -> Iterator[list[str]]:
    """Collect how the database carries out each statement, also those inside its functions."""
    seen: list[str] = []

    def keep(notice: Diagnostic) -> None:
        seen.append(notice.message_primary or "")

    with connection.cursor() as cursor:
        cursor.execute(
            "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on; "
            "SET auto_explain.log_level = notice"
        )
        connection.connection.add_notice_handler(keep)
        try:
            yield seen
        finally:
            connection.connection.remove_notice_handler(keep)
            cursor.execute("SET auto_explain.log_min_duration = -1")


def plan_of(seen: list[str]) -> str:
    return "\n".join(plan for plan in seen if "devices_device" in plan)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("299 555 12", "device_number_contains"),
        ("Worker 3f4a", "device_worker_contains"),
        ("c4ca42", "device_worker_contains"),
    ],
)
def test_a_customers_search_for_a_part_goes_by_the_trigram_index(company: Company, text: str, index: str) -> None:
    with plans() as seen, walls.confined(company_id=company.pk):
        listing.search(company=company, text=text)

    plan = plan_of(seen)
    assert f"Bitmap Index Scan on {index}" in plan
    assert "Seq Scan on devices_device" not in plan


def test_a_whole_number_is_looked_for_by_its_end_however_it_is_written(company: Company) -> None:
    for text in ("(295) 555-4242", "+1 295 555 4242", "12955554242", "001 295 555 4242"):
        with plans() as seen, walls.confined(company_id=company.pk):
            found = listing.search(company=company, text=text)

        assert [Device.objects.get(pk=device_id).number for device_id in found] == ["+12955554242"]
        assert "device_number_ends" in plan_of(seen)
        assert "~~ '%" not in plan_of(seen)


def test_ten_digits_within_longer_numbers_are_found_as_a_part(company: Company) -> None:
    held = [factories.device(company, line=line) for line in (1, 2)]
    Device.objects.filter(pk=held[0].pk).update(number="+442025550101999")
    Device.objects.filter(pk=held[1].pk).update(number="+442025550102")

    with walls.confined(company_id=company.pk):
        assert listing.search(company=company, text="2025550101") == [held[0].pk]
        # The same digits in another country are never left out: whose number it is must be seen, not guessed.
        assert listing.search(company=company, text="(202) 555-0102") == [held[1].pk]


def test_a_plain_query_for_the_same_would_not_which_is_why_the_search_is_a_function(company: Company) -> None:
    sql = "SELECT id FROM devices_device WHERE number LIKE %s"
    with plans() as seen, walls.confined(company_id=company.pk), connection.cursor() as cursor:
        cursor.execute(sql, ["%29955512%"])

    assert "device_number_contains" not in plan_of(seen)


def test_the_search_finds_behind_the_wall_what_it_finds_without(company: Company) -> None:
    whole = listing.search(company=company, text="Worker 3f4")
    with walls.confined(company_id=company.pk):
        found = listing.search(company=company, text="Worker 3f4")

    assert sorted(found) == sorted(whole)
    assert found
