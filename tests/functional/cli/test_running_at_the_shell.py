"""`onhook confirm`, `status`, `questions`, `answer`, `cancel`: from a plan to the proof, with a worker at work."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.devices.models import Device
from onhook.operations.models import Operation, Plan, Question
from onhook.surfaces.cli import identity
from onhook.surfaces.cli.exits import Exit
from onhook.tenancy.permissions import Role
from tests import factories
from tests.functional.cli.typing_person import Ran, TypingPerson
from tests.world import World


@dataclass
class Desk:
    """An agent's desk: commands that start from one line."""

    onhook: TypingPerson
    world: World
    line: Device

    def plan(self, *devices: Device) -> Plan:
        return self.world.plan(devices or [self.line])

    def confirm(self, made: Plan, *more: object) -> Ran:
        return self.onhook("confirm", made.pk, "--hash", made.plan_hash, *more)

    def started(self) -> Operation:
        """Plan and confirm by command; nothing ran yet."""
        ran = self.confirm(self.plan(), "--json")
        return Operation.objects.get(pk=ran.json["operation"])


@pytest.fixture
def desk(onhook: TypingPerson, world: World) -> Desk:
    onhook.is_somebody(world.agent)
    return Desk(onhook=onhook, world=world, line=world.line(1, worker="Grace Example"))


@pytest.fixture
def unknown(onhook: TypingPerson, world: World) -> Desk:
    """The same with a line whose SOC code no rule knows, so that the run asks."""
    onhook.is_somebody(world.agent)
    return Desk(onhook=onhook, world=world, line=world.line(1, soc_code=factories.UNKNOWN_SOC))


def test_a_question_is_given_to_somebody_and_given_back(unknown: Desk) -> None:
    factories.agent(username="lea", role=Role.LEAD)
    unknown.started()
    unknown.world.work()
    question = unknown.world.open_question()

    given = unknown.onhook("assign", question.pk, "lea", "--note", "finance must say")
    listed = unknown.onhook("questions", "--whose", "unassigned", "--json")
    words = unknown.onhook("questions")
    back = unknown.onhook("assign", question.pk, "-", "--json")
    nobody = unknown.onhook("assign", question.pk, "nobody-of-that-name")
    customer = unknown.onhook("assign", 99_999, "lea")

    assert f"Question {question.pk} is with 1/lea: finance must say." in given.out
    assert listed.json == []
    assert "with 1/lea: finance must say" in words.out
    assert (back.json["assigned_to"], back.json["assigned_note"]) == ("", "")
    assert (nobody.exit, customer.exit) == (Exit.NOT_FOUND, Exit.REFUSED)


def test_a_confirmed_plan_is_carried_out_and_shown_with_its_evidence(desk: Desk) -> None:
    operation = desk.started()
    desk.world.work()

    ran = desk.onhook("status", operation.pk, "--json")
    words = desk.onhook("status", operation.pk)

    assert ran.exit is Exit.DONE
    assert (ran.json["state"], ran.json["outcome"], ran.json["lines_by_state"]) == (
        "closed",
        "verified",
        {"verified": 1},
    )
    assert [step["state"] for step in ran.json["steps"]] == ["done"] * len(ran.json["steps"])
    assert ran.json["items"][0]["deleted_at"] == Device.objects.get(pk=desk.line.pk).deleted_at.isoformat()  # type: ignore[union-attr]
    assert ran.json["notice"]["state"] == "sent"
    for said in (str(operation.pk), "verified", "+1 202-555-0101", "Read back in CSU", "4711/ada", "sent"):
        assert said in words.out


def test_confirming_says_how_to_follow(desk: Desk) -> None:
    ran = desk.confirm(desk.plan())

    assert f"onhook status {Operation.objects.get().pk} --watch" in ran.out


def test_watching_ends_with_the_outcome(desk: Desk) -> None:
    operation = desk.started()
    desk.world.work()

    ran = desk.onhook("status", operation.pk, "--watch", "--json")

    assert (ran.exit, ran.json["outcome"]) == (Exit.DONE, "verified")


def test_watching_an_operation_that_was_cancelled_says_so_by_its_code(desk: Desk) -> None:
    operation = desk.started()
    waiting = desk.onhook("status", operation.pk)
    cancelled = desk.onhook("cancel", operation.pk, "--reason", "found the phone", "--json")

    ran, words = desk.onhook("status", operation.pk, "--watch", "--json"), desk.onhook("status", operation.pk)

    assert (cancelled.exit, cancelled.json["outcome"]) == (Exit.DONE, "cancelled")
    assert (ran.exit, ran.json["outcome"]) == (Exit.NOT_VERIFIED, "cancelled")
    assert ("waits for a worker" in waiting.out, "waits for a worker" in words.out) == (True, False)
    assert Device.objects.get(pk=desk.line.pk).is_live


