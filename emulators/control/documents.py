"""Reads values out of JSON documents with errors that name the place."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from emulators.control.errors import DocumentError

Value = TypeVar("Value")

_REQUIRED = object()


def require_object(document: object, *, where: str) -> Mapping[str, object]:
    """Give `document` as an object, or say that it is none."""
    if not isinstance(document, dict):
        raise DocumentError(f"{where} must be a JSON object, not {_kind_of(document)}.")
    return document


def require_list(document: object, *, where: str) -> list[object]:
    """Give `document` as a list, or say that it is none."""
    if not isinstance(document, list):
        raise DocumentError(f"{where} must be a JSON list, not {_kind_of(document)}.")
    return document


def take(
    document: Mapping[str, object], name: str, kind: type[Value], *, where: str, default: object = _REQUIRED
) -> Value:
    """
    Give one field of an object with its type checked.

    A number with a fraction may be asked for as `float` and is then also accepted without one.

    :raises DocumentError: the field is missing and has no default, or has another type.
    """
    value = document.get(name, default)
    if value is _REQUIRED:
        raise DocumentError(f"{where} needs the field {name!r}.")
    if name not in document:
        return value  # type: ignore[return-value]  # the default is the caller's own value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)  # type: ignore[return-value]  # Value is float here
    # In Python a bool is an int; in JSON it is not.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise DocumentError(f"{where}: {name!r} must be {_KIND_NAMES[kind]}, not {_kind_of(value)}.")
    return value


def refuse_unknown(document: Mapping[str, object], known: Collection[str], *, where: str) -> None:
    """Refuse fields nobody reads, so that a misspelt one is noticed."""
    unknown = sorted(set(document) - set(known))
    if unknown:
        expected = ", ".join(sorted(known))
        raise DocumentError(f"{where} has unknown fields: {', '.join(unknown)}. Known are: {expected}.")


_KIND_NAMES: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "an object",
    list: "a list",
}


def _kind_of(value: object) -> str:
    return "null" if value is None else _KIND_NAMES[type(value)]
