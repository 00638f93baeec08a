"""From SOC code to channel: the first rule that fits decides, and what no rule fits is never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onhook.billing.channels import NEEDS_DECISION, Channel, Match, Rule, Rules, bill_sentence

ARTICLE = Rules(
    version=1,
    rules=(
        Rule(match=Match.EXACT, pattern="CKSWDirectAdv0000", channel=Channel.CONTRACT),
        Rule(match=Match.PREFIX, pattern="Ecom2Checkout", channel=Channel.SHOP),
        Rule(match=Match.PREFIX, pattern="CKSWDirectAdv", channel=Channel.DIRECT),
        Rule(match=Match.PREFIX, pattern="CKSWDirectAdv9", channel=Channel.EXCLUDED_PARTNER),
    ),
)


@pytest.mark.parametrize(
    ("soc_code", "channel"),
    [
        ("Ecom2Checkout1515", Channel.SHOP),
        ("Ecom2Checkout", Channel.SHOP),
        ("CKSWDirectAdv1515", Channel.DIRECT),
        ("CKSWDirectAdv0000", Channel.CONTRACT),
        ("CKSWDirectAdv00000", Channel.DIRECT),
        # An earlier rule wins over a longer one.
        ("CKSWDirectAdv9", Channel.DIRECT),
        ("ecom2checkout1515", Channel.UNKNOWN),
        ("ECOM2CHECKOUT1515", Channel.UNKNOWN),
        (" Ecom2Checkout1515", Channel.UNKNOWN),
        ("XEcom2Checkout1515", Channel.UNKNOWN),
        ("Ecom2Check", Channel.UNKNOWN),
        ("MysteryPlan77", Channel.UNKNOWN),
        ("", Channel.UNKNOWN),
    ],
)
def test_channel_of_a_soc_code(soc_code: str, channel: Channel) -> None:
    assert ARTICLE.channel_of(soc_code) is channel


@given(soc_code=st.text(max_size=20))
def test_channel_without_rules_is_unknown(soc_code: str) -> None:
    assert Rules(version=0, rules=()).channel_of(soc_code) is Channel.UNKNOWN


PATTERN = st.text("ab", min_size=1, max_size=3)
RULES = st.lists(
    st.builds(
        Rule,
        match=st.sampled_from(Match),
        pattern=PATTERN,
        channel=st.sampled_from(sorted(set(Channel) - {Channel.UNKNOWN})),
    ),
    max_size=5,
)


@given(rules=RULES, soc_code=st.text("abc", max_size=5))
def test_channel_is_that_of_the_first_rule_that_fits(rules: list[Rule], soc_code: str) -> None:
    fitting = [
        rule
        for rule in rules
        if (soc_code == rule.pattern if rule.match is Match.EXACT else soc_code[: len(rule.pattern)] == rule.pattern)
    ]

    found = Rules(version=1, rules=rules)

    assert found.channel_of(soc_code) is (fitting[0].channel if fitting else Channel.UNKNOWN)
    assert found.rule_for(soc_code) is (fitting[0] if fitting else None)


@pytest.mark.parametrize("channel", Channel)
def test_channels_all_have_words_for_the_bill_of_one_line_and_of_several(channel: Channel) -> None:
    one, several = bill_sentence(channel, lines=1), bill_sentence(channel, lines=2)

    assert (
        one.replace("this line", "these lines").replace("for it", "for them").replace("The line is", "The lines are")
        == several
    )
    assert one != several


def test_channels_that_nobody_may_guess_need_a_decision() -> None:
    assert {Channel.UNKNOWN, Channel.EXCLUDED_PARTNER} == NEEDS_DECISION