@pytest.mark.parametrize("reason", ["", "  "])
def test_cancelling_needs_a_reason(desk: Desk, reason: str) -> None:
    operation = desk.started()

    ran = desk.onhook("cancel", operation.pk, "--reason", reason, "--json")

    assert (ran.exit, ran.error[1]) == (Exit.REFUSED, "Say why it is cancelled. Nothing was changed.")
    operation.refresh_from_db()
    assert not operation.is_closed


def test_cancelling_again_says_who_did_it_and_why(desk: Desk) -> None:
    operation = desk.started()

    first = desk.onhook("cancel", operation.pk, "--reason", "found the phone")
    again = desk.onhook("cancel", operation.pk, "--reason", "something else", by=desk.world.admin)

    assert (first.exit, again.exit) == (Exit.DONE, Exit.DONE)
    assert first.out == f"Operation {operation.pk} is cancelled. No line was deleted.\n"
    assert again.out == f"Operation {operation.pk} was already cancelled by 1/sam: found the phone\n"
    operation.refresh_from_db()
    assert operation.outcome_reason == "found the phone"


def test_cancelling_after_the_deletion_is_refused(desk: Desk) -> None:
    operation = desk.started()
    desk.world.work()

    ran = desk.onhook("cancel", operation.pk, "--reason", "too late", "--json")

    assert ran.exit is Exit.REFUSED
    assert not Device.objects.get(pk=desk.line.pk).is_live


def test_a_script_has_to_name_what_it_accepts(desk: Desk) -> None:
    made = desk.plan()

    ran = desk.onhook("confirm", made.pk, "--json", stdin="0101\n")

    assert (ran.exit, ran.error[0]) == (Exit.USAGE, "usage")
    assert "--hash" in ran.error[1]
    assert not Operation.objects.exists()


def test_another_hash_is_refused(desk: Desk) -> None:
    made = desk.plan()

    ran = desk.onhook("confirm", made.pk, "--hash", "0" * 64, "--json")

    assert ran.exit is Exit.REFUSED
    assert "the hash differs" in ran.error[1]
    assert not Operation.objects.exists()


def test_confirming_twice_names_the_operation_that_is_there(desk: Desk) -> None:
    made = desk.plan()
    first = desk.confirm(made, "--key", "one", "--json")
    again = desk.confirm(made, "--key", "one", "--json")
    otherwise = desk.confirm(made, "--key", "two", "--json")

    assert again.json["operation"] == first.json["operation"]
    assert (otherwise.exit, first.json["operation"] in otherwise.error[1]) == (Exit.REFUSED, True)


@pytest.mark.parametrize(
    ("ends", "said", "code"),
    [
        ("cancelled", "Already confirmed; it ended as cancelled.\n", Exit.NOT_VERIFIED),
        ("verified", "Already confirmed; it ended as verified.\n", Exit.DONE),
    ],
)
def test_confirming_what_is_over_says_how_it_ended(desk: Desk, ends: str, said: str, code: Exit) -> None:
    made = desk.plan()
    first = desk.confirm(made, "--json")
    if ends == "cancelled":
        desk.onhook("cancel", first.json["operation"], "--reason", "found the phone")
    desk.world.work()

    words, ran = desk.confirm(made), desk.confirm(made, "--json")

    assert (words.exit, ran.exit) == (code, code)
    assert words.out.startswith(said)
    assert "Started" not in words.out
    assert ran.json["outcome"] == ends


def test_who_may_only_look_is_not_permitted_to_confirm_cancel_or_ask_for_the_link(desk: Desk) -> None:
    viewer = factories.user(desk.world.company, username="vic", role=Role.VIEWER)
    made, operation = desk.plan(desk.world.line(2)), desk.started()
    desk.onhook.is_somebody(viewer)

    confirmed = desk.confirm(made, "--json")
    cancelled = desk.onhook("cancel", operation.pk, "--reason", "found the phone", "--json")
    sent = desk.onhook("billing-link", "--company", 4711, "--requester", "ada", "--how-checked", "in_person", "--json")

    for ran in (confirmed, cancelled, sent):
        assert (ran.exit, ran.error[0]) == (Exit.NOT_PERMITTED, "not_permitted")
        assert "4711/vic may not" in ran.error[1]
    assert Operation.objects.get().outcome == ""


def test_a_plan_whose_facts_changed_starts_nothing(desk: Desk) -> None:
    made = desk.plan()
    Device.objects.filter(pk=desk.line.pk).update(held_at=clock.now(), hold_reason="legal")

    ran = desk.confirm(made, "--json")

    assert ran.exit is Exit.REFUSED
    assert "Nothing was started" in ran.error[1]
    assert not Operation.objects.exists()


