"""Every page: nothing for axe to find in either theme and width, no sideways scrolling, a clean console."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from onhook import clock
from onhook.devices.models import Device
from onhook.operations import ending
from onhook.tenancy.permissions import Role
from tests import factories
from tests.functional.portal.conftest import DESK, PHONE, Portal, look_at, make_lines


@pytest.mark.parametrize("path", ["/sign-in/", "/password/reset/", "/password/reset/sent/", "/nowhere/"])
def test_page_for_anyone(portal: Portal, path: str) -> None:
    look_at(portal.visit(None, path))


def test_pages_of_lines(portal: Portal) -> None:
    lines = make_lines(portal.world, 9)
    Device.objects.filter(pk=lines[5].pk).update(held_at=clock.now(), hold_reason="Under investigation")
    operation = portal.world.start(lines[0])
    portal.world.work()
    page = portal.visit(portal.world.admin)
    page.locator("tbody .tick input").nth(2).check()
    look_at(page)
    for path in (
        "devices/?tab=held",
        "devices/?tab=deleted",
        "devices/?q=nobody&use=never",
        f"devices/{lines[0].pk}/",
        f"devices/{lines[5].pk}/",
        "operations/",
        f"operations/{operation.pk}/",
        "activity/",
    ):
        page.goto(f"/companies/4711/{path}")
        look_at(page)


def test_pages_of_a_deletion(portal: Portal) -> None:
    lines = make_lines(portal.world, 7)
    plan = portal.world.plan(lines[:6])
    blocked = portal.world.plan(lines[:1], by=portal.world.agent)
    under_way = portal.world.start(lines[6])
    page = portal.visit(portal.world.admin, portal.address("deletions/new") + f"?device={lines[0].pk}")
    look_at(page)
    for path in (f"plans/{plan.pk}/", f"plans/{blocked.pk}/", "operations/", f"operations/{under_way.pk}/"):
        page.goto(f"/companies/4711/{path}")
        look_at(page)


def test_pages_of_plans_that_are_long_or_cannot_be_confirmed(portal: Portal) -> None:
    world = portal.world
    manager = factories.user(world.company, username="mia", role=Role.MANAGER)
    lines = make_lines(world, 130)
    Device.objects.filter(pk__in=[line.pk for line in lines[110:]]).update(last_seen_at=clock.now())
    long, some_gone, gone = world.plan(lines, by=manager), world.plan(lines[1:4]), world.plan(lines[2:3])
    declined = world.plan(lines[5:7], by=manager)
    why = "These two are still needed by the people of the night shift, who have no other phone " * 3
    ending.decline(
        company=world.company, plan_id=declined.pk, actor=factories.actor(world.admin), words=why, now=clock.now()
    )
    Device.objects.filter(pk=lines[2].pk).update(deleted_at=clock.now())
    own = world.plan(lines[7:9])

    for home, person in (("/companies/4711", world.admin), ("/csu/companies/4711", world.agent)):
        page = portal.visit(person)
        for plan, query in ((long, ""), (long, "?after=100"), (some_gone, ""), (gone, ""), (declined, ""), (own, "")):
            page.goto(f"{home}/plans/{plan.pk}/{query}")
            look_at(page)


def test_pages_of_people_and_sign_in(portal: Portal) -> None:
    mia = factories.user(portal.world.company, username="mia", role=Role.VIEWER)
    Authenticator.objects.create(user=mia, type=Authenticator.Type.TOTP, data={"secret": "x"})
    page = portal.visit(portal.world.admin, "/companies/4711/people/")
    look_at(page)
    for path in (
        "/companies/4711/people/new/",
        f"/companies/4711/people/{portal.world.admin.pk}/",
        f"/companies/4711/people/{mia.pk}/",
        "/security/",
        "/security/app/",
        "/security/password/",
        "/security/again/",
    ):
        page.goto(path)
        look_at(page)


def test_pages_of_staff(portal: Portal) -> None:
    make_lines(portal.world, 3)
    page = portal.visit(portal.world.agent, "/companies/?q=plumb")
    look_at(page)
    page.goto("/companies/4711/devices/")
    look_at(page)
    for size in (DESK, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        expect(page.get_by_role("row").nth(1)).to_be_in_viewport()


def test_menu_and_keys_open_and_close(portal: Portal) -> None:
    page = portal.visit(portal.world.admin)

    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    look_at(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Activity")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Activity")).to_be_hidden()


def test_the_theme_is_kept_on_the_server(portal: Portal) -> None:
    page = portal.visit(portal.world.admin)

    page.get_by_label("Account of Ada Example").click()
    page.get_by_role("button", name="Dark").click()

    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.get_by_label("Account of Ada Example").click()
    look_at(page)
    page.get_by_role("button", name="System").click()
    assert page.locator("html").get_attribute("data-theme") is None


def test_a_password_can_be_looked_at_until_it_is_sent(portal: Portal) -> None:
    page = portal.visit(None, "/sign-in/")
    page.get_by_label("COID").fill("4711")
    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password").fill("what I typed here")

    page.get_by_role("button", name="Show what you type").click()
    expect(page.get_by_label("Password")).to_have_attribute("type", "text")
    look_at(page)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    expect(page.get_by_label("Password")).to_have_attribute("type", "password")
    page = portal.visit(None, "/sign-in/", java_script_enabled=False)
    expect(page.get_by_role("button", name="Show what you type")).to_have_count(0)


def test_the_look_finds_what_is_wrong(portal: Portal) -> None:
    page = portal.visit(None, "/sign-in/")
    page.evaluate("document.querySelector('label[for=id_username]').remove()")

    with pytest.raises(AssertionError, match="1440 px, light"):
        look_at(page)


@pytest.mark.parametrize(
    ("there", "style", "said"),
    [
        (".card .btn[data-kind=primary]", "min-inline-size: 30rem", "BUTTON Sign in: by"),
        (".card label[for=id_username]", "margin-inline-start: -3rem", "#text User name: by"),
        (".card label[for=id_username]", "white-space: nowrap; letter-spacing: 3rem", "#text User name: by"),
    ],
    ids=["a wide button", "words before the edge", "words past the edge"],
)
def test_the_look_finds_what_runs_out_of_its_card(portal: Portal, there: str, style: str, said: str) -> None:
    page = portal.visit(None, "/sign-in/")
    page.locator(there).evaluate("(one, style) => { one.style.cssText = style; }", style)

    with pytest.raises(AssertionError, match=said):
        look_at(page)
