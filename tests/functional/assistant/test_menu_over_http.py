"""The menu and the cases over HTTP, behind the walls, without a browser."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client

from onhook.assistant import cases
from onhook.assistant.menu import TREE, Code
from onhook.assistant.models import Case, CaseMessage, Conversation, MailState
from onhook.audit.models import AuditEvent
from onhook.config import wiring
from onhook.devices.models import Device
from onhook.operations.models import Operation, Plan
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.world import World

CONTACT = "/companies/4711/contact/"


@pytest.fixture(autouse=True)
def _mail(world: World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.MAIL_URL = f"smtp://{world.mailbox.addresses['smtp']}"
    wiring.forget()
    monkeypatch.setattr("onhook.surfaces.web.letters.post", lambda mail: wiring.mail().send(mail))


class Visitor:
    """Somebody at the menu: presses buttons by their words and reads the last answer."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user)

    def press(self, code: str) -> str:
        return self._posted({"choice": code})

    def say(self, text: str) -> str:
        return self._posted({"text": text})

    def _posted(self, data: dict[str, str]) -> str:
        answer = self.client.post(CONTACT, data, follow=True)
        assert answer.status_code == 200
        return html.unescape(answer.content.decode())


def test_deleting_by_the_menu_alone_ends_at_the_plans_own_page(world: World) -> None:
    line = world.line(42, worker="Grace Marsh")
    visitor = Visitor(world.admin)

    for code in (Code.ADMIN_ACTIONS, Code.DELETE, Code.UNUSED):
        page = visitor.press(code)
    page = visitor.say("0142")
    assert "Is it this line?" in page
    page = visitor.press(f"line:{line.pk}")

    plan = Plan.objects.get()
    assert f"/companies/4711/plans/{plan.pk}/" in page
    assert (plan.requester, plan.surface, plan.reason) == (world.admin, "assistant", "not_needed")
    assert list(plan.items.values_list("device_id", flat=True)) == [line.pk]
    assert not Operation.objects.exists()
    assert Device.objects.filter(deleted_at=None).count() == 1


def test_deleting_by_free_text_needs_the_right_verb_and_no_second_number(world: World) -> None:
    line = world.line(42)
    world.line(43)
    visitor = Visitor(world.admin)

    page = visitor.say("pls delete (202) 555-0142, thx")
    assert "This is about +1 202-555-0142, Worker 42. Will someone use this number again?" in page
    visitor.press(Code.LEFT)

    assert list(Plan.objects.get().items.values_list("device_id", flat=True)) == [line.pk]


def test_several_lines_are_shown_and_none_is_chosen(world: World) -> None:
    world.line(42, worker="Grace Marsh")
    world.line(43, worker="Grace Stone")
    visitor = Visitor(world.admin)

    visitor.say("Grace left the company, remove the line")
    page = visitor.press(Code.LEFT)

    assert "Which of these lines is it?" in page
    assert page.count('value="line:') == 2
    assert not Plan.objects.exists()


def test_a_manager_sends_the_plan_to_an_admin(world: World) -> None:
    line = world.line(42)
    visitor = Visitor(factories.user(world.company, username="mia", role=Role.MANAGER))

    visitor.say("delete +12025550142")
    page = visitor.press(Code.UNUSED)
    assert "Who shall get it?" in page
    page = visitor.press(f"requester:{world.admin.pk}")

    assert "The plan is with Ada Example" in page
    plan = Plan.objects.get()
    assert (plan.requester, list(plan.items.values_list("device_id", flat=True))) == (world.admin, [line.pk])
    (mail,) = world.messages()
    assert f"/plans/{plan.pk}/" in mail["text"]


def test_a_viewer_gets_no_plan_and_a_person(world: World) -> None:
    world.line(42)
    visitor = Visitor(factories.user(world.company, username="vic", role=Role.VIEWER))

    visitor.say("delete +12025550142")
    page = visitor.press(Code.UNUSED)

    assert "Nothing was planned." in page
    assert "Talk to a person" in page
    assert not Plan.objects.exists()


