"""Describe, one account read, updated and created, and what an update is refused for."""

import httpx
import pytest

from emulators.control.launch import RunningEmulator
from tests.integration.emulators.salesforce.conftest import BOWDEN, GONE, LINK, PLUMBING, SEED, V, problem
from tests.integration.emulators.salesforce.test_salesforce_queries import sign_in_again

pytestmark = pytest.mark.emulator

ACCOUNT = f"{V}/sobjects/Account"


def account(http: httpx.Client, account_id: str = BOWDEN) -> dict[str, object]:
    answer = http.get(f"{ACCOUNT}/{account_id}")
    assert answer.status_code == 200
    return dict(answer.json())


def test_describe_shows_object_and_fields(org: RunningEmulator, http: httpx.Client) -> None:
    document = http.get(f"{ACCOUNT}/describe").json()

    facts = {name: document[name] for name in ("name", "label", "keyPrefix", "custom", "updateable")}
    assert facts == {
        "name": "Account",
        "label": "Account",
        "keyPrefix": "001",
        "custom": False,
        "updateable": True,
    }
    assert document["urls"]["uiDetailTemplate"] == org.http + "/{ID}"
    fields = {field["name"]: field for field in document["fields"]}
    expected = {
        "label": "2Checkout upgrade link",
        "type": "url",
        "length": 255,
        "custom": True,
        "nillable": True,
        "updateable": True,
        "filterable": True,
        "externalId": False,
        "unique": False,
    }
    assert {name: fields[LINK][name] for name in expected} == expected
    assert (fields["AccountNumber"]["length"], fields["AccountNumber"]["unique"]) == (40, False)
    assert fields["Description"]["filterable"] is False


def test_hidden_field_is_left_out_everywhere(org: RunningEmulator, http: httpx.Client) -> None:
    org.control.call("POST", "settings", {"hidden_fields": ["AccountNumber"]})

    fields = [field["name"] for field in http.get(f"{ACCOUNT}/describe").json()["fields"]]

    assert "AccountNumber" not in fields
    assert "AccountNumber" not in account(http)
    assert problem(http.get(f"{ACCOUNT}/{BOWDEN}?fields=AccountNumber")) == (400, "INVALID_FIELD")
    assert problem(http.patch(f"{ACCOUNT}/{BOWDEN}", json={"AccountNumber": "1"})) == (400, "INVALID_FIELD")


def test_describe_is_not_sent_to_who_has_it(http: httpx.Client) -> None:
    modified = http.get(f"{ACCOUNT}/describe").headers["Last-Modified"]

    again = http.get(f"{ACCOUNT}/describe", headers={"If-Modified-Since": modified})
    older = http.get(f"{ACCOUNT}/describe", headers={"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"})

    assert (again.status_code, again.content, older.status_code) == (304, b"", 200)


def test_org_can_have_other_custom_fields(org: RunningEmulator, http: httpx.Client) -> None:
    fields = [{"name": "shop__Link__c", "label": "2Checkout upgrade link", "type": "textarea", "length": 1000}]
    org.control.seed({**SEED, "fields": fields, "accounts": [{"Name": "x", "shop__Link__c": "y" * 300}]})
    sign_in_again(http)

    shown = [field["name"] for field in http.get(f"{ACCOUNT}/describe").json()["fields"] if field["custom"]]

    assert shown == ["shop__Link__c"]


@pytest.mark.parametrize("account_id", [BOWDEN, BOWDEN[:15], BOWDEN.lower(), BOWDEN + "/"])
def test_account_is_read_by_either_form_of_its_id(http: httpx.Client, account_id: str) -> None:
    document = account(http, account_id)

    assert document["attributes"] == {"type": "Account", "url": f"{ACCOUNT}/{BOWDEN}"}
    assert (document["Id"], document["AccountNumber"], document["Phone"]) == (BOWDEN, "CN-100482", None)


def test_only_the_fields_asked_for_are_read(http: httpx.Client) -> None:
    document = http.get(f"{ACCOUNT}/{BOWDEN}?fields=Name, id").json()

    assert list(document) == ["attributes", "Name", "Id"]
    assert problem(http.get(f"{ACCOUNT}/{BOWDEN}?fields=Nam")) == (400, "INVALID_FIELD")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"Account/{BOWDEN[:14]}x", (404, "NOT_FOUND")),
        (f"Account/{BOWDEN[:15].swapcase()}", (404, "NOT_FOUND")),
        ("Account/x", (404, "NOT_FOUND")),
        (f"Account/{GONE}", (404, "ENTITY_IS_DELETED")),
        (f"Contact/{BOWDEN}", (404, "NOT_FOUND")),
        ("Contact/describe", (404, "NOT_FOUND")),
        ("Account/x/y/z", (404, "NOT_FOUND")),
    ],
)
def test_what_is_not_there_is_not_found(http: httpx.Client, path: str, expected: tuple[int, str]) -> None:
    assert problem(http.get(f"{V}/sobjects/{path}")) == expected


def test_update_changes_what_it_names_and_answers_without_a_body(org: RunningEmulator, http: httpx.Client) -> None:
    before = account(http)
    org.control.freeze_clock("2027-01-02T03:04:05.678Z")
    sign_in_again(http)

    answer = http.patch(f"{ACCOUNT}/{BOWDEN[:15]}", json={"website": "https://example.com", LINK: None})

    assert (answer.status_code, answer.content) == (204, b"")
    stamp = "2027-01-02T03:04:05.678+0000"
    assert account(http) == {
        **before,
        "Website": "https://example.com",
        LINK: None,
        "LastModifiedDate": stamp,
        "SystemModstamp": stamp,
    }
    (call,) = [call for call in org.control.journal() if call.method == "PATCH"]
    assert call.effects == (
        {"what": "account_updated", "id": BOWDEN, "changed": {"Website": "https://example.com", LINK: None}},
    )


