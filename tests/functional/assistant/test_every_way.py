"""Every way through the menu, for everybody who may be there: it ends with an act, an answer, or a person."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.db import transaction

from onhook.assistant import dialogue
from onhook.assistant.dialogue import LINE, REQUESTER, Answer
from onhook.assistant.menu import TREE, Code
from onhook.assistant.models import Case, Conversation
from onhook.assistant.understanding import Offline
from onhook.devices.models import Device
from onhook.operations.models import Operation, Plan
from onhook.tenancy.actor import Actor, Surface
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import CUSTOMER_ROLES, Role
from tests import factories

NOW = factories.ACTIVATED
ALWAYS = {Code.ROOT.value, Code.PERSON.value}


@dataclass
class Walk:
    """One person who tries every button. What a way did is taken back before the next one."""

    company: Company
    actor: Actor
    reached: set[str] = field(default_factory=set)
    ends: dict[str, set[str]] = field(default_factory=dict)

    def everywhere(self) -> None:
        self._try(Code.ROOT.value, ())

    def _try(self, code: str, way: tuple[str, ...]) -> None:
        if code in way:
            return
        with transaction.atomic():
            answer = dialogue.press(company=self.company, actor=self.actor, code=code, now=NOW)
            self._look(answer, (*way, code))
            transaction.set_rollback(True)

    def _look(self, answer: Answer, way: tuple[str, ...]) -> None:
        self.reached |= {way[-1], Code.PERSON.value}
        self._hand_over(way)
        onward = [choice["code"] for choice in answer.choices if choice["code"] not in ALWAYS]
        if not onward and self._asks_for_a_line():
            answer = self._say_a_line()
            onward = [choice["code"] for choice in answer.choices if choice["code"] not in ALWAYS]
        if answer.links or not set(onward) - {Code.STATUS.value}:
            assert answer.text, way
            self.ends.setdefault(self._what_was_done(), set()).add(" > ".join(way))
        for code in onward:
            self._try(code, way)

    def _hand_over(self, way: tuple[str, ...]) -> None:
        with transaction.atomic():
            answer = dialogue.press(company=self.company, actor=self.actor, code=Code.PERSON, now=NOW)
            assert answer.is_handed_over, way
            assert Case.objects.get().conversation.messages.count() >= len(way)
            self.ends.setdefault("person", set()).add(" > ".join(way))
            transaction.set_rollback(True)

    def _asks_for_a_line(self) -> bool:
        return TREE[Code(Conversation.objects.get(ended_at=None).node)].reason is not None

    def _say_a_line(self) -> Answer:
        return dialogue.say(company=self.company, actor=self.actor, text="0142", understanding=Offline(), now=NOW)

    @staticmethod
    def _what_was_done() -> str:
        return "operation" if Operation.objects.exists() else "plan" if Plan.objects.exists() else "answer"


WALKS = [*((role, True) for role in sorted(CUSTOMER_ROLES)), (Role.ADMIN, False)]


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "has_lines"), WALKS)
def test_every_way_ends_with_an_act_an_answer_or_a_person(role: Role, has_lines: bool) -> None:
    company = factories.company()
    factories.user(company)
    if has_lines:
        factories.device(company, line=42, soc_code=factories.SHOP_SOC)
    walk = Walk(company, Actor(user=factories.user(company, username="one", role=role), surface=Surface.ASSISTANT))

    walk.everywhere()

    assert {code for code in walk.reached if not code.startswith((LINE, REQUESTER))} == {code.value for code in TREE}
    assert len(walk.ends["person"]) >= len(walk.reached) - 1
    assert walk.ends["answer"]
    reasons = {code.value for code, node in TREE.items() if node.reason is not None}
    planned = {code for way in walk.ends.get("plan", ()) for code in way.split(" > ")} & reasons
    assert planned == (reasons if has_lines and role != Role.VIEWER else set())
    # Without a line that the shop bills there is no link to send; the menu says so.
    assert bool(walk.ends.get("operation")) is (has_lines and role in (Role.ADMIN, Role.SUPER_USER))
    assert not Device.objects.exclude(deleted_at=None).exists()


@pytest.mark.django_db
def test_the_right_verb_is_asked_before_any_line_is_chosen() -> None:
    for code, node in TREE.items():
        for choice in node.choices:
            if TREE[choice].reason is not None:
                assert "Will someone use this number again" in str(node.says), code
