"""What a query finds: comparing as the org compares, and refusing what its schema does not allow."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_salesforce.format import format_soql

from emulators.salesforce.accounts import Account, read_accounts
from emulators.salesforce.fields import UPGRADE_LINK, Field, Schema
from emulators.salesforce.soql import evaluation, parser
from emulators.salesforce.soql.errors import SoqlError
from emulators.salesforce.soql.evaluation import View

SCHEMA = Schema(
    [
        UPGRADE_LINK,
        Field(name="Key__c", label="Key", type="string", length=20, is_custom=True, is_case_sensitive=True),
        Field(name="Lines__c", label="Lines", type="double", is_custom=True),
    ]
)
ACCOUNTS = [
    {"Id": "0018d00000AbCdE", "Name": "Bowden & O'Neil Ltd", "AccountNumber": "CN-100482", "Type": "Customer"},
    {"Name": "EXAMPLE Plumbing", "AccountNumber": "CN-2", "Key__c": "abc", "Lines__c": 5},
    {"Name": "Example_Plumbing 100%", "AccountNumber": "", "Key__c": "ABC", "Lines__c": 12.5},
    {"Name": "İstanbul Example", "Description": "long", "CreatedDate": "2026-01-02T00:00:00Z"},
]


def accounts(documents: object = ACCOUNTS) -> list[Account]:
    now = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
    return list(read_accounts(documents, schema=SCHEMA, user_id="005xx000001SvQkAAK", now=now).values())


def found(
    where: str, *, locale: str = "en_US", hidden: frozenset[str] = frozenset(), rows: object = ACCOUNTS
) -> list[str]:
    view = View(schema=SCHEMA, hidden=hidden, locale=locale)
    query = parser.parse(f"SELECT Name FROM Account {where}")
    return [str(row["Name"]) for row in evaluation.run(query, view=view, rows=accounts(rows)).rows]


FIRST, SECOND, THIRD, FOURTH = (str(account["Name"]) for account in ACCOUNTS)


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("", [FIRST, SECOND, THIRD, FOURTH]),
        (r"WHERE name = 'bowden & o\'neil ltd'", [FIRST]),
        ("WHERE Name = 'Example'", []),
        ("WHERE Name != 'EXAMPLE plumbing'", [FIRST, THIRD, FOURTH]),
        ("WHERE Type != 'Customer'", [SECOND, THIRD, FOURTH]),
        ("WHERE Type = null", [SECOND, THIRD, FOURTH]),
        ("WHERE Type <> null", [FIRST]),
        ("WHERE AccountNumber = ''", [THIRD, FOURTH]),
        ("WHERE AccountNumber IN ('cn-2', 'CN-100482', 'x')", [FIRST, SECOND]),
        ("WHERE AccountNumber IN ('cn-2', null)", [SECOND, THIRD, FOURTH]),
        ("WHERE AccountNumber NOT IN ('cn-2')", [FIRST, THIRD, FOURTH]),
        ("WHERE Name LIKE 'example%'", [SECOND, THIRD]),
        ("WHERE Name LIKE 'example_plumbing'", [SECOND]),
        (r"WHERE Name LIKE 'example\_plumbing%'", [THIRD]),
        (r"WHERE Name LIKE '%\%'", [THIRD]),
        ("WHERE Name LIKE 'plumbing'", []),
        ("WHERE Type LIKE '%'", [FIRST]),
        ("WHERE (NOT Name LIKE 'example%')", [FIRST, FOURTH]),
        ("WHERE Key__c = 'abc'", [SECOND]),
        ("WHERE Key__c LIKE 'A%'", [THIRD]),
        ("WHERE Lines__c > 5", [THIRD]),
        ("WHERE Lines__c >= 5 AND Lines__c < 12", [SECOND]),
        ("WHERE Lines__c = 5", [SECOND]),
        ("WHERE CreatedDate < 2026-06-01T00:00:00Z", [FOURTH]),
        ("WHERE CreatedDate > 2026-11-20T10:00:00+01:00", [FIRST, SECOND, THIRD]),
        ("WHERE CreatedDate = 2026-01-02T01:00:00.000+0100", [FOURTH]),
        ("WHERE IsDeleted = true", []),
        ("WHERE Id = '0018d00000AbCdE'", [FIRST]),
        ("WHERE Id = '0018D00000ABCDEAAV'", [FIRST]),
        ("WHERE Id = '0018D00000ABCDE'", []),
        ("WHERE (Name LIKE 'e%' OR Type = 'Customer') AND AccountNumber != null", [FIRST, SECOND]),
        ("ORDER BY Lines__c DESC NULLS LAST, Name DESC", [THIRD, SECOND, FOURTH, FIRST]),
        ("ORDER BY Lines__c, Name", [FIRST, FOURTH, SECOND, THIRD]),
        ("ORDER BY Name LIMIT 2 OFFSET 1", [SECOND, THIRD]),
        ("LIMIT 0", []),
        ("OFFSET 3", [FOURTH]),
    ],
)
def test_query_finds(where: str, names: list[str]) -> None:
    assert found(where) == names


def test_dotted_i_is_compared_by_the_users_locale() -> None:
    wanted = "WHERE Name LIKE 'istanbul%'"

    assert found(wanted, locale="tr_TR") == [FOURTH]
    assert found(wanted) == []
    assert found("WHERE Name LIKE 'example plumbing'", locale="tr_TR") == [SECOND]
    assert found("WHERE Name LIKE 'PLUMBING%' OR Name LIKE '%PLUMBING'", locale="tr_TR") == []


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_escaped_text_finds_itself_and_nothing_else(one: str, other: str) -> None:
    rows = [{"Name": one}, {"Name": other}]
    expected = [name for name in (one, other) if _folded(name) == _folded(one)]

    assert found(format_soql("WHERE Name = {}", one), rows=rows) == expected
    assert found("WHERE Name LIKE '" + format_soql("{:like}", one) + "'", rows=rows) == expected


def _folded(text: str) -> str:
    return "".join(character.lower() for character in text)


@pytest.mark.parametrize(
    ("where", "code", "problem"),
    [
        ("WHERE Nam = 'x'", "INVALID_FIELD", "No such column 'Nam' on entity 'Account'"),
        ("WHERE Owner.Name = 'x'", "INVALID_FIELD", "Didn't understand relationship 'Owner'"),
        ("ORDER BY Nam", "INVALID_FIELD", "No such column 'Nam'"),
        ("WHERE Description = 'long'", "INVALID_FIELD", "can not be filtered"),
        ("WHERE Description LIKE '%'", "INVALID_FIELD", "can not be filtered"),
        ("ORDER BY Description", "INVALID_FIELD", "can not be sorted"),
        ("WHERE Name = 5", "INVALID_FIELD", "must be of type string and should be enclosed in quotes"),
        ("WHERE Lines__c = '5'", "INVALID_FIELD", "must be of type double and should not be enclosed"),
        ("WHERE IsDeleted = 'x'", "INVALID_FIELD", "must be of type boolean and should not be enclosed"),
        ("WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD", "must be of type datetime and should not"),
        ("WHERE CreatedDate > 2026-13-01T00:00:00Z", "MALFORMED_QUERY", "not a valid datetime"),
        ("WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("WHERE Id LIKE '001%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
        ("WHERE IsDeleted > false", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean field"),
        ("WHERE Name > null", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on string field"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused(where: str, code: str, problem: str) -> None:
    with pytest.raises(SoqlError, match=re.escape(problem)) as caught:
        found(where)

    assert caught.value.code == code


def test_field_can_be_selected_once() -> None:
    view = View(schema=SCHEMA, hidden=frozenset(), locale="en_US")

    with pytest.raises(SoqlError, match="duplicate field selected: Name"):
        evaluation.run(parser.parse("SELECT Name, Id, name FROM Account"), view=view, rows=[])


def test_hidden_field_is_refused_in_the_words_of_one_that_does_not_exist() -> None:
    with pytest.raises(SoqlError) as hidden:
        found("WHERE AccountNumber = 'x'", hidden="AccountNumber")
    with pytest.raises(SoqlError) as missing:
        found("WHERE NoSuchThing__c = 'x'")

    assert hidden.value.code == "INVALID_FIELD"
    assert hidden.value.problem == missing.value.problem.replace("NoSuchThing__c", "AccountNumber")


def test_other_object_is_refused() -> None:
    view = View(schema=SCHEMA, hidden=frozenset(), locale="en_US")

    with pytest.raises(SoqlError, match="sObject type 'Contact' is not supported") as caught:
        evaluation.run(parser.parse("SELECT Id FROM Contact"), view=view, rows=[])
    assert caught.value.code == "INVALID_TYPE"
