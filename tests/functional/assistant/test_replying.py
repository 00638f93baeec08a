"""What an agent starts a reply from, and to whom a case is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from onhook import clock
from onhook.assistant import reply_templates
from onhook.assistant.menu import TREE, Code
from onhook.assistant.models import Case, Conversation
from onhook.audit.models import AuditEvent
from onhook.billing.channels import Channel, bill_sentence
from onhook.operations.models import Operation, Plan
from onhook.operations.vocabulary import Outcome
from onhook.tenancy.permissions import Role
from tests import factories
from tests.world import World


def a_case(world: World, *, plan: Plan | None = None, device: Any = None) -> Case:
    at = factories.ACTIVATED
    conversation = Conversation.objects.create(
        company=world.company, user=world.admin, node=Code.ROOT.value, started_at=at, ended_at=at
    )
    return Case.objects.create(
        company=world.company,
        conversation=conversation,
        opened_by=world.admin,
        topic=str(TREE[Code.DELETE].label),
        plan=plan,
        device=device,
        opened_at=at,
        changed_at=at,
    )


def fitting(case: Case) -> list[str]:
    return [template.code for template in reply_templates.fitting(case, now=clock.now())[0]]


@pytest.mark.parametrize(
    ("soc_code", "first"),
    [(factories.DIRECT_SOC, "done_direct"), (factories.SHOP_SOC, "done_shop")],
)
def test_the_first_text_fits_who_bills_and_how_the_run_ended(world: World, soc_code: str, first: str) -> None:
    line = world.line(42, soc_code=soc_code)
    operation = world.start(line)
    Operation.objects.filter(pk=operation.pk).update(
        state="closed", outcome=Outcome.VERIFIED.value, closed_at=factories.ACTIVATED
    )

    case = a_case(world, plan=operation.plan, device=line)

    assert fitting(case)[0] == first
    assert not {"done_direct", "done_shop", "not_done", "not_confirmed"} - {first} & set(fitting(case))
    chosen = reply_templates.fitting(case, now=clock.now())[0][0]
    assert "+1 202-555-0142 is deleted" in reply_templates.filled(chosen, case)


@pytest.mark.parametrize(
    ("outcome", "first"),
    [
        (Outcome.MISMATCH, "not_verified"),
        (Outcome.TIMED_OUT, "not_verified"),
        (Outcome.VOID, "not_done"),
        (Outcome.CANCELLED, "not_done"),
    ],
)
def test_every_end_of_a_run_has_its_text(world: World, outcome: Outcome, first: str) -> None:
    operation = world.start(world.line(42))
    Operation.objects.filter(pk=operation.pk).update(
        state="closed", outcome=outcome.value, closed_at=factories.ACTIVATED
    )

    assert fitting(a_case(world, plan=operation.plan))[0] == first


def test_a_plan_that_nobody_confirmed_has_its_text(world: World) -> None:
    case = a_case(world, plan=world.plan([world.line(42)]))

    assert fitting(case)[0] == "not_confirmed"
    assert "plan_again" not in fitting(case)
    assert "under Operations for Ada Example" in filled("not_confirmed", case)


def test_ones_own_plan_is_found_where_the_text_says(world: World) -> None:
    plan = world.plan([world.line(42)])
    line_under_way = world.line(43)
    world.start(line_under_way)
    blocked = world.plan([line_under_way])
    assert blocked.blocks
    expired = world.plan([world.line(44)])
    Plan.objects.filter(pk=expired.pk).update(expires_at=clock.now())
    client = Client()
    client.force_login(world.admin)

    page = client.get("/companies/4711/operations/").content.decode()

    assert "Planned by you, not confirmed yet" in page
    assert f"/companies/4711/plans/{plan.pk}/" in page
    assert "for you to confirm" in page
    assert str(expired.pk) not in page
    assert str(blocked.pk) not in page


def test_a_plan_that_expired_is_to_be_made_again(world: World) -> None:
    plan = world.plan([world.line(42)])
    Plan.objects.update(expires_at=clock.now())
    plan.refresh_from_db()

    codes = fitting(a_case(world, plan=plan))

    assert codes[0] == "plan_again"
    assert "not_confirmed" not in codes


def test_so_is_one_whose_line_another_request_deleted(world: World) -> None:
    line = world.line(42)
    plan = world.plan([line])
    line.deleted_at = clock.now()
    line.save()

    codes = fitting(a_case(world, plan=plan))

    assert codes[0] == "plan_again"
    assert "not_confirmed" not in codes


def test_nothing_that_says_done_fits_where_nothing_was_done(world: World) -> None:
    codes = fitting(a_case(world))

    assert not [code for code in codes if code.startswith(("done", "not_"))]
    assert "ask_more" in codes


def test_every_template_can_be_filled_for_a_case_without_a_line(world: World) -> None:
    case = a_case(world)

    for template in reply_templates.TEMPLATES:
        text = reply_templates.filled(template, case)
        assert "{" not in text
        assert "in question" not in text
    assert "The line was not deleted:" in filled("not_done", case)
    assert "The deletion of the line is planned" in filled("not_confirmed", case)


def test_the_line_of_a_plan_is_the_cases_also_when_more_was_written_before_the_hand_over(world: World) -> None:
    line = world.line(42)
    client = Client()
    client.force_login(world.admin)
    for step in (
        {"text": "delete the line +1 202 555 0142"},
        {"choice": Code.UNUSED.value},
        {"text": "I have a question"},
        {"choice": Code.PERSON.value},
    ):
        client.post("/companies/4711/contact/", step)

    case = Case.objects.get()

    assert case.plan is not None
    assert case.device == line
    assert "+1 202-555-0142" in filled("not_confirmed", case)


def filled(code: str, case: Case) -> str:
    (template,) = (one for one in reply_templates.TEMPLATES if one.code == code)
    return reply_templates.filled(template, case)


def test_everybody_says_the_same_of_a_bill_under_a_contract(world: World, settings: Any) -> None:
    sentence = "your account manager adjusts the bill"

    article = (Path(settings.HELP_FOLDER) / "reading-your-bill.md").read_text()

    assert sentence in bill_sentence(Channel.CONTRACT, lines=1)
    assert sentence in filled("done_contract", a_case(world))
    assert sentence in article.casefold()


def test_a_case_is_given_to_a_colleague_and_back_to_nobody(world: World) -> None:
    case, lead = a_case(world), factories.agent(username="lea", role=Role.LEAD)
    client = Client()
    client.force_login(world.agent)
    address = f"/csu/companies/4711/cases/{case.pk}/"

    client.post(f"{address}act/", {"do": "give", "to": lead.pk})
    page = client.get("/csu/cases/").content.decode()
    client.post(f"{address}act/", {"do": "give", "to": ""})

    assert "Lea Example" in page
    case.refresh_from_db()
    assert case.assigned_to is None
    events = AuditEvent.objects.filter(tag="case:assigned").order_by("sequence").values_list("after", flat=True)
    assert list(events) == [{"to": lead.login}, {"to": ""}]


def test_a_case_is_given_to_nobody_who_may_not_answer(world: World) -> None:
    case, auditor = a_case(world), factories.agent(username="una", role=Role.AUDITOR)
    client = Client()
    client.force_login(world.agent)
    address = f"/csu/companies/4711/cases/{case.pk}/"

    page = client.get(address).content.decode()
    for stranger in (auditor, world.admin):
        client.post(f"{address}act/", {"do": "give", "to": stranger.pk})

    assert "Una Example" not in page
    case.refresh_from_db()
    assert case.assigned_to is None
