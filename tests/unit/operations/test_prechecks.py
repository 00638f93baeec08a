"""What a plan finds: each fact has one finding, the stopping ones come first, and one alone is enough to stop."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onhook.billing.channels import NEEDS_DECISION, Channel, bill_sentence
from onhook.operations.prechecks import Facts, Level, check

CLEAN = Facts(
    requester_login="4711/ada",
    requester_may_ask=True,
    requester_has_mail=True,
    live_lines_of_company=5,
    chosen=1,
    already_deleted=(),
    held=(),
    not_activated=(),
    seen_in_the_last_day=(),
    open_operations=(),
    lines_by_channel={Channel.DIRECT: 1},
    soc_codes_to_decide=(),
    lines_to_decide=(),
)


def _found(**facts: Any) -> dict[str, Level]:
    return {finding.code: finding.level for finding in check(replace(CLEAN, **facts))}


def test_prechecks_find_nothing_to_stop_a_clean_plan() -> None:
    assert _found() == {"requester": Level.OK, "bill_direct": Level.OK}


@pytest.mark.parametrize(
    ("facts", "code", "level"),
    [
        ({"requester_may_ask": False}, "requester", Level.BLOCK),
        ({"requester_has_mail": False}, "mail_address", Level.WARN),
        ({"live_lines_of_company": 0, "chosen": 0, "already_deleted": (7,)}, "active_services", Level.BLOCK),
        ({"already_deleted": (7,)}, "already_deleted", Level.BLOCK),
        ({"held": (7,)}, "held", Level.BLOCK),
        ({"open_operations": ("7f4d",)}, "open_operation", Level.BLOCK),
        ({"not_activated": (7,)}, "not_activated", Level.WARN),
        ({"seen_in_the_last_day": (7,)}, "in_use", Level.WARN),
        ({"chosen": 5}, "last_lines", Level.WARN),
        ({"soc_codes_to_decide": ("MysteryPlan77",)}, "soc_code", Level.WARN),
    ],
)
def test_prechecks_name_what_is_wrong(facts: dict[str, Any], code: str, level: Level) -> None:
    assert _found(**facts)[code] is level


@pytest.mark.parametrize(("chosen", "is_last"), [(4, False), (5, True)])
def test_prechecks_warn_only_when_no_line_is_left(chosen: int, is_last: bool) -> None:
    assert ("last_lines" in _found(chosen=chosen)) is is_last


def test_prechecks_of_a_requester_who_may_not_ask_do_not_ask_for_their_address() -> None:
    assert "mail_address" not in _found(requester_may_ask=False, requester_has_mail=False)


@pytest.mark.parametrize(("count", "words"), [(1, "1 line is on hold."), (2, "2 lines are on hold.")])
def test_prechecks_count_in_words(count: int, words: str) -> None:
    (finding,) = (finding for finding in check(replace(CLEAN, held=range(count))) if finding.code == "held")

    assert finding.message == words


def test_prechecks_tell_the_bill_of_each_channel_that_needs_no_decision() -> None:
    findings = check(replace(CLEAN, lines_by_channel=dict.fromkeys(Channel, 2)))

    told = {finding.code: finding.message for finding in findings if finding.code.startswith("bill_")}
    assert told == {
        f"bill_{channel.value}": f"2 lines: {bill_sentence(channel, lines=2)}"
        for channel in set(Channel) - NEEDS_DECISION
    }


FACTS = st.builds(
    Facts,
    requester_login=st.just("4711/ada"),
    requester_may_ask=st.booleans(),
    requester_has_mail=st.booleans(),
    live_lines_of_company=st.integers(0, 3),
    chosen=st.integers(0, 3),
    already_deleted=st.lists(st.integers(1, 9), max_size=3),
    held=st.lists(st.integers(1, 9), max_size=3),
    not_activated=st.lists(st.integers(1, 9), max_size=3),
    seen_in_the_last_day=st.lists(st.integers(1, 9), max_size=3),
    open_operations=st.lists(st.just("7f4d"), max_size=2),
    lines_by_channel=st.dictionaries(st.sampled_from(Channel), st.integers(1, 3)),
    soc_codes_to_decide=st.lists(st.just("MysteryPlan77"), max_size=1),
    lines_to_decide=st.lists(st.integers(1, 9), max_size=3),
)


@given(facts=FACTS)
def test_prechecks_stop_exactly_when_something_stops(facts: Facts) -> None:
    findings = check(facts)

    must_stop = (
        not facts.requester_may_ask
        or facts.live_lines_of_company == 0
        or bool(facts.already_deleted)
        or bool(facts.held)
        or bool(facts.open_operations)
    )
    assert any(finding.level is Level.BLOCK for finding in findings) is must_stop


@given(facts=FACTS)
def test_prechecks_come_in_order_once_each_and_say_what_to_do(facts: Facts) -> None:
    findings = check(facts)

    levels = [finding.level for finding in findings]
    codes = [finding.code for finding in findings]
    assert levels == sorted(levels, key=[Level.BLOCK, Level.WARN, Level.OK].index)
    assert len(set(codes)) == len(codes)
    assert all(finding.what_to_do for finding in findings if finding.level is not Level.OK)
    assert all(set(finding.as_json()) == {field.name for field in fields(finding)} for finding in findings)


@pytest.mark.parametrize(
    ("given_facts", "said"),
    [
        ({"not_activated": (7,)}, "1 line was never activated."),
        ({"not_activated": (7, 8)}, "2 lines were never activated."),
        ({"seen_in_the_last_day": (7,)}, "1 line was used in the last day."),
    ],
)
def test_what_is_past_is_told_as_past(given_facts: dict[str, Any], said: str) -> None:
    assert said in {found.message for found in check(replace(CLEAN, **given_facts))}


@pytest.mark.parametrize(
    ("fact", "code", "said"),
    [
        ("not_activated", "not_activated", ["Make sure it is meant.", "Make sure they are meant."]),
        ("seen_in_the_last_day", "in_use", ["Make sure nobody needs it.", "Make sure nobody needs them."]),
    ],
)
def test_what_to_do_counts_the_lines_too(fact: str, code: str, said: list[str]) -> None:
    told = [
        {found.code: found.what_to_do for found in check(replace(CLEAN, **{fact: range(count)}))}[code]
        for count in (1, 2)
    ]

    assert told == said


def test_a_finding_keeps_the_first_lines_it_is_about_and_how_many_there_are() -> None:
    (finding,) = (one for one in check(replace(CLEAN, not_activated=range(20, 27))) if one.code == "not_activated")

    assert finding.as_json()["devices"] == [20, 21, 22, 23, 24]
    assert finding.count == 7
