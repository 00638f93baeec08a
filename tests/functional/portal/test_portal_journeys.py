"""What people do in the portal, in real Chromium, against a real server, database and worker."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from onhook.audit.models import AuditEvent
from onhook.devices.models import Device
from onhook.operations.models import Operation, Plan
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.functional.portal.conftest import (
    DESK,
    PASSWORD,
    PHONE,
    Portal,
    keep_password,
    look_at,
    make_lines,
    session_of,
)


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def sign_in(page: Page, *, coid: int = 4711, username: str = "ada") -> None:
    page.get_by_label("COID").fill(str(coid))
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def plan_deletion_of(page: Page, number: str, *, reason: str = "Phone lost") -> None:
    """From the list to the plan of one line."""
    page.get_by_role("link", name=number).click()
    page.get_by_role("link", name="Delete device").click()
    page.get_by_label("Why does it go?").select_option(label=reason)
    page.get_by_role("button", name="Show the plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 1 line?")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_admin_signs_in_finds_a_line_and_deletes_it(portal: Portal, script: bool) -> None:
    keep_password(portal.world.admin)
    make_lines(portal.world, 60)
    page = portal.visit(None, java_script_enabled=script)

    sign_in(page)
    page.get_by_label("Number, worker or model").fill("(202) 555-0142")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row")).to_have_count(2)
    plan_deletion_of(page, "+1 202-555-0142")
    expect(page.get_by_text("the bill follows by itself")).to_be_visible()
    page.get_by_label("Type the last four digits").fill("0142")
    page.get_by_role("button", name="Delete 1 line").click()
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()
    portal.world.work()

    if not script:
        page.reload()
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    assert [item.text_content() for item in page.locator(".steps > li > span:nth-of-type(2)").all()] == [
        "Requested",
        "Removed",
        "Checked",
        "Billing",
    ]
    expect(page.locator("#live").get_by_text("1 line deleted and verified.")).to_be_visible()
    # Whoever listens hears it once it changed: the live region stays, its words are exchanged.
    expect(page.locator("#said")).to_have_text("1 line deleted and verified.")
    page.goto(portal.address("devices") + "?tab=deleted")
    row = page.get_by_role("row").nth(1)
    expect(row).to_contain_text("+1 202-555-0142")
    expect(row).to_contain_text("Ada Example")
    assert Device.objects.filter(deleted_at=None).count() == 59


def test_the_list_answers_while_somebody_types(portal: Portal) -> None:
    make_lines(portal.world, 60)
    page = portal.visit(portal.world.admin)

    page.keyboard.press("/")
    page.keyboard.type("5550117", delay=10)

    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_label("Number, worker or model")).to_be_focused()
    expect(page).to_have_url(re.compile("q=5550117"))
    expect(page.get_by_role("link", name=re.compile("Active"))).to_contain_text("1")


def test_leaving_the_search_box_for_a_link_follows_the_link(portal: Portal) -> None:
    make_lines(portal.world, 20)
    page = portal.visit(portal.world.admin)
    asked: list[str] = []
    page.get_by_label("Number, worker or model").press_sequentially("5550117")
    expect(page.get_by_role("row")).to_have_count(2)
    page.on("request", lambda request: asked.append(request.url))

    page.get_by_role("link", name="+1 202-555-0117").click()

    expect(page.get_by_role("link", name="Delete device")).to_be_visible()
    assert [url for url in asked if "q=" in url] == []


def test_pages_follow_each_other_without_a_gap(portal: Portal) -> None:
    make_lines(portal.world, 120)
    page = portal.visit(portal.world.admin, portal.address("devices") + "?sort=seen")
    seen: list[str] = []

    while True:
        shown = page.locator("tbody .thing > a").all_text_contents()
        seen += shown
        following = page.get_by_role("button", name="Next")
        if not following.count():
            break
        following.click()
        expect(page.locator("tbody .thing > a").first).not_to_have_text(shown[0])

    assert len(seen) == len(set(seen)) == 120
    page.get_by_role("button", name="First").click()
    expect(page.locator("tbody .thing > a").first).to_have_text(seen[0])


def pick(page: Page, number: str) -> None:
    page.get_by_role("checkbox", name=f"Pick {number}").check()


def search_for(page: Page, text: str) -> None:
    """Search by the button, and wait for the answer: pages without scripts show nothing before."""
    page.get_by_label("Number, worker or model").fill(text)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name=f"“{text}”")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_picks_stay_while_somebody_searches_and_turns_pages(portal: Portal, script: bool) -> None:
    make_lines(portal.world, 120)
    page = portal.visit(portal.world.admin, portal.address("devices"), java_script_enabled=script)

    pick(page, "+1 202-555-0102")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("group", name="Also selected, not on this page")).to_contain_text("+1 202-555-0102")
    pick(page, "+1 202-555-0160")
    search_for(page, "5550117")
    pick(page, "+1 202-555-0117")
    expect(page.get_by_role("checkbox", name="+1 202-555-0160")).to_be_checked()
    page.get_by_role("checkbox", name="+1 202-555-0160").uncheck()
    page.get_by_role("button", name="Delete…").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 2 lines?")
    assert page.locator(".list .thing b").all_text_contents() == ["+1 202-555-0102", "+1 202-555-0117"]
    page.get_by_role("link", name="Keep them").click()
    for number in ("+1 202-555-0102", "+1 202-555-0117"):
        expect(page.get_by_role("checkbox", name=number)).to_be_checked()


def test_links_of_the_list_take_along_what_was_just_picked(portal: Portal) -> None:
    make_lines(portal.world, 60)
    page = portal.visit(portal.world.admin, portal.address("devices"))
    pick(page, "+1 202-555-0102")
    pick(page, "+1 202-555-0103")

    page.get_by_role("link", name="Worker").click()
    page.get_by_role("checkbox", name="+1 202-555-0103").uncheck()
    page.get_by_role("link", name="Deleted").click()

    expect(page.get_by_text("No line was deleted yet")).to_be_visible()
    expect(page.get_by_role("group", name="Also selected, not on this page")).to_contain_text("+1 202-555-0102")
    expect(page.locator("[data-picked-said]")).to_have_text("1 selected")
    expect(page.locator(".floating")).to_be_visible()
    look_at(page)
    page.get_by_role("link", name="Active").click()
    expect(page.get_by_role("checkbox", name="+1 202-555-0102")).to_be_checked()
    # The side bar leads to the list as it is for whoever comes anew.
    page.set_viewport_size(DESK)  # type: ignore[arg-type]  # a plain dictionary
    page.get_by_role("link", name="Devices", exact=True).click()
    expect(page.get_by_role("checkbox", name="+1 202-555-0102")).not_to_be_checked()


def test_all_that_fits_is_what_the_list_shows_not_what_is_half_typed(portal: Portal) -> None:
    make_lines(portal.world, 60)
    page = portal.visit(portal.world.admin, portal.address("devices"), java_script_enabled=False)
    pick(page, "+1 202-555-0102")
    page.get_by_label("Number, worker or model").fill("5550117")

    page.get_by_role("button", name="Delete all 60").click()

    expect(page.get_by_text("The search was changed after its lines were shown.")).to_be_visible()
    expect(page.get_by_role("link", name="+1 202-555-0117")).to_be_visible()
    expect(page.get_by_role("checkbox", name="+1 202-555-0102")).to_be_checked()


def test_picks_outlive_a_reload_and_can_be_cleared(portal: Portal) -> None:
    make_lines(portal.world, 60)
    page = portal.visit(portal.world.admin, portal.address("devices"))
    pick(page, "+1 202-555-0102")
    pick(page, "+1 202-555-0103")

    page.reload()

    expect(page.get_by_role("checkbox", name="+1 202-555-0102")).to_be_checked()
    page.get_by_role("link", name="+1 202-555-0104").click()
    page.go_back()
    expect(page.get_by_role("checkbox", name="+1 202-555-0103")).to_be_checked()
    page.get_by_role("link", name="Clear selection").click()
    expect(page).to_have_url(portal.address("devices"))
    expect(page.get_by_role("checkbox", name="+1 202-555-0102")).not_to_be_checked()


def while_it_asks(page: Page, act: str) -> None:
    """Have a script act once, when the list's next request is on its way."""
    later = f"() => setTimeout(() => {{ {act} }})"
    page.evaluate(f'document.addEventListener("htmx:beforeSend", {later}, {{ once: true }})')


