"""Take typed values out of decoded answers. What is not as the vendor documents it is `Malformed`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LONGEST_NUMBER = 15


class Malformed(Exception):
    """An answer is not what the vendor documents. The message names the place, never the content."""


def an_object(value: Any, *, where: str) -> Mapping[str, Any]:
    """Return `value` if it is an object."""
    if not isinstance(value, dict):
        raise Malformed(f"{where} is not an object")
    return value


def a_list(value: Any, *, where: str) -> list[Any]:
    """Return `value` if it is a list."""
    if not isinstance(value, list):
        raise Malformed(f"{where} is not a list")
    return value


def text(fields: Mapping[str, Any], name: str, *, default: str | None = None) -> str:
    """Return a text; missing or null is `default` where there is one."""
    value = fields.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise Malformed(f"{name} is not a text")
    return value


def text_or_number(fields: Mapping[str, Any], name: str, *, default: str | None = None) -> str:
    """Return a text that some servers send as a number; missing or null is `default` where there is one."""
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return text(fields, name, default=default)


def whole_number(fields: Mapping[str, Any], name: str) -> int:
    """Return a whole number of zero or more, sent as a number or as digits."""
    digits = text_or_number(fields, name)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER):
        raise Malformed(f"{name} is not a whole number")
    return int(digits)


def flag(fields: Mapping[str, Any], name: str, *, default: bool | None = None) -> bool:
    """Return true or false, sent as such, as text or as 0 and 1."""
    value = fields.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, bool):
        return value
    known = {"true": True, "1": True, "false": False, "0": False}
    if isinstance(value, str | int) and str(value).lower() in known:
        return known[str(value).lower()]
    raise Malformed(f"{name} is neither true nor false")
