"""Which fields of Account to read: the configured names, verified against what the org describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onhook.connectors.salesforce.config import SalesforceConfig
from onhook.connectors.salesforce.payloads import Field

_NEEDED = ("Id", "Name", "AccountNumber")
_NUMBERS = frozenset({"double", "int", "long", "currency"})
_COID_SETTING, _LINK_SETTING = "ONHOOK_SALESFORCE_COID_FIELD", "ONHOOK_SALESFORCE_LINK_FIELD"
_TEXTS = frozenset({"string", "textarea", "url", "picklist", "phone", "email"})


class UnusableLayout(Exception):
    """The org's Account has not the fields that are configured; the message says what to do and is fit to show."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The fields' API names as the org writes them; empty where there is none to read."""

    coid_field: str = ""
    is_coid_number: bool = False
    link_field: str = ""

    @property
    def fields(self) -> list[str]:
        """Return all that a query reads."""
        return [*_NEEDED, *(name for name in (self.coid_field, self.link_field) if name)]


def find(fields: Sequence[Field], *, config: SalesforceConfig) -> Layout:
    """
    Return the layout.

    A field that security hides from our user is not described at all: it looks the same as one that is not there. A
    field that is configured by name must be there, or the check that rests on it would be skipped in silence.

    :raises UnusableLayout: a needed or configured field is missing or unfit, or several have the label looked for.
    """
    by_name = {field.name.lower(): field for field in fields}
    for name in _NEEDED:
        _require(by_name, name)
    coid = _named(by_name, config.coid_field) or _labelled(fields, config.coid_label, setting=_COID_SETTING)
    link = _named(by_name, config.link_field) or _labelled(fields, config.link_label, setting=_LINK_SETTING)
    if coid is not None and not (coid.is_filterable and coid.type in _NUMBERS | _TEXTS):
        raise UnusableLayout(
            f"Salesforce cannot search accounts by the field {coid.name} (type {coid.type}). "
            f"Name a text or number field that can be filtered in {_COID_SETTING}"
        )
    return Layout(
        coid_field=coid.name if coid else "",
        is_coid_number=bool(coid and coid.type in _NUMBERS),
        link_field=link.name if link else "",
    )


def _named(by_name: dict[str, Field], name: str) -> Field | None:
    return _require(by_name, name) if name else None


def _labelled(fields: Sequence[Field], label: str, *, setting: str) -> Field | None:
    """Return the one field with this label, in any case; None when there is none."""
    wanted = " ".join(label.split()).casefold()
    found = [field for field in fields if wanted and " ".join(field.label.split()).casefold() == wanted]
    if len(found) > 1:
        names = ", ".join(sorted(field.name for field in found))
        raise UnusableLayout(
            f"several fields of Account have the label {label!r} ({names}). Name the right one in {setting}"
        )
    return found[0] if found else None


def _require(by_name: dict[str, Field], name: str) -> Field:
    field = by_name.get(name.lower())
    if field is None:
        raise UnusableLayout(
            f"Account has no field {name}, or our Salesforce user may not see it. "
            "Give the user read access to it, or configure another name"
        )
    return field
