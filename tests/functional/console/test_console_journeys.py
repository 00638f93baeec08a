"""What agents do in the console, in real Chromium, against a real server, database, worker and vendors."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from onhook import clock
from onhook.devices import numbers
from onhook.devices.models import Device
from onhook.operations import worker
from onhook.operations.models import Operation, Question
from onhook.operations.vocabulary import Outcome
from onhook.tenancy.permissions import Role
from tests import factories, shop
from tests.crash.processes import Nursery
from tests.functional.console.conftest import Console, make_company_busy, staff
from tests.functional.portal.conftest import DESK, PHONE, look_at, make_lines
from tests.shop import Vendors


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def ask_and_confirm(page: Page, *, digits: str) -> None:
    """From a line's page over request and plan to the operation."""
    page.get_by_role("link", name="Delete device").click()
    page.get_by_label("Who asks for this?").select_option(label="Ada Example (Admin)")
    page.get_by_label("Called back on the number on record").check()
    page.get_by_role("textbox", name="Ticket").fill("T-2044")
    page.get_by_label("Why does it go?").select_option(label="Phone stolen")
    page.get_by_role("button", name="Show the plan").click()
    page.get_by_label("Type the last four digits").fill(digits)
    page.get_by_role("button", name="Delete 1 line").click()
    expect(page.get_by_role("heading", name="Delete 1 line of Example Plumbing")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_a_pasted_number_to_the_read_back(console: Console, vendors: Vendors, script: bool) -> None:
    console.world.ports = shop.join(console.world, vendors).ports
    console.world.line(42, soc_code=factories.SHOP_SOC, worker="Grace Marsh")
    page = console.open(java_script_enabled=script)

    if script:
        page.locator("body").press("/")
        expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("searchbox").fill("(202) 555-0142")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("+1 202-555-0142")
    ask_and_confirm(page, digits="0142")
    expect(page.get_by_text("To be deleted")).to_be_visible()
    console.world.work()
    if not script:
        page.reload()

    expect(page.get_by_text("Deleted and verified.", exact=True)).to_be_visible()
    expect(
        page.get_by_text("1 of 1 line with a Deleted Datetime and no live row of the company.").first
    ).to_be_visible()
    expect(page.get_by_text("Q7RK2M9XA4: 12 lines paid, 1 to lower")).to_be_visible()
    expect(page.locator(".letter")).to_contain_text("Lower your lines from 12 to 11")
    expect(page.locator("#summary")).to_contain_text("ticket T-2044")
    expect(page.locator("[hx-trigger]")).to_have_count(0)
    operation, line = Operation.objects.get(), Device.objects.get()
    assert (operation.outcome, operation.confirmed_by, operation.surface) == (
        "verified",
        console.world.agent,
        "console",
    )
    assert line.deleted_at is not None
    if script:
        look_at(page)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_question_is_answered_where_it_stands(console: Console, vendors: Vendors, script: bool) -> None:
    world = console.world
    world.ports = shop.join(world, vendors).ports
    vendors.seed(stored_link=f"{vendors.shop.http}/order/upgrade.php?LICENSE=OLDPLAN77")
    operation = world.start(world.line(1, soc_code=factories.SHOP_SOC))
    world.work()
    page = console.open("questions/", java_script_enabled=script)

    expect(page.locator("mark")).to_have_text(["Q7RK2M9XA4", "OLDPLAN77"])
    if script:
        look_at(page)
    page.get_by_role("link", name="See the whole operation").click()
    expect(page.locator("mark")).to_have_text(["Q7RK2M9XA4", "OLDPLAN77"])
    if script:
        look_at(page)
    page.get_by_label("Send the shop's link").check()
    page.get_by_label("Why, or your evidence").fill("The stored one is of last year's subscription")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("Answered. The operation goes on.")).to_be_visible()
    world.work()
    if not script:
        page.reload()

    expect(page.get_by_text("Deleted and verified.", exact=True)).to_be_visible()
    expect(page.get_by_text("The stored one is of last year's subscription", exact=True)).to_be_visible()
    expect(page.locator("#summary")).to_contain_text("(The stored one is of last year's subscription)")
    page.goto(f"/csu/{console.own()}")
    expect(page.get_by_text("Stored link to ignore")).to_be_visible()
    operation.refresh_from_db()
    assert operation.outcome == Outcome.VERIFIED


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_question_is_taken_and_handed_to_the_lead(console: Console, script: bool) -> None:
    world, lea = console.world, staff(Role.LEAD, "lea")
    world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    page = console.open("questions/", java_script_enabled=script)

    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_text("The question is with you now.")).to_be_visible()
    page.get_by_role("link", name="Mine").click()
    page.get_by_role("link", name="See the whole operation").click()
    page.get_by_text("Hand it over").click()
    page.get_by_label("To", exact=True).select_option(label="Lea Example (support lead)")
    page.get_by_label("Note").fill("Finance must say who bills this")
    page.get_by_role("button", name="Hand over").click()

    expect(page.get_by_text("The question is with Lea Example now.")).to_be_visible()
    expect(page.get_by_text("Finance must say who bills this", exact=True)).to_be_visible()
    assert world.open_question().assigned_to == lea


