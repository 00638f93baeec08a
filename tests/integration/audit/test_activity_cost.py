"""What a page of the activity costs grows as the trail does, also where large deletions fill it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from onhook.audit import reading
from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag
from tests import factories
from tests.security.canaries.crawling import undone

LOOKS, LINES = 60, 12_000
# Some looks at the company, and then the lines of three operations that ran at the same time: the events of one lie
# between those of the others.
FILL = """
INSERT INTO audit_auditevent (company_id, sequence, tag, at, actor, on_behalf_of, surface, os_user, subject,
                              operation_id, plan_hash, before, after, previous_hash, hash)
SELECT 4711, n, CASE WHEN n > %(looks)s THEN 'device:deleted' ELSE 'company:viewed' END, now(), '4711/ada', '',
       'worker', '', CASE WHEN n > %(looks)s THEN 'device:' ELSE 'company:' END || n,
       CASE WHEN n > %(looks)s THEN lpad((n %% 3)::text, 32, '0')::uuid END, '', '{}', '{}', n, n
FROM generate_series(1, %(looks)s + %(lines)s) AS n
"""
# The trail is read once, for the set of firsts once more, and that set is put together.
MOST_READINGS = 4


@pytest.fixture(scope="module", autouse=True)
def _filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), undone():
        factories.company()
        with connection.cursor() as cursor:
            cursor.execute(FILL, {"looks": LOOKS, "lines": LINES})
            cursor.execute("ANALYZE audit_auditevent")
        yield


def rows_touched(node: dict[str, Any]) -> int:
    """Return how many rows the parts of a plan gave and threw away, over all their loops."""
    thrown = sum(count for name, count in node.items() if name.startswith("Rows Removed by"))
    own = (node["Actual Rows"] + thrown) * node["Actual Loops"]
    return int(own) + sum(rows_touched(below) for below in node.get("Plans", []))


def test_a_page_reads_the_trail_a_few_times_and_not_once_for_each_line() -> None:
    with CaptureQueriesContext(connection) as asked:
        page = reading.of_company(company_id=4711, once=[Tag.DEVICE_DELETED])
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + asked.captured_queries[-1]["sql"].replace("%", "%%"))
        [answer] = cursor.fetchone()
    [explained] = answer if isinstance(answer, list) else json.loads(answer)

    assert len(page.events) == reading.PAGE_EVENTS
    assert rows_touched(explained["Plan"]) <= MOST_READINGS * (LOOKS + LINES)


def test_each_operation_is_told_once_at_its_first_line_on_whichever_page() -> None:
    told: list[AuditEvent] = []
    before: int | None = None
    while before is not None or not told:
        page = reading.of_company(company_id=4711, before=before, once=[Tag.DEVICE_DELETED], most=2)
        told += page.events
        before = page.next

    assert [event.sequence for event in told] == list(range(LOOKS + 3, 0, -1))
    lines = reading.lines_of(events=told, tags=[Tag.DEVICE_DELETED])
    assert list(lines.values()) == [LINES / 3] * 3
