"""Who gets into the console, and what an auditor cannot do there."""

from __future__ import annotations

import pytest

from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag
from onhook.operations.models import Operation, Plan, Question
from onhook.surfaces.access import Audience
from onhook.surfaces.console.access import ROUTES
from onhook.surfaces.console.urls import urlpatterns
from onhook.tenancy.permissions import Role
from tests import factories
from tests.functional.console.conftest import client_of, make_company_busy, staff
from tests.world import World


def test_every_address_has_a_row_and_none_is_for_customers() -> None:
    named = {f"console:{pattern.name}" for pattern in urlpatterns}

    assert named == set(ROUTES)
    assert {row.audience for row in ROUTES.values()} == {Audience.STAFF, Audience.COMPANY_FOR_STAFF}


@pytest.mark.parametrize(
    "path",
    ["", "questions/", "rules/", "audit/", "companies/4711/", "companies/4711/devices/", "companies/4711/people/"],
)
def test_a_customer_finds_no_console_not_even_for_their_own_company(world: World, path: str) -> None:
    assert client_of(world.admin).get(f"/csu/{path}").status_code == 404


def test_nobody_is_sent_to_the_sign_in(world: World) -> None:
    from django.test import Client

    response = Client().get("/csu/companies/4711/")

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=/csu/companies/4711/")


def test_an_auditor_sees_every_page_and_is_offered_no_act(world: World) -> None:
    auditor = client_of(staff(Role.AUDITOR, "vera"))
    lines, operation = make_company_busy(world)
    asked = world.start(world.line(20, soc_code=factories.UNKNOWN_SOC))
    world.work()
    plan = world.plan(lines[2:3])
    own = "/csu/companies/4711/"

    for path in (
        "/csu/",
        "/csu/questions/",
        "/csu/rules/",
        "/csu/audit/",
        own,
        f"{own}devices/",
        f"{own}devices/{lines[1].pk}/",
        f"{own}people/",
        f"{own}operations/",
        f"{own}operations/{operation.pk}/",
        f"{own}operations/{asked.pk}/",
        f"{own}plans/{plan.pk}/",
        f"{own}audit/",
    ):
        response = auditor.get(path)

        assert response.status_code == 200, path
        # What is left to post: the theme and the way out.
        posts = [form for form in response.content.decode().split("<form")[1:] if 'method="post"' in form.split(">")[0]]
        assert [
            form for form in posts if "/theme/" not in form.split(">")[0] and "/sign-out/" not in form.split(">")[0]
        ] == [], path


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.AGENT], ids=["auditor is refused", "agent is not"])
def test_acts_need_the_right(world: World, role: Role) -> None:
    who = client_of(staff(role, "vera"))
    is_refused = role is Role.AUDITOR
    line = world.line(1)
    plan = world.plan([line])
    running = world.start(world.line(2, soc_code=factories.UNKNOWN_SOC))
    world.work()
    question = world.open_question()
    own = "/csu/companies/4711/"

    answers = [
        who.get(f"{own}deletion/?device={line.pk}"),
        who.post(f"{own}plans/{plan.pk}/confirm/", {"typed": "0000"}),
        who.post(f"{own}plans/{plan.pk}/again/"),
        who.post(f"{own}questions/{question.pk}/answer/", {"choice": "reject", "reason": "no"}),
        who.post(f"{own}operations/{running.pk}/cancel/"),
        who.get(f"{own}billing-link/"),
    ]

    assert [answer.status_code == 403 for answer in answers] == [is_refused] * len(answers)
    assert Question.objects.get().is_open == is_refused
    assert Plan.objects.count() == (2 if is_refused else 3)


def test_a_missing_and_another_companys_object_look_the_same(world: World) -> None:
    agent = client_of(world.agent)
    other = factories.company(coid=4712, name="Invented Bakery")
    line, operation = world.line(1), world.start(world.line(2))
    plan = world.plan([line])

    for path in (
        f"devices/{line.pk}/",
        f"deletion/?device={line.pk}",
        f"plans/{plan.pk}/",
        f"operations/{operation.pk}/",
        f"operations/{operation.pk}/live/",
    ):
        assert agent.get(f"/csu/companies/{other.pk}/{path}").status_code == 404, path
        assert agent.get(f"/csu/companies/999/{path}").status_code == 404, path


def test_a_look_at_a_company_is_in_its_trail_and_a_poll_is_not(world: World) -> None:
    agent = client_of(world.agent)
    operation = world.start(world.line(1))
    agent.get("/csu/companies/4711/")
    agent.get(f"/csu/companies/4711/operations/{operation.pk}/live/")
    agent.get("/csu/companies/4711/bill/", headers={"HX-Request": "true"})

    seen = AuditEvent.objects.filter(tag=Tag.COMPANY_VIEWED.value)

    assert [(event.company_id, event.actor, event.surface, event.after["page"]) for event in seen] == [
        (4711, "1/sam", "console", "console:company")
    ]


def test_a_suspended_agent_is_out_with_the_next_request(world: World) -> None:
    agent = client_of(world.agent)
    assert agent.get("/csu/").status_code == 200
    world.agent.suspended_at = world.agent.created_at
    world.agent.save()

    assert agent.get("/csu/").status_code == 302
    assert not Operation.objects.exists()
