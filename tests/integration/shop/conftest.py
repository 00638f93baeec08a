"""Fixtures of the shop channel: the vendors run once a session, and are put in order for every test."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests import shop as shops
from tests.integration.operations.conftest import at_point
from tests.shop import Vendors
from tests.world import World

__all__ = ["at_point"]


@pytest.fixture(scope="session")
def vendor_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    with shops.running(tmp_path_factory.mktemp("vendors")) as vendors:
        yield vendors


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
