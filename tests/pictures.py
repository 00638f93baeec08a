"""
`make screenshots`: the pictures of the README, taken by a real browser of the demo's world.

Everything is started as `make up` does it, in an installation of its own that is removed again; people sign in and
delete lines with the mouse, so that the pictures show what happens.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, expect, sync_playwright

from onhook.config import postgres

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
MOST_BYTES = 600_000
_INSTANCE = "pictures"
_PORT = 8_917
_UP_SECONDS = 60
_DESK, _PHONE = {"width": 1200, "height": 640}, {"width": 390, "height": 640}


def main() -> None:
    """Take all pictures, and say how large they are."""
    browser_file = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if browser_file is None:
        sys.exit("There is no Chromium, so no picture was taken. Install chromium-headless-shell, or set CHROMIUM.")
    FOLDER.mkdir(exist_ok=True)
    with _installation() as (address, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_file)
        _take(browser, _People(browser, address, password))
        browser.close()
    sizes = {file.name: file.stat().st_size for file in sorted(FOLDER.glob("*.png"))}
    for name, size in sizes.items():
        print(f"{size // 1000:5} kB  docs/pictures/{name}")
    if sum(sizes.values()) > MOST_BYTES:
        sys.exit(f"The pictures have {sum(sizes.values()):,} bytes together, more than {MOST_BYTES:,}.")


@contextmanager
def _installation() -> Iterator[tuple[str, str]]:
    """Start the product with the demo's people; gives the address and their password."""
    instance = postgres.instance_id(_INSTANCE)
    postgres.remove(instance)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ONHOOK_", "DATABASE_"))}
    environment |= {"ONHOOK_INSTANCE": _INSTANCE, "COLUMNS": "200"}
    command = [sys.executable, "-m", "onhook", "up", "--demo", "--port", str(_PORT)]
    with TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        with said.open("w") as out:
            process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield f"http://127.0.0.1:{_PORT}", _password_in(said, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            postgres.remove(instance)


def _password_in(said: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + _UP_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(r"the password (\S+)", said.read_text()):
            return found.group(1)
        time.sleep(0.1)
    sys.exit(f"The product did not come up, so no picture was taken. It said:\n{said.read_text()}")


@dataclass(frozen=True)
class _People:
    """The demo's people in front of browsers of their own."""

    browser: Browser
    address: str
    password: str

    def signed_in(self, login: str) -> Page:
        """Sign somebody in by the form, as they would."""
        coid, username = login.split("/")
        context = self.browser.new_context(
            base_url=self.address,
            viewport=_DESK,
            reduced_motion="reduce",
            color_scheme="light",
            locale="en-GB",
            timezone_id="UTC",
        )
        page = context.new_page()
        page.goto("/")
        for field, text in (("coid", coid), ("username", username), ("password", self.password)):
            page.locator(f"input[name={field}]").fill(text)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile(r"/(csu|companies)/"))
        return page


def _take(browser: Browser, people: _People) -> None:
    ada, bea, sam = (people.signed_in(login) for login in ("4711/ada", "4712/bea", "1/sam"))

    ada.goto("/companies/4711/devices/")
    _picture(ada, "portal-devices")
    _plan(ada, ["Van 9", "Hopper, Jim", "Frances Example"], reason="replaced")
    _picture(ada, "portal-plan")
    _confirm(ada)
    expect(ada.get_by_text("3 lines deleted and verified").first).to_be_visible(timeout=30_000)
    _picture(ada, "portal-operation")
    ada.goto("/companies/4711/devices/")
    ada.set_viewport_size(_PHONE)  # type: ignore[arg-type]  # a plain dictionary
    _picture(ada, "portal-phone")

    _plan(bea, ["Van 1"], reason="not_needed")
    _confirm(bea)
    operation = bea.url.rstrip("/").rpartition("/")[2]
    expect(bea.get_by_text(re.compile("member of support|Waits for support")).first).to_be_visible(timeout=30_000)
    sam.goto(f"/csu/companies/4712/operations/{operation}/")
    expect(sam.get_by_text("held until somebody decides").first).to_be_visible()
    _picture(sam, "console-operation")
    sam.emulate_media(color_scheme="dark")
    sam.goto("/csu/?q=2025550109")
    _picture(sam, "console-device-dark")


def _plan(page: Page, workers: list[str], *, reason: str) -> None:
    """Pick lines in the list by their workers, and ask for the plan."""
    page.get_by_role("link", name="Devices").first.click()
    for worker in workers:
        page.get_by_role("row").filter(has=page.get_by_role("cell", name=worker, exact=True)).get_by_role(
            "checkbox"
        ).check()
    page.get_by_role("button", name="Delete…").click()
    page.locator("select[name=reason]").select_option(reason)
    page.get_by_role("button", name="Show the plan").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("line"))


def _confirm(page: Page) -> None:
    """Type what the plan asks for, and confirm."""
    typed = page.locator("input[name=typed]")
    asked = page.locator("label", has_text=re.compile("Type")).first.inner_text()
    count = re.search(r"Type (\d+) to", asked)
    number = page.get_by_text(re.compile(r"^\+\d[\d -]+\d$")).first
    typed.fill(count.group(1) if count else re.sub(r"\D", "", number.inner_text())[-4:])
    page.locator("main form").filter(has=typed).get_by_role("button", name=re.compile("^Delete")).click()
    page.wait_for_url(re.compile("/operations/"))


def _picture(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready.then(() => document.activeElement?.blur())")
    page.mouse.move(0, 0)
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", caret="hide")


if __name__ == "__main__":
    main()