def test_a_line_picked_while_a_search_is_under_way_stays_picked(portal: Portal) -> None:
    make_lines(portal.world, 60)
    page = portal.visit(portal.world.admin, portal.address("devices"))
    while_it_asks(page, 'document.querySelectorAll("tbody .tick input")[2].click()')

    page.get_by_label("Number, worker or model").fill("555010")

    expect(page.get_by_role("row")).to_have_count(10)
    expect(page.get_by_role("checkbox", name="+1 202-555-0103")).to_be_checked()
    expect(page.locator("[data-picked-said]")).to_have_text("1 selected")


def test_enter_while_a_search_is_under_way_does_not_stop_it(portal: Portal) -> None:
    make_lines(portal.world, 60)
    page = portal.visit(portal.world.admin, portal.address("devices"))
    while_it_asks(page, 'htmx.trigger("form.picking", "submit")')

    page.get_by_label("Number, worker or model").fill("555010")

    expect(page.get_by_role("row")).to_have_count(10)


def test_leaving_for_the_form_while_a_search_is_under_way_leads_there(portal: Portal) -> None:
    make_lines(portal.world, 60)
    page = portal.visit(portal.world.admin, portal.address("devices"))
    pick(page, "+1 202-555-0102")
    while_it_asks(page, 'document.querySelector(".floating [data-kind=danger]").click()')

    page.get_by_label("Number, worker or model").fill("555010")

    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 1 line?")
    page.go_back()
    search_for(page, "5550117")
    expect(page.get_by_role("row")).to_have_count(2)


