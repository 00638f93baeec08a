"""The Passwordstate connector on the emulator over TLS, and on a real server where there is one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from emulators.control import launch
from emulators.control.launch import RunningEmulator
from onhook.connectors.passwordstate.config import PasswordstateConfig
from onhook.connectors.passwordstate.connector import PasswordstateSecrets
from onhook.operations.errors import Rejected, Retryable, SignInsUsedUp
from onhook.operations.ports import Secret
from tests.contract.conftest import patient_client, real_authority, real_setting
from tests.contract.vendor_faults import FAULTS, VendorFault, end_of, refusal_of

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("vault")]

AUTOMATION, FINANCE = 88, 90
LIST_KEY, GENERAL_KEY = "list-key-0123456789abcdef", "general-key-0123456789abcdef"
FIRST = Secret(user="consumer-key", value="not-a-real-secret-1", address="https://example.my.salesforce.com")

SEED = {
    "lists": [
        {"PasswordListID": AUTOMATION, "PasswordList": "Automation"},
        {"PasswordListID": FINANCE, "PasswordList": "Finance"},
    ],
    "passwords": [
        {
            "PasswordID": 4711,
            "PasswordListID": AUTOMATION,
            "Title": "Salesforce",
            "UserName": FIRST.user,
            "URL": FIRST.address,
            "GenericField1": "https://generic.example",
            "Password": FIRST.value,
        },
        {
            "PasswordID": 4712,
            "PasswordListID": AUTOMATION,
            "Title": "Salesforce sandbox",
            "UserName": "sandbox-key",
            "Password": "not-a-real-secret-2",
        },
        {"PasswordID": 4713, "PasswordListID": AUTOMATION, "Title": "Twin", "Password": "not-a-real-secret-3"},
        {"PasswordID": 4714, "PasswordListID": AUTOMATION, "Title": "Twin", "Password": "not-a-real-secret-4"},
        {"PasswordID": 4715, "PasswordListID": AUTOMATION, "Title": "Empty", "Password": ""},
        # Its number is also the Automation list's: the QueryAll trap.
        {"PasswordID": AUTOMATION, "PasswordListID": FINANCE, "Title": "Ledger", "Password": "not-a-real-secret-5"},
    ],
    "keys": [
        {"name": "automation", "value": LIST_KEY, "lists": [AUTOMATION]},
        {"name": "general", "value": GENERAL_KEY, "lists": None},
    ],
}

Make = Callable[..., PasswordstateSecrets]


@pytest.fixture
def vault(vault_process: RunningEmulator) -> RunningEmulator:
    vault_process.control.reset()
    vault_process.control.seed(SEED)
    return vault_process


@pytest.fixture
def make(vault: RunningEmulator) -> Make:
    def connector(
        *, key: str = LIST_KEY, list_id: int | None = None, deadline_seconds: float = 5.0, **settings: str
    ) -> PasswordstateSecrets:
        config = PasswordstateConfig(
            base_url=f"{vault.http}/api",
            api_key=key,
            list_id=list_id,
            deadline_seconds=deadline_seconds,
            ca_file=vault.ca_file,
            **settings,  # type: ignore[arg-type]  # field names only
        )
        http = patient_client(system="Passwordstate", ca_file=vault.ca_file)
        return PasswordstateSecrets(config=config, reason=lambda: "onhook run 7", http=http)

    return connector


def paths(vault: RunningEmulator) -> list[str]:
    return [line.path for line in vault.control.journal()]


def test_secret_is_leased_by_its_reference(backend: str, request: pytest.FixtureRequest) -> None:
    """On a real server: ONHOOK_CONTRACT_PASSWORDSTATE_URL, _KEY, _REFERENCE; ONHOOK_CONTRACT_CA_FILE if needed."""
    if backend == "real":
        url = real_setting("PASSWORDSTATE_URL")
        key, reference = real_setting("PASSWORDSTATE_KEY"), real_setting("PASSWORDSTATE_REFERENCE")
        secrets = PasswordstateSecrets(config=PasswordstateConfig(base_url=url, api_key=key, ca_file=real_authority()))
    else:
        secrets, reference = request.getfixturevalue("make")(), "4711"

    assert secrets.lease(reference).value
    assert secrets.check(reference)
    assert isinstance(refusal_of(lambda: secrets.lease("999999999")), Rejected)


@pytest.mark.parametrize("reference", ["4711", "04711", "Salesforce"])
@pytest.mark.parametrize("list_id", [None, AUTOMATION])
def test_secret_is_the_record_that_was_meant(make: Make, reference: str, list_id: int | None) -> None:
    assert make(list_id=list_id).lease(reference) == FIRST


def test_secret_is_the_password_not_the_list_of_that_number(make: Make) -> None:
    assert make(key=GENERAL_KEY).lease(str(AUTOMATION)).value == "not-a-real-secret-5"


def test_address_can_be_in_a_generic_field(make: Make) -> None:
    assert make(address_field="GenericField1").lease("4711").address == "https://generic.example"


@pytest.mark.parametrize("types", ["documented", "list_id_as_text", "all_as_text"])
def test_secret_is_read_whatever_types_the_server_uses(make: Make, vault: RunningEmulator, types: str) -> None:
    vault.control.call("POST", "settings", {"types": types})

    assert make().lease("Salesforce") == FIRST


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("Salesforc", "no record of exactly this title"),
        ("salesforce", "no record of exactly this title"),
        ("Salesforce%", "no record of exactly this title"),
        ("Nothing at all", "no record of exactly this title"),
        ("Twin", "2 records of this title"),
        ("", "without double quotes"),
        ('Salesforce" OR "', "without double quotes"),
        ("4799", "no record 4799"),
        (str(AUTOMATION), "no record 88"),
        ("4715", "empty password"),
    ],
)
def test_secret_that_is_not_exactly_one_is_rejected(make: Make, reference: str, words: str) -> None:
    outcome = refusal_of(lambda: make().lease(reference))

    assert isinstance(outcome, Rejected)
    assert words in outcome.reason


@pytest.mark.parametrize("is_error", [False, True])
@pytest.mark.parametrize("in_older_shape", [False, True])
def test_title_without_a_hit_is_rejected_in_all_shapes(
    make: Make, vault: RunningEmulator, is_error: bool, in_older_shape: bool
) -> None:
    switches = {"empty_search_is_error": is_error, "errors_in_older_shape": in_older_shape}
    vault.control.call("POST", "settings", switches)

    assert isinstance(refusal_of(lambda: make().lease("Nothing at all")), Rejected)


def test_calls_ask_for_no_more_than_one_secret_and_leave_their_trace(make: Make, vault: RunningEmulator) -> None:
    make().lease("Salesforce")

    lines = vault.control.journal()
    assert [line.path for line in lines] == ["/api/searchpasswords", "/api/passwords/4711"]
    assert dict(lines[0].query) == {"Title": '"Salesforce"', "ExcludePassword": "true"}
    assert lines[1].query == ()
    rows = vault.control.call("GET", "audit")["rows"]
    assert isinstance(rows, list)
    assert {(row["PasswordID"], row["Reason"]) for row in rows} == {(4711, "onhook run 7")}


def test_lease_is_read_once_for_fifty_threads(make: Make, vault: RunningEmulator) -> None:
    secrets = make()
    leased: list[Secret] = []
    threads = [threading.Thread(target=lambda: leased.append(secrets.lease("4711"))) for _ in range(50)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert leased == [FIRST] * 50
    assert paths(vault) == ["/api/passwords/4711"]


def test_lease_is_read_anew_after_a_drop(make: Make, vault: RunningEmulator) -> None:
    secrets = make()
    secrets.lease("4711")

    secrets.drop("4711")
    secrets.lease("4711")

    assert paths(vault) == ["/api/passwords/4711"] * 2


def test_lease_goes_on_while_the_vault_is_down(make: Make, vault: RunningEmulator) -> None:
    secrets = make()
    secrets.lease("4711")

    vault.control.add_fault("cut_before", times=None)

    assert secrets.lease("4711") == FIRST


@pytest.mark.parametrize("status", [401, 403])
def test_key_that_is_refused_is_shown_at_most_four_times_a_minute(
    make: Make, vault: RunningEmulator, status: int
) -> None:
    vault.control.call("POST", "settings", {"denied_status": status})
    secrets = make(key="wrong")

    ends = [refusal_of(lambda: secrets.lease("4711")) for _ in range(10)]

    # The first refusal, and three tries in the minute after it.
    assert [type(end) for end in ends] == [Rejected] * 4 + [SignInsUsedUp] * 6
    assert len(paths(vault)) == 4


def test_key_that_is_right_again_is_used_without_a_limit(make: Make, vault: RunningEmulator) -> None:
    vault.control.add_fault("expired_token")
    secrets = make()
    refusal_of(lambda: secrets.lease("4711"))

    for _ in range(10):
        secrets.drop("4711")

        assert secrets.lease("4711") == FIRST


def test_error_page_of_the_server_is_an_outage(make: Make, vault: RunningEmulator) -> None:
    vault.control.call("POST", "settings", {"redirects_to_error_page": True})

    assert isinstance(refusal_of(lambda: make().lease("4711")), Retryable)
    assert "/error/generalerror.aspx" not in paths(vault)


def test_record_of_another_id_is_never_used(make: Make, vault: RunningEmulator) -> None:
    vault.control.add_fault("other_record", times=None)

    assert isinstance(refusal_of(lambda: make().lease("4711")), Retryable)
    assert isinstance(refusal_of(lambda: make().lease("Salesforce")), Rejected)


CALLS = {"read": ("4711", r"/api/passwords/"), "search": ("Salesforce", r"/api/searchpasswords")}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("call", CALLS)
def test_no_fault_gives_a_secret(make: Make, vault: RunningEmulator, call: str, fault: VendorFault) -> None:
    reference, path = CALLS[call]
    fault.strike(vault, path=path)
    secrets = make(deadline_seconds=0.7 if fault.is_slow else 5.0)

    outcome = refusal_of(lambda: secrets.lease(reference))

    assert isinstance(outcome, Retryable | Rejected)


@pytest.mark.parametrize("fault", ["expired", "wrong_host", "unknown_ca"])
def test_server_with_a_wrong_certificate_gets_no_key(fault: str, tmp_path: Path, vault: RunningEmulator) -> None:
    arguments = ["--tls-folder", str(tmp_path), "--tls-fault", fault]
    with launch.running("passwordstate", arguments=arguments) as impostor:
        config = PasswordstateConfig(base_url=f"{impostor.http}/api", api_key=LIST_KEY, ca_file=impostor.ca_file)

        end = end_of(lambda: PasswordstateSecrets(config=config).lease("4711"))

    assert isinstance(end.outcome, Retryable)
    assert "certificate" in end.outcome.problem


def test_server_of_a_private_authority_is_not_trusted_unless_it_is_configured(vault: RunningEmulator) -> None:
    config = PasswordstateConfig(base_url=f"{vault.http}/api", api_key=LIST_KEY)

    outcome = refusal_of(lambda: PasswordstateSecrets(config=config).lease("4711"))

    assert isinstance(outcome, Retryable)
    assert "certificate" in outcome.problem
    assert paths(vault) == []
