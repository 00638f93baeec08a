"""Reading one password, lists and searches, and what the audit log keeps of it."""

from collections.abc import Mapping

import httpx
import pytest

from emulators.control.launch import RunningEmulator

pytestmark = pytest.mark.emulator

# The field names of the documentation's sample, in its order, and those newer builds add.
DOCUMENTED_FIELDS = [
    *(
        "PasswordID",
        "PasswordListID",
        "PasswordList",
        "Title",
        "Domain",
        "HostName",
        "UserName",
        "Description",
    ),
    *(f"GenericField{number}" for number in range(1, 11)),
    *("GenericFieldInfo", "AccountTypeID", "AccountType", "Notes", "URL", "Password", "ExpiryDate"),
    *("AllowExport", "OTP", "OTPUri", "WebUser_ID", "WebPassword_ID", "WebOTP_ID"),
    *(f"WebGenericField{number}_ID" for number in range(1, 11)),
]


def titles(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    return [record["Title"] for record in answer.json()]


def rows(vault: RunningEmulator) -> list[Mapping[str, object]]:
    return list(vault.control.call("GET", "audit")["rows"])


def test_one_password_is_an_array_of_one_record_with_every_field(http: httpx.Client) -> None:
    answer = http.get("/api/passwords/4711")

    (record,) = answer.json()
    assert list(record) == DOCUMENTED_FIELDS
    assert (record["PasswordID"], record["PasswordListID"], record["AllowExport"]) == (4711, 88, False)
    assert (record["PasswordList"], record["Password"], record["Notes"]) == (
        "Automation",
        "not-a-real-secret-1",
        "",
    )
    assert record["GenericFieldInfo"] == [{"GenericFieldID": "GenericField1", "DisplayName": "Login URL"}]


@pytest.mark.parametrize("flag", ["?QueryAll", "?QueryAll=true", "?queryall"])
def test_query_all_turns_a_password_id_into_a_list_id(http: httpx.Client, flag: str) -> None:
    assert titles(http.get(f"/api/passwords/88{flag}")) == ["Salesforce", "Salesforce sandbox"]


def test_the_same_number_without_query_all_is_a_password(vault: RunningEmulator, http: httpx.Client) -> None:
    answer = http.get("/api/passwords/88", headers={"APIKey": "general-key-0123456789abcdef"})

    assert titles(answer) == ["Ledger"]


@pytest.mark.parametrize("path", ["/api/passwords/?QueryAll", "/api/passwords?QueryAll"])
def test_query_all_without_a_list_is_everything_the_key_opens(http: httpx.Client, path: str) -> None:
    assert titles(http.get(path)) == ["Salesforce", "Salesforce sandbox"]
    general = {"APIKey": "general-key-0123456789abcdef"}
    assert titles(http.get(path, headers=general)) == ["Ledger", "Salesforce", "Salesforce sandbox"]


def test_exclude_password_keeps_every_field_but_no_password(http: httpx.Client) -> None:
    answer = http.get("/api/passwords/88?QueryAll&ExcludePassword=true")

    assert [list(record) for record in answer.json()] == [DOCUMENTED_FIELDS] * 2
    assert "not-a-real-secret" not in answer.text


def test_one_password_cannot_be_read_without_its_secret_or_its_audit_row(
    vault: RunningEmulator, http: httpx.Client
) -> None:
    (record,) = http.get("/api/passwords/4711?PreventAuditing=true").json()

    assert record["Password"] == "not-a-real-secret-1"
    assert len(rows(vault)) == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"title": "salesforce"}, ["Salesforce", "Salesforce sandbox"]),
        ({"Title": '"salesforce"'}, ["Salesforce"]),
        ({"Title": '"sales"'}, []),
        ({"Title": '"'}, []),
        ({"UserName": "SANDBOX"}, ["Salesforce sandbox"]),
        ({"GenericField1": "example.my"}, ["Salesforce"]),
        ({"search": "external"}, ["Salesforce"]),
        ({"search": '"external"'}, []),
        ({"search": "not-a-real-secret"}, []),
        ({"Title": "Salesforce", "UserName": "consumer"}, ["Salesforce"]),
        ({"Title": "sandbox", "UserName": "consumer", "AndOr": "OR"}, ["Salesforce", "Salesforce sandbox"]),
        ({"Title": "sandbox", "UserName": "consumer", "AndOr": "AND"}, []),
        ({"AccountTypeID": "0"}, ["Salesforce", "Salesforce sandbox"]),
        ({}, ["Salesforce", "Salesforce sandbox"]),
        ({"NoSuchFilter": "x"}, ["Salesforce", "Salesforce sandbox"]),
    ],
)
def test_search_contains_by_default_and_equals_in_quotes(
    http: httpx.Client, query: dict[str, str], found: list[str]
) -> None:
    assert titles(http.get("/api/searchpasswords/88", params=query)) == found


