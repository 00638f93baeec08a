"""Row security: with the product's own filters switched off, a customer still sees one company only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from onhook.devices import listing
from onhook.devices.models import Device
from onhook.devices.wanted import Key, Sort, Tab, Wanted
from onhook.tenancy import walls
from tests import factories
from tests.security.walls.people_and_things import Things

# Tables that every customer may read: they hold nothing of any company.
OPEN = {"billing_ruleset", "billing_socrule"}


@pytest.fixture
def companies(db: None) -> tuple[Things, Things]:
    mine = Things.of(factories.company(), first_line=10)
    return mine, Things.of(factories.company(coid=4712, name="Sample Roofing"), first_line=110)


@pytest.fixture
def behind_the_wall(companies: tuple[Things, Things]) -> Iterator[tuple[Things, Things]]:
    with walls.confined(company_id=companies[0].company.pk):
        yield companies


def rows(sql: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return cursor.fetchall()


def readable() -> dict[str, bool]:
    """Return the tables that customers may read, and whether row security is on."""
    found = rows(
        "SELECT relname, relrowsecurity FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        "WHERE relkind IN ('r', 'p', 'v', 'm') AND nspname NOT IN ('pg_catalog', 'information_schema') "
        "AND (has_table_privilege(%s, pg_class.oid, 'SELECT') OR has_any_column_privilege(%s, pg_class.oid, 'SELECT'))",
        walls.ROLE,
        walls.ROLE,
    )
    return {str(name): bool(is_on) for name, is_on in found}


def test_every_table_that_customers_may_read_has_row_security_or_holds_nothing_of_a_company(db: None) -> None:
    assert {name for name, is_on in readable().items() if not is_on} == OPEN
    assert len(readable()) > 12


def test_raw_sql_sees_rows_of_the_own_company_only(behind_the_wall: tuple[Things, Things]) -> None:
    mine, _ = behind_the_wall
    seen = {}

    for table in sorted(readable().keys() - OPEN):
        column = {"tenancy_company": "coid", "operations_planitem": None}.get(table, "company_id")
        sql = f"SELECT DISTINCT {column} FROM {table}" if column else f"SELECT DISTINCT {mine.company.pk} FROM {table}"
        seen[table] = {company_id for (company_id,) in rows(sql)}

    assert set().union(*seen.values()) == {mine.company.pk}
    filled = {name for name, companies in seen.items() if companies}
    assert {"devices_device", "tenancy_user", "operations_plan", "operations_operation", "audit_auditevent"} <= filled


def test_lines_of_a_foreign_plan_cannot_be_seen(behind_the_wall: tuple[Things, Things]) -> None:
    mine, theirs = behind_the_wall

    seen = {plan_id for (plan_id,) in rows("SELECT plan_id FROM operations_planitem")}

    assert mine.plan.pk in seen
    assert theirs.plan.pk not in seen


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE operations_plan SET company_id = 4712",
        "UPDATE tenancy_user SET role = 'admin' WHERE company_id = 4712",
        "UPDATE devices_device SET deleted_at = now()",
        "DELETE FROM operations_plan",
        "SELECT * FROM django_session",
        "SELECT * FROM mfa_authenticator",
        "SELECT * FROM tenancy_accesstoken",
        "SELECT * FROM web_cache",
        "SELECT * FROM vendor_sign_in",
        "SELECT * FROM absurd.t_onhook",
        "INSERT INTO audit_audithead (company_id, sequence, hash) VALUES (4712, 0, '')",
    ],
)
def test_what_is_not_a_customers_is_refused_or_touches_nothing(
    behind_the_wall: tuple[Things, Things], sql: str
) -> None:
    refusal, touched = "", 0

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            touched = cursor.rowcount
    except DatabaseError as refused:
        refusal = str(refused)

    assert touched == 0
    assert not refusal or "permission denied" in refusal or "row-level security" in refusal


def test_without_a_company_nothing_is_seen(companies: tuple[Things, Things]) -> None:
    with walls.confined(company_id=companies[0].company.pk):
        rows("SELECT set_config('onhook.company', '', false)")

        assert rows("SELECT count(*) FROM devices_device") == [(0,)]
        assert rows("SELECT count(*) FROM devices_matching(4711, '{}', '555', '', NULL, 10)") == [(0,)]


def test_the_search_filters_by_the_walls_company_whatever_is_asked(behind_the_wall: tuple[Things, Things]) -> None:
    mine, theirs = behind_the_wall

    found = {pk for (pk,) in rows("SELECT devices_matching(%s, '{}', '555', '', NULL, 1000)", theirs.company.pk)}

    assert found == set(Device.objects.values_list("pk", flat=True))
    assert mine.device.pk in found


def test_after_the_wall_the_connection_is_the_owners_again(companies: tuple[Things, Things]) -> None:
    with walls.confined(company_id=4711):
        assert walls.is_confined()

    assert not walls.is_confined()
    assert Device.objects.filter(company_id=4712).exists()


def test_the_wall_falls_also_after_a_fault(companies: tuple[Things, Things]) -> None:
    with pytest.raises(ZeroDivisionError), walls.confined(company_id=4711):
        _ = 1 / 0

    assert not walls.is_confined()


def test_a_request_shows_no_foreign_row_when_the_products_filters_are_off(
    companies: tuple[Things, Things], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = companies
    monkeypatch.setattr(listing, "OF_COMPANY", "true")
    client = Client()
    client.force_login(mine.admin)

    page = client.get("/companies/4711/devices/").content.decode()

    assert mine.device.worker in page
    assert theirs.device.worker not in page
    assert f"/devices/{theirs.device.pk}/" not in page


def test_staff_see_every_company_in_the_same_place(
    companies: tuple[Things, Things], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, theirs = companies
    monkeypatch.setattr(listing, "OF_COMPANY", "true")
    client = Client()
    client.force_login(factories.agent())

    page = client.get("/companies/4711/devices/").content.decode()

    assert f"/devices/{theirs.device.pk}/" in page


@pytest.mark.parametrize(
    ("wanted", "key", "index"),
    [
        (Wanted(sort=Sort.WORKER), "Worker 3", "device_list_worker"),
        (Wanted(sort=Sort.SEEN), "2026-01-05T09:00:00+00:00", "device_list_seen"),
        (Wanted(tab=Tab.DELETED), "2026-01-05T09:00:00+00:00", "device_list_deleted"),
    ],
)
def test_row_security_does_not_keep_a_page_from_its_index(
    behind_the_wall: tuple[Things, Things], wanted: Wanted, key: str, index: str
) -> None:
    # A few lines are read and sorted at once. What is asked is whether the index could serve, not which way is cheaper.
    for other_way in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
        rows("SELECT set_config(%s, 'off', true)", other_way)
    mine, _ = behind_the_wall
    with CaptureQueriesContext(connection) as asked:
        listing.page(company=mine.company, wanted=wanted, after=Key(key, 1))

    plan = "\n".join(str(line) for (line,) in rows("EXPLAIN " + asked.captured_queries[-1]["sql"].replace("%", "%%")))

    condition = plan.partition("Index Cond:")[2].partition("\n")[0]
    assert index in plan
    assert any(word in condition for word in ("worker", "last_seen_at", "deleted_at <"))
