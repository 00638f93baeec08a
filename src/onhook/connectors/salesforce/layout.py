"""Which fields of Account to read: the configured names, verified against what the org describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onhook.connectors.salesforce.config import SalesforceConfig
from onhook.connectors.salesforce.payloads import Field

_NEEDED = ("Id", "Name", "AccountNumber")
_NUMBERS = frozenset({"double", "int", "long", "currency"})
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

    :raises UnusableLayout: a needed or configured field is missing or unfit, or several have the link's label.
    """
    by_name = {field.name.lower(): field for field in fields}
    for name in _NEEDED:
        _require(by_name, name)
    coid = _coid_field(by_name, config)
    link = _link_field(by_name, fields, config)
    return Layout(
        coid_field=coid.name if coid else "",
        is_coid_number=bool(coid and coid.type in _NUMBERS),
        link_field=link.name if link else "",
    )


def _coid_field(by_name: dict[str, Field], config: SalesforceConfig) -> Field | None:
    if not config.coid_field:
        return None
    field = _require(by_name, config.coid_field)
    if not field.is_filterable or field.type not in _NUMBERS | _TEXTS:
        raise UnusableLayout(
            f"Salesforce cannot search accounts by the field {field.name} (type {field.type}). "
            "Configure a text or number field that can be filtered, or none"
        )
    return field


def _link_field(by_name: dict[str, Field], fields: Sequence[Field], config: SalesforceConfig) -> Field | None:
    if config.link_field:
        return _require(by_name, config.link_field)
    wanted = " ".join(config.link_label.split()).casefold()
    found = [field for field in fields if wanted and " ".join(field.label.split()).casefold() == wanted]
    if len(found) > 1:
        names = ", ".join(sorted(field.name for field in found))
        raise UnusableLayout(f"several fields of Account have the label of the upgrade link ({names}). Configure one")
    return found[0] if found else None


def _require(by_name: dict[str, Field], name: str) -> Field:
    field = by_name.get(name.lower())
    if field is None:
        raise UnusableLayout(
            f"Account has no field {name}, or our Salesforce user may not see it. "
            "Give the user read access to it, or configure another name"
        )
    return field