@pytest.mark.parametrize("code", ["line:1", "requester:1", "send_link_now", "delete_lost", "nonsense", "line:x", ""])
def test_what_was_not_offered_cannot_be_pressed(world: World, code: str) -> None:
    world.line(42)
    visitor = Visitor(world.admin)

    visitor.press(code)

    assert not Plan.objects.exists()
    assert not Operation.objects.exists()


def test_another_companys_line_is_not_offered_and_not_confirmed_to_exist(world: World) -> None:
    other = factories.company(coid=4712, name="Sample Cleaning")
    factories.device(other, line=77)
    visitor = Visitor(world.admin)

    theirs = visitor.say("delete +12025550177")
    theirs_pressed = visitor.press(Code.UNUSED)
    visitor.press(Code.ROOT)
    nobodys = visitor.say("delete +12025550178")
    nobodys_pressed = visitor.press(Code.UNUSED)

    def last(page: str) -> str:
        return page.split('id="last"')[1].split("</ol>", maxsplit=1)[0]

    assert last(theirs) == last(nobodys)
    assert last(theirs_pressed) == last(nobodys_pressed)
    assert not Plan.objects.exists()


def test_the_billing_link_is_sent_once_its_button_is_pressed(world: World) -> None:
    world.line(1, soc_code=factories.SHOP_SOC)
    visitor = Visitor(world.admin)

    visitor.say("send my link again")
    assert not Operation.objects.exists()
    page = visitor.press(Code.LINK_NOW)

    operation = Operation.objects.get()
    assert operation.action == "send_billing_link"
    assert f"/operations/{operation.pk}/" in page


def test_a_company_that_is_billed_directly_is_told_so_at_once(world: World) -> None:
    world.line(1)
    visitor = Visitor(world.admin)

    visitor.say("send my link again")
    page = visitor.press(Code.LINK_NOW)

    assert "Your lines are billed directly" in page
    assert not Operation.objects.exists()


def test_the_status_of_requests_is_told(world: World) -> None:
    operation = world.start(world.line(42))
    visitor = Visitor(world.admin)

    page = visitor.press(Code.STATUS)

    assert "Deletion of 1 line, " in page
    assert f"/operations/{operation.pk}/" in page


def test_the_status_tells_of_plans_that_can_still_be_confirmed(world: World) -> None:
    waits, gone = world.plan([world.line(1)], by=world.agent), world.plan([world.line(2)])
    Device.objects.filter(number=factories.number(2)).update(deleted_at=factories.ACTIVATED)

    page = Visitor(world.admin).press(Code.STATUS)

    assert page.count("A plan that nobody confirmed yet") == 1
    assert f"/plans/{waits.pk}/" in page
    assert f"/plans/{gone.pk}/" not in page


@pytest.mark.parametrize("code", [code for code, node in TREE.items() if node.says])
def test_a_person_is_one_button_away_from_every_level(world: World, code: Code) -> None:
    visitor = Visitor(world.admin)
    Conversation.objects.create(
        company=world.company, user=world.admin, node=code.value, started_at=factories.ACTIVATED
    )

    page = visitor.press(Code.PERSON)

    case = Case.objects.get()
    assert f"/companies/4711/cases/{case.pk}/" in page or "Handed over" in page


def test_a_case_carries_all_of_it_and_is_answered_in_portal_and_mail(world: World) -> None:
    line = world.line(42)
    visitor = Visitor(world.admin)
    visitor.say("delete +12025550142 because Grace's phone is <b>gone</b>")
    visitor.press(Code.UNUSED)
    visitor.press(Code.PERSON)
    case = Case.objects.get()
    agent = Client()
    agent.force_login(world.agent)
    address = f"/csu/companies/4711/cases/{case.pk}/"

    queue = agent.get("/csu/cases/").content.decode()
    page = agent.get(f"{address}?template=not_confirmed").content.decode()
    agent.post(f"{address}act/", {"do": "reply-close", "text": "All is well, Ada."})

    assert (case.device, case.plan) == (line, Plan.objects.get())
    assert "Example Plumbing" in queue
    assert "&lt;b&gt;gone&lt;/b&gt;" in page
    assert "nobody confirmed it yet" in page
    (mail,) = world.messages()
    assert "All is well, Ada." in mail["text"]
    assert f"/companies/4711/cases/{case.pk}/" in mail["text"]
    theirs = visitor.client.get(f"/companies/4711/cases/{case.pk}/").content.decode()
    assert "All is well, Ada." in theirs
    assert "Sam Example, support" in theirs
    case.refresh_from_db()
    assert (case.state, case.assigned_to) == ("closed", world.agent)
    tags = AuditEvent.objects.filter(subject=f"case:{case.pk}").order_by("sequence").values_list("tag", flat=True)
    assert list(tags) == ["case:opened", "case:answered", "case:closed"]


