"""Who gets into the console, and what an auditor cannot do there."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection

from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag
from onhook.operations.models import Operation, Plan, Question
from onhook.surfaces.access import Audience
from onhook.surfaces.console.access import ROUTES
from onhook.surfaces.console.urls import urlpatterns
from onhook.surfaces.web.access import all_routes
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


def looks() -> list[tuple[int, str, str, str]]:
    seen = AuditEvent.objects.filter(tag=Tag.COMPANY_VIEWED.value)
    return [(event.company_id, event.actor, event.surface, event.after["page"]) for event in seen]


def test_a_look_at_a_company_is_in_its_trail_and_what_the_page_asks_by_itself_is_part_of_it(world: World) -> None:
    agent, line = client_of(world.agent), world.line(1)
    operation = world.start(line)
    of_line, of_operation = f"devices/{line.pk}/", f"operations/{operation.pk}/"

    for path in ("", "bill/", of_line, f"{of_line}bill/", of_operation, f"{of_operation}live/"):
        agent.get(f"/csu/companies/4711/{path}", headers={"HX-Request": "true"} if path.endswith("bill/") else {})
    agent.get(f"/help/delete-a-phone-number/?operation={operation.pk}")

    assert looks() == [
        (4711, "1/sam", "console", "console:company"),
        (4711, "1/sam", "console", "console:device"),
        (4711, "1/sam", "console", "console:operation"),
    ]


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/csu/companies/4711/bill/", "console:company"),
        ("/csu/companies/4711/devices/{device}/bill/", "console:device"),
        ("/csu/companies/4711/operations/{operation}/live/", "console:operation"),
        ("/companies/4711/operations/{operation}/live/", "portal:operation"),
        ("/companies/4711/billing/now/", "portal:billing"),
        ("/help/{article}/?operation={operation}", "console:operation"),
        ("/help/{article}/steps/?operation={operation}", "console:operation"),
    ],
)
def test_a_part_of_a_page_that_is_asked_for_without_it_is_a_look(world: World, address: str, page: str) -> None:
    line = world.line(1)
    operation, article = world.start(line), "delete-a-phone-number"

    answer = client_of(world.agent).get(address.format(operation=operation.pk, article=article, device=line.pk))

    assert answer.status_code == 200
    assert [(coid, seen) for coid, _, _, seen in looks()] == [(4711, page)]


def test_a_form_that_comes_back_with_its_page_is_a_look(world: World) -> None:
    agent, plan = client_of(world.agent), world.plan([world.line(1)])
    addresses = [f"/csu/companies/4711/plans/{plan.pk}/confirm/", "/csu/companies/4711/billing-link/"]

    answers = [agent.post(address, {"typed": "wrong"}) for address in addresses]

    assert [answer.status_code for answer in answers] == [422, 200]
    assert [page for _, _, _, page in looks()] == ["console:plan-confirm", "console:billing-link"]


def test_what_shows_nothing_of_the_company_is_no_look(world: World) -> None:
    agent, plan = client_of(world.agent), world.plan([world.line(1)])
    missing = "/csu/companies/4711/devices/999999/"

    answers = [
        agent.get(missing),
        agent.get(f"/csu/companies/4711/plans/{uuid4()}/"),
        agent.post(missing),
        agent.post(f"/csu/companies/4711/plans/{plan.pk}/again/"),
        client_of(staff(Role.LEAD, "lea")).post("/companies/4711/devices/export/"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 405, 302, 200]
    assert looks() == []


def test_a_look_that_could_not_be_written_down_shows_nothing_and_is_written_the_next_time(world: World) -> None:
    agent = client_of(world.agent)
    agent.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no room left'; END $$;"
            "CREATE TRIGGER no_room BEFORE INSERT ON audit_auditevent EXECUTE FUNCTION no_room();"
        )
        assert agent.get("/csu/companies/4711/").status_code == 500
        cursor.execute("DROP TRIGGER no_room ON audit_auditevent")

    assert agent.get("/csu/companies/4711/").status_code == 200
    assert len(looks()) == 1


def test_every_part_of_a_page_names_a_page_that_is_there() -> None:
    routes = all_routes()
    parts = {name: row.part_of for name, row in routes.items() if row.part_of}

    assert set(parts.values()) <= set(routes)
    polls = {name for name, row in routes.items() if row.is_poll and row.audience is not Audience.STAFF}
    assert polls <= set(parts)


def test_a_suspended_agent_is_out_with_the_next_request(world: World) -> None:
    agent = client_of(world.agent)
    assert agent.get("/csu/").status_code == 200
    world.agent.suspended_at = world.agent.created_at
    world.agent.save()

    assert agent.get("/csu/").status_code == 302
    assert not Operation.objects.exists()