def test_a_step_that_comes_again_is_tried_now(console: Console) -> None:
    world = console.world
    world.mailbox.control.add_fault("refuse", match={"method": "MAIL"}, code=451, times=1)
    operation = world.start(world.line(1))
    world.work()
    page = console.open(console.own(f"operations/{operation.pk}/"))

    expect(page.get_by_text("The mail server refused it for now (code 451). Tried 1 time.")).to_be_visible()
    look_at(page)
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("It is tried now.")).to_be_visible()
    world.work()

    expect(page.get_by_text("Deleted and verified.", exact=True)).to_be_visible()


def test_what_somebody_types_stays_while_the_page_asks(console: Console) -> None:
    world = console.world
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    page = console.open(console.own(f"operations/{operation.pk}/"))
    page.get_by_label("Why, or your evidence").fill("finance says")

    with page.expect_response(lambda response: "/live/" in response.url):
        pass
    with page.expect_response(lambda response: "/live/" in response.url):
        pass

    expect(page.get_by_label("Why, or your evidence")).to_have_value("finance says")


def test_the_side_bar_hears_of_a_question_while_the_page_stays(console: Console) -> None:
    operation = console.world.start(console.world.line(1, soc_code=factories.UNKNOWN_SOC))
    page = console.open(console.own(f"operations/{operation.pk}/"))
    count = page.get_by_role("navigation", name="Main").get_by_role("link", name="Questions").locator(".count")
    expect(count).to_be_hidden()

    console.world.work()

    expect(count).to_have_text("1")
    console.world.answer(console.world.open_question(), "reject")
    console.world.work()
    expect(count).to_be_hidden()


def test_the_page_goes_on_when_the_worker_was_killed(console: Console, nursery: Nursery) -> None:
    world = console.world
    operation = world.start(world.line(1))
    page = console.open(console.own(f"operations/{operation.pk}/"))
    expect(page.get_by_text("To be deleted")).to_be_visible()

    process = nursery.fork(
        "work",
        database=connection.settings_dict["NAME"],
        environment={"ONHOOK_CRASH_AT": "verify_deleted:1:before_effect"},
        settings={"MAIL_URL": f"smtp://{world.mailbox.addresses['smtp']}"},
    )
    assert process.was_killed()
    expect(page.get_by_text("1 line deleted.")).to_be_visible()
    expect(page.get_by_text("Deleted and verified.", exact=True)).to_have_count(0)
    worker.take_over()
    while not Operation.objects.get().is_closed:
        world.work()

    expect(page.get_by_text("Deleted and verified.", exact=True)).to_be_visible()
    expect(page.get_by_text("1 line deleted.")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_agent_picks_lines_of_several_searches(console: Console, script: bool) -> None:
    lines = make_lines(console.world, 60)
    page = console.open(console.own("devices/"), java_script_enabled=script)
    page.get_by_role("checkbox", name="+1 202-555-0102").check()
    page.get_by_role("button", name="Next").click()
    for picked in ("0117", "0118"):
        page.get_by_label("Number, worker or model of this company").fill(f"555{picked}")
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_role("row")).to_have_count(2)
        page.get_by_role("checkbox", name=f"Pick +1 202-555-{picked}").check()

    page.get_by_role("button", name="Delete…").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 3 lines of Example Plumbing?")
    assert page.url.count("device=") == 3
    page.get_by_role("link", name="Keep them").click()
    for line in (lines[1], lines[16], lines[17]):
        expect(page.get_by_role("checkbox", name=numbers.display(line.number))).to_be_checked()


