"""The menu, an article and the case queue in real Chromium."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from onhook.assistant.models import Case
from onhook.config import wiring
from onhook.devices.models import Device
from onhook.operations.models import Operation, Plan
from onhook.tenancy.permissions import Role
from tests import factories
from tests.functional.portal.conftest import (  # noqa: F401  # fixtures
    DESK,
    PHONE,
    Portal,
    _synchronous,
    browser_context_args,
    browser_type_launch_args,
    portal,
    server,
)
from tests.functional.portal.test_portal_pages import look_at

LOOK = os.environ.get("ONHOOK_LOOK")


@pytest.fixture(scope="module", autouse=True)
def _warm(django_db_setup: None, django_db_blocker: Any, server: str) -> None:  # noqa: F811
    """Let the server read its templates once, which on a busy machine takes longer than a page may."""
    with django_db_blocker.unblock():
        httpx.get(f"{server}/help/", timeout=60, trust_env=False)


@pytest.fixture(autouse=True)
def _own_mailbox() -> None:
    """Let each test's pages find the mailbox of that test."""
    wiring.forget()


def keep(page: Page, name: str) -> None:
    """Keep pictures of a page in each width and theme where `ONHOOK_LOOK` names a folder."""
    for size, wide in ((DESK, "desk"), (PHONE, "phone")) if LOOK else ():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=Path(str(LOOK)) / f"{name}-{wide}-{scheme}.png", full_page=True)


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def write(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    choose(page, "Send")


def last(page: Page) -> Locator:
    return page.locator("#said > li").last


def confirm(page: Page, digits: str) -> None:
    page.get_by_role("link", name="Read and confirm the plan").click()
    page.get_by_label("Type the last four digits").fill(digits)
    choose(page, "Delete 1 line")
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()


with_and_without_script = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


@with_and_without_script
def test_a_line_is_deleted_by_the_menu_alone(portal: Portal, script: bool) -> None:  # noqa: F811
    line = portal.world.line(42, worker="Grace Marsh")
    page = portal.visit(portal.world.admin, java_script_enabled=script)

    page.get_by_role("link", name="Contact us").click()
    choose(page, "Admin Actions")
    choose(page, "Delete the Device")
    expect(last(page)).to_contain_text("Will someone use this number again?")
    choose(page, "No, it is not needed any more")
    write(page, "the one ending in 0142")
    choose(page, "+1 202-555-0142, Grace Marsh")
    confirm(page, "0142")
    portal.world.work()

    line.refresh_from_db()
    assert line.deleted_at is not None


@with_and_without_script
def test_a_line_is_deleted_by_free_text(portal: Portal, script: bool) -> None:  # noqa: F811
    lines = [portal.world.line(line) for line in (42, 43)]
    page = portal.visit(portal.world.admin, portal.address("contact"), java_script_enabled=script)

    write(page, "pls cancle (202) 555-0142")
    expect(last(page)).to_contain_text("This is about +1 202-555-0142")
    choose(page, "No, the worker left")
    confirm(page, "0142")
    portal.world.work()

    assert list(Device.objects.filter(deleted_at=None)) == [lines[1]]
    assert Plan.objects.get().surface == "assistant"


@with_and_without_script
def test_who_may_not_confirm_sends_the_plan_to_an_admin_who_deletes_the_line(
    portal: Portal,  # noqa: F811
    script: bool,
) -> None:
    line = portal.world.line(42)
    manager = factories.user(portal.world.company, username="mia", role=Role.MANAGER)
    page = portal.visit(manager, portal.address("contact"), java_script_enabled=script)

    write(page, "delete +1 202 555 0142")
    choose(page, "No, the worker left")
    choose(page, "Ada Example")
    expect(last(page)).to_contain_text("The plan is with Ada Example, who may confirm it.")
    page.get_by_role("link", name="Read the plan").click()
    expect(page.get_by_label("Type the last four digits")).to_have_count(0)
    assert not Operation.objects.exists()

    admins = portal.visit(portal.world.admin, portal.address("operations"), java_script_enabled=script)
    admins.get_by_role("link", name="Read the plan").click()
    admins.get_by_label("Type the last four digits").fill("0142")
    choose(admins, "Delete 1 line")
    expect(admins.get_by_role("heading", name="Under way")).to_be_visible()
    portal.world.work()

    line.refresh_from_db()
    assert line.deleted_at is not None
    assert Operation.objects.get().confirmed_by == portal.world.admin


@with_and_without_script
def test_a_case_is_handed_over_and_answered(portal: Portal, script: bool) -> None:  # noqa: F811
    portal.world.line(42, worker="Grace Marsh")
    page = portal.visit(portal.world.admin, portal.address("contact"), java_script_enabled=script)
    write(page, "Grace has a new phone, +1 202 555 0142")
    choose(page, "Talk to a person")
    expect(page.get_by_role("heading", name="New phone for the same worker")).to_be_visible()

    theirs = portal.visit(portal.world.agent, "/csu/cases/", java_script_enabled=script)
    theirs.get_by_role("link", name="New phone for the same worker").click()
    choose(theirs, "Take it")
    theirs.get_by_label("Begin with").select_option(label="New phone, same worker")
    choose(theirs, "Use this text")
    theirs.get_by_role("button", name="Send and close").click()
    expect(theirs.get_by_role("status").first).to_contain_text("by mail")

    page.reload()
    expect(page.get_by_text("then we move the app")).to_be_visible()
    assert len(portal.world.messages()) == 1
    case = Case.objects.get()
    assert (case.is_open, case.assigned_to) == (False, portal.world.agent)


def test_the_chat_goes_on_in_place_and_keeps_what_is_being_written(portal: Portal) -> None:  # noqa: F811
    page = portal.visit(portal.world.admin, portal.address("contact"))
    page.evaluate("window.isStillHere = true")

    choose(page, "Admin Actions")
    choose(page, "Delete the Device")
    expect(last(page)).to_contain_text("Will someone use this number again?")
    page.get_by_label("Your message").fill("half a sentence")
    choose(page, "Start over")
    expect(last(page)).to_contain_text("What can we do for you?")
    expect(page.get_by_label("Your message")).to_have_value("half a sentence")
    expect(page.get_by_role("group", name="What you can do now")).to_be_focused()
    choose(page, "Send")
    expect(last(page)).to_contain_text("I did not understand that")
    expect(page.get_by_label("Your message")).to_have_value("")
    expect(page.get_by_label("Your message")).to_be_focused()

    assert page.evaluate("window.isStillHere") is True
    live = page.locator("#said").inner_text()
    page.reload()
    assert page.locator("#said").inner_text() == live


def test_the_pages_of_a_case_are_sound(portal: Portal) -> None:  # noqa: F811
    line = portal.world.line(42, worker="Grace Marsh")
    page = portal.visit(portal.world.admin, portal.address("contact"))
    look_at(page)
    write(page, "delete +1 202 555 0142")
    choose(page, "No, the worker left")
    expect(last(page)).to_contain_text("The plan is ready")
    look_at(page)
    keep(page, "chat")
    choose(page, "Talk to a person")
    expect(page.get_by_role("status").first).to_contain_text("Handed over")
    look_at(page)
    keep(page, "case")

    theirs = portal.visit(portal.world.agent, "/csu/cases/")
    look_at(theirs)
    keep(theirs, "queue")
    theirs.goto(f"/csu/companies/4711/cases/{Case.objects.get().pk}/?template=not_confirmed")
    look_at(theirs)
    keep(theirs, "case-agent")
    assert Case.objects.get().device == line


def test_articles_are_sound_for_everybody(portal: Portal) -> None:  # noqa: F811
    operation = portal.world.start(portal.world.line(42))
    portal.world.work()
    for user in (None, portal.world.admin, portal.world.agent):
        page = portal.visit(user, "/help/")
        look_at(page)
        page.goto(f"/help/delete-a-phone-number/?operation={operation.pk}")
        look_at(page)
        keep(page, f"article-{user.username if user else 'nobody'}")
        page.goto("/help/?q=bill")
        look_at(page)


def test_an_open_article_shows_the_steps_as_they_happen(portal: Portal) -> None:  # noqa: F811
    operation = portal.world.start(portal.world.line(42))
    page = portal.visit(portal.world.agent, f"/help/delete-a-phone-number/?operation={operation.pk}")
    expect(page.locator("#step-delete_devices")).to_have_text("Not begun")
    page.evaluate("window.isStillHere = true")

    portal.world.work()

    expect(page.locator("#step-delete_devices")).to_have_text("Done")
    expect(page.locator("#step-find_account")).to_have_text("Not needed")
    expect(page.locator("#operation-look")).to_have_text("Verified")
    assert page.evaluate("window.isStillHere") is True
    assert page.locator("#poll").get_attribute("hx-trigger") is None


def test_an_article_prints_without_what_is_around_it(portal: Portal) -> None:  # noqa: F811
    page = portal.visit(portal.world.admin, "/help/delete-a-phone-number/")

    page.emulate_media(media="print", color_scheme="dark")

    for around in ("Main", "More articles"):
        expect(page.get_by_label(around, exact=True)).to_be_hidden()
    expect(page.get_by_role("heading", name="Testing")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
