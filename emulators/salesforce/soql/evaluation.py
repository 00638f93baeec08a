"""Carries a parsed query out: fields checked against the schema, rows filtered, sorted and cut."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any

from emulators.salesforce import ids
from emulators.salesforce.casing import fold
from emulators.salesforce.fields import ID_TYPES, TEXT_TYPES, Field, Schema
from emulators.salesforce.soql.errors import NO_FIELD, NO_TYPE, WRONG_OPERATOR, SoqlError, malformed
from emulators.salesforce.soql.syntax import Comparison, Condition, Literal, Name, Negation, Order, Query

Row = Mapping[str, object]
Test = Callable[[Row], bool]
# What is compared: texts folded, times and numbers as such, nothing as None.
Key = str | float | bool | datetime | None

SOBJECT = "Account"
# Any: the keys of one field are all of one kind, which the type checker cannot know.
_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_REFERENCE = "Please reference your WSDL or the describe call for the appropriate names."


@dataclass(frozen=True, slots=True)
class View:
    """What the running user sees: the schema, the fields hidden from them, and their locale."""

    schema: Schema
    hidden: frozenset[str]
    locale: str

    def field(self, name: Name) -> Field:
        """
        Give the field a query names.

        :raises SoqlError: INVALID_FIELD; a hidden field is refused in the words of one that does not exist.
        """
        found = self.schema.find(name.text, hidden=self.hidden)
        if found is None:
            raise SoqlError(code=NO_FIELD, problem=_no_such_column(name.text), position=name.position)
        return found

    def key(self, field: Field, value: object) -> Key:
        """Give a stored value in the form it is compared in; an empty text is nothing."""
        if value is None or value == "":
            return None
        if field.type == "datetime":
            return datetime.fromisoformat(str(value))
        if field.type in ID_TYPES:
            return ids.normalised(str(value))
        if isinstance(value, bool | int | float):
            return value
        return str(value) if field.is_case_sensitive else fold(str(value), locale=self.locale)


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a query, and the fields it asked for, in its order."""

    fields: tuple[Field, ...]
    rows: tuple[Row, ...]


def run(query: Query, *, view: View, rows: Iterable[Row]) -> Result:
    """
    Carry out a query over rows.

    :raises SoqlError: another object, a field that is not there or cannot be used so, a value of the wrong kind.
    """
    if query.sobject.text.lower() != SOBJECT.lower():
        raise SoqlError(code=NO_TYPE, problem=_no_such_type(query.sobject.text), position=query.sobject.position)
    fields = _selected(query.fields, view)
    test: Test = (lambda _: True) if query.where is None else _test(query.where, view)
    found = [row for row in rows if test(row)]
    # The first field sorted by weighs most, and sorting is stable: so it is sorted by last.
    for order in reversed(query.orders):
        found = _sorted(found, order, view)
    stop = None if query.limit is None else query.offset + query.limit
    return Result(fields=fields, rows=tuple(found[query.offset : stop]))


def _selected(names: Sequence[Name], view: View) -> tuple[Field, ...]:
    fields: list[Field] = []
    for name in names:
        field = view.field(name)
        if field in fields:
            raise malformed(f"duplicate field selected: {field.name}", name.position)
        fields.append(field)
    return tuple(fields)


def _test(condition: Condition, view: View) -> Test:
    if isinstance(condition, Comparison):
        return _comparison(condition, view)
    if isinstance(condition, Negation):
        operand = _test(condition.operand, view)
        return lambda row: not operand(row)
    tests = [_test(operand, view) for operand in condition.operands]
    holds = all if condition.operator == "AND" else any
    return lambda row: holds(test(row) for test in tests)


def _comparison(comparison: Comparison, view: View) -> Test:
    field = view.field(comparison.field)
    if not field.is_filterable:
        problem = f"field '{field.name}' can not be filtered in a query call"
        raise SoqlError(code=NO_FIELD, problem=problem, position=comparison.field.position)
    if comparison.operator == "LIKE":
        return _like(comparison, field, view)
    wanted = [_wanted(literal, field, comparison, view) for literal in comparison.values]
    if comparison.operator in _ORDERED:
        return _ordered(comparison, field, view, wanted[0])
    # As SOQL and unlike SQL, `!=` and `NOT IN` also find rows without a value (inferred).
    is_negated = comparison.operator in {"!=", "NOT IN"}
    return lambda row: (view.key(field, row[field.name]) in wanted) != is_negated


