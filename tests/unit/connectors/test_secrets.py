"""Secrets on loan: how long they are held, where development's come from, and that they hide."""

from __future__ import annotations

from pathlib import Path

import pytest

from onhook.connectors.environment_secrets.connector import EnvironmentSecrets
from onhook.connectors.http.deadlines import Deadline
from onhook.connectors.http.leases import Leases
from onhook.connectors.passwordstate.config import PasswordstateConfig
from onhook.connectors.passwordstate.payloads import Entry
from onhook.operations.errors import Rejected
from onhook.operations.ports import Secret


class FakeClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_lease_ends_after_its_time() -> None:
    clock = FakeClock()
    leases = Leases(system="The store", lasts_seconds=60.0, clock=clock)
    values = iter(["first", "second"])

    def get() -> str:
        read = leases.get("r", read=lambda: Secret(user="", value=next(values)), deadline=Deadline.after(5))
        return read.value

    held = [get()]
    clock.seconds += 59.9
    held.append(get())
    clock.seconds += 0.1
    held.append(get())

    assert held == ["first", "first", "second"]


def test_environment_gives_the_secret_of_a_reference() -> None:
    environment = {
        "ONHOOK_SECRET_TWO_CHECKOUT_USER": "MERCHANT",
        "ONHOOK_SECRET_TWO_CHECKOUT_VALUE": "not-a-real-key",
        "ONHOOK_SECRET_TWO_CHECKOUT_ADDRESS": "https://api.example",
    }

    secret = EnvironmentSecrets(environment=environment).lease("two-checkout")

    assert secret == Secret(user="MERCHANT", value="not-a-real-key", address="https://api.example")


def test_environment_reads_a_file_anew_at_every_lease(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    secrets = EnvironmentSecrets(environment={"ONHOOK_SECRET_CRM_VALUE_FILE": str(file)})

    file.write_text("first\n")
    first = secrets.lease("crm").value
    file.write_text("second\n")

    assert (first, secrets.lease("crm").value) == ("first", "second")


@pytest.mark.parametrize(
    ("reference", "environment", "words"),
    [
        ("crm", {}, "ONHOOK_SECRET_CRM_VALUE"),
        ("crm", {"ONHOOK_SECRET_CRM_VALUE": ""}, "is empty"),
        ("crm", {"ONHOOK_SECRET_CRM_VALUE_FILE": "/nowhere/at/all"}, "cannot be read"),
        ("crm", {"ONHOOK_SECRET_CRM_VALUE": "a", "ONHOOK_SECRET_CRM_VALUE_FILE": "/x"}, "both set"),
        ("", {}, "a name of letters"),
        ("a b", {}, "a name of letters"),
        ("../x", {}, "a name of letters"),
    ],
)
def test_environment_without_a_usable_secret_is_rejected(
    reference: str, environment: dict[str, str], words: str
) -> None:
    with pytest.raises(Rejected, match=words) as caught:
        EnvironmentSecrets(environment=environment).lease(reference)

    assert caught.value.__context__ is None


def test_values_with_secrets_hide_them() -> None:
    shown = [
        repr(Secret(user="u", value="CANARY")),
        repr(PasswordstateConfig(base_url="https://x.example/api", api_key="CANARY")),
        repr(Entry(password_id="1", title="t", password="CANARY")),
        repr(EnvironmentSecrets(environment={"ONHOOK_SECRET_CRM_VALUE": "CANARY"})),
    ]

    assert "CANARY" not in "".join(shown)