def test_the_list_goes_on_when_the_form_opens_in_a_tab_of_its_own(portal: Portal) -> None:
    make_lines(portal.world, 60)
    page = portal.visit(portal.world.admin, portal.address("devices"))
    pick(page, "+1 202-555-0102")

    # Not for its page: a browser without a screen does not always draw a tab that is behind.
    with page.context.expect_event("request", lambda request: "/deletions/new/" in request.url):
        page.get_by_role("button", name="Delete…").click(modifiers=["ControlOrMeta"])

    search_for(page, "5550117")
    expect(page.get_by_role("checkbox", name=re.compile("0117"))).to_be_visible()
    expect(page.locator("tbody .tick")).to_have_count(1)


def test_the_list_goes_on_when_somebody_stops_leaving_it(portal: Portal) -> None:
    make_lines(portal.world, 60)
    page = portal.visit(portal.world.admin, portal.address("devices"))
    pick(page, "+1 202-555-0102")
    # An answer without content keeps the page, as Escape does while a slow one is under way.
    page.route("**/deletions/new/**", lambda route: route.fulfill(status=204))

    page.get_by_role("button", name="Delete…").click()

    search_for(page, "5550117")
    expect(page.locator("tbody .tick")).to_have_count(1)


def test_a_wrong_number_of_digits_starts_nothing(portal: Portal) -> None:
    plan = portal.world.plan(make_lines(portal.world, 3))
    page = portal.visit(portal.world.admin, portal.address(f"plans/{plan.pk}"))

    page.get_by_label("Type 3 to confirm").fill("2")
    page.get_by_role("button", name="Delete 3 lines").click()

    expect(page.locator("#typed")).to_be_focused()
    expect(page.locator("#typed-problem")).to_contain_text("Nothing was started")
    assert not Operation.objects.exists()


