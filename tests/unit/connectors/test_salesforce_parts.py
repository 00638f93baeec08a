"""Salesforce: SOQL that cannot be broken out of, ids, links, fields, and what its answers mean."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onhook.connectors.http.addresses import BaseUrl, UnusableAddress
from onhook.connectors.http.payloads import Malformed
from onhook.connectors.salesforce import ids, layout, links, payloads, soql
from onhook.connectors.salesforce.client import SalesforceClient, Session
from onhook.connectors.salesforce.config import SalesforceConfig
from onhook.connectors.salesforce.layout import Layout, UnusableLayout
from onhook.connectors.salesforce.payloads import Field
from onhook.operations.ports import Secret

# The rules of "Quoted string escape sequences", read back: anything else after a backslash is an error.
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}


def read_literal(text: str) -> tuple[str, str]:
    """Read a literal as Salesforce would; return its value and what follows it."""
    assert text.startswith("'")
    value, place = "", 1
    while text[place] != "'":
        if text[place] != "\\":
            value, place = value + text[place], place + 1
        elif text[place + 1] == "u":
            digits = text[place + 2 : place + 6]
            assert re.fullmatch(r"[0-9A-Fa-f]{4}", digits)
            value, place = value + chr(int(digits, 16)), place + 6
        else:
            value, place = value + ESCAPES[text[place + 1]], place + 2
    return value, text[place + 1 :]


ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))
NASTY_TEXT = st.text(alphabet="'\\\"%_ \n\r\t\b\f\x00\u2028aN", max_size=30)


@given(ANY_TEXT | NASTY_TEXT)
def test_text_literal_means_exactly_its_value_and_ends_where_it_should(value: str) -> None:
    assert read_literal(soql.text_literal(value)) == (value, "")


@given(ANY_TEXT | NASTY_TEXT)
def test_text_literal_has_no_control_characters(value: str) -> None:
    assert not re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", soql.text_literal(value))


@pytest.mark.parametrize(
    "name", ["x' OR Name LIKE '%", "O'Neil", "\\", "\\'", "a\\' OR Id != '", "' LIMIT 1 --", "\n'"]
)
def test_select_keeps_a_hostile_value_inside_its_literal(name: str) -> None:
    query = soql.Select(fields=["Id", "Name"], where=soql.equals_text("Name", name), limit=20).text

    head = "SELECT Id, Name FROM Account WHERE Name = "
    assert query.startswith(head)
    assert read_literal(query.removeprefix(head)) == (name, " LIMIT 20")


def test_select_names_each_field_once() -> None:
    where = soql.equals_number("COID__c", 42)

    query = soql.Select(fields=["Id", "Name", "Id"], where=where, limit=1).text

    assert query == "SELECT Id, Name FROM Account WHERE COID__c = 42 LIMIT 1"


@pytest.mark.parametrize("name", ["", "1st__c", "a b", "Name FROM Contact", "Näme", "Owner.Name", "a'", "Name,Id"])
def test_field_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(soql.UnusableName):
        soql.equals_text(name, "x")


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("0018d00000AbCdE", "0018d00000AbCdEAAV"),
        ("001zZ9aBcD0EfGh", "001zZ9aBcD0EfGhQUK"),
        ("001000000000001", "001000000000001AAA"),
        ("001AAAAAAAAAAAA", "001AAAAAAAAAAAAY55"),
        ("001D000000IRFma", "001D000000IRFmaIAH"),
        ("001D000000Iomaz", "001D000000IomazIAB"),
    ],
)
def test_account_id_is_made_whole(short: str, whole: str) -> None:
    assert ids.account_id(short) == whole
    assert ids.account_id(whole) == whole


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01gRO0000016PIA",
        "0018d00000AbCdEAAX",
        "0018D00000ABCDEAAV",
        "0018d00000AbCdEA",
        "0018d00000AbCd",
        "0018d00000AbCdE/../x",
        "//host/x",
        "0018d00000AbCd'",
        "0018d00000AbCdÉ",
        "0018d00000AbCdE\n",
    ],
)
def test_account_id_that_is_none_is_refused(text: str) -> None:
    assert ids.account_id(text) is None


@pytest.mark.parametrize(
    ("org", "lightning"),
    [
        ("https://example.my.salesforce.com", "https://example.lightning.force.com"),
        ("https://example--uat.sandbox.my.salesforce.com", "https://example--uat.sandbox.lightning.force.com"),
        ("https://crm.example", "https://crm.example"),
    ],
)
def test_links_lead_to_the_record_in_both_interfaces(org: str, lightning: str) -> None:
    both = links.of_account("0018d00000AbCdEAAV", org=BaseUrl.parse(org))

    assert both.classic == f"{org}/0018d00000AbCdEAAV"
    assert both.lightning == f"{lightning}/lightning/r/Account/0018d00000AbCdEAAV/view"


def test_links_follow_a_configured_lightning_host() -> None:
    org = BaseUrl.parse("https://crm.example")

    both = links.of_account("0018d00000AbCdEAAV", org=org, lightning_url="https://ui.example/")

    assert both.lightning == "https://ui.example/lightning/r/Account/0018d00000AbCdEAAV/view"


def described(*fields: Field, without: str = "") -> list[Field]:
    standard = [
        Field(name=name, label=name, type="string", is_filterable=True) for name in ("Id", "Name", "AccountNumber")
    ]
    return [field for field in [*standard, *fields] if field.name != without]


def custom(name: str, label: str = "", kind: str = "string", *, is_filterable: bool = True) -> Field:
    return Field(name=name, label=label, type=kind, is_filterable=is_filterable)


def config(**changes: Any) -> SalesforceConfig:
    return SalesforceConfig(**{"base_url": "https://example.my.salesforce.com", "secret_reference": "crm", **changes})


LINK = custom("X2Checkout_upgrade_link__c", "2Checkout upgrade link", "url")


@pytest.mark.parametrize(
    ("fields", "changes", "expected"),
    [
        ([], {}, Layout()),
        ([LINK], {}, Layout(link_field="X2Checkout_upgrade_link__c")),
        ([custom("Any__c", " 2CHECKOUT  Upgrade Link ")], {}, Layout(link_field="Any__c")),
        ([LINK], {"link_label": ""}, Layout()),
        ([LINK, custom("Other__c")], {"link_field": "other__C"}, Layout(link_field="Other__c")),
        ([custom("Number__c", " coid ", "double")], {}, Layout(coid_field="Number__c", is_coid_number=True)),
        ([custom("Number__c", "COID")], {"coid_label": ""}, Layout()),
        ([custom("COID__c")], {"coid_field": "coid__c"}, Layout(coid_field="COID__c")),
        ([custom("N__c", "", "double")], {"coid_field": "N__c"}, Layout(coid_field="N__c", is_coid_number=True)),
    ],
)
def test_layout_is_found(fields: list[Field], changes: dict[str, Any], expected: Layout) -> None:
    assert layout.find(described(*fields), config=config(**changes)) == expected


@pytest.mark.parametrize(
    ("fields", "changes", "words"),
    [
        ([], {"coid_field": "COID__c"}, "no field COID__c"),
        ([], {"link_field": "Link__c"}, "no field Link__c"),
        ([LINK, custom("Second__c", LINK.label)], {}, "Second__c, X2Checkout_upgrade_link__c"),
        ([custom("A__c", "COID"), custom("B__c", "COID")], {}, "A__c, B__c.*ONHOOK_SALESFORCE_COID_FIELD"),
        ([custom("COID__c", is_filterable=False)], {"coid_field": "COID__c"}, "cannot search"),
        ([custom("COID__c", "", "boolean")], {"coid_field": "COID__c"}, "cannot search"),
    ],
)
def test_layout_that_does_not_fit_says_what_to_do(fields: list[Field], changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UnusableLayout, match=words):
        layout.find(described(*fields), config=config(**changes))


@pytest.mark.parametrize("name", ["Id", "Name", "AccountNumber"])
def test_layout_needs_the_standard_fields(name: str) -> None:
    with pytest.raises(UnusableLayout, match=f"no field {name}"):
        layout.find(described(without=name), config=config())


@pytest.mark.parametrize(
    "changes",
    [
        {"access_token": ""},
        {"access_token": None},
        {"access_token": "a b"},
        {"access_token": "a\r\nX: y"},
        {"access_token": "a" * 5000},
        {"token_type": "Basic"},
        {"instance_url": None},
    ],
)
def test_token_that_is_none_is_malformed(changes: dict[str, Any]) -> None:
    body = {"access_token": "00D!token", "token_type": "Bearer", "instance_url": "https://x.my.salesforce.com"}

    assert payloads.token(body).value == "00D!token"
    with pytest.raises(Malformed):
        payloads.token({**body, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"records": None},
        {"records": [None]},
        {"done": None},
        {"totalSize": None},
        {"done": False},
        {"done": False, "nextRecordsUrl": "https://elsewhere.example/services/data/v68.0/query/01g-2000"},
        {"done": False, "nextRecordsUrl": "/services/data/v68.0/query/../../x"},
        {"done": False, "nextRecordsUrl": "/services/data/v68.0/query/01g-2000?x=1"},
    ],
)
def test_page_that_is_none_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        payloads.page({"totalSize": 0, "done": True, "records": [], **changes})


@pytest.mark.parametrize(
    ("header", "usage"),
    [
        ("api-usage=18/5000", (18, 5000)),
        ("api-usage=18/5000; api-bursts=1/750", (18, 5000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=sample)", (25, 5000)),
        ("per-app-api-usage=17/250(appName=sample)", None),
        ("", None),
        ("api-usage=many", None),
    ],
)
def test_api_usage_is_read_loosely(header: str, usage: tuple[int, int] | None) -> None:
    assert payloads.api_usage(header) == usage


@pytest.mark.parametrize("body", [None, [], [None], {}, [{}], [{"errorCode": "<script>"}], "x", 3, [[]]])
def test_problem_without_a_code_says_nothing(body: Any) -> None:
    assert payloads.problem(body).code == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "https://login.salesforce.com"},
        {"base_url": "https://test.salesforce.com"},
        {"base_url": "http://example.my.salesforce.com"},
        {"api_version": "68"},
        {"api_version": "v68.0/../x"},
    ],
)
def test_client_refuses_an_address_where_it_could_not_sign_in(changes: dict[str, Any]) -> None:
    class NoSecrets:
        def lease(self, reference: str) -> Secret:
            raise AssertionError

        def drop(self, reference: str) -> None:
            raise AssertionError

        def check(self, reference: str) -> str:
            raise AssertionError

    with pytest.raises(UnusableAddress):
        SalesforceClient(config=config(**changes), secrets=NoSecrets(), http=None)


def test_session_hides_its_token() -> None:
    session = Session(token="CANARY", base=BaseUrl.parse("https://x.example"))
    token = payloads.Token(value="CANARY", instance_url="https://x.example")

    assert "CANARY" not in repr((session, token))
