"""A live server, real Chromium, and a company with lines: what the portal's journeys need."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.cache import caches
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from onhook import clock
from onhook.devices.models import Device
from onhook.tenancy.models import User
from tests import factories
from tests.world import World

PASSWORD = "correct horse battery staple"
# What a page may take on a busy machine, in milliseconds; what is there sooner is not waited for.
PATIENCE = 30_000
DESK = {"width": 1440, "height": 1000}
PHONE = {"width": 390, "height": 844}
# The smallest, where the side bar goes or comes, halves of a screen: what fits both ends need not fit between them.
BETWEEN = (320, 600, 740, 768, 900, 991, 1024, 1100, 1200, 1280)


@pytest.fixture(scope="session", autouse=True)
def _synchronous() -> None:
    # Playwright runs an event loop in this thread; Django would refuse to talk to the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not found:
        if os.environ.get("CI") == "true":
            pytest.fail("There is no Chromium, so no page was looked at. Install chromium-headless-shell.")
        pytest.skip("NO CHROMIUM: no page was looked at. Install chromium-headless-shell, or set CHROMIUM.")
    return {**browser_type_launch_args, "executable_path": found}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "reduced_motion": "reduce", "locale": "en-GB", "timezone_id": "UTC"}


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Give the address of one server for all tests; each request goes to the database that the test has set up."""
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()


def keep_password(user: User, password: str = PASSWORD) -> None:
    user.password = make_password(password)
    user.save(update_fields=["password"])


@dataclass
class Portal:
    """A world with a server in front of it, and browsers for its people."""

    world: World
    server: str
    browser: Browser
    arguments: dict[str, Any]
    contexts: list[BrowserContext] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def visit(
        self, user: User | None, path: str = "/", *, is_fresh: bool = True, size: dict[str, int] = DESK, **how: Any
    ) -> Page:
        """Open a page as somebody who is signed in already, in a browser of their own."""
        context = self.browser.new_context(**{**self.arguments, "viewport": size, "base_url": self.server, **how})
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        if user is not None:
            context.add_cookies([{"name": "session", "value": session_of(user, is_fresh=is_fresh), "url": self.server}])
        page = context.new_page()
        page.on("console", self._keep)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.goto(path)
        return page

    def _keep(self, message: ConsoleMessage) -> None:
        # The browser itself notes every answer from 400 on; the tests ask for some on purpose.
        if "Failed to load resource" not in message.text:
            self.said.append(f"{message.type}: {message.text}")

    def address(self, name: str) -> str:
        return f"/companies/{self.world.company.pk}/{name}/"


