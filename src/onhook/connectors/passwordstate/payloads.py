"""Passwordstate's answers as typed values. Success and error bodies are both arrays: the status is looked at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from onhook.connectors.http import payloads
from onhook.connectors.http.payloads import Malformed


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One record of the vault."""

    password_id: str
    title: str
    user: str = ""
    address: str = ""
    password: str = field(default="", repr=False)


def entries(document: Any, *, user_field: str, address_field: str) -> list[Entry]:
    """
    Return the records of an answer; ids come as text or number.

    :raises Malformed: it is not an array of records. An error array under a status of success is none either.
    """
    records = payloads.a_list(document, where="the answer")
    return [
        _entry(payloads.an_object(record, where="a record"), user_field=user_field, address_field=address_field)
        for record in records
    ]


def _entry(record: Mapping[str, Any], *, user_field: str, address_field: str) -> Entry:
    if "PasswordID" not in record:
        raise Malformed("a record has no PasswordID")
    return Entry(
        password_id=payloads.text_or_number(record, "PasswordID"),
        title=payloads.text(record, "Title"),
        user=payloads.text(record, user_field, default=""),
        address=payloads.text(record, address_field, default=""),
        # Blank where the caller asked for records without their passwords.
        password=payloads.text(record, "Password", default=""),
    )