def test_search_without_a_list_covers_what_the_key_opens_and_never_more(http: httpx.Client) -> None:
    for path in ("/api/searchpasswords", "/api/searchpasswords/"):
        assert titles(http.get(path)) == ["Salesforce", "Salesforce sandbox"]
    assert titles(http.get("/api/searchpasswords/90")) == []


@pytest.mark.parametrize("query", ["SiteID=0", "ExpiryDateRange=ExpiryDate>=2026-01-01", "AndOr=XOR"])
def test_search_that_is_not_emulated_is_refused_instead_of_ignored(http: httpx.Client, query: str) -> None:
    answer = http.get(f"/api/searchpasswords/88?{query}")

    assert answer.status_code == 400
    assert list(answer.json()[0]) == ["errors"]


def test_every_returned_record_leaves_a_row_with_the_reason(vault: RunningEmulator, http: httpx.Client) -> None:
    http.get("/api/searchpasswords/88")

    assert [(row["PasswordID"], row["Reason"], row["UserID"], row["Key"]) for row in rows(vault)] == [
        (4711, "run 7", "WebAPI", "automation"),
        (4712, "run 7", "WebAPI", "automation"),
    ]
    (call,) = vault.control.journal()
    assert [effect["password_id"] for effect in call.effects] == [4711, 4712]
    assert {row["Call"] for row in rows(vault)} == {call.sequence}


@pytest.mark.parametrize("path", ["/api/searchpasswords/88?", "/api/passwords/88?QueryAll&"])
def test_prevent_auditing_leaves_no_row_for_lists_and_searches(
    vault: RunningEmulator, http: httpx.Client, path: str
) -> None:
    http.get(path + "PreventAuditing=true")

    assert rows(vault) == []


@pytest.mark.parametrize(
    ("at", "code"),
    [
        # RFC 6238, appendix B, last six of the eight digits.
        ("1970-01-01T00:00:59Z", "287082"),
        ("2005-03-18T01:58:29Z", "081804"),
        ("2033-05-18T03:33:20Z", "279037"),
    ],
)
def test_one_time_password_follows_the_clock(vault: RunningEmulator, http: httpx.Client, at: str, code: str) -> None:
    vault.control.freeze_clock(at)

    assert http.get("/api/onetimepassword/4712").json()[0]["OTP"] == code
    assert http.get("/api/passwords/4712").json()[0]["OTP"] == code
    assert http.get("/api/onetimepassword/4711").status_code == 404


@pytest.mark.parametrize(
    ("types", "list_id", "password_id", "allows_export"),
    [
        ("documented", 88, 4711, False),
        ("list_id_as_text", "88", 4711, False),
        ("all_as_text", "88", "4711", "False"),
    ],
)
def test_types_waver_with_the_switch(
    *,
    vault: RunningEmulator,
    http: httpx.Client,
    types: str,
    list_id: object,
    password_id: object,
    allows_export: object,
) -> None:
    vault.control.call("POST", "settings", {"types": types})

    (record,) = http.get("/api/passwords/4711").json()

    assert (record["PasswordListID"], record["PasswordID"], record["AllowExport"]) == (
        list_id,
        password_id,
        allows_export,
    )