def session_of(user: User, *, is_fresh: bool) -> str:
    """Make a session as the sign-in would; the proof of who it is may be old."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["account_authentication_methods_user"] = str(user.pk)
    proven_at = time.time() - (0 if is_fresh else settings.FRESH_PROOF_SECONDS + 1)
    session["account_authentication_methods"] = [{"method": "password", "at": proven_at, "username": user.login}]
    session.create()
    assert session.session_key
    return session.session_key


@pytest.fixture
def portal(world: World, server: str, browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Portal]:
    """Give the portal; at the end no page may have written to the console."""
    caches["counts"].clear()
    made = Portal(world, server, browser, browser_context_args)
    with world.receiving_mail():
        yield made
        for context in made.contexts:
            context.close()
    assert made.said == []


def make_lines(world: World, count: int) -> list[Device]:
    """Make lines that differ in worker, model and use."""
    now = clock.now()
    models = ("Example Phone 3", "Sample Rugged 7", "Example Tab 2")
    names = ("Grace Marsh", "Omar Field", "Lena Brook", "Kofi Stone", "Mina Vale", "Jonas Reed")
    return Device.objects.bulk_create(
        Device(
            company=world.company,
            number=factories.number(line),
            worker=names[line % len(names)],
            model=models[line % len(models)],
            soc_code=factories.DIRECT_SOC,
            activated_at=factories.ACTIVATED + timedelta(days=line),
            last_seen_at=now - timedelta(minutes=7 * line * line) if line % 9 else None,
        )
        for line in range(1, count + 1)
    )


AXE = Axe().axe_script
# Only what is wrong comes back: the full result of a page is larger than the page.
RUN_AXE = """only => axe.run({resultTypes: ["violations"], ...only}).then(found => found.violations.map(
    rule => `${rule.id}: ${rule.help}: ` + rule.nodes.map(node => node.html).join(" | ")))"""
# The words and controls that cross an edge of the card they stand in; what a scrolling box or a clip hides is none.
RUNS_OUT = """() => [...document.querySelectorAll(".card")].flatMap(card => {
    const edge = card.getBoundingClientRect(), range = document.createRange(), out = [];
    const all = document.createTreeWalker(card, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, node => {
        if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
        const style = getComputedStyle(node), hides = ["auto", "scroll", "hidden"].includes(style.overflowX);
        const is_seen = node.checkVisibility({visibilityProperty: true}) && style.clipPath === "none" && !hides;
        return is_seen ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT;
    });
    for (let node = all.nextNode(); node; node = all.nextNode()) {
        range.selectNode(node);
        const boxes = node.getClientRects?.() ?? range.getClientRects();
        const past = Math.max(0, ...[...boxes].filter(box => box.width && box.height)
            .flatMap(box => [edge.left - box.left, box.right - edge.right]));
        if (past > 1) out.push(`${node.nodeName} ${node.textContent.trim().slice(0, 80)}: by ${Math.round(past)} px`);
    }
    return out;
})"""

# The states that lie over words of their own row.
COVERS = """() => [...document.querySelectorAll(".badge")].flatMap(badge => {
    const edge = badge.getBoundingClientRect(), range = document.createRange(), covered = [];
    const all = document.createTreeWalker(badge.parentElement, NodeFilter.SHOW_TEXT);
    for (let node = all.nextNode(); node; node = all.nextNode()) {
        range.selectNode(node);
        const lies_under = box => Math.min(box.right, edge.right) - Math.max(box.left, edge.left) > 1
            && Math.min(box.bottom, edge.bottom) - Math.max(box.top, edge.top) > 1;
        if (!badge.contains(node) && [...range.getClientRects()].some(lies_under))
            covered.push(`${badge.textContent.trim()} over ${node.data.trim()}`);
    }
    return covered;
})"""


# The cells of tables that end beyond what shows them, and the page itself where it is wider than the screen.
CUT = """() => {
    const root = document.documentElement, cut = [];
    if (root.scrollWidth > root.clientWidth) cut.push(`page: ${root.scrollWidth}`);
    for (const table of document.querySelectorAll(".table")) {
        const cells = [...table.querySelectorAll("tbody td")].map(cell => cell.getBoundingClientRect().right);
        const past = Math.max(...cells) - table.getBoundingClientRect().right;
        if (past > 1) cut.push(`${table.textContent.trim().slice(0, 40)}: ${Math.round(past)} px`);
    }
    return cut;
}"""


def look_at(page: Page) -> None:
    """
    Hold the page as it is against axe, the screen's width, each card's edges and what a state may cover; colours, which
    the theme changes, in both themes. Between desk and phone nothing may be cut off.
    """
    for size in (DESK, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dictionary
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            if not page.evaluate("'axe' in window"):
                page.evaluate(AXE)
            found = page.evaluate(RUN_AXE, {} if scheme == "light" else {"runOnly": ["color-contrast"]})
            assert found == [], f"{page.url}, {size['width']} px, {scheme}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} scrolls sideways by {wide} px at {size['width']} px"
        covered = page.evaluate(COVERS)
        assert not covered, f"{page.url}, {size['width']} px: {covered}"
        past = page.evaluate(RUNS_OUT)
        assert not past, f"{page.url}, {size['width']} px: runs out of its card: {past}"
    for width in BETWEEN:
        page.set_viewport_size({"width": width, "height": DESK["height"]})
        cut = page.evaluate(CUT)
        assert not cut, f"{page.url}, {width} px: cut off: {cut}"