def test_an_unknown_plan_and_another_company_s_look_the_same(desk: Desk) -> None:
    made = desk.plan()
    stranger = factories.user(factories.company(coid=4712, name="Invented Bakery"), username="bea")
    nobodys = uuid.uuid4()

    theirs = desk.onhook("confirm", made.pk, "--hash", made.plan_hash, "--json", by=stranger)
    missing = desk.onhook("confirm", nobodys, "--hash", made.plan_hash, "--json")

    assert (theirs.exit, missing.exit) == (Exit.NOT_FOUND, Exit.NOT_FOUND)
    assert theirs.error[1].replace(str(made.pk), str(nobodys)) == missing.error[1]


def test_an_unknown_operation_and_another_company_s_look_the_same(desk: Desk) -> None:
    operation = desk.started()
    stranger = factories.user(factories.company(coid=4712, name="Invented Bakery"), username="bea")
    nobodys = uuid.uuid4()

    for command in (["status"], ["cancel", "--reason", "no"]):
        theirs = desk.onhook(*command, operation.pk, "--json", by=stranger)
        missing = desk.onhook(*command, nobodys, "--json")

        assert (theirs.exit, missing.exit) == (Exit.NOT_FOUND, Exit.NOT_FOUND)
        assert theirs.error[1].replace(str(operation.pk), str(nobodys)) == missing.error[1]


@pytest.mark.parametrize("command", ["confirm", "status", "cancel"])
def test_what_is_no_id_is_a_usage_error(desk: Desk, command: str) -> None:
    ran = desk.onhook(command, "not-an-id", "--json")

    assert (ran.exit, ran.error[0]) == (Exit.USAGE, "usage")


def test_a_question_is_listed_with_its_choices_and_answered(unknown: Desk) -> None:
    operation = unknown.started()
    unknown.world.work()
    waiting = unknown.onhook("status", operation.pk, "--watch", "--json")
    listed = unknown.onhook("questions", "--json")
    words = unknown.onhook("questions")
    (question,) = listed.json

    answered = unknown.onhook("answer", question["question"], "direct", "--reason", "finance says so", "--json")
    unknown.world.work()

    assert waiting.exit is Exit.NEEDS_ANSWER
    assert question["operation"] == str(operation.pk)
    assert {choice["code"] for choice in question["choices"]} >= {"direct", "reject"}
    assert question["text"] in words.out
    assert (answered.json["answer"], answered.json["answered_by"]) == ("direct", unknown.world.agent.login)
    assert Operation.objects.get(pk=operation.pk).outcome == "verified"
    assert unknown.onhook("questions").out == "No question waits.\n"


def test_an_answer_that_rejects_ends_the_operation_unverified(unknown: Desk) -> None:
    operation = unknown.started()
    unknown.world.work()
    unknown.onhook("answer", Question.objects.get().pk, "reject", "--reason", "not ours to delete")
    unknown.world.work()

    ran = unknown.onhook("status", operation.pk, "--watch", "--json")

    assert (ran.exit, ran.json["outcome"]) == (Exit.NOT_VERIFIED, "rejected")
    assert Device.objects.get(pk=unknown.line.pk).is_live


def test_a_choice_that_was_not_offered_is_refused_with_the_offered_ones(unknown: Desk) -> None:
    unknown.started()
    unknown.world.work()

    ran = unknown.onhook("answer", Question.objects.get().pk, "perhaps", "--reason", "x", "--json")

    assert ran.exit is Exit.REFUSED
    assert "direct" in ran.error[1]


@pytest.mark.parametrize("question", ["12345", "99999999999999999999"])
def test_a_question_that_is_not_there_cannot_be_answered(desk: Desk, question: str) -> None:
    ran = desk.onhook("answer", question, "direct", "--reason", "x", "--json")

    assert ran.exit is Exit.REFUSED
    assert "There is no such question" in ran.error[1]


def test_customers_neither_see_nor_answer_questions(unknown: Desk) -> None:
    unknown.started()
    unknown.world.work()

    seen = unknown.onhook("questions", "--json", by=unknown.world.admin)
    answer = unknown.onhook(
        "answer", Question.objects.get().pk, "direct", "--reason", "mine", "--json", by=unknown.world.admin
    )

    assert seen.json == []
    assert answer.exit is Exit.REFUSED
    assert unknown.world.open_question().answer == ""


def test_the_audit_keeps_the_person_the_surface_and_the_user_of_the_system(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.setenv("LOGNAME", "somebody-else")
    operation = desk.started()

    (event,) = AuditEvent.objects.filter(operation_id=operation.pk, subject=f"plan:{operation.plan_id}")

    assert (event.actor, event.on_behalf_of, event.surface, event.os_user) == (
        desk.world.agent.login,
        desk.world.admin.login,
        "cli",
        identity.os_user(),
    )
    assert event.os_user != "somebody-else"


def test_a_long_operation_shows_its_beginning_and_counts_the_rest(desk: Desk) -> None:
    lines = [desk.world.line(line) for line in range(10, 40)]
    made = desk.plan(*lines)
    ran = desk.confirm(made, "--json")
    desk.world.work()

    words = desk.onhook("status", ran.json["operation"])

    assert "and 10 more lines; all: 30 verified" in words.out
