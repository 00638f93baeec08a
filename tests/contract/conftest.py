"""Emulators over TLS with their own authority, and real services where the environment has credentials for them."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from emulators.control import launch
from emulators.control.launch import RunningEmulator
from onhook.connectors.http import trust
from onhook.connectors.http.client import HttpClient

BACKENDS = ["emulator", "real"]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Give the side that a contract test runs on."""
    return str(request.param)


def real_setting(name: str) -> str:
    """Return what the environment says about a real service; without it the test is skipped, and says so."""
    variable = f"ONHOOK_CONTRACT_{name}"
    value = os.environ.get(variable, "")
    if not value:
        pytest.skip(f"NOT RUN ON THE REAL SERVICE: {variable} is not set")
    return value


def real_authority() -> Path | None:
    """Return the file of a real service's own certificate authority, where the environment names one."""
    file = os.environ.get("ONHOOK_CONTRACT_CA_FILE", "")
    return Path(file) if file else None


def patient_client(*, system: str, ca_file: Path | None, most_bytes: int = 2 * 1024 * 1024) -> HttpClient:
    """Give a client that does not really pause between its tries: the faults here are for good anyway."""
    return HttpClient(system=system, trust=_trusting(ca_file), most_bytes=most_bytes, sleep=lambda _: None)


@cache
def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Give one context for all clients: reading the certificates is what making a client costs."""
    return trust.context(ca_file=ca_file)


@pytest.fixture(scope="session")
def vault_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    folder = tmp_path_factory.mktemp("vault-tls")
    with launch.running("passwordstate", arguments=["--tls-folder", str(folder)]) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def shop_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    folder = tmp_path_factory.mktemp("shop-tls")
    with launch.running("twocheckout", arguments=["--tls-folder", str(folder)]) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def crm_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    folder = tmp_path_factory.mktemp("crm-tls")
    with launch.running("salesforce", arguments=["--tls-folder", str(folder)]) as emulator:
        yield emulator
