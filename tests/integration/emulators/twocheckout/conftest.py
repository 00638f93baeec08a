"""One 2Checkout emulator for the whole module, seeded anew before each test."""

from collections.abc import Iterator

import httpx
import pytest

from emulators.control import launch
from emulators.control.launch import RunningEmulator
from tests.integration.emulators.twocheckout.shop_world import CODE, KEY, Signing, seed


@pytest.fixture(scope="module")
def shop_process() -> Iterator[RunningEmulator]:
    environment = {"TWOCHECKOUT_MERCHANT_CODE": CODE, "TWOCHECKOUT_SECRET_KEY": KEY}
    with launch.running("twocheckout", environment=environment) as emulator:
        yield emulator


@pytest.fixture
def shop(shop_process: RunningEmulator) -> RunningEmulator:
    shop_process.control.reset()
    shop_process.control.seed(seed())
    return shop_process


@pytest.fixture
def http(shop: RunningEmulator) -> Iterator[httpx.Client]:
    """A client that signs, below the REST path."""
    base = f"{shop.http}/rest/6.0/"
    with httpx.Client(base_url=base, auth=Signing(), trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def shopper(shop: RunningEmulator) -> Iterator[httpx.Client]:
    """A shopper's browser: no signature."""
    with httpx.Client(base_url=shop.http, trust_env=False, timeout=10) as client:
        yield client