def test_picked_lines_and_all_that_fit_are_frozen_in_the_plan(portal: Portal) -> None:
    lines = make_lines(portal.world, 120)
    page = portal.visit(portal.world.admin, portal.address("devices") + "?q=Grace")
    wanted = {line.pk for line in lines if line.worker == "Grace Marsh"}
    page.locator("tbody .tick input").first.check()
    expect(page.locator(".floating")).to_contain_text("selected")
    page.goto(portal.address("devices"))
    page.locator("tbody .tick input").nth(0).check()
    page.locator("tbody .tick input").nth(3).click(modifiers=["Shift"])
    expect(page.locator("[data-picked-said]")).to_have_text("4 selected")

    page.get_by_role("button", name="Delete all 120").click()
    page.get_by_label("Why do they go?").select_option(label="No longer needed")
    page.get_by_role("button", name="Show the plan").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 120 lines?")
    plan = Plan.objects.get()
    assert set(plan.items.values_list("device_id", flat=True)) == {line.pk for line in lines} >= wanted


def test_facts_that_changed_void_the_plan_and_show_a_new_one(portal: Portal) -> None:
    lines = make_lines(portal.world, 3)
    plan = portal.world.plan(lines)
    page = portal.visit(portal.world.admin, portal.address(f"plans/{plan.pk}"))
    Device.objects.filter(pk=lines[0].pk).update(deleted_at=factories.ACTIVATED)

    page.get_by_label("Type 3 to confirm").fill("3")
    page.get_by_role("button", name="Delete 3 lines").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 2 lines?")
    expect(page.get_by_role("status").first).to_contain_text("Nothing was started")
    assert not Operation.objects.exists()


def test_old_proof_asks_for_the_password_first(portal: Portal) -> None:
    keep_password(portal.world.admin)
    plan = portal.world.plan(make_lines(portal.world, 1))
    page = portal.visit(portal.world.admin, portal.address(f"plans/{plan.pk}"), is_fresh=False)

    page.get_by_role("link", name="Prove that it is you").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()

    page.get_by_label("Type the last four digits").fill("0101")
    page.get_by_role("button", name="Delete 1 line").click()
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()


def prove(page: Page) -> None:
    page.get_by_role("link", name="Prove that it is you").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def test_old_proof_is_asked_for_before_somebody_is_invited_or_given_rights(portal: Portal) -> None:
    keep_password(portal.world.admin)
    mia = factories.user(portal.world.company, username="mia", role=Role.MANAGER)
    page = portal.visit(portal.world.admin, portal.address("people/new"), is_fresh=False)
    expect(page.get_by_label("Mail address")).to_have_count(0)
    look_at(page)

    prove(page)

    expect(page.get_by_label("Mail address")).to_be_visible()
    other = portal.visit(portal.world.admin, portal.address(f"people/{mia.pk}"), is_fresh=False)
    expect(other.get_by_role("button", name="Keep these rights")).to_have_count(0)
    look_at(other)
    prove(other)
    other.get_by_label("Viewer").check()
    other.get_by_role("button", name="Keep these rights").click()
    expect(other.get_by_role("status").first).to_contain_text("The rights of Mia Example are changed.")


@pytest.mark.parametrize("is_new", [True, False], ids=["new", "known"])
def test_proof_that_grew_old_over_a_form_sends_nothing_and_says_so(portal: Portal, is_new: bool) -> None:
    keep_password(portal.world.admin)
    mia = factories.user(portal.world.company, username="mia", role=Role.MANAGER)
    page = portal.visit(portal.world.admin, portal.address("people/new" if is_new else f"people/{mia.pk}"))
    stale = session_of(portal.world.admin, is_fresh=False)
    page.context.add_cookies([{"name": "session", "value": stale, "url": portal.server}])

    # The form's own token stays good: it belongs to the browser, not to the session.
    page.get_by_role("button", name="Send the invitation" if is_new else "Keep these rights").click()

    expect(page.get_by_role("status").first).to_contain_text("fill it in again")
    expect(page.get_by_label("Password")).to_be_visible()
    mia.refresh_from_db()
    assert (User.objects.filter(company=portal.world.company).count(), mia.role) == (2, "manager")
    assert not AuditEvent.objects.filter(tag="user:changed").exists()


