"""SOC codes that no rule lets pass: the run stops before it deletes, a person decides, and their answer is kept."""

from __future__ import annotations

import pytest

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.billing import rules
from onhook.billing.channels import Channel, Match, Rule
from onhook.devices.models import Device
from onhook.operations.models import Question
from onhook.operations.questions import UnableToAnswer
from onhook.tenancy.permissions import Role
from tests import factories
from tests.integration.operations.looking import ended, lines, step, tags
from tests.world import World

PARTNER_SOC = "PartnerPlan9"


@pytest.fixture
def partner(world: World) -> str:
    """Publish a rule that excludes a partner's lines, and return their SOC code."""
    lead = factories.agent(username="lee", role=Role.LEAD)
    known = rules.in_force().rules
    partner = Rule(match=Match.EXACT, pattern=PARTNER_SOC, channel=Channel.EXCLUDED_PARTNER, meaning="A partner's")
    rules.publish(actor=factories.actor(lead), rules=[*known, partner], note="a partner", now=clock.now())
    return PARTNER_SOC


def test_an_unknown_soc_code_stops_the_run_before_it_deletes_and_asks(world: World) -> None:
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC), world.line(2))

    world.work()

    question = world.open_question()
    assert ended(operation) == "waiting"
    assert Device.objects.filter(deleted_at=None).count() == 2
    assert question.text == "No rule knows SOC code MysteryPlan77. Who bills this line, and may it be deleted?"
    assert question.evidence == {"soc_code": "MysteryPlan77", "lines": 1, "channel": "unknown"}
    assert [choice["code"] for choice in question.choices] == ["direct", "contract", "reject"]
    assert step(operation, "authorise").state == "waiting"


@pytest.mark.parametrize(
    ("channel", "sentence"), [("direct", "billed directly"), ("contract", "part of your contract")]
)
def test_an_answered_unknown_code_goes_on_under_the_channel_that_was_named(
    world: World, channel: str, sentence: str
) -> None:
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()

    world.answer(world.open_question(), channel)
    world.work()

    (message,) = world.messages()
    assert ended(operation) == "verified"
    assert operation.items.get().channel == channel
    assert sentence in message["text"]


def test_an_excluded_code_asks_and_goes_on_when_the_partner_was_told(world: World, partner: str) -> None:
    operation = world.start(world.line(1, soc_code=partner))
    world.work()
    question = world.open_question()
    assert [choice["code"] for choice in question.choices] == ["excluded_partner", "reject"]
    assert Device.objects.get().is_live

    world.answer(question, "excluded_partner")
    world.work()

    (message,) = world.messages()
    assert ended(operation) == "verified"
    assert "billed by a partner" in message["text"]


@pytest.mark.parametrize("soc_code", [factories.UNKNOWN_SOC, PARTNER_SOC])
def test_a_rejected_code_ends_the_operation_and_nothing_is_deleted(world: World, partner: str, soc_code: str) -> None:
    operation = world.start(world.line(1, soc_code=soc_code), world.line(2))
    world.work()

    world.answer(world.open_question(), "reject")
    world.work()

    assert ended(operation) == "rejected"
    assert operation.outcome_reason == f"A member of staff rejected SOC code {soc_code}. Nothing was deleted."
    assert lines(operation) == [("released", False), ("released", False)]
    assert Device.objects.filter(deleted_at=None).count() == 2
    assert world.messages() == []
    assert tags(operation) == ["plan:confirmed", "question:opened", "question:answered", "operation:rejected"]
    assert step(operation, "authorise").state == "stopped"


def test_each_unknown_code_is_a_question_of_its_own(world: World) -> None:
    codes = ["MysteryPlan1", "MysteryPlan2"]
    operation = world.start(*(world.line(line, soc_code=code) for line, code in enumerate(codes, start=1)))
    asked = []
    for _ in codes:
        world.work()
        question = world.open_question()
        asked.append(question.subject)
        world.answer(question, "direct")

    world.work()

    assert asked == codes
    assert ended(operation) == "verified"


def test_the_answer_is_kept_with_who_gave_it_and_why(world: World) -> None:
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()

    question = world.answer(world.open_question(), "direct")

    question.refresh_from_db()
    event = AuditEvent.objects.get(tag="question:answered")
    assert (question.answer, question.answered_by, question.answer_reason) == (
        "direct",
        world.agent,
        "because the test says so",
    )
    assert (event.actor, event.operation_id) == ("1/sam", operation.pk)
    assert event.after == {
        "kind": "soc_code",
        "subject": "MysteryPlan77",
        "answer": "direct",
        "reason": "because the test says so",
    }


def test_facts_are_checked_again_after_the_answer(world: World) -> None:
    device = world.line(1, soc_code=factories.UNKNOWN_SOC)
    operation = world.start(device)
    world.work()
    Device.objects.update(held_at=clock.now(), hold_reason="a court asks for it")

    world.answer(world.open_question(), "direct")
    world.work()

    assert ended(operation) == "void"
    assert Device.objects.get().is_live


def test_a_customer_may_not_answer(world: World) -> None:
    world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()

    with pytest.raises(UnableToAnswer, match="There is no such question, or you may not answer it"):
        world.answer(world.open_question(), "direct", by=world.admin)

    assert world.open_question().answer == ""


def test_an_answer_that_was_not_offered_is_refused_with_the_choices(world: World) -> None:
    world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()

    with pytest.raises(UnableToAnswer, match="Choose one of: direct, contract, reject"):
        world.answer(world.open_question(), "shop")

    assert world.open_question().answer == ""


def test_the_same_answer_twice_is_one_and_another_is_refused(world: World) -> None:
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    question = world.answer(world.open_question(), "direct")

    assert world.answer(question, "direct") == question
    with pytest.raises(UnableToAnswer, match="already answered with 'direct'"):
        world.answer(question, "reject")
    with pytest.raises(UnableToAnswer, match="already answered with 'direct'"):
        world.answer(question, "direct", by=factories.agent(username="tim"))

    assert tags(operation).count("question:answered") == 1


def test_rules_published_while_a_question_is_open_do_not_take_the_answer_away(world: World) -> None:
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    lead = factories.agent(username="lee", role=Role.LEAD)
    rule = Rule(match=Match.PREFIX, pattern="Mystery", channel=Channel.CONTRACT, meaning="Newly sorted")
    rules.publish(actor=factories.actor(lead), rules=[rule], note="sorted", now=clock.now())

    world.answer(world.open_question(), "direct")
    world.work()

    # The rule knows the code now, and a rule comes before the answer to a question that no longer arises.
    assert (ended(operation), operation.items.get().channel) == ("verified", "contract")
    assert Question.objects.count() == 1


def test_a_refusal_stands_though_a_rule_that_knows_the_code_came_meanwhile(world: World) -> None:
    line = world.line(1, soc_code=factories.UNKNOWN_SOC)
    operation = world.start(line)
    world.work()
    lead = factories.agent(username="lea", role=Role.LEAD)
    known = Rule(Match.EXACT, factories.UNKNOWN_SOC, Channel.DIRECT, "known now")
    rules.publish(actor=factories.actor(lead), rules=[known], note="", now=clock.now())
    world.answer(world.open_question(), "reject")

    world.work()

    operation.refresh_from_db()
    line.refresh_from_db()
    assert (operation.outcome, line.deleted_at) == ("rejected", None)
