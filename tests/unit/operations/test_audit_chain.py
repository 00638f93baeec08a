"""The hash of an audit event: every field counts, and no field can lend its text to another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onhook.audit import chain
from onhook.audit.vocabulary import Tag

EVENT: dict[str, Any] = {
    "company_id": 4711,
    "sequence": 3,
    "tag": "plan:made",
    "at": datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC),
    "actor": "4711/ada",
    "on_behalf_of": "",
    "surface": "cli",
    "os_user": "",
    "subject": "plan:1",
    "operation_id": None,
    "plan_hash": "",
    "before": {},
    "after": {"lines": 1},
    "previous_hash": chain.FIRST_HASH,
}
OTHERS: dict[str, list[Any]] = {
    "company_id": [4712, 471],
    "sequence": [4, -3],
    "tag": ["plan:voided"],
    "at": [EVENT["at"] + timedelta(microseconds=1)],
    "actor": ["4711/eve"],
    "on_behalf_of": ["4711/eve"],
    "surface": ["portal"],
    "os_user": ["root"],
    "subject": ["plan:2"],
    "operation_id": [UUID(int=1)],
    "plan_hash": ["f" * 64],
    "before": [{"lines": 1}, {"": None}],
    "after": [{}, {"lines": "1"}, {"lines": 1, "more": None}],
    "previous_hash": ["f" * 64],
}


def test_link_hash_covers_the_fields_of_this_test() -> None:
    assert set(EVENT) == set(OTHERS) == set(chain.FIELDS)


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in OTHERS.items() for value in values])
def test_link_hash_changes_with_every_field(field: str, value: Any) -> None:
    assert chain.link_hash({**EVENT, field: value}) != chain.link_hash(EVENT)


def test_link_hash_does_not_depend_on_how_the_same_is_written() -> None:
    berlin = timezone(timedelta(hours=1))
    same = {**dict(reversed(EVENT.items())), "at": EVENT["at"].astimezone(berlin), "hash": "left out"}

    assert chain.link_hash(same) == chain.link_hash(EVENT)


@given(text=st.text(max_size=6), other=st.text(max_size=6))
def test_link_hash_keeps_neighbouring_fields_apart(text: str, other: str) -> None:
    try:
        text.encode(), other.encode()
    except UnicodeEncodeError:
        return
    together = chain.link_hash({**EVENT, "actor": text + other, "on_behalf_of": ""})
    apart = chain.link_hash({**EVENT, "actor": text, "on_behalf_of": other})

    assert (together == apart) is (other == "")


def test_tags_are_a_subject_and_an_act() -> None:
    for tag in Tag:
        subject, _, act = tag.value.partition(":")
        assert subject.replace("_", "").isalpha(), tag
        assert act.replace("_", "").isalpha(), tag
        assert tag.value == tag.value.lower(), tag


def test_tags_are_each_there_once() -> None:
    assert len({tag.value for tag in Tag}) == len(Tag.__members__)
