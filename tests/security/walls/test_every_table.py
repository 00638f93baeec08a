"""Row security table by table: raw SQL under the customers' role, on every table that holds rows of companies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction
from pytest_django import DjangoDbBlocker

from onhook.operations.models import Operation, Plan
from onhook.tenancy import walls
from onhook.tenancy.models import User
from tests.security.canaries import crawling, planting
from tests.security.canaries.planting import COIDS, owned_models

MINE, THEIRS = COIDS[0], COIDS[1]
OWNED = dict(owned_models())
# What the customers' role may do, said a second time and by hand. Every other table is closed to it.
GRANTS = {
    "assistant_case": "INSERT SELECT UPDATE",
    "assistant_casemessage": "INSERT SELECT",
    "assistant_conversation": "INSERT SELECT UPDATE",
    "assistant_message": "INSERT SELECT",
    "audit_auditevent": "INSERT SELECT",
    "audit_audithead": "INSERT SELECT UPDATE",
    "billing_companyfact": "SELECT",
    "billing_licencedecrease": "SELECT",
    "billing_ruleset": "SELECT",
    "billing_socrule": "SELECT",
    "billing_subscriptionreading": "SELECT",
    "devices_device": "SELECT",
    "operations_notice": "SELECT",
    "operations_operation": "INSERT SELECT UPDATE",
    "operations_operationitem": "INSERT SELECT UPDATE",
    "operations_plan": "INSERT SELECT UPDATE",
    "operations_planitem": "INSERT SELECT",
    "operations_question": "SELECT UPDATE",
    "operations_step": "SELECT",
    "tenancy_company": "SELECT",
    "tenancy_user": "INSERT SELECT UPDATE",
}
# A lock on the own company's row needs the right to change one column of it.
COLUMN_GRANTS = {("tenancy_company", "coid", "UPDATE")}
# Of a company, and none of its people's business to read or write by a page behind the wall.
CLOSED = {"tenancy_accesstoken"}
OPEN_TABLES = [model for model in OWNED if model._meta.db_table not in CLOSED]


@dataclass(frozen=True)
class Rows:
    """The rows of one table that are one company's, by key."""

    own: frozenset[Any]
    foreign: frozenset[Any]


Filled = dict[type[models.Model], Rows]


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Filled]:
    """Give four companies with one of everything, and the keys of each table's rows."""
    with django_db_blocker.unblock(), crawling.undone():
        people = planting.plant().people
        # Staff who acted for the company are seen by it, which makes them the rows most easily written by mistake.
        Operation.objects.filter(company=MINE).update(confirmed_by=people["1/agent"])
        yield {model: _rows_of(model, path) for model, path in OWNED.items()}


def _rows_of(model: type[models.Model], path: str) -> Rows:
    every = model._base_manager
    own = frozenset(every.filter(**{path: MINE}).values_list("pk", flat=True))
    foreign = frozenset(every.exclude(**{path: MINE}).values_list("pk", flat=True))
    assert own
    assert foreign
    return Rows(own, foreign)


@pytest.fixture
def undone(filled: Filled) -> Iterator[None]:
    with crawling.undone():
        yield


@pytest.fixture
def policies_alone(undone: None) -> None:
    """Leave the policies to hold by themselves: every right is granted, and neither triggers nor foreign keys help."""
    tables = ", ".join(model._meta.db_table for model in OPEN_TABLES)
    ask(f"GRANT ALL ON {tables} TO {walls.ROLE}")
    ask("SET LOCAL session_replication_role = replica")


def ask(sql: str, *values: object) -> tuple[int, list[tuple[Any, ...]]]:
    """Return how many rows were touched, and those that came back."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return cursor.rowcount, cursor.fetchall() if cursor.description else []


def refusal_of(sql: str, *values: object) -> str:
    """Return why the company's people are refused; empty where they are not."""
    try:
        with walls.confined(company_id=MINE), transaction.atomic():
            ask(sql, *values)
    except DatabaseError as refused:
        return str(refused)
    return ""


def touched_by(sql: str, *values: object) -> int:
    with walls.confined(company_id=MINE), transaction.atomic():
        return ask(sql, *values)[0]


def owner_of(model: type[models.Model]) -> str:
    """Return the column that says whose a row is; a line of a plan has none and is its plan's."""
    return {"pk": "coid", "company__pk": "company_id"}.get(OWNED[model], "plan_id")


