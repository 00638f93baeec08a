"""Evidence is told in one order, which is the order in which the code names it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onhook.operations import evidence_order

_OPERATIONS = Path(evidence_order.__file__).parent
_SEEN: dict[str, Any] = {
    "read": "2Checkout",
    "at": "2026-11-22T03:41:07+00:00",
    "account_number": "ACC-1001",
    "subscription": "Q7RK2M9XA4",
    "paid_lines": 12,
    "to_lower": 0,
    "accounts": [{"name": "Example Plumbing", "account_number": "ACC-1001"}],
    "Zeta1515": "direct",
}


@given(keys=st.permutations(list(_SEEN)))
def test_the_order_does_not_depend_on_how_it_was_kept(keys: list[str]) -> None:
    shuffled = {key: _SEEN[key] for key in keys}

    told = evidence_order.in_order(shuffled)

    assert list(told) == [
        "read",
        "at",
        "account_number",
        "accounts",
        "subscription",
        "paid_lines",
        "to_lower",
        "Zeta1515",
    ]
    assert told == _SEEN


def test_facts_within_a_fact_are_in_order_too() -> None:
    seen = {
        "accounts": [{"name": "Example Plumbing", "coid": 4711, "account_id": "0018"}],
        "channels": {"b": 1, "a": 2},
    }

    told = evidence_order.in_order(seen)

    assert list(told["accounts"][0]) == ["coid", "account_id", "name"]
    assert list(told["channels"]) == ["a", "b"]


def test_what_has_no_place_comes_last_by_its_name() -> None:
    assert list(evidence_order.in_order({"zebra": 1, "apple": 2, "tries": 3})) == ["tries", "apple", "zebra"]


def _literals() -> Iterator[tuple[str, list[str]]]:
    """Give each dictionary of evidence that the code writes down: where it stands, and its keys as they stand there."""
    for file in sorted(_OPERATIONS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (found := _evidence_in(node)) is not None:
                keys = [key.value for key in found.keys if isinstance(key, ast.Constant)]
                yield f"{file.relative_to(_OPERATIONS)}:{found.lineno}", [str(key) for key in keys]


def _evidence_in(node: ast.AST) -> ast.Dict | None:
    value: ast.AST | None = None
    if isinstance(node, ast.keyword) and node.arg == "evidence":
        value = node.value
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        is_it = any(isinstance(target, ast.Name) and target.id == "evidence" for target in targets)
        value = node.value if is_it else None
    elif isinstance(node, ast.FunctionDef) and node.name.endswith("evidence"):
        value = next((line.value for line in node.body if isinstance(line, ast.Return)), None)
    return value if isinstance(value, ast.Dict) else None


LITERALS = dict(_literals())


@pytest.mark.parametrize("where", LITERALS)
def test_evidence_is_told_in_the_order_of_the_code(where: str) -> None:
    keys = LITERALS[where]

    assert set(keys) <= set(evidence_order.ORDER), "a new fact needs its place in `evidence_order.ORDER`"
    assert list(evidence_order.in_order(dict.fromkeys(keys))) == keys


def test_the_code_is_really_read() -> None:
    assert len(LITERALS) > 15
    assert len(set(evidence_order.ORDER)) == len(evidence_order.ORDER)
