"""Salesforce's answers as typed values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from onhook.connectors.http import payloads
from onhook.connectors.http.payloads import Malformed
from onhook.connectors.salesforce import ids

_TOKEN = re.compile(r"[\x21-\x7e]{1,4000}")
_CODE = re.compile(r"[A-Za-z_]{3,60}", re.ASCII)
_NEXT_PAGE = re.compile(r"/services/data/v[0-9.]+/query/(?P<locator>[A-Za-z0-9-]{1,80})", re.ASCII)
_USAGE = re.compile(r"(?:^|[;\s])api-usage=(\d{1,12})/(\d{1,12})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Token:
    """An access token and the host it is for."""

    value: str = field(repr=False)
    instance_url: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of Account, as describe shows it to our user."""

    name: str
    label: str
    type: str
    is_filterable: bool


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some rows of a query, and the locator of the next ones if there are more."""

    rows: Sequence[Mapping[str, Any]]
    total: int
    next_locator: str | None


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An error answer: its code, and whether it is about calls at the same time. Its words are not kept."""

    code: str = ""
    is_about_concurrency: bool = False


def token(document: Any) -> Token:
    """
    Return what a sign-in gives. It names no lifetime.

    :raises Malformed: it gives no usable token.
    """
    fields = payloads.an_object(document, where="the sign-in")
    value = payloads.text(fields, "access_token")
    if not _TOKEN.fullmatch(value) or payloads.text(fields, "token_type", default="Bearer").lower() != "bearer":
        raise Malformed("the sign-in holds no usable access token")
    return Token(value=value, instance_url=payloads.text(fields, "instance_url"))


def account_fields(document: Any) -> list[Field]:
    """
    Return the fields of Account that our user may see.

    :raises Malformed: it is not the description of Account.
    """
    described = payloads.an_object(document, where="the description")
    if payloads.text(described, "name") != "Account":
        raise Malformed("the description is not that of Account")
    return [
        _field(payloads.an_object(each, where="a field"))
        for each in payloads.a_list(described.get("fields"), where="fields")
    ]


def page(document: Any) -> Page:
    """
    Return one page of a query's rows.

    :raises Malformed: it is not one, or its counts do not fit.
    """
    fields = payloads.an_object(document, where="the answer")
    rows = [
        payloads.an_object(row, where="a record") for row in payloads.a_list(fields.get("records"), where="records")
    ]
    is_done = payloads.flag(fields, "done")
    locator = None
    if not is_done:
        match = _NEXT_PAGE.fullmatch(payloads.text(fields, "nextRecordsUrl"))
        if match is None:
            raise Malformed("nextRecordsUrl is not a page of a query")
        locator = match["locator"]
    return Page(rows=rows, total=payloads.whole_number(fields, "totalSize"), next_locator=locator)


def row_id(row: Mapping[str, Any]) -> str:
    """
    Return a row's id with 18 characters.

    :raises Malformed: it is not the id of an account.
    """
    normal = ids.account_id(payloads.text(row, "Id"))
    if normal is None:
        raise Malformed("Id is not an account's id")
    return normal


def problem(document: Any) -> Problem:
    """Return what an error answer says: an array of problems, or the sign-in's object. Other things say nothing."""
    first = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, dict):
        return Problem()
    code = first.get("errorCode", first.get("error"))
    return Problem(
        code=code if isinstance(code, str) and _CODE.fullmatch(code) else "",
        is_about_concurrency="ConcurrentRequests" in str(first.get("message", "")),
    )


def api_usage(header: str) -> tuple[int, int] | None:
    """Return the calls used and allowed of `Sforce-Limit-Info`, or None; other parts of it vary and are skipped."""
    match = _USAGE.search(header)
    return None if match is None else (int(match[1]), int(match[2]))


def _field(fields: Mapping[str, Any]) -> Field:
    return Field(
        name=payloads.text(fields, "name"),
        label=payloads.text(fields, "label", default=""),
        type=payloads.text(fields, "type"),
        is_filterable=payloads.flag(fields, "filterable", default=False),
    )