def test_a_manager_plans_and_an_admin_confirms(portal: Portal) -> None:
    manager = factories.user(portal.world.company, username="mia", role=Role.MANAGER)
    make_lines(portal.world, 2)
    page = portal.visit(manager)
    page.get_by_role("link", name="+1 202-555-0101").click()
    page.get_by_role("link", name="Delete device").click()
    page.get_by_label("Who shall confirm it?").select_option(label="Ada Example (Admin)")
    page.get_by_label("Why does it go?").select_option(label="Phone lost")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.get_by_role("heading", name="Your role plans; somebody else confirms")).to_be_visible()
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)

    bystander = factories.user(portal.world.company, username="bob", role=Role.ADMIN)
    his = portal.visit(bystander, page.url)
    expect(his.get_by_text("Only Ada Example can confirm this plan")).to_be_visible()
    expect(his.get_by_role("button", name="Delete")).to_have_count(0)
    look_at(his)
    other = portal.visit(portal.world.admin)
    other.get_by_role("link", name="Operations 1").click()
    other.get_by_role("link", name="Read the plan").click()
    other.get_by_label("Type the last four digits").fill("0101")
    other.get_by_role("button", name="Delete 1 line").click()

    expect(other.get_by_role("heading", name="Under way")).to_be_visible()
    operation = Operation.objects.get()
    assert (operation.plan.created_by, operation.confirmed_by) == (manager, portal.world.admin)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_an_admin_declines_what_a_manager_planned(portal: Portal, script: bool) -> None:
    manager = factories.user(portal.world.company, username="mia", role=Role.MANAGER)
    plan = portal.world.plan(make_lines(portal.world, 2), by=manager)
    page = portal.visit(portal.world.admin, java_script_enabled=script)
    page.get_by_role("link", name="Operations 1").click()
    page.get_by_role("link", name="Read the plan").click()
    page.get_by_label("Why do you decline it?").fill("Both are needed.")

    page.get_by_role("button", name="Decline the plan").click()

    expect(page.get_by_role("heading", name="This plan was declined")).to_be_visible()
    expect(page.get_by_role("link", name="Operations", exact=True)).to_be_visible()
    his = portal.visit(manager, f"/companies/4711/plans/{plan.pk}/", java_script_enabled=script)
    expect(his.get_by_text("“Both are needed”. Nothing was deleted.")).to_be_visible()
    assert not Operation.objects.exists()


def test_staff_find_a_company_and_delete_for_its_admin_under_a_banner(portal: Portal) -> None:
    make_lines(portal.world, 2)
    page = portal.visit(portal.world.agent, "/companies/")

    page.get_by_label("COID or part of the name").fill("plumb")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="View Devices").click()
    expect(page.get_by_role("complementary").first).to_contain_text("Example Plumbing (COID 4711)")
    page.get_by_role("link", name="+1 202-555-0102").click()
    page.get_by_role("link", name="Delete device").click()
    page.get_by_label("Who asks for this?").select_option(label="Ada Example (Admin)")
    page.get_by_label("Called back on the number on record").check()
    page.get_by_role("textbox", name="Ticket").fill("T-2001")
    page.get_by_label("Why does it go?").select_option(label="Phone stolen")
    page.get_by_role("button", name="Show the plan").click()
    page.get_by_label("Type the last four digits").fill("0102")
    page.get_by_role("button", name="Delete 1 line").click()
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()
    portal.world.work()
    expect(page.get_by_role("heading", name="Done")).to_be_visible()

    theirs = portal.visit(portal.world.admin, portal.address("activity") + "?kind=support")
    expect(theirs.get_by_text("Support looked at this company").first).to_be_visible()
    pages = AuditEvent.objects.filter(tag="company:viewed").values_list("after__page", flat=True)
    assert {"portal:devices", "portal:device", "portal:plan", "portal:operation"} <= set(pages)
    theirs.goto(portal.address("operations"))
    expect(theirs.get_by_role("row").nth(1)).to_contain_text("Sam Example")


