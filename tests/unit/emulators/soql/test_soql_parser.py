"""Reading SOQL: literals and their escapes to the letter, the grammar, and every refusal with its place."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from simple_salesforce.format import format_soql

from emulators.salesforce.soql import parser
from emulators.salesforce.soql.errors import SoqlError
from emulators.salesforce.soql.syntax import Comparison, Junction, Literal, Negation

START = "SELECT Id FROM Account WHERE "


def condition(text: str) -> object:
    return parser.parse(START + text).where


def value_of(literal: str) -> str:
    comparison = condition(f"Name = {literal}")
    assert isinstance(comparison, Comparison)
    return comparison.values[0].text


def pattern_of(literal: str) -> list[tuple[str, bool]]:
    comparison = condition(f"Name LIKE {literal}")
    assert isinstance(comparison, Comparison)
    return [(character.text, character.is_wild) for character in comparison.pattern]


def refusal(query: str) -> SoqlError:
    with pytest.raises(SoqlError) as caught:
        parser.parse(query)
    return caught.value


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r"'Bowden & O\'Neil Ltd'", "Bowden & O'Neil Ltd"),
        (r"'a\\b'", r"a\b"),
        (r"'\\'", "\\"),
        (r"'\\\''", "\\'"),
        (r"'\n\r\t\b\f\"'", '\n\r\t\b\f"'),
        (r"'\u00e9\u00E9'", "éé"),
        ("'say \"x\"'", 'say "x"'),
        ("'100%_'", "100%_"),
        ("''", ""),
        ("'Δ 北 😀'", "Δ 北 😀"),
    ],
)
def test_string_escapes_give_their_character(literal: str, value: str) -> None:
    assert value_of(literal) == value


@pytest.mark.parametrize(
    "literal", [r"'\q'", r"'\%'", r"'\_'", r"'\N'", r"'\u00g0'", r"'\u00e'", r"'\0'", r"'\ '", r"'\%\''"]
)
def test_any_other_backslash_is_refused(literal: str) -> None:
    error = refusal(f"{START}Name = {literal}")

    assert (error.code, error.position) == ("MALFORMED_QUERY", len(START) + len("Name = "))
    assert "Illegal character sequence" in error.problem


def test_like_alone_escapes_wildcards() -> None:
    assert pattern_of(r"'\%a%\__'") == [("%", False), ("a", False), ("%", True), ("_", False), ("_", True)]
    assert pattern_of(r"'\\%'") == [("\\", False), ("%", True)]
    assert refusal(rf"{START}Name LIKE '\q'").code == "MALFORMED_QUERY"


@given(st.text())
@example("\\' OR Name != '")
@example("'\\")
def test_what_an_unrelated_client_escapes_is_read_back_whole(text: str) -> None:
    assert value_of(format_soql("{}", text)) == text
    assert pattern_of("'" + format_soql("{:like}", text) + "'") == [(character, False) for character in text]


@given(st.text(alphabet="' \\%_()=,aNOT\"\n"))
def test_no_text_is_anything_but_read_or_refused(text: str) -> None:
    try:
        where = condition(text)
    except SoqlError as error:
        where = error.message(START + text)

    assert where


def test_conditions_nest_as_written() -> None:
    parsed = condition("(Name = 'a' OR Name = 'b') AND (NOT (Type IN ('x', null))) AND IsDeleted = FALSE")

    assert isinstance(parsed, Junction)
    either, negation, comparison = parsed.operands
    assert parsed.operator == "AND"
    assert isinstance(either, Junction)
    assert either.operator == "OR"
    assert isinstance(negation, Negation)
    assert isinstance(negation.operand, Comparison)
    assert negation.operand.values == (Literal("string", "x"), Literal("null", "null"))
    assert isinstance(comparison, Comparison)
    assert comparison.values == (Literal("boolean", "false"),)


def test_everything_of_a_query_is_read_in_any_case_and_spacing() -> None:
    query = parser.parse(
        "select Id,Name from Account where Name='x'\n\torder by Name desc nulls last,Id limit 3 offset 2"
    )

    assert [name.text for name in query.fields] == ["Id", "Name"]
    assert [(order.field.text, order.is_descending, order.has_nulls_last) for order in query.orders] == [
        ("Name", True, True),
        ("Id", False, False),
    ]
    assert (query.limit, query.offset) == (3, 2)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("", "unexpected token: '<EOF>'"),
        ("SELECT FROM Account", "unexpected token: 'FROM'"),
        ("SELECT * FROM Account", "unexpected token: '*'"),
        ("SELECT Id, FROM Account", "unexpected token: 'FROM'"),
        ("SELECT Id", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE Name", "unexpected token: '<EOF>'"),
        ('SELECT Id FROM Account WHERE Name = "x"', "unexpected token: '\"'"),
        ("SELECT Id FROM Account WHERE Name = x", "unexpected token: 'x'"),
        ("SELECT Id FROM Account WHERE Name = 'x", "unexpected end of file: a string is not closed"),
        ("SELECT Id FROM Account WHERE Name = 'O'Neil'", "unexpected end of file: a string is not closed"),
        ("SELECT Id FROM Account WHERE Name = 'O'Neil", "unexpected token: 'Neil'"),
        ("SELECT Id FROM Account WHERE Name == 'x'", "unexpected token: '='"),
        ("SELECT Id FROM Account WHERE Name LIKE 5", "unexpected token: '5'"),
        ("SELECT Id FROM Account WHERE Name IN ()", "unexpected token: ')'"),
        ("SELECT Id FROM Account WHERE Name IN 'x'", "unexpected token: ''x''"),
        ("SELECT Id FROM Account WHERE Name IN (SELECT Name FROM Account)", "unexpected token: 'SELECT'"),
        ("SELECT Id FROM Account WHERE (Name = 'x'", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "unexpected token: 'OR'"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND NOT Name = 'b'", "unexpected token: 'NOT'"),
        ("SELECT Id FROM Account; DELETE", "unexpected token: ';'"),
        ("SELECT Id FROM Account -- x", "unexpected token: '-'"),
        ("SELECT COUNT() FROM Account", "unexpected token: '('"),
        ("SELECT Id FROM Account LIMIT -1", "unexpected token: '-1'"),
        ("SELECT Id FROM Account LIMIT 1 WHERE Name = 'x'", "unexpected token: 'WHERE'"),
        ("SELECT Id FROM Account GROUP BY Name", "unexpected token: 'GROUP'"),
        ("SELECT Id FROM Account a", "unexpected token: 'a'"),
        (START + "(" * 101 + "Name = 'x'" + ")" * 101, "the query is nested too deeply"),
    ],
)
def test_anything_else_is_malformed(query: str, problem: str) -> None:
    error = refusal(query)

    assert (error.code, error.problem) == ("MALFORMED_QUERY", problem)


def test_offset_has_a_greatest_value() -> None:
    assert parser.parse("SELECT Id FROM Account OFFSET 2000").offset == 2000
    assert refusal("SELECT Id FROM Account OFFSET 2001").code == "NUMBER_OUTSIDE_VALID_RANGE"


def test_message_points_at_the_place() -> None:
    query = "SELECT Id\nFROM Account\nWHERE Name == 'x'"

    message = refusal(query).message(query)

    assert message.splitlines() == [
        "",
        "SELECT Id FROM Account WHERE Name == 'x'",
        "                                   ^",
        "ERROR at Row:3:Column:13",
        "unexpected token: '='",
    ]
