"""Every page that the resolver knows is held against axe, so that a new one cannot be forgotten."""

from __future__ import annotations

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from playwright.sync_api import Page

from onhook.surfaces.access import READS, Audience
from onhook.surfaces.web.access import all_routes
from onhook.tenancy.models import User
from tests import factories
from tests.functional.portal.conftest import AXE, RUN_AXE, Portal, keep_password
from tests.security.walls import people_and_things
from tests.security.walls.people_and_things import Things

# Addresses that answer a GET with something else than a whole page, and why.
NO_PAGE = {
    "account_logout": "leads to the sign-in: signing out is a button",
    "home": "leads to the first page of whoever asks",
    "mfa_authenticate": "asked between password and session: looked at in `test_portal_journeys`",
    "healthy": "one word for machines",
    "help:articles": "JSON",
    "help:feed": "a feed",
    "help:steps": "a fragment of a page",
    "console:operation-live": "a fragment of a page",
    "portal:operation-live": "a fragment of a page",
}
# Only where there is no second proof yet, there is one to set up.
WITHOUT_SECOND_PROOF = {"mfa_activate_totp", "portal:case"}


def readers(portal: Portal, things: Things) -> dict[str, User | None]:
    """Return who looks at each address that can be looked at."""
    chosen: dict[str, User | None] = {}
    for route, row in all_routes().items():
        if not row.methods & READS:
            continue
        if row.audience is Audience.ANYONE:
            chosen[route] = None
        elif row.audience in (Audience.STAFF, Audience.COMPANY_FOR_STAFF):
            chosen[route] = portal.world.agent
        else:
            chosen[route] = things.colleague if route in WITHOUT_SECOND_PROOF else things.admin
    return chosen


def wrong_with(page: Page) -> list[str]:
    """Return what axe finds on the page in either theme."""
    found: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE)
        found += page.evaluate(RUN_AXE, {} if scheme == "light" else {"runOnly": ["color-contrast"]})
    return found


def test_axe_finds_nothing_on_any_page_that_the_resolver_knows(portal: Portal) -> None:
    things = Things.of(factories.company(coid=4712, name="Sample Roofing"), first_line=500)
    for person in (things.admin, things.colleague):
        keep_password(person)
    TOTP.activate(things.admin, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(things.admin)
    chosen = readers(portal, things)
    open_pages = {user.pk if user else 0: portal.visit(user, "/healthy/") for user in set(chosen.values())}
    faults: dict[str, list[str]] = {}
    no_page = set()

    for route, user in sorted(chosen.items()):
        page = open_pages[user.pk if user else 0]
        where = people_and_things.address(route, things)
        if route.endswith(":deletion"):
            where += f"?device={things.device.pk}"
        if route == "help:steps":
            where += f"?operation={things.operation.pk}"
        answer = page.request.get(where, max_redirects=0)
        if answer.status != 200 or not answer.text().lstrip().lower().startswith("<!doctype html"):
            no_page.add(route)
            continue
        page.goto(where)
        faults[route] = wrong_with(page)

    assert {route: found for route, found in faults.items() if found} == {}
    assert no_page == NO_PAGE.keys()
    assert len(faults) > 40
