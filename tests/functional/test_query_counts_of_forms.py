"""
Every form about lines asks the database as often for sixty of them as for five, and so does the list of deleted ones.

What the engine asks on its own cursor is not seen here: it is given one task, however many lines there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag
from onhook.devices.models import Device
from onhook.operations import confirming, planning
from onhook.operations.models import Operation, OperationItem, Plan, Question
from onhook.operations.vocabulary import HowChecked, ItemState, QuestionKind, StepName
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.functional.portal.conftest import session_of
from tests.security.canaries import filling
from tests.security.canaries.crawling import undone

pytestmark = pytest.mark.django_db

FEW, MANY = 5, 60
# Lines of one company are billed in every way, and many have a SOC code of their own that no rule knows.
_CODES = (factories.DIRECT_SOC, factories.SHOP_SOC)


@dataclass
class Scene:
    """A company with `size` lines, and the people who send its forms."""

    size: int
    company: Company = field(default_factory=factories.company)

    def __post_init__(self) -> None:
        self.admin = factories.user(self.company)
        self.manager = factories.user(self.company, username="max", role=Role.MANAGER)
        self.lead = factories.agent(username="lead", role=Role.LEAD)
        self.lines = [self.line(number) for number in range(self.size)]

    def line(self, number: int) -> Device:
        codes = (*_CODES, f"Mystery{number}")
        return factories.device(self.company, line=number, soc_code=codes[number % len(codes)])

    def plan(self, lines: list[Device] | None = None, *, by: User | None = None) -> Plan:
        maker = by or self.admin
        checked = HowChecked.CALLED_BACK if maker.is_staff_member else HowChecked.SIGNED_IN
        return planning.plan(
            company=self.company,
            device_ids=[line.pk for line in lines or self.lines],
            request=factories.request(self.admin, how_checked=checked),
            actor=factories.actor(maker),
            now=clock.now(),
        )

    def operation(self, lines: list[Device] | None = None) -> Operation:
        plan = self.plan(lines)
        return confirming.confirm(
            company=self.company,
            plan_id=plan.pk,
            plan_hash=plan.plan_hash,
            actor=factories.actor(self.admin),
            now=clock.now(),
        )

    def question(self) -> Question:
        return Question.objects.create(
            operation=self.operation(),
            company=self.company,
            step=StepName.AUTHORISE.value,
            kind=QuestionKind.SOC_CODE.value,
            text="Who bills this code?",
            choices=[{"code": "direct", "label": "Billed directly"}],
            opened_at=clock.now(),
        )

    def address(self, route: str, *more: Any) -> str:
        return reverse(route, args=[self.company.pk, *more])

    def expired(self) -> Plan:
        """Return a plan that can be made again."""
        plan = self.plan()
        Plan.objects.filter(pk=plan.pk).update(expires_at=plan.created_at)
        return plan


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A form as somebody sends it, and what it leaves in the trail when it is taken."""

    by: User
    to: str
    leaves: Tag
    said: dict[str, Any] = field(default_factory=dict)


Form = Callable[[Scene], Sent]


def _why(scene: Scene) -> dict[str, Any]:
    return {
        "requester": scene.admin.pk,
        "how_checked": HowChecked.CALLED_BACK.value,
        "ticket_reference": "T-1001",
        "reason": "lost",
        "note": "",
        "key": "once",
        "lines": "",
    }


def _planned(face: str) -> Form:
    def form(scene: Scene) -> Sent:
        picked = "&".join(f"device={line.pk}" for line in scene.lines)
        by = scene.admin if face == "portal" else scene.lead
        return Sent(by=by, to=f"{scene.address(f'{face}:deletion')}?{picked}", leaves=Tag.PLAN_MADE, said=_why(scene))

    return form


def _sent_on_planning(scene: Scene) -> Sent:
    return Sent(by=scene.manager, to=_planned("portal")(scene).to, leaves=Tag.PLAN_SENT, said=_why(scene))


def _read(plan: Plan) -> dict[str, Any]:
    return {"typed": str(plan.line_count), "plan_hash": plan.plan_hash}


def _confirmed(face: str) -> Form:
    def form(scene: Scene) -> Sent:
        by = scene.admin if face == "portal" else scene.lead
        plan = scene.plan(by=by)
        return Sent(
            by=by, to=scene.address(f"{face}:plan-confirm", plan.pk), leaves=Tag.PLAN_CONFIRMED, said=_read(plan)
        )

    return form


def _confirmed_too_late(scene: Scene) -> Sent:
    """Every line changed since: the plan is void, and another one is made of the lines as they are."""
    plan = scene.plan()
    Device.objects.filter(company=scene.company).update(soc_code=factories.DIRECT_SOC)
    to = scene.address("portal:plan-confirm", plan.pk)
    return Sent(by=scene.admin, to=to, leaves=Tag.PLAN_VOIDED, said=_read(plan))


def _again(face: str) -> Form:
    def form(scene: Scene) -> Sent:
        by = scene.admin if face == "portal" else scene.lead
        return Sent(by=by, to=scene.address(f"{face}:plan-again", scene.expired().pk), leaves=Tag.PLAN_MADE)

    return form


def _others(scene: Scene) -> Sent:
    """Half of the lines are in another operation."""
    plan = scene.plan()
    scene.operation(scene.lines[::2])
    to = scene.address("portal:plan-again", plan.pk)
    return Sent(by=scene.admin, to=to, leaves=Tag.PLAN_MADE, said={"lines": "able"})


def _sent(scene: Scene) -> Sent:
    plan = scene.plan(by=scene.manager)
    return Sent(by=scene.manager, to=scene.address("portal:plan-send", plan.pk), leaves=Tag.PLAN_SENT)


