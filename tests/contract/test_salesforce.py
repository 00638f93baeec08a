"""The Salesforce connector on the emulator over TLS, and on a real org where there is one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from emulators.control import launch
from emulators.control.launch import RunningEmulator
from onhook.connectors.salesforce.config import SalesforceConfig
from onhook.connectors.salesforce.connector import SalesforceAccounts
from onhook.operations.errors import Rejected, Retryable
from onhook.operations.ports import Account, Secret
from tests.contract.conftest import patient_client, real_setting
from tests.contract.vendor_faults import FAULTS, VendorFault, end_of, refusal_of

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("crm")]

KEY, SECRET = "consumer-key", "not-a-real-secret"
BOWDEN, PLUMBING = "0018d00000AbCdEAAV", "001xx0000000002AAA"
LINK_FIELD, COID_FIELD = "X2Checkout_upgrade_link__c", "COID__c"
LINK = "https://secure.2checkout.com/order/upgrade.php?LICENSE=Q7RK2M9XA4"
QUERY, DESCRIBE, TOKEN = r"/query$", r"/describe$", r"/oauth2/token$"

SEED: dict[str, Any] = {
    "clients": [{"consumer_key": KEY, "consumer_secret": SECRET}],
    "fields": [
        {"name": LINK_FIELD, "label": "2Checkout upgrade link", "type": "url"},
        {"name": COID_FIELD, "label": "COID", "type": "string", "length": 20},
        {"name": "COID_number__c", "label": "COID (number)", "type": "double"},
        {"name": "Notes__c", "label": "Notes", "type": "textarea", "length": 1000},
    ],
    "accounts": [
        {
            "Id": BOWDEN,
            "Name": "Bowden & O'Neil Example Ltd",
            "AccountNumber": "CN-100482",
            LINK_FIELD: LINK,
            COID_FIELD: "4711",
            "COID_number__c": 4711,
        },
        {"Id": PLUMBING, "Name": "Example Plumbing", "AccountNumber": "CN-100483"},
        {"Name": "Example Twins", "AccountNumber": "CN-1"},
        {"Name": "EXAMPLE TWINS", "AccountNumber": "CN-2"},
        {"Name": "Example Blank"},
        {"Name": "Example Double", "AccountNumber": "CN-3", COID_FIELD: "4712"},
        {"Name": "Example Double too", "AccountNumber": "CN-4", COID_FIELD: "4712"},
        {"Name": "Gone Example", "IsDeleted": True, COID_FIELD: "4713"},
    ],
}


class Store:
    """A secret store that a test fills; the next secret comes after a drop."""

    def __init__(self, *values: str, key: str = KEY) -> None:
        self.values, self.key = list(values), key
        self.leases = 0
        self.drops = 0

    def lease(self, reference: str) -> Secret:
        self.leases += 1
        return Secret(user=self.key, value=self.values[min(self.drops, len(self.values) - 1)])

    def drop(self, reference: str) -> None:
        self.drops += 1

    def check(self, reference: str) -> str:
        raise NotImplementedError


Make = Callable[..., SalesforceAccounts]


@pytest.fixture
def crm(crm_process: RunningEmulator) -> RunningEmulator:
    crm_process.control.reset()
    crm_process.control.seed(SEED)
    return crm_process


@pytest.fixture
def make(crm: RunningEmulator) -> Make:
    def connector(*, store: Store | None = None, deadline_seconds: float = 5.0, **settings: Any) -> SalesforceAccounts:
        config = SalesforceConfig(
            base_url=crm.http,
            secret_reference="crm",
            deadline_seconds=deadline_seconds,
            ca_file=crm.ca_file,
            **settings,
        )
        http = patient_client(system="Salesforce", ca_file=crm.ca_file)
        return SalesforceAccounts(config=config, secrets=store or Store(SECRET), http=http)

    return connector


def set_up(crm: RunningEmulator, **switches: object) -> None:
    crm.control.call("POST", "settings", switches)


def paths(crm: RunningEmulator) -> list[str]:
    return [line.path.rpartition("/")[2] for line in crm.control.journal()]


def truth(crm: RunningEmulator) -> Account:
    return Account(
        account_id=BOWDEN,
        name="Bowden & O'Neil Example Ltd",
        account_number="CN-100482",
        stored_link=LINK,
        classic_url=f"{crm.http}/{BOWDEN}",
        lightning_url=f"{crm.http}/lightning/r/Account/{BOWDEN}/view",
    )


def test_org_answers_with_the_companys_account(backend: str, request: pytest.FixtureRequest) -> None:
    """On a real org: ONHOOK_CONTRACT_SALESFORCE_URL, _KEY, _SECRET, _ACCOUNT_NAME (one account of that name)."""
    if backend == "real":
        store = Store(real_setting("SALESFORCE_SECRET"), key=real_setting("SALESFORCE_KEY"))
        name = real_setting("SALESFORCE_ACCOUNT_NAME")
        config = SalesforceConfig(base_url=real_setting("SALESFORCE_URL"), secret_reference="crm", coid_label="")
        accounts = SalesforceAccounts(config=config, secrets=store)
    else:
        accounts, name = request.getfixturevalue("make")(coid_label=""), "Bowden & O'Neil Example Ltd"

    found = accounts.accounts_of(coid=4711, name=name)

    assert [account.name for account in found] == [name]
    assert accounts.account(account_id=found[0].account_id) == found[0]
    assert accounts.account(account_id="001000000000001AAA") is None
    assert accounts.accounts_of(coid=4711, name="No such company 7f3a 'Ltd'") == []
    assert accounts.check()


@pytest.mark.parametrize("coid_field", ["", COID_FIELD, "coid__C", "COID_number__c"])
def test_account_is_found_by_its_coid(make: Make, crm: RunningEmulator, coid_field: str) -> None:
    found = make(coid_field=coid_field).accounts_of(coid=4711, name="Another name")

    assert found == [truth(crm)]


@pytest.mark.parametrize("name", ["Bowden & O'Neil Example Ltd", " bowden & o'neil example LTD "])
def test_account_is_found_by_its_exact_name(make: Make, crm: RunningEmulator, name: str) -> None:
    assert make(coid_label="").accounts_of(coid=1, name=name) == [truth(crm)]


@pytest.mark.parametrize(
    ("coid", "name", "numbers"),
    [
        (1, "Example Plumbing", ["CN-100483"]),
        (1, "Example Twins", ["CN-1", "CN-2"]),
        (4712, "Example Plumbing", ["CN-3", "CN-4"]),
        (1, "Example Blank", [""]),
        (4713, "Gone Example", []),
        (1, "Example", []),
        (1, "Example%", []),
        (1, "Bowden & O'Neil Example Ltd", []),
        (1, "Example Double", []),
        (1, "", []),
        (1, "x" * 256, []),
        (1, "' OR Name LIKE '%", []),
        (1, "\\' OR Name LIKE \\'%", []),
    ],
)
def test_none_and_several_are_answers_too(make: Make, coid: int, name: str, numbers: list[str]) -> None:
    found = make().accounts_of(coid=coid, name=name)

    assert sorted(account.account_number for account in found) == numbers


@pytest.mark.parametrize(
    ("number", "coids"),
    [
        ("CN-100482", [4711]),
        (" cn-100482 ", [4711]),
        ("CN-100483", [None]),
        ("CN-10048", []),
        ("", []),
        ("x" * 41, []),
        ("' OR AccountNumber LIKE '%", []),
    ],
)
def test_accounts_are_found_by_their_number_and_say_whose_they_are(
    make: Make, number: str, coids: list[int | None]
) -> None:
    assert [account.coid for account in make().accounts_numbered(account_number=number)] == coids


@pytest.mark.parametrize("said", ["", " 7 ", "0007"])
def test_name_counts_where_the_coid_does_not_speak_against_it(make: Make, crm: RunningEmulator, said: str) -> None:
    account = {"Name": "Example Bakery", "AccountNumber": "CN-7", COID_FIELD: said}
    crm.control.seed({**SEED, "accounts": [account, {**account, "AccountNumber": "CN-8", COID_FIELD: "No 7"}]})

    found = make().accounts_of(coid=7, name="Example Bakery")

    assert [account.account_number for account in found] == ["CN-7"]


def test_turkish_user_does_not_make_an_account_a_stranger(make: Make, crm: RunningEmulator) -> None:
    set_up(crm, user_locale="tr_TR")

    found = make().accounts_of(coid=1, name="EXAMPLE PLUMBING")

    assert [account.account_number for account in found] in ([], ["CN-100483"])


def test_accounts_on_several_pages_are_all_found(make: Make, crm: RunningEmulator) -> None:
    set_up(crm, rows_per_page=1)

    assert len(make().accounts_of(coid=4712, name="")) == 2


@pytest.mark.parametrize("account_id", [BOWDEN, BOWDEN[:15]])
def test_account_is_read_by_its_id(make: Make, crm: RunningEmulator, account_id: str) -> None:
    assert make().account(account_id=account_id) == truth(crm)


@pytest.mark.parametrize("account_id", ["", "x", "005xx000001SvQkAAK", "//host/x", f"{BOWDEN[:17]}X"])
def test_id_that_is_none_is_rejected_before_any_call(make: Make, crm: RunningEmulator, account_id: str) -> None:
    assert isinstance(refusal_of(lambda: make().account(account_id=account_id)), Rejected)
    assert crm.control.journal() == []


def test_calls_are_few(make: Make, crm: RunningEmulator) -> None:
    accounts = make()

    for _ in range(3):
        accounts.accounts_of(coid=4711, name="")

    assert paths(crm) == ["token", "describe", "query", "query", "query"]


def test_usage_of_the_limit_is_logged(make: Make, crm: RunningEmulator) -> None:
    set_up(crm, daily_requests=10, shows_bursts=True, shows_per_app_usage=True)
    accounts = make()

    with structlog.testing.capture_logs() as lines:
        for _ in range(7):
            accounts.accounts_of(coid=4711, name="")

    levels = [(line["used"], line["log_level"]) for line in lines if line["event"] == "vendor_limit"]
    assert levels[0] == (1, "info")
    assert levels[-1] == (8, "warning")


def test_link_field_that_is_hidden_is_no_stored_link(make: Make, crm: RunningEmulator) -> None:
    set_up(crm, hidden_fields=[LINK_FIELD])

    assert make().accounts_of(coid=4711, name="")[0].stored_link == ""


@pytest.mark.parametrize(
    ("hidden", "settings", "words"),
    [
        (LINK_FIELD, {"link_field": LINK_FIELD}, f"no field {LINK_FIELD}"),
        (COID_FIELD, {"coid_field": COID_FIELD}, f"no field {COID_FIELD}"),
        ("AccountNumber", {}, "no field AccountNumber"),
        ("Phone", {"coid_field": "Notes__c"}, "cannot search accounts by the field Notes__c"),
    ],
)
def test_field_that_is_needed_and_missing_is_rejected_with_what_to_do(
    make: Make, crm: RunningEmulator, hidden: str, settings: dict[str, str], words: str
) -> None:
    set_up(crm, hidden_fields=[hidden])

    outcome = refusal_of(lambda: make(**settings).accounts_of(coid=4711, name=""))

    assert isinstance(outcome, Rejected)
    assert words in outcome.reason


def test_field_that_gets_hidden_later_is_noticed(make: Make, crm: RunningEmulator) -> None:
    accounts = make()
    accounts.check()
    set_up(crm, hidden_fields=[LINK_FIELD])

    first = refusal_of(lambda: accounts.accounts_of(coid=4711, name=""))

    assert isinstance(first, Rejected)
    assert "INVALID_FIELD" in first.reason
    assert accounts.accounts_of(coid=4711, name="")[0].stored_link == ""


def test_session_that_ended_is_renewed_once(make: Make, crm: RunningEmulator) -> None:
    accounts = make()
    accounts.check()
    crm.control.call("POST", "end_sessions", {})

    found = accounts.accounts_of(coid=4711, name="")

    assert found == [truth(crm)]
    assert paths(crm) == ["token", "describe", "query", "token", "query"]


def test_session_that_is_always_refused_is_not_renewed_for_ever(make: Make, crm: RunningEmulator) -> None:
    set_up(crm, refuses_sessions=True)

    outcome = refusal_of(lambda: make().accounts_of(coid=4711, name=""))

    assert isinstance(outcome, Rejected)
    assert paths(crm) == ["token", "describe", "token", "describe"]


def test_secret_that_was_rotated_is_read_anew(make: Make, crm: RunningEmulator) -> None:
    store = Store("old secret", SECRET)

    assert make(store=store).accounts_of(coid=4711, name="") == [truth(crm)]
    assert store.drops == 1


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        ({"sign_in_error": "invalid_client"}, "invalid_client"),
        ({"sign_in_error": "inactive_org"}, "inactive_org"),
        ({"has_run_as_user": False}, "invalid_grant"),
    ],
)
def test_sign_in_that_is_refused_says_what_to_check(
    make: Make, crm: RunningEmulator, switches: dict[str, Any], words: str
) -> None:
    set_up(crm, **switches)

    outcome = refusal_of(make().check)

    assert isinstance(outcome, Rejected)
    assert words in outcome.reason
    assert "consumer key" in outcome.reason


def test_sign_in_beyond_its_rate_is_tried_later(make: Make, crm: RunningEmulator) -> None:
    set_up(crm, sign_in_error="rate_limit_exceeded")

    assert isinstance(refusal_of(make().check), Retryable)


def test_secret_that_is_wrong_is_shown_at_most_three_times_a_minute_by_fifty_runs(
    make: Make, crm: RunningEmulator
) -> None:
    accounts = make(store=Store("wrong"))
    ends: list[object] = []
    threads = [threading.Thread(target=lambda: ends.append(end_of(accounts.check).outcome)) for _ in range(50)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [type(end).__name__ for end in ends].count("Rejected") == 3
    assert [type(end).__name__ for end in ends].count("SignInsUsedUp") == 47
    assert paths(crm) == ["token"] * 3


def test_sign_in_and_description_are_shared_by_fifty_runs(make: Make, crm: RunningEmulator) -> None:
    accounts = make()
    found: list[list[Account]] = []
    threads = [
        threading.Thread(target=lambda: found.append(accounts.accounts_of(coid=4711, name=""))) for _ in range(50)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [[truth(crm)]] * 50
    assert sorted(paths(crm)) == ["describe", *["query"] * 50, "token"]


@pytest.mark.parametrize(("limit", "after"), [("daily", 900.0), ("concurrent", 30.0)])
def test_limit_that_is_used_up_is_waited_for(make: Make, crm: RunningEmulator, limit: str, after: float) -> None:
    set_up(crm, limit_exceeded=limit)

    outcome = refusal_of(lambda: make().accounts_of(coid=4711, name=""))

    assert isinstance(outcome, Retryable)
    assert outcome.after == after


@pytest.mark.parametrize(
    ("instance_url", "kind"),
    [
        ("https://evil.example", Rejected),
        ("https://evil.example/.my.salesforce.com", Rejected),
        ("https://my.salesforce.com.evil.example", Rejected),
        ("https://127.0.0.1:1", Rejected),
        ("http://example.my.salesforce.com", Retryable),
        ("javascript:alert(1)", Retryable),
    ],
)
def test_token_is_never_shown_to_a_strange_host(
    make: Make, crm: RunningEmulator, instance_url: str, kind: type[Exception]
) -> None:
    set_up(crm, instance_url=instance_url)

    assert isinstance(refusal_of(make().check), kind)
    assert paths(crm) == ["token"]


def test_version_that_is_retired_is_rejected(make: Make) -> None:
    outcome = refusal_of(make(api_version="30.0").check)

    assert isinstance(outcome, Rejected)
    assert "newer" in outcome.reason


def test_another_account_is_never_used(make: Make, crm: RunningEmulator) -> None:
    accounts = make()
    accounts.check()
    crm.control.add_fault("other_record", times=None)

    with structlog.testing.capture_logs() as lines:
        ends = [
            refusal_of(lambda: accounts.accounts_of(coid=4711, name="")),
            refusal_of(lambda: accounts.accounts_of(coid=1, name="Example Plumbing")),
            refusal_of(lambda: accounts.account(account_id=BOWDEN)),
        ]

    assert [type(end) for end in ends] == [Retryable] * 3
    assert [line["event"] for line in lines].count("vendor_gave_another_record") == 3
    assert "Example" not in str(lines)


@pytest.mark.parametrize(
    "body",
    [
        '{"totalSize": 2, "done": true, "records": []}',
        '{"totalSize": 0, "done": true, "records": [{"Id": "0018d00000AbCdEAAV", "COID__c": "4711"}]}',
        '{"totalSize": 1, "done": true, "records": [{"Id": "0018d00000AbCdEAAX", "Name": "x", "COID__c": "4711"}]}',
        '{"totalSize": 1, "done": true, "records": [{"Id": "0018d00000AbCdEAAV", "Name": null, "COID__c": "4711"}]}',
        '{"totalSize": 1, "done": false, "records": []}',
    ],
)
def test_answer_that_does_not_fit_together_is_not_used(make: Make, crm: RunningEmulator, body: str) -> None:
    crm.control.add_fault("wrong_body", match={"path_regex": QUERY}, times=None, body=body)

    assert isinstance(refusal_of(lambda: make().accounts_of(coid=4711, name="")), Retryable)


def find(accounts: SalesforceAccounts) -> object:
    return accounts.accounts_of(coid=4711, name="Example Plumbing")


def read(accounts: SalesforceAccounts) -> object:
    return accounts.account(account_id=BOWDEN)


# Each call of the connector with the path it is hit at.
CALLS: dict[str, tuple[Callable[[SalesforceAccounts], object], str]] = {
    "sign in": (find, TOKEN),
    "describe": (find, DESCRIBE),
    "find": (find, QUERY),
    "read": (read, QUERY),
    "check": (lambda accounts: accounts.check(), DESCRIBE),
}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("name", CALLS)
def test_no_fault_gives_a_false_success(make: Make, crm: RunningEmulator, name: str, fault: VendorFault) -> None:
    call, path = CALLS[name]
    accounts = make(deadline_seconds=0.7 if fault.is_slow else 5.0)
    fault.strike(crm, path=path)

    outcome = refusal_of(lambda: call(accounts))

    assert isinstance(outcome, Retryable | Rejected)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if not fault.is_slow], ids=str)
@pytest.mark.parametrize("path", [DESCRIBE, QUERY])
def test_connector_works_again_after_every_fault(
    make: Make, crm: RunningEmulator, path: str, fault: VendorFault
) -> None:
    accounts = make()
    fault.strike(crm, path=path)
    refusal_of(lambda: find(accounts))

    crm.control.clear_faults()

    assert find(accounts) == [truth(crm)]


@pytest.mark.parametrize("fault", ["expired", "wrong_host", "unknown_ca"])
def test_server_with_a_wrong_certificate_gets_no_secret(fault: str, tmp_path: Path) -> None:
    arguments = ["--tls-folder", str(tmp_path), "--tls-fault", fault]
    with launch.running("salesforce", arguments=arguments) as impostor:
        config = SalesforceConfig(base_url=impostor.http, secret_reference="crm", ca_file=impostor.ca_file)

        outcome = refusal_of(SalesforceAccounts(config=config, secrets=Store(SECRET)).check)

    assert isinstance(outcome, Retryable)
    assert "certificate" in outcome.problem
