"""Support's side: agents in front of the console, in real Chromium, with vault, CRM and shop behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.fixtures import Settings

from onhook.config import wiring
from onhook.devices.models import Device
from onhook.operations.models import Operation
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories, shop
from tests.functional.portal.conftest import (  # noqa: F401  # fixtures are found by their names here
    Portal,
    _synchronous,
    browser_context_args,
    browser_type_launch_args,
    server,
    session_of,
)
from tests.shop import Vendors
from tests.world import World


@dataclass
class Console(Portal):
    """A world with a server in front of it, seen by support."""

    def open(self, path: str = "", *, by: User | None = None, **how: Any) -> Page:
        """Open a console page as the agent, or as somebody else of the operator."""
        return self.visit(by or self.world.agent, f"/csu/{path}", **how)

    def own(self, path: str = "") -> str:
        """Return a page of the company."""
        return f"companies/{self.world.company.pk}/{path}"


@pytest.fixture
def console(
    world: World,
    server: str,  # noqa: F811
    browser: Browser,
    browser_context_args: dict[str, Any],  # noqa: F811
    settings: Settings,
) -> Iterator[Console]:
    """Give the console; at the end no page may have written to the browser's console."""
    caches["counts"].clear()
    settings.MAIL_URL = f"smtp://{world.mailbox.addresses['smtp']}"
    wiring.forget()
    made = Console(world, server, browser, browser_context_args)
    yield made
    for context in made.contexts:
        context.close()
    wiring.forget()
    assert made.said == []


@pytest.fixture(scope="session")
def vendor_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    with shop.running(tmp_path_factory.mktemp("vendors")) as vendors:
        yield vendors


@pytest.fixture
def vendors(vendor_processes: Vendors, settings: Settings, tmp_path: Path) -> Iterator[Vendors]:
    """Give vendors in which nothing is in doubt, named in the settings as in production."""
    vendor_processes.seed()
    authorities = tmp_path / "authorities.pem"
    running = (vendor_processes.vault, vendor_processes.crm, vendor_processes.shop)
    authorities.write_text("".join(one.ca_file.read_text() for one in running if one.ca_file))
    settings.CA_FILE = str(authorities)
    settings.SHOP_HOSTS = frozenset({vendor_processes.shop_host})
    settings.PASSWORDSTATE_URL = f"{vendor_processes.vault.http}/api"
    settings.PASSWORDSTATE_KEY = shop.VAULT_KEY
    settings.SALESFORCE_URL = vendor_processes.crm.http
    settings.SALESFORCE_SECRET = "Salesforce integration"  # a title, not a secret
    settings.SALESFORCE_LINK_FIELD = shop.LINK_FIELD
    settings.TWOCHECKOUT_URL = f"{vendor_processes.shop.http}/rest/6.0"
    settings.TWOCHECKOUT_SHOP_URL = vendor_processes.shop.http
    settings.TWOCHECKOUT_SECRET = "2Checkout API"  # a title, not a secret
    wiring.forget()
    yield vendor_processes
    wiring.forget()


@pytest.fixture
def shop_world(world: World, vendors: Vendors) -> World:
    """Give the small world with the vendors behind its worker's ports, too."""
    world.ports = shop.join(world, vendors).ports
    return world


def client_of(user: User, *, is_fresh: bool = True) -> Client:
    """Return Django's client, signed in as somebody, with fresh or old proof of who it is."""
    client = Client()
    client.cookies["session"] = session_of(user, is_fresh=is_fresh)
    return client


def staff(role: Role, username: str) -> User:
    return factories.agent(username=username, role=role)


def make_company_busy(world: World) -> tuple[list[Device], Operation]:
    """Make lines, one of them deleted and read back."""
    lines = [world.line(line, worker=f"Worker {line}") for line in range(1, 9)]
    operation = world.start(lines[0])
    world.work()
    return lines, operation