@pytest.mark.parametrize("first", ["agent", "customer"])
def test_the_agent_and_the_customer_race_for_one_line_and_one_deletion_starts(console: Console, first: str) -> None:
    world = console.world
    line = world.line(1)
    agents, customers = world.plan([line], by=world.agent), world.plan([line])
    pages = [
        console.open(console.own(f"plans/{agents.pk}/")),
        console.visit(world.admin, f"/companies/4711/plans/{customers.pk}/"),
    ]
    for page in pages:
        page.get_by_label("Type the last four digits").fill("0101")

    # Both buttons are pressed before either answer is read.
    for page in pages if first == "agent" else reversed(pages):
        page.get_by_role("button", name="Delete 1 line").click(no_wait_after=True)

    refusal, confirmed = "already has lines of this plan", re.compile(r"^Confirmed .* by ")
    for page in pages:
        expect(page.get_by_text(refusal).or_(page.get_by_text(confirmed)).first).to_be_visible()
    assert Operation.objects.count() == 1
    assert sum(page.get_by_text(refusal).count() > 0 for page in pages) == 1
    world.work()
    assert Operation.objects.get().outcome == Outcome.VERIFIED


@pytest.mark.parametrize("face", ["/csu/companies/4711/", "/companies/4711/billing/"])
def test_without_script_nothing_is_said_to_be_asked_that_is_not(console: Console, vendors: Vendors, face: str) -> None:
    console.world.ports = shop.join(console.world, vendors).ports
    person = console.world.agent if face.startswith("/csu/") else console.world.admin
    page = console.visit(person, face, java_script_enabled=False)

    expect(page.get_by_text("does not wait for")).to_be_hidden()
    page.get_by_role("link", name=re.compile("now$")).click()

    expect(page.get_by_text(re.compile(r"^Paid( at the shop)?$"))).to_be_visible()


def test_a_silent_vendor_never_holds_the_page(console: Console, vendors: Vendors, settings: Settings) -> None:
    settings.PREVIEW_SECONDS = 1
    vendors.crm.control.add_fault("delay", match={"path_prefix": "/services/"}, times=None, seconds=20)
    page = console.open(console.own())

    expect(page.get_by_text("Asking the billing systems.")).to_be_visible()
    expect(page.get_by_role("heading", name="Latest operations")).to_be_visible()
    expect(page.locator("#bill")).to_contain_text("Not known yet.")
    look_at(page)


@pytest.mark.usefixtures("vendors")
def test_the_page_of_no_hit_holds_where_salesforce_can_be_asked(console: Console) -> None:
    page = console.open("?q=zzzz")

    expect(page.get_by_role("link", name="Ask Salesforce for this account number")).to_be_visible()
    look_at(page)


def test_a_company_with_operations_under_way_holds(console: Console) -> None:
    make_company_busy(console.world)
    console.world.start(console.world.line(20, soc_code=factories.UNKNOWN_SOC))
    console.world.work()
    page = console.open(console.own())

    expect(page.get_by_text("Waits for a person")).to_be_visible()
    expect(page.locator("#bill")).to_contain_text("not set up")
    look_at(page)


def test_every_tab_of_a_company_is_in_sight_on_a_phone(console: Console) -> None:
    page = console.open(console.own("audit/"), size=PHONE)

    tabs = page.get_by_role("navigation", name="Pages of this company").get_by_role("link")
    assert tabs.count() > 3  # more than fit in a row
    for tab in tabs.all():
        expect(tab).to_be_in_viewport(ratio=0.9)


def test_a_mail_address_is_not_broken_by_the_state_beside_it_on_a_phone(console: Console) -> None:
    page = console.open(console.own("people/"), size=PHONE)

    rows = """node => {
        const all = document.createRange();
        all.selectNodeContents(node);
        return all.getClientRects().length;
    }"""
    lines = page.get_by_text("4711/ada · ada@plumbing.example").evaluate(rows)

    assert lines == 1


def test_a_state_that_stands_below_its_row_stands_at_its_end(console: Console) -> None:
    console.world.company.name = "Example Plumbing, Heating and Refrigeration Services of Greater Springfield"
    console.world.company.save()
    console.world.start(console.world.line(1))
    page = console.open(size=PHONE)

    row = page.get_by_role("listitem").filter(has_text="Delete 1 line")
    name, state = row.get_by_role("link").bounding_box(), row.locator(".badge").bounding_box()
    edge = row.bounding_box()

    assert name
    assert state
    assert edge
    assert state["y"] > name["y"] + name["height"]
    assert edge["x"] + edge["width"] - (state["x"] + state["width"]) < 20  # no more than the row's own padding


def test_an_open_question_leaves_no_hole_on_a_phone(console: Console) -> None:
    console.world.start(console.world.line(20, soc_code=factories.UNKNOWN_SOC))
    console.world.work()
    page = console.open("questions/", size=PHONE)

    title, holder = (page.locator(f".asked > summary > {part}").bounding_box() for part in (".thing", ".holder"))
    assert title
    assert holder
    assert 0 <= holder["y"] - (title["y"] + title["height"]) < holder["height"]