def test_a_run_that_waits_for_support_says_so(portal: Portal) -> None:
    operation = portal.world.start(portal.world.line(1, soc_code=factories.UNKNOWN_SOC))
    page = portal.visit(portal.world.admin, portal.address(f"operations/{operation.pk}"))

    portal.world.work()

    expect(page.get_by_role("heading", name="Waits for support")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("status").first).to_contain_text("No line was deleted")


def test_the_export_is_the_file_that_import_takes(portal: Portal) -> None:
    make_lines(portal.world, 3)
    page = portal.visit(portal.world.admin)

    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()

    text = download.value.path().read_text()
    assert text.splitlines()[0].startswith("coid,number")
    assert text.count("\n") == 4
    assert AuditEvent.objects.filter(tag="data:exported", company=portal.world.company).count() == 1


def test_an_admin_invites_somebody_who_then_signs_in(portal: Portal) -> None:
    page = portal.visit(portal.world.admin, portal.address("people"), size=PHONE)
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("Name", exact=True).fill("Bea Example")
    page.get_by_label("User name").fill("bea")
    page.get_by_label("Mail address").fill("bea@plumbing.example")
    page.get_by_label("Viewer").check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("status").first).to_contain_text("bea@plumbing.example")

    (mail,) = portal.world.messages()
    link = re.search(r"http://\S+", mail["text"])
    assert link
    theirs = portal.visit(None, link.group())
    theirs.get_by_label("New password", exact=True).fill(PASSWORD)
    theirs.get_by_label("New password, once more").fill(PASSWORD)
    theirs.get_by_role("button", name="Keep this password").click()
    theirs.get_by_role("link", name="Sign in").click()
    sign_in(theirs, username="bea")

    expect(theirs.get_by_role("heading", level=1)).to_have_text("Devices")
    expect(theirs.get_by_role("link", name="Invite somebody")).to_have_count(0)


def test_the_billing_page_offers_no_link_where_the_shop_bills_nothing(portal: Portal) -> None:
    make_lines(portal.world, 3)
    page = portal.visit(portal.world.admin, portal.address("billing"))

    expect(
        page.get_by_text("Your lines are billed directly: the bill follows by itself, and there is no link.")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Send me the link")).to_have_count(0)


def test_the_billing_page_asks_the_shop_after_it_is_there(portal: Portal) -> None:
    make_lines(portal.world, 2)
    portal.world.line(90, soc_code=factories.SHOP_SOC)
    page = portal.visit(portal.world.admin, portal.address("billing"))

    expect(page.locator("#bill dd").first).to_have_text("3")
    look_at(page)
    page.get_by_role("button", name="Send me the link").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Send the billing link")
    expect(page.get_by_text("Asked for", exact=True)).to_be_visible()


def test_a_code_from_the_phone_is_asked_at_the_sign_in(portal: Portal) -> None:
    keep_password(portal.world.admin)
    page = portal.visit(None)
    sign_in(page)
    page.goto("/security/")
    page.get_by_role("link", name="Set it up").click()
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Ask me for a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    recovery = page.locator(".codes li").first.inner_text()

    theirs = portal.visit(None)
    sign_in(theirs)
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Type your code")
    look_at(theirs)
    theirs.get_by_label("Code").fill(recovery)
    theirs.get_by_role("button", name="Sign in").click()

    expect(theirs.get_by_role("heading", level=1)).to_have_text("Devices")


def test_two_people_who_confirm_one_line_start_one_deletion(portal: Portal) -> None:
    line = portal.world.line(1)
    other = factories.user(portal.world.company, username="bob", role=Role.SUPER_USER)
    plans = [portal.world.plan([line]), portal.world.plan([line], by=other)]
    pages = [
        portal.visit(person, portal.address(f"plans/{plan.pk}"))
        for person, plan in zip((portal.world.admin, other), plans, strict=True)
    ]

    for page in pages:
        page.get_by_label("Type the last four digits").fill("0101")
        page.get_by_role("button", name="Delete 1 line").click()

    expect(pages[0].get_by_role("heading", name="Under way")).to_be_visible()
    expect(pages[1].get_by_role("alert").first).to_contain_text("already has lines of this plan")
    assert Operation.objects.count() == 1
