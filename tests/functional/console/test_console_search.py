"""The one search box: what it understands, when it opens, and when it lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from onhook import clock
from onhook.billing import company_facts, ledger
from onhook.billing.channels import FactKind
from onhook.devices import csu
from onhook.devices.models import Device
from onhook.operations import finding
from onhook.operations.models import Plan, Step
from tests import factories, shop
from tests.functional.console.conftest import client_of, make_company_busy
from tests.shop import Vendors
from tests.world import World


@pytest.fixture
def found(world: World) -> World:
    """Give a company with a line that nothing else looks like."""
    factories.device(world.company, line=142, worker="Grace Marsh")
    return world


@pytest.mark.parametrize(
    "text",
    ["+1 203 555 0142", "(203) 555-0142", "203.555.0142", "12035550142", "5550142", "Grace Marsh", "marsh  Gra"],
)
def test_one_hit_opens(found: World, text: str) -> None:
    line = Device.objects.get()

    response = client_of(found.agent).get("/csu/", {"q": f" {text} "})

    assert response.status_code == 302
    assert response["Location"] == f"/csu/companies/4711/devices/{line.pk}/"


@pytest.mark.parametrize("text", ["zoe", "Zoë", "jorgensen zoe"])
def test_a_worker_is_found_whatever_the_accents(world: World, text: str) -> None:
    line = factories.device(world.company, line=142, worker="Zoë Jørgensen")

    opened = client_of(world.agent).get("/csu/", {"q": text})

    assert opened["Location"] == f"/csu/companies/4711/devices/{line.pk}/"


@pytest.mark.parametrize("text", ["4711", "Example Plumbing", "plumbing"])
def test_a_company_opens_by_coid_and_name(world: World, text: str) -> None:
    assert client_of(world.agent).get("/csu/", {"q": text})["Location"] == "/csu/companies/4711/"


def test_an_operation_and_a_plan_open_by_their_ids(world: World) -> None:
    operation = world.start(world.line(1))
    plan = world.plan([world.line(2)])
    agent = client_of(world.agent)

    assert agent.get("/csu/", {"q": str(operation.pk)})["Location"].endswith(f"/operations/{operation.pk}/")
    assert agent.get("/csu/", {"q": str(plan.pk)})["Location"].endswith(f"/plans/{plan.pk}/")


def test_an_operation_and_a_plan_open_by_the_first_characters_of_their_ids(world: World) -> None:
    operation, plan = world.start(world.line(1)), world.plan([world.line(2)])
    agent = client_of(world.agent)

    for text in (str(operation.pk)[:8], str(operation.pk)[:8].upper(), str(operation.pk)[:21]):
        assert agent.get("/csu/", {"q": text})["Location"].endswith(f"/operations/{operation.pk}/")
    assert agent.get("/csu/", {"q": str(plan.pk)[:8]})["Location"].endswith(f"/plans/{plan.pk}/")
    assert agent.get("/csu/", {"q": str(plan.pk)[:7]}).status_code == 200


def test_a_ticket_opens_what_was_asked_for_under_it(world: World) -> None:
    operation, plan = world.start(world.line(1)), world.plan([world.line(2)])
    Plan.objects.filter(pk=operation.plan_id).update(ticket_reference="T-7")
    Plan.objects.filter(pk=plan.pk).update(ticket_reference="T-77")
    agent = client_of(world.agent)

    assert agent.get("/csu/", {"q": "t-7"})["Location"].endswith(f"/operations/{operation.pk}/")
    assert agent.get("/csu/", {"q": "T-77"})["Location"].endswith(f"/plans/{plan.pk}/")
    Plan.objects.filter(pk=plan.pk).update(ticket_reference="T-7")
    both = agent.get("/csu/", {"q": "T-7"})
    assert ([row.pk for row in both.context["found"].operations], both.context["found"].plans) == (
        [operation.pk],
        [plan],
    )
    Plan.objects.filter(pk=plan.pk).update(state="void")
    assert agent.get("/csu/", {"q": "T-7"})["Location"].endswith(f"/operations/{operation.pk}/")


def test_a_line_opens_as_our_own_rows_name_it(found: World) -> None:
    line = Device.objects.get()

    for text in (f"device {line.pk}", f"Device  #{line.pk}", f"device:{line.pk}"):
        assert client_of(found.agent).get("/csu/", {"q": text})["Location"].endswith(f"/devices/{line.pk}/")


@pytest.mark.parametrize(
    "text",
    [
        "+12025550101+12025550102",
        "+1 202-555-0101 +1 202-555-0102",
        "(202) 555-0101, (202) 555-0102",
        "2025550101 2025550102",
    ],
)
def test_numbers_that_were_pasted_together_are_all_found(world: World, text: str) -> None:
    lines = [world.line(1), world.line(2)]
    world.line(3)

    listed = client_of(world.agent).get("/csu/", {"q": text})

    assert [row.pk for row in listed.context["found"].devices] == [line.pk for line in lines]


def test_a_pasted_number_that_no_line_has_is_named_and_nothing_opens(world: World) -> None:
    line = world.line(1)

    listed = client_of(world.agent).get("/csu/", {"q": "2025550101, 2025550198, 2025550199"})

    assert [row.pk for row in listed.context["found"].devices] == [line.pk]
    assert "No line, live or deleted, has 2025550198, 2025550199." in listed.content.decode()
    assert "an account number?" not in listed.content.decode()


def test_many_pasted_numbers_are_all_looked_for_up_to_a_limit_that_is_told(world: World) -> None:
    lines = [world.line(number) for number in range(1, 53)]
    agent = client_of(world.agent)

    some = agent.get("/csu/", {"q": ", ".join(line.number for line in lines[:40])})
    too_many = agent.get("/csu/", {"q": ", ".join(line.number for line in lines)})

    assert {row.pk for row in some.context["found"].devices} == {line.pk for line in lines[:40]}
    assert {row.pk for row in too_many.context["found"].devices} == {line.pk for line in lines[:50]}
    assert "2 of them came after the first 50" in too_many.content.decode()


@pytest.mark.parametrize("text", ["COID 4711", "COID: 4711", "coid4711", "4711/ada", "Example   Plumbing"])
def test_a_company_is_found_as_our_own_pages_write_it(world: World, text: str) -> None:
    assert client_of(world.agent).get("/csu/", {"q": text})["Location"] == "/csu/companies/4711/"


def test_what_has_the_word_for_it_in_front_is_found(world: World) -> None:
    operation = world.start(world.line(1))
    Plan.objects.filter(pk=operation.plan_id).update(ticket_reference="T-7")

    for text in (f"operation {operation.pk}", f"Operation: {str(operation.pk)[:8]}", "ticket T-7"):
        opened = client_of(world.agent).get("/csu/", {"q": text})["Location"]
        assert opened.endswith(f"/operations/{operation.pk}/"), text


def test_a_ticket_that_begins_with_such_a_word_is_left_whole(world: World) -> None:
    operation = world.start(world.line(1))
    Plan.objects.filter(pk=operation.plan_id).update(ticket_reference="TICKET-123")

    opened = client_of(world.agent).get("/csu/", {"q": "ticket-123"})["Location"]

    assert opened.endswith(f"/operations/{operation.pk}/")


def test_a_company_is_found_by_the_mail_address_of_its_people(world: World) -> None:
    agent = client_of(world.agent)

    assert agent.get("/csu/", {"q": world.admin.email.upper()})["Location"] == "/csu/companies/4711/"
    assert "Nothing fits" in agent.get("/csu/", {"q": "nobody@plumbing.example"}).content.decode()


def test_the_live_and_the_deleted_row_of_a_number_are_listed_and_none_is_chosen(world: World) -> None:
    lines, _ = make_company_busy(world)
    again = world.line(1, worker="Somebody new")

    response = client_of(world.agent).get("/csu/", {"q": lines[0].number})

    text = response.content.decode()
    assert response.status_code == 200
    assert [row.pk for row in response.context["found"].devices] == [again.pk, lines[0].pk]
    assert "None was chosen" in text
    assert factories.DIRECT_SOC in text
    assert "Billed directly" in text
    lines[0].refresh_from_db()
    assert lines[0].deleted_at is not None
    assert f"{lines[0].deleted_at:%H:%M:%S} UTC" in text


def test_a_bill_is_found_by_what_is_remembered_of_it(world: World) -> None:
    agent, now = client_of(world.agent), clock.now()
    company_facts.remember(
        company_id=4711, kind=FactKind.ACCOUNT, value="0018d00000AbCdEAAV", decided_by="1/sam", now=now
    )
    ledger.record_reading(company_id=4711, reference="Q7RK2M9XA4", quantity=12, asked_at=now, now=now)

    for text in ("0018d00000AbCdEAAV", "Q7RK2M9XA4"):
        assert agent.get("/csu/", {"q": text})["Location"] == "/csu/companies/4711/"


@pytest.mark.parametrize("seen_by", ["plan", "run"])
def test_a_company_is_found_by_the_account_number_that_a_plan_or_a_run_has_seen(world: World, seen_by: str) -> None:
    operation = world.start(world.line(1))
    if seen_by == "plan":
        Plan.objects.filter(pk=operation.plan_id).update(preview={"account": {"account_number": "ACC-77"}})
    else:
        Step.objects.create(
            operation=operation,
            company=world.company,
            name="find_account",
            position=5,
            evidence={"account_number": "ACC-77"},
            started_at=clock.now(),
        )
    # A worker who happens to be named so must not hide the company.
    world.line(2, worker="ACC-77 van")

    for text in ("ACC-77", "acc-77"):
        found = client_of(world.agent).get("/csu/", {"q": text})

        assert found.context["companies"] == [(world.company, "account number in Salesforce")]
        assert len(found.context["rows"]) == 1


@pytest.mark.parametrize("coid", ["4711", ""], ids=["by its COID", "by its name"])
def test_an_account_number_that_nothing_here_has_seen_is_asked_for_in_salesforce(
    world: World, vendors: Vendors, coid: str
) -> None:
    agent = client_of(world.agent)
    vendors.seed_accounts(
        shop.account(number="ACC-77", coid=coid),
        shop.account(account_id="0018d00000AbCdFAAV", number="ACC-78", name="X", coid=""),
    )

    nothing = agent.get("/csu/", {"q": "ACC-77"}).content.decode()
    found = agent.get("/csu/", {"q": "ACC-77", "crm": "1"})
    stranger = agent.get("/csu/", {"q": "ACC-78", "crm": "1"}).content.decode()
    missing = agent.get("/csu/", {"q": "ACC-79", "crm": "1"}).content.decode()

    assert 'href="?q=ACC-77&amp;crm=1"' in nothing
    assert found["Location"] == "/csu/companies/4711/"
    assert "Salesforce knows X by it, which is no company here." in stranger
    assert "Salesforce has no such account number" in missing
    assert "Ask Salesforce" not in missing


def test_a_silent_salesforce_holds_nobody(world: World, vendors: Vendors, settings: Settings) -> None:
    settings.PREVIEW_SECONDS = 0.2
    vendors.crm.control.add_fault("delay", match={"path_prefix": "/services/"}, times=None, seconds=20)

    text = client_of(world.agent).get("/csu/", {"q": "ACC-77", "crm": "1"}).content.decode()

    assert "Salesforce did not answer in time." in text


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("+12025550101", "device_by_number"),
        ("5550101", "device_number_contains"),
        ("Grace Marsh", "device_worker_contains"),
    ],
)
def test_every_search_of_lines_has_an_index_that_fits_it(text: str, index: str) -> None:
    rows, values = Device.objects.filter(csu.may_mean(text, regions=frozenset({"US"}))).query.sql_with_params()

    assert index in bitmaps(rows, values)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("(202) 555-0101", "device_number_ends"),
        ("Example Plumb", "company_name_contains"),
        ("ACC-77", "plan_account_number_any_case"),
        ("ACC-77", "step_account_number_any_case"),
        ("T-1001", "plan_ticket"),
        ("ada@plumbing.example", "user_email"),
    ],
)
def test_every_other_search_has_an_index_that_fits_it(world: World, text: str, index: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        finding.anything(text=text, actor=factories.actor(world.agent))

    assert any(index in bitmaps(question["sql"].replace("%", "%%")) for question in asked.captured_queries)


def bitmaps(sql: str, values: Sequence[Any] = ()) -> str:
    """Return the plan without other ways: whether an index may be used, not whether it is for five rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_indexscan = off")
        cursor.execute(f"EXPLAIN {sql}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_seqscan; RESET enable_indexscan")
    return plan