def test_a_long_name_breaks_no_soc_code(console: Console) -> None:
    console.world.line(1, worker="Worker One")
    console.world.line(
        2, worker="Worker Featherstonehaugh-Cholmondeley the Younger of Somewhere Invented upon the Water"
    )
    for path in (console.own("devices/"), "?q=Worker"):
        page = console.open(path, size=DESK)
        for code in page.locator("tbody code").all():
            box = code.bounding_box()
            assert box
            assert box["height"] < 20, f"{path}: a SOC code in two lines"  # a line's height

    console.world.line(3, worker="Worker Three", soc_code="LongCode" * 12)
    look_at_all(console, console.own("devices/"), "?q=Worker")


def look_at_all(console: Console, *paths: str) -> None:
    page = console.open(paths[0])
    look_at(page)
    for path in paths[1:]:
        page.goto(f"/csu/{path}")
        look_at(page)


def test_every_page_over_the_platform_holds(console: Console) -> None:
    make_company_busy(console.world)
    for line in (20, 21):
        console.world.start(console.world.line(line, soc_code=factories.UNKNOWN_SOC))
    console.world.work()
    Question.objects.filter(operation__plan__items__device=Device.objects.last()).update(
        assigned_to=console.world.agent
    )
    look_at_all(
        console,
        # First, as each page of a company that is opened becomes a row of the trail, and looking costs time by the row.
        "audit/",
        "",
        "?q=Worker",
        "?q=zzzz",
        "questions/",
        "questions/?whose=mine",
        "rules/?code=Ecom2Checkout1",
    )


def test_every_page_of_lines_and_people_holds(console: Console) -> None:
    lines, _ = make_company_busy(console.world)
    Device.objects.filter(pk=lines[3].pk).update(held_at=clock.now(), hold_reason="Under investigation.")
    look_at_all(
        console,
        console.own("audit/?check=1"),
        console.own("devices/"),
        console.own("devices/?tab=deleted"),
        console.own(f"devices/{lines[0].pk}/"),
        console.own(f"devices/{lines[3].pk}/"),
        console.own("people/"),
        console.own("billing-link/"),
    )


def test_every_page_from_request_to_result_holds(console: Console) -> None:
    world = console.world
    lines, operation = make_company_busy(world)
    plan, blocked, waiting = world.plan(lines[4:6]), world.plan(lines[:1]), world.start(lines[6])
    look_at_all(
        console,
        console.own("operations/"),
        console.own(f"deletion/?device={lines[1].pk}"),
        console.own(f"plans/{plan.pk}/"),
        console.own(f"plans/{blocked.pk}/"),
        console.own(f"operations/{waiting.pk}/"),
        console.own(f"operations/{operation.pk}/"),
    )


def test_keys_and_copy(console: Console) -> None:
    _, operation = make_company_busy(console.world)
    page = console.open(console.own(f"operations/{operation.pk}/"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    page.get_by_role("button", name="Copy summary").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")

    expect(page.get_by_role("searchbox")).to_be_focused()
    assert page.evaluate("navigator.clipboard.readText()").startswith("Delete 1 line: verified")
    plain = console.open(console.own(f"operations/{operation.pk}/"), java_script_enabled=False)
    expect(plain.locator("#summary")).to_be_visible()
    expect(plain.get_by_role("button", name="Copy summary")).to_be_hidden()


def test_the_first_page_begins_in_the_search_box_and_still_knows_the_help(console: Console) -> None:
    page = console.open("")
    expect(page.get_by_role("searchbox")).to_be_focused()

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("searchbox").fill("what")
    page.keyboard.press("?")

    expect(page.get_by_role("searchbox")).to_have_value("what?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()


def test_a_forgotten_reason_is_said_where_it_is_missing(console: Console) -> None:
    console.world.start(console.world.line(1, soc_code=factories.UNKNOWN_SOC))
    console.world.work()
    page = console.open(console.own(f"operations/{Operation.objects.get().pk}/"))

    page.get_by_label("Do not delete anything").check()
    page.get_by_role("button", name="Answer, and let it go on").click()

    expect(page.get_by_text("Say why, or what you saw.")).to_be_in_viewport()
    expect(page.get_by_label("Why, or your evidence")).to_be_focused()
    expect(page.get_by_label("Do not delete anything")).to_be_checked()
    look_at(page)
