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
    already_deleted=0,
    held=0,
    not_activated=0,
    seen_in_the_last_day=0,
    open_operations=(),
    lines_by_channel={Channel.DIRECT: 1},
    soc_codes_to_decide=(),
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
        ({"live_lines_of_company": 0, "chosen": 0, "already_deleted": 1}, "active_services", Level.BLOCK),
        ({"already_deleted": 1}, "already_deleted", Level.BLOCK),
        ({"held": 1}, "held", Level.BLOCK),
        ({"open_operations": ("7f4d",)}, "open_operation", Level.BLOCK),
        ({"not_activated": 1}, "not_activated", Level.WARN),
        ({"seen_in_the_last_day": 1}, "in_use", Level.WARN),
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
    (finding,) = (finding for finding in check(replace(CLEAN, held=count)) if finding.code == "held")

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
    already_deleted=st.integers(0, 3),
    held=st.integers(0, 3),
    not_activated=st.integers(0, 3),
    seen_in_the_last_day=st.integers(0, 3),
    open_operations=st.lists(st.just("7f4d"), max_size=2),
    lines_by_channel=st.dictionaries(st.sampled_from(Channel), st.integers(1, 3)),
    soc_codes_to_decide=st.lists(st.just("MysteryPlan77"), max_size=1),
)


@given(facts=FACTS)
def test_prechecks_stop_exactly_when_something_stops(facts: Facts) -> None:
    findings = check(facts)

    must_stop = (
        not facts.requester_may_ask
        or facts.live_lines_of_company == 0
        or facts.already_deleted > 0
        or facts.held > 0
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
        ({"not_activated": 1}, "1 line was never activated."),
        ({"not_activated": 2}, "2 lines were never activated."),
        ({"seen_in_the_last_day": 1}, "1 line was used in the last day."),
    ],
)
def test_what_is_past_is_told_as_past(given_facts: dict[str, Any], said: str) -> None:
    assert said in {found.message for found in check(replace(CLEAN, **given_facts))}
