"""One counter emulator for the whole module, empty before each test."""

from collections.abc import Iterator

import httpx
import pytest

from emulators.control import launch
from emulators.control.launch import RunningEmulator

COUNTER = "tests.integration.emulators.control.counter_emulator"


@pytest.fixture(scope="module")
def counter_process() -> Iterator[RunningEmulator]:
    with launch.running("counter", module=COUNTER) as emulator:
        yield emulator


@pytest.fixture
def counter(counter_process: RunningEmulator) -> RunningEmulator:
    counter_process.control.reset()
    return counter_process


@pytest.fixture
def http(counter: RunningEmulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=counter.http, trust_env=False, timeout=10) as client:
        yield client