def _ordered(comparison: Comparison, field: Field, view: View, wanted: Key) -> Test:
    compare = _ORDERED[comparison.operator]
    if wanted is None or field.type == "boolean":
        raise _wrong_operator(comparison, field)

    def holds(row: Row) -> bool:
        key = view.key(field, row[field.name])
        return key is not None and compare(key, wanted)

    return holds


def _like(comparison: Comparison, field: Field, view: View) -> Test:
    if field.type not in TEXT_TYPES:
        raise _wrong_operator(comparison, field)
    wild = {"%": ".*", "_": "."}
    pattern = re.compile(
        "".join(
            wild[character.text] if character.is_wild else re.escape(str(view.key(field, character.text) or ""))
            for character in comparison.pattern
        ),
        re.DOTALL,
    )

    def holds(row: Row) -> bool:
        key = view.key(field, row[field.name])
        return key is not None and pattern.fullmatch(str(key)) is not None

    return holds


def _wanted(literal: Literal, field: Field, comparison: Comparison, view: View) -> Key:
    """Give a query's value in the form it is compared in, refusing one of the wrong kind for the field."""
    if literal.kind == "null":
        return None
    expected = _LITERALS.get(field.type, "string")
    if literal.kind != expected:
        quotes = "should be enclosed in quotes" if expected == "string" else "should not be enclosed in quotes"
        problem = f"value of filter criterion for field '{field.name}' must be of type {field.type} and {quotes}"
        raise SoqlError(code=NO_FIELD, problem=problem, position=comparison.field.position)
    if field.type in ID_TYPES and literal.text and ids.normalised(literal.text) is None:
        problem = f"invalid ID field: {literal.text}"
        raise SoqlError(code=WRONG_OPERATOR, problem=problem, position=comparison.field.position)
    if literal.kind == "boolean":
        return literal.text == "true"
    try:
        return float(literal.text) if literal.kind == "number" else view.key(field, literal.text)
    except ValueError as error:
        raise malformed(f"{literal.text} is not a valid {literal.kind}", comparison.field.position) from error


_LITERALS = {"boolean": "boolean", "double": "number", "datetime": "datetime"}


def _sorted(rows: list[Row], order: Order, view: View) -> list[Row]:
    field = view.field(order.field)
    if not field.is_filterable:
        problem = f"field '{field.name}' can not be sorted in a query call"
        raise SoqlError(code=NO_FIELD, problem=problem, position=order.field.position)
    keyed = [(view.key(field, row[field.name]), row) for row in rows]
    nothing = [row for key, row in keyed if key is None]
    something = [(key, row) for key, row in keyed if key is not None]
    something.sort(key=lambda pair: pair[0], reverse=order.is_descending)
    values = [row for _, row in something]
    return [*values, *nothing] if order.has_nulls_last else [*nothing, *values]


def _wrong_operator(comparison: Comparison, field: Field) -> SoqlError:
    problem = f"invalid operator on {field.type} field"
    return SoqlError(code=WRONG_OPERATOR, problem=problem, position=comparison.field.position)


def _no_such_column(name: str) -> str:
    if "." in name:
        relationship = name.split(".", maxsplit=1)[0]
        return (
            f"Didn't understand relationship '{relationship}' in field path. If you are attempting to use a custom "
            "relationship, be sure to append the '__r' after the custom relationship name. " + _REFERENCE
        )
    return (
        f"No such column '{name}' on entity '{SOBJECT}'. If you are attempting to use a custom field, be sure to "
        "append the '__c' after the custom field name. " + _REFERENCE
    )


def _no_such_type(name: str) -> str:
    return (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append "
        "the '__c' after the entity name. " + _REFERENCE
    )
