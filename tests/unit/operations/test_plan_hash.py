"""The hash that a person confirms changes with everything that they saw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from onhook.operations.plan_hash import LineFacts, plan_hash

TEXT = st.text(max_size=8)
FACTS = st.dictionaries(TEXT, TEXT | st.integers(), max_size=6)
LINE = st.tuples(st.integers(1, 10**9), TEXT, TEXT, TEXT)
LINES = st.lists(LINE, max_size=6)


@given(facts=FACTS, lines=LINES)
def test_plan_hash_is_the_same_for_the_same_plan(facts: dict[str, Any], lines: list[LineFacts]) -> None:
    shuffled = dict(reversed(list(facts.items())))

    assert plan_hash(facts=facts, lines=lines) == plan_hash(facts=shuffled, lines=iter(lines))


@given(one=st.tuples(FACTS, LINES), other=st.tuples(FACTS, LINES))
def test_plan_hash_differs_for_any_two_plans(one: Any, other: Any) -> None:
    assume(one != other)

    assert plan_hash(facts=one[0], lines=one[1]) != plan_hash(facts=other[0], lines=other[1])


@given(facts=FACTS, lines=st.lists(LINE, min_size=1, max_size=6), data=st.data())
def test_plan_hash_changes_with_any_field_of_any_line(
    facts: dict[str, Any], lines: list[LineFacts], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(lines) - 1))
    field = data.draw(st.integers(0, 3))
    changed: list[Any] = list(lines[index])
    changed[field] = changed[field] + 1 if field == 0 else changed[field] + "x"
    others = [*lines[:index], tuple(changed), *lines[index + 1 :]]

    assert plan_hash(facts=facts, lines=lines) != plan_hash(facts=facts, lines=others)


@given(facts=FACTS, lines=st.lists(LINE, min_size=2, max_size=6, unique=True))
def test_plan_hash_minds_the_order_of_the_lines(facts: dict[str, Any], lines: list[LineFacts]) -> None:
    assert plan_hash(facts=facts, lines=lines) != plan_hash(facts=facts, lines=lines[::-1])


@given(facts=st.dictionaries(TEXT, TEXT | st.integers(), min_size=1, max_size=6), lines=LINES, data=st.data())
def test_plan_hash_changes_with_any_fact(facts: dict[str, Any], lines: list[LineFacts], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(facts)))
    value = facts[name]
    changes: list[Callable[[], dict[str, Any]]] = [
        lambda: {**facts, name: value + 1 if isinstance(value, int) else value + "x"},
        lambda: {key: known for key, known in facts.items() if key != name},
        # The same words as another kind of value are another fact.
        lambda: {**facts, name: str(value) if isinstance(value, int) else 0},
    ]
    change = data.draw(st.sampled_from(changes))

    assert plan_hash(facts=facts, lines=lines) != plan_hash(facts=change(), lines=lines)


def test_plan_hash_keeps_fields_and_lines_apart() -> None:
    texts: list[list[LineFacts]] = [
        [(1, "ab", "c", "d")],
        [(1, "a", "bc", "d")],
        [(1, '","', "c", "d")],
        [(1, "\n", "c", "d")],
        [(1, "ab", "c", "d"), (1, "ab", "c", "d")],
    ]

    hashes = {plan_hash(facts={}, lines=lines) for lines in texts}

    assert len(hashes) == len(texts)


def test_plan_hash_is_pinned() -> None:
    facts: dict[str, str | int] = {"plan": "1", "company": 4711, "note": "ä"}

    found = plan_hash(facts=facts, lines=[(7, "+12025550101", "CKSWDirectAdv1515", "direct")])

    assert found == "b4416cdd0a5090aa1c13c3f135a969ebb2847f42f26afa839933356690d6c3f5"