def test_writing_to_a_closed_case_opens_it_again(world: World) -> None:
    visitor = Visitor(world.admin)
    visitor.press(Code.PERSON)
    case = Case.objects.get()
    agent = Client()
    agent.force_login(world.agent)
    agent.post(f"/csu/companies/4711/cases/{case.pk}/act/", {"do": "close"})
    assert waiting_cases(world.agent) == 0

    visitor.client.post(f"/companies/4711/cases/{case.pk}/", {"text": "One more thing."})

    case.refresh_from_db()
    assert (case.state, case.waits_for_us) == ("open", True)
    # What the side bar of support says.
    assert (waiting_cases(world.agent), waiting_cases(world.admin)) == (1, 0)


def waiting_cases(who: User) -> int:
    return cases.waiting_count(actor=factories.actor(who))


def test_a_mail_that_does_not_go_is_seen_and_sent_again(world: World, settings: Any) -> None:
    visitor = Visitor(world.admin)
    visitor.press(Code.PERSON)
    case = Case.objects.get()
    agent = Client()
    agent.force_login(world.agent)
    address = f"/csu/companies/4711/cases/{case.pk}/"
    working, settings.MAIL_URL = settings.MAIL_URL, "smtp://127.0.0.1:9"
    wiring.forget()
    agent.post(f"{address}act/", {"do": "reply", "text": "Hello."})
    message = CaseMessage.objects.get()
    assert message.mail_state == MailState.READY
    assert "Send the mail again" in agent.get(address).content.decode()

    settings.MAIL_URL = working
    wiring.forget()
    agent.post(f"{address}act/", {"do": f"mail:{message.pk}"})
    agent.post(f"{address}act/", {"do": f"mail:{message.pk}"})

    message.refresh_from_db()
    assert message.mail_state == MailState.SENT
    assert len(world.messages()) == 1


def test_nobody_reads_or_writes_anothers_case(world: World) -> None:
    Visitor(world.admin).press(Code.PERSON)
    case = Case.objects.get()
    colleague = factories.user(world.company, username="bea")
    stranger = factories.user(factories.company(coid=4712, name="Sample Cleaning"), username="eve")

    for user, coid in ((colleague, 4711), (stranger, 4711), (stranger, 4712)):
        client = Client()
        client.force_login(user)
        for answer in (
            client.get(f"/companies/{coid}/cases/{case.pk}/"),
            client.post(f"/companies/{coid}/cases/{case.pk}/", {"text": "hello"}),
            client.get(f"/csu/companies/{coid}/cases/{case.pk}/"),
            client.get("/csu/cases/"),
            client.post(f"/csu/companies/{coid}/cases/{case.pk}/act/", {"do": "close"}),
        ):
            assert answer.status_code == 404
    assert not CaseMessage.objects.exists()


def test_an_auditor_reads_cases_and_answers_none(world: World) -> None:
    Visitor(world.admin).press(Code.PERSON)
    case = Case.objects.get()
    client = Client()
    client.force_login(factories.agent(username="una", role=Role.AUDITOR))

    assert client.get(f"/csu/companies/4711/cases/{case.pk}/").status_code == 200
    assert client.post(f"/csu/companies/4711/cases/{case.pk}/act/", {"do": "close"}).status_code == 403
