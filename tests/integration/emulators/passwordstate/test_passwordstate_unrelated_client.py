"""A client that others wrote, unmodified: password-state-client."""

import pytest
from passwords import PasswordstateLookup

from emulators.control.launch import RunningEmulator
from tests.integration.emulators.passwordstate.conftest import LIST_KEY

pytestmark = pytest.mark.emulator


@pytest.fixture
def lookup(vault: RunningEmulator, monkeypatch: pytest.MonkeyPatch) -> PasswordstateLookup:
    # The client has no option for this; a proxy of the environment must not come between it and loopback.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return PasswordstateLookup(vault.http, LIST_KEY)


def test_secrets_are_read_by_id_by_title_and_by_list(lookup: PasswordstateLookup) -> None:
    assert lookup.get_pw(4711) == "not-a-real-secret-1"
    assert lookup.get_login(4711) == {"username": "consumer-key", "password": "not-a-real-secret-1"}
    assert lookup.get_pw_by_title("88", '"Salesforce sandbox"') == "not-a-real-secret-2"
    assert lookup.get_login_by_title("88", "sandbox")["username"] == "sandbox-key"
    assert [each["PasswordID"] for each in lookup.get_pw_list("88")] == [4711, 4712]


def test_first_of_several_hits_is_taken_unseen(lookup: PasswordstateLookup) -> None:
    # Not a fault of the emulator: this is the trap a contains-match sets.
    assert lookup.get_pw_by_title("88", "Salesforce") == "not-a-real-secret-1"


def test_denied_key_and_unknown_id_read_as_not_found(vault: RunningEmulator, lookup: PasswordstateLookup) -> None:
    denied = PasswordstateLookup(vault.http, "wrong")

    with pytest.raises(PasswordstateLookup.PasswordNotFoundError, match="No login found with ID 4711"):
        denied.get_login(4711)
    with pytest.raises(PasswordstateLookup.PasswordNotFoundError, match="No password found with ID 1"):
        lookup.get_pw(1)
