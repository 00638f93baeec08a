"""Fixtures of the shop channel: the vendors run once a process, and are put in order for every test."""

import atexit
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests import shop as shops
from tests.integration.operations.conftest import at_point
from tests.shop import Vendors
from tests.world import World

__all__ = ["at_point"]


@cache
def _started() -> Vendors:
    """Start the vendors, for all folders of tests that use these fixtures: three servers are slow to start."""
    stack = ExitStack()
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="onhook-vendors-"))
    vendors = stack.enter_context(shops.running(Path(folder)))
    atexit.register(stack.close)
    return vendors


@pytest.fixture(scope="session")
def vendor_processes() -> Vendors:
    return _started()


@pytest.fixture
def vendors(vendor_processes: Vendors, settings: Settings) -> Vendors:
    """Give vendors in which nothing is in doubt: one account, one subscription of 12 lines."""
    vendor_processes.seed()
    settings.SHOP_HOSTS = frozenset({vendor_processes.shop_host})
    return vendor_processes


@pytest.fixture
def shop_world(world: World, vendors: Vendors) -> World:
    """Give the small world with the vendors behind its ports."""
    return shops.join(world, vendors)