def test_nothing_found_says_what_to_do(world: World) -> None:
    response = client_of(world.agent).get("/csu/", {"q": "<b>nobody</b>"})

    assert "Nothing fits, neither live nor deleted" in response.content.decode()
    assert "<b>nobody</b>" not in response.content.decode()


def test_what_waits_and_what_went_wrong_stand_beside_the_box(world: World) -> None:
    world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()

    text = client_of(world.agent).get("/csu/").content.decode()

    assert "SOC code" in text
    assert "Waits for a person" in text
    assert "In the last 7 days no read-back failed or timed out" in text


@pytest.mark.parametrize(
    "path",
    [
        "?q=Worker",
        "companies/4711/devices/",
        "companies/4711/devices/?tab=deleted",
        "companies/4711/operations/",
        "companies/4711/people/",
        "questions/",
        "audit/",
        "companies/4711/audit/",
        "",
    ],
)
def test_a_list_asks_as_often_for_three_rows_as_for_one(world: World, path: str) -> None:
    agent = client_of(world.agent)

    def rows(number: int) -> None:
        world.start(world.line(number))
        world.start(world.line(number + 10, soc_code=factories.UNKNOWN_SOC))
        world.line(number + 20)
        factories.user(world.company, username=f"user{number}")
        world.work()

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert agent.get(f"/csu/{path}").status_code == 200
        return len(seen)

    rows(1)
    queries()  # the first look writes its visit down
    one = queries()
    rows(2)
    rows(3)

    assert queries() == one


def test_a_whole_number_without_its_country_code_finds_what_ends_with_it_in_every_country(world: World) -> None:
    for number in ("+442025550142", "+12025550142", "+442025550142777"):
        Device.objects.create(company=world.company, number=number, soc_code=factories.DIRECT_SOC)

    found = csu.find(text="(202) 555-0142", most=10)

    assert [row.number for row in found] == ["+442025550142", "+12025550142"]


def test_ten_digits_that_no_number_ends_with_are_part_of_one(world: World) -> None:
    Device.objects.create(company=world.company, number="+442025550142777", soc_code=factories.DIRECT_SOC)

    assert [row.number for row in csu.find(text="2025550142", most=10)] == ["+442025550142777"]