@pytest.mark.parametrize(
    ("document", "code", "fields"),
    [
        ({"Nam": "x"}, "INVALID_FIELD", None),
        ({"Id": PLUMBING}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Id"]),
        ({"CreatedDate": "2026-01-01"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["CreatedDate"]),
        ({"Phone": "1", LINK: "https://x.example/" + "x" * 255}, "STRING_TOO_LONG", [LINK]),
        ({"Phone": "1", "Name": None}, "REQUIRED_FIELD_MISSING", ["Name"]),
        ({"Name": ""}, "REQUIRED_FIELD_MISSING", ["Name"]),
        ({"Phone": 5}, "JSON_PARSER_ERROR", None),
        ({"OwnerId": "x"}, "MALFORMED_ID", ["OwnerId"]),
    ],
)
def test_refused_update_changes_nothing(
    *,
    org: RunningEmulator,
    http: httpx.Client,
    document: dict[str, object],
    code: str,
    fields: list[str] | None,
) -> None:
    before = account(http)

    answer = http.patch(f"{ACCOUNT}/{BOWDEN}", json=document)

    assert problem(answer) == (400, code)
    assert answer.json()[0].get("fields") == fields
    assert account(http) == before
    assert [call.effects for call in org.control.journal() if call.method == "PATCH"] == [()]


def test_too_long_is_said_as_documented(http: httpx.Client) -> None:
    answer = http.patch(f"{ACCOUNT}/{BOWDEN}", json={LINK: "x" * 256})

    assert answer.json() == [
        {
            "message": "2Checkout upgrade link: data value too large (max length=255)",
            "errorCode": "STRING_TOO_LONG",
            "fields": [LINK],
        }
    ]


@pytest.mark.parametrize(
    ("switch", "code"),
    [
        ({"validation_error": "Ask the owner first."}, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ({"has_locked_rows": True}, "UNABLE_TO_LOCK_ROW"),
        ({"read_only_fields": ["Phone"]}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_switches_refuse_an_update(
    org: RunningEmulator, http: httpx.Client, switch: dict[str, object], code: str
) -> None:
    org.control.call("POST", "settings", switch)

    assert problem(http.patch(f"{ACCOUNT}/{BOWDEN}", json={"Phone": "1"})) == (400, code)
    assert account(http)["Phone"] is None


def test_unique_field_refuses_a_duplicate(org: RunningEmulator, http: httpx.Client) -> None:
    fields = [{"name": "Key__c", "label": "Key", "type": "string", "unique": True}]
    accounts = [{"Name": "a", "Key__c": "K"}, {"Id": BOWDEN, "Name": "b"}]
    org.control.seed({**SEED, "fields": fields, "accounts": accounts})
    sign_in_again(http)

    assert problem(http.patch(f"{ACCOUNT}/{BOWDEN}", json={"Key__c": "k"})) == (400, "DUPLICATE_VALUE")
    assert http.patch(f"{ACCOUNT}/{BOWDEN}", json={"Key__c": "other"}).status_code == 204
    assert http.patch(f"{ACCOUNT}/{BOWDEN}", json={"Key__c": "other"}).status_code == 204


def test_created_account_can_be_read(http: httpx.Client) -> None:
    answer = http.post(f"{ACCOUNT}/", json={"Name": "Example Roofing"})

    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in ("success", "errors")} == {"success": True, "errors": []}
    assert account(http, answer.json()["id"])["Name"] == "Example Roofing"
    assert problem(http.post(ACCOUNT, json={"Phone": "1"})) == (400, "REQUIRED_FIELD_MISSING")


@pytest.mark.parametrize(
    ("method", "path", "content", "content_type", "expected"),
    [
        ("DELETE", f"Account/{BOWDEN}", b"", "application/json", (405, "METHOD_NOT_ALLOWED")),
        ("PATCH", f"Account/{BOWDEN}", b"{}", "text/plain", (415, "UNSUPPORTED_MEDIA_TYPE")),
        ("PATCH", f"Account/{BOWDEN}", b"{", "application/json", (400, "JSON_PARSER_ERROR")),
        ("PATCH", f"Account/{BOWDEN}", b"[]", "application/json", (400, "JSON_PARSER_ERROR")),
        ("PATCH", "Account/x", b"{}", "application/json", (404, "NOT_FOUND")),
    ],
)
def test_wrong_calls_are_refused_in_shape(
    *,
    http: httpx.Client,
    method: str,
    path: str,
    content: bytes,
    content_type: str,
    expected: tuple[int, str],
) -> None:
    headers = {"Content-Type": content_type}

    answer = http.request(method, f"{V}/sobjects/{path}", content=content, headers=headers)

    assert problem(answer) == expected


def test_resources_and_objects_are_listed(http: httpx.Client) -> None:
    assert http.get(f"{V}/").json()["query"] == f"{V}/query"
    assert [each["name"] for each in http.get(f"{V}/sobjects").json()["sobjects"]] == ["Account"]
    assert http.get(f"{ACCOUNT}/").json()["objectDescribe"]["keyPrefix"] == "001"