def by_table(names: list[type[models.Model]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("model", names, ids=lambda model: model._meta.db_table)


def test_the_role_has_the_rights_that_are_written_here_and_no_other(filled: Filled) -> None:
    where = "grantee IN (%s, 'PUBLIC') AND table_schema NOT IN ('pg_catalog', 'information_schema')"
    sql = f"SELECT table_name, privilege_type, is_grantable FROM information_schema.role_table_grants WHERE {where}"
    columns = f"SELECT table_name, column_name, privilege_type FROM information_schema.role_column_grants WHERE {where}"
    _, granted = ask(sql, walls.ROLE)

    given = {table: " ".join(sorted(right for name, right, _ in granted if name == table)) for table, _, _ in granted}

    assert given == GRANTS
    assert {is_grantable for _, _, is_grantable in granted} == {"NO"}
    of_columns = {one for one in ask(columns, walls.ROLE)[1] if one[2] not in GRANTS.get(one[0], "").split()}
    assert of_columns == COLUMN_GRANTS


def test_every_table_of_companies_is_open_by_a_written_right_or_closed() -> None:
    tables = {model._meta.db_table for model in OWNED}

    assert tables == CLOSED | (GRANTS.keys() - {"billing_ruleset", "billing_socrule"})


@by_table([model for model in OWNED if model._meta.db_table in CLOSED])
@pytest.mark.parametrize(
    "sql", ["SELECT id FROM {}", "UPDATE {} SET id = id", "DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES"]
)
def test_a_closed_table_is_closed(undone: None, model: type[models.Model], sql: str) -> None:
    assert "permission denied" in refusal_of(sql.format(model._meta.db_table))


@by_table(OPEN_TABLES)
def test_own_rows_are_read_and_no_others(undone: None, filled: Filled, model: type[models.Model]) -> None:
    key = model._meta.pk.column if model._meta.pk else ""
    acted_for_us = set(User.objects.filter(login="1/agent").values_list("pk", flat=True)) if model is User else set()

    with walls.confined(company_id=MINE):
        _, seen = ask(f"SELECT {key} FROM {model._meta.db_table}")

    assert {pk for (pk,) in seen} == filled[model].own | acted_for_us


@by_table(OPEN_TABLES)
def test_what_was_not_granted_is_refused(undone: None, model: type[models.Model]) -> None:
    table, column = model._meta.db_table, owner_of(model)
    tried = {
        "INSERT": f"INSERT INTO {table} DEFAULT VALUES",
        "UPDATE": f"UPDATE {table} SET {column} = {column}",
        "DELETE": f"DELETE FROM {table}",
    }
    wanted = {right for right in tried if right not in GRANTS[table].split()}
    if (table, column, "UPDATE") in COLUMN_GRANTS:
        wanted -= {"UPDATE"}

    refused = {right for right, sql in tried.items() if "permission denied" in refusal_of(sql)}

    assert refused == wanted


@by_table(OPEN_TABLES)
def test_a_change_of_everything_changes_own_rows_only(
    policies_alone: None, filled: Filled, model: type[models.Model]
) -> None:
    # Nothing of a row is read here, so that the policy for reading cannot stand in for the one for writing.
    column = owner_of(model) if owner_of(model) != "plan_id" else "soc_code"
    value = "x" if column == "soc_code" else MINE

    touched = touched_by(f"UPDATE {model._meta.db_table} SET {column} = %s", value)

    assert touched == len(filled[model].own)


def test_staff_who_are_seen_cannot_be_taken_over(undone: None, filled: Filled) -> None:
    taken = "UPDATE tenancy_user SET company_id = %s, role = 'viewer' WHERE login = '1/agent'"

    with walls.confined(company_id=MINE):
        assert ask("SELECT id FROM tenancy_user WHERE login = '1/agent'")[0] == 1

    assert touched_by(taken, MINE) == 0


@by_table(OPEN_TABLES)
def test_an_own_row_cannot_be_given_away(policies_alone: None, filled: Filled, model: type[models.Model]) -> None:
    column = owner_of(model)
    to = THEIRS if column != "plan_id" else Plan.objects.filter(company=THEIRS).earliest("pk").pk

    assert "row-level security" in refusal_of(f"UPDATE {model._meta.db_table} SET {column} = %s", to)


@by_table(OPEN_TABLES)
def test_a_deletion_of_everything_deletes_own_rows_only(
    policies_alone: None, filled: Filled, model: type[models.Model]
) -> None:
    touched_by(f"DELETE FROM {model._meta.db_table}")

    left = frozenset(model._base_manager.values_list("pk", flat=True))
    assert left & filled[model].foreign == filled[model].foreign


@by_table(OPEN_TABLES)
def test_a_foreign_row_cannot_be_put_in(policies_alone: None, filled: Filled, model: type[models.Model]) -> None:
    # A copy of one that is there: were the policy not asked first, the unique key would answer.
    table, key = model._meta.db_table, model._meta.pk.column if model._meta.pk else ""
    _, [(copy,)] = ask(f"SELECT to_jsonb(one)::text FROM {table} AS one WHERE {key} = %s", min(filled[model].foreign))

    refused = refusal_of(f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s::jsonb)", copy)

    assert "row-level security" in refused


@by_table(OPEN_TABLES)
def test_nothing_is_read_or_changed_where_no_company_is_set(
    policies_alone: None, filled: Filled, model: type[models.Model]
) -> None:
    table, column = model._meta.db_table, owner_of(model)
    with walls.confined(company_id=MINE):
        ask("SELECT set_config(%s, '', false)", walls.SETTING)

        assert ask(f"SELECT {column} FROM {table}")[1] == []
        assert ask(f"UPDATE {table} SET {column} = NULL")[0] == 0
        assert ask(f"DELETE FROM {table}")[0] == 0
