"""Faults in a person's hands: try now, give the question to somebody, do it by hand and say what was done."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from onhook.audit.models import AuditEvent
from onhook.operations import attention, hurrying, questions
from onhook.operations.hurrying import UnableToHurry
from onhook.operations.models import Notice, Operation, Question
from onhook.operations.questions import UnableToAnswer, UnableToAssign, Whose
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.integration.operations.looking import ended, let_time_pass, tags
from tests.world import World


@pytest.fixture
def asked(world: World) -> Question:
    """Give a question that waits: nobody knows who bills the line."""
    world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    return world.open_question()


@pytest.fixture
def lea(world: World) -> User:
    return factories.agent(username="lea", role=Role.LEAD)


def assign(question: Question, to: User | None, *, by: User, note: str = "") -> Question:
    return questions.assign(question_id=question.pk, to=to, note=note, actor=factories.actor(by))


def events(question: Question) -> list[tuple[str, str, dict[str, str]]]:
    rows = AuditEvent.objects.filter(tag="question:assigned", subject=f"question:{question.pk}").order_by("pk")
    return [(event.actor, event.before["to"], event.after) for event in rows]


def test_a_question_is_handed_over_with_a_note_and_every_hand_is_recorded(
    world: World, asked: Question, lea: User
) -> None:
    assign(asked, world.agent, by=world.agent)
    assign(asked, lea, by=world.agent, note=" finance must say ")
    assign(asked, lea, by=world.agent, note="finance must say")
    assign(asked, None, by=lea)

    asked.refresh_from_db()
    assert (asked.assigned_to, asked.assigned_note) == (None, "")
    assert events(asked) == [
        ("1/sam", "", {"to": "1/sam", "note": ""}),
        ("1/sam", "1/sam", {"to": "1/lea", "note": "finance must say"}),
        ("1/lea", "1/lea", {"to": "", "note": ""}),
    ]


def test_a_question_goes_to_nobody_who_may_not_answer_it(world: World, asked: Question) -> None:
    auditor = factories.agent(username="vera", role=Role.AUDITOR)

    for to, by in ((auditor, world.agent), (world.admin, world.agent), (world.agent, auditor), (None, world.admin)):
        with pytest.raises(UnableToAssign):
            assign(asked, to, by=by)

    asked.refresh_from_db()
    assert asked.assigned_to is None
    assert events(asked) == []


def test_a_question_that_is_over_stays_with_whom_it_was(world: World, asked: Question, lea: User) -> None:
    assign(asked, lea, by=world.agent)
    # Whoever may answer still can, whoever has it.
    world.answer(asked, "reject", by=world.agent)

    with pytest.raises(UnableToAssign, match="no longer open"):
        assign(asked, world.agent, by=world.agent)

    asked.refresh_from_db()
    assert asked.assigned_to == lea


def test_the_queue_knows_whose_a_question_is(world: World, asked: Question, lea: User) -> None:
    world.start(world.line(2, soc_code=factories.UNKNOWN_SOC))
    world.work()
    assign(asked, lea, by=world.agent)

    def seen(who: User) -> dict[str, int]:
        return {whose.value: count for whose, count in attention.counts(actor=factories.actor(who)).items()}

    assert seen(lea) == {"all": 2, "mine": 1, "unassigned": 1}
    assert seen(world.agent) == {"all": 2, "mine": 0, "unassigned": 1}
    assert seen(world.admin) == {"all": 0, "mine": 0, "unassigned": 0}
    mine = questions.waiting(actor=factories.actor(lea), whose=Whose.MINE)
    assert list(mine) == [asked]


def test_the_number_of_questions_is_that_of_the_queue(world: World, asked: Question) -> None:
    world.start(world.line(2, soc_code=factories.UNKNOWN_SOC))
    world.work()

    def numbers(who: User) -> tuple[int, int]:
        actor = factories.actor(who)
        return questions.waiting(actor=actor).count(), questions.waiting_count(actor=actor)

    assert (numbers(world.agent), numbers(world.admin)) == ((2, 2), (0, 0))
    world.answer(asked, "reject", by=world.agent)
    assert (numbers(world.agent), numbers(world.admin)) == ((1, 1), (0, 0))


def test_a_decision_needs_grounds_in_the_domain_itself(world: World, asked: Question) -> None:
    from onhook import clock

    with pytest.raises(UnableToAnswer, match="Say why"):
        questions.answer(
            question_id=asked.pk, choice="direct", reason="  ", actor=factories.actor(world.agent), now=clock.now()
        )

    asked.refresh_from_db()
    assert asked.is_open


def refuse_mail(world: World, *, times: int | None = None) -> None:
    world.mailbox.control.add_fault("refuse", match={"method": "MAIL"}, code=451, times=times)


def check_now(world: World, operation: Operation, *, by: User | None = None) -> Operation:
    return hurrying.check_now(
        company=world.company, operation_id=operation.pk, actor=factories.actor(by or world.agent)
    )


def test_a_step_that_comes_again_is_tried_at_once(world: World) -> None:
    refuse_mail(world, times=1)
    operation = world.start(world.line(1))
    world.work()
    assert world.work() == 0
    assert ended(operation) == "running"

    check_now(world, operation)
    world.work()

    assert ended(operation) == "verified"
    assert len(world.messages()) == 1
    event = AuditEvent.objects.get(tag="operation:hurried")
    assert (event.actor, event.after) == ("1/sam", {"step": "notify_customer"})


def test_what_does_not_wait_for_its_next_try_is_not_hurried(world: World, asked: Question) -> None:
    over = world.start(world.line(2))
    world.work()
    auditor = factories.agent(username="vera", role=Role.AUDITOR)

    for operation, by in ((asked.operation, world.agent), (over, world.agent), (over, auditor)):
        with pytest.raises(UnableToHurry, match="Nothing was changed"):
            check_now(world, operation, by=by)

    assert world.work() == 0
    assert not AuditEvent.objects.filter(tag="operation:hurried").exists()


def test_a_message_that_never_leaves_is_given_by_hand_and_the_evidence_is_kept(
    world: World, settings: Settings
) -> None:
    settings.RETRY_TRIES = 2
    refuse_mail(world)
    operation = world.start(world.line(1))
    for _ in range(2):
        world.work()
        let_time_pass()
    question = world.open_question()
    assert [choice["code"] for choice in question.choices] == ["try_again", "told_by_hand"]

    world.answer(question, "told_by_hand")
    world.work()

    assert ended(operation) == "verified"
    assert Notice.objects.get().state == "by_hand"
    assert world.messages() == []
    assert "notice:by_hand" in tags(operation)
    answered = AuditEvent.objects.get(tag="question:answered")
    assert (answered.actor, answered.after["reason"]) == ("1/sam", "because the test says so")