def _declined(scene: Scene) -> Sent:
    plan = scene.plan(by=scene.manager)
    to, said = scene.address("portal:plan-decline", plan.pk), {"words": "They still need it"}
    return Sent(by=scene.admin, to=to, leaves=Tag.PLAN_DECLINED, said=said)


def _withdrawn(scene: Scene) -> Sent:
    plan = scene.plan(by=scene.manager)
    return Sent(by=scene.manager, to=scene.address("portal:plan-withdraw", plan.pk), leaves=Tag.PLAN_WITHDRAWN)


def _exported(scene: Scene) -> Sent:
    return Sent(by=scene.admin, to=scene.address("portal:devices-export"), leaves=Tag.DATA_EXPORTED)


def _link_asked_for(scene: Scene) -> Sent:
    return Sent(by=scene.admin, to=scene.address("portal:billing-link"), leaves=Tag.LINK_REQUESTED)


def _cancelled(face: str) -> Form:
    def form(scene: Scene) -> Sent:
        by = scene.admin if face == "portal" else scene.lead
        to = scene.address(f"{face}:operation-cancel", scene.operation().pk)
        return Sent(by=by, to=to, leaves=Tag.OPERATION_CANCELLED)

    return form


def _answered(scene: Scene) -> Sent:
    to = scene.address("console:question-answer", scene.question().pk)
    return Sent(
        by=scene.lead, to=to, leaves=Tag.QUESTION_ANSWERED, said={"choice": "direct", "reason": "The contract says so"}
    )


def _assigned(scene: Scene) -> Sent:
    to = scene.address("console:question-assign", scene.question().pk)
    return Sent(by=scene.lead, to=to, leaves=Tag.QUESTION_ASSIGNED, said={"to": scene.lead.pk, "note": "Mine"})


# By the address that takes the form; after a dash, in which case.
FORMS: dict[str, Form] = {
    "portal:deletion": _planned("portal"),
    "portal:deletion - sent to somebody else": _sent_on_planning,
    "console:deletion": _planned("console"),
    "portal:plan-confirm": _confirmed("portal"),
    "portal:plan-confirm - too late": _confirmed_too_late,
    "console:plan-confirm": _confirmed("console"),
    "portal:plan-again": _again("portal"),
    "portal:plan-again - the other lines": _others,
    "console:plan-again": _again("console"),
    "portal:plan-send": _sent,
    "portal:plan-decline": _declined,
    "portal:plan-withdraw": _withdrawn,
    "portal:devices-export": _exported,
    "portal:billing-link": _link_asked_for,
    "portal:operation-cancel": _cancelled("portal"),
    "console:operation-cancel": _cancelled("console"),
    "console:question-answer": _answered,
    "console:question-assign": _assigned,
}
# People, cases, and a step that comes again.
ABOUT_NO_LINES = {
    "portal:person-new",
    "portal:person",
    "portal:person-factor",
    "portal:person-invite",
    "portal:contact",
    "portal:case",
    "console:case-act",
    "console:operation-check",
}
THE_SAME_AS_THE_PORTALS = {"console:plan-withdraw", "console:billing-link"}


@pytest.mark.parametrize("form", FORMS)
def test_queries_of_a_form_do_not_grow_with_lines(form: str) -> None:
    queries_for(form, FEW)  # what is read once a process

    counted = {size: queries_for(form, size) for size in (FEW, MANY)}

    assert counted[MANY] == counted[FEW], counted


def queries_for(form: str, size: int) -> int:
    with undone():
        caches["counts"].clear()
        sent = FORMS[form](Scene(size))
        client = _client_of(sent.by)
        _look(client, sent)
        events = AuditEvent.objects.filter(tag=sent.leaves.value)
        before = events.count()
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(sent.to, sent.said)
            b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        assert events.count() == before + 1, f"{form} was not taken: {answer.status_code}"
    return len(queries)


def _look(client: Client, sent: Sent) -> None:
    """The first look is written down, once a minute, and the session's last use as well."""
    company = sent.to.split("/companies/")[1].split("/")[0]
    face = "/csu" if sent.to.startswith("/csu/") else ""
    assert client.get(f"{face}/companies/{company}/devices/").status_code == 200


def _client_of(person: User) -> Client:
    client = Client()
    client.cookies["session"] = session_of(person, is_fresh=True)
    return client


def test_every_form_about_lines_is_counted() -> None:
    counted = {form.partition(" - ")[0] for form in FORMS}

    assert counted | ABOUT_NO_LINES | THE_SAME_AS_THE_PORTALS == set(filling.BODIES)


def test_queries_of_the_list_of_deleted_lines_do_not_grow_with_their_operations() -> None:
    queries_of_deleted(FEW)

    counted = {size: queries_of_deleted(size) for size in (FEW, MANY)}

    assert counted[MANY] == counted[FEW], counted


def queries_of_deleted(size: int) -> int:
    """Count for lines of which each was deleted by an operation of its own, confirmed by one of two people."""
    with undone():
        caches["counts"].clear()
        scene = Scene(size)
        for line in scene.lines:
            scene.operation([line])
        second = factories.user(scene.company, username="eve")
        Operation.objects.filter(line_count=1, items__device__in=scene.lines[::2]).update(confirmed_by=second)
        now = clock.now()
        OperationItem.objects.update(deleted_at=now, is_open=False, state=ItemState.VERIFIED.value)
        Device.objects.filter(company=scene.company).update(deleted_at=now)
        client, where = _client_of(scene.admin), f"{scene.address('portal:devices')}?tab=deleted"
        client.get(where)
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(where).content.decode()
        assert "Eve Example" in shown
        assert "Ada Example" in shown
    return len(queries)
