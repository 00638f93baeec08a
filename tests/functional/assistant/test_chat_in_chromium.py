"""The menu, an article and the case queue in real Chromium."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from onhook.assistant.models import Case
from onhook.config import wiring
from onhook.devices.models import Device
from onhook.operations.models import Plan
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


def keep(page: Page, name: str) -> None:
    """Keep pictures of a page in each width and theme where `ONHOOK_LOOK` names a folder."""
    for size, wide in ((DESK, "desk"), (PHONE, "phone")) if LOOK else ():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=Path(str(LOOK)) / f"{name}-{wide}-{scheme}.png", full_page=True)


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_line_is_deleted_by_the_menu_alone(portal: Portal, script: bool) -> None:  # noqa: F811
    line = portal.world.line(42, worker="Grace Marsh")
    page = portal.visit(portal.world.admin, java_script_enabled=script)

    page.get_by_role("link", name="Contact us").click()
    choose(page, "Admin Actions")
    choose(page, "Delete the Device")
    expect(page.locator("#last")).to_contain_text("Will someone use this number again?")
    choose(page, "No, it is not needed any more")
    page.get_by_label("Your message").fill("the one ending in 0142")
    choose(page, "Send")
    choose(page, "+1 202-555-0142, Grace Marsh")
    page.get_by_role("link", name="Read and confirm the plan").click()
    page.get_by_label("Type the last four digits").fill("0142")
    choose(page, "Delete 1 line")
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()
    portal.world.work()

    line.refresh_from_db()
    assert line.deleted_at is not None


def test_a_line_is_deleted_by_free_text(portal: Portal) -> None:  # noqa: F811
    lines = [portal.world.line(line) for line in (42, 43)]
    page = portal.visit(portal.world.admin, portal.address("contact"))

    page.get_by_label("Your message").fill("pls cancle (202) 555-0142")
    choose(page, "Send")
    expect(page.locator("#last")).to_contain_text("This is about +1 202-555-0142")
    choose(page, "No, the worker left")
    page.get_by_role("link", name="Read and confirm the plan").click()
    page.get_by_label("Type the last four digits").fill("0142")
    choose(page, "Delete 1 line")
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()
    portal.world.work()

    assert list(Device.objects.filter(deleted_at=None)) == [lines[1]]
    assert Plan.objects.get().surface == "assistant"


def test_a_case_is_handed_over_and_answered_and_its_pages_are_sound(portal: Portal, settings: Any) -> None:  # noqa: F811
    settings.MAIL_URL = f"smtp://{portal.world.mailbox.addresses['smtp']}"
    wiring.forget()
    portal.world.line(42, worker="Grace Marsh", soc_code=factories.DIRECT_SOC)
    page = portal.visit(portal.world.admin, portal.address("contact"))
    look_at(page)
    page.get_by_label("Your message").fill("Grace has a new phone, +1 202 555 0142")
    choose(page, "Send")
    look_at(page)
    keep(page, "chat")
    page.get_by_role("button", name="Talk to a person").last.click()
    expect(page.get_by_role("status").first).to_contain_text("Handed over")

    theirs = portal.visit(portal.world.agent, "/csu/cases/")
    look_at(theirs)
    keep(theirs, "queue")
    theirs.set_viewport_size(DESK)  # type: ignore[arg-type]
    theirs.get_by_role("link", name="New phone for the same worker").click()
    choose(theirs, "Take it")
    theirs.get_by_label("Begin with").select_option(label="New phone, same worker")
    choose(theirs, "Use this text")
    look_at(theirs)
    keep(theirs, "case")
    theirs.get_by_role("button", name="Send and close").click()
    expect(theirs.get_by_role("status").first).to_contain_text("by mail")

    page.reload()
    expect(page.get_by_text("then we move the app")).to_be_visible()
    look_at(page)
    assert len(portal.world.messages()) == 1
    assert not Case.objects.get().is_open


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
