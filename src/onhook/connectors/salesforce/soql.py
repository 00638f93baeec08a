"""The only place where SOQL is written: names are checked, values become literals that cannot end early."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# A standard or custom field, the latter perhaps of a package: `Name`, `COID__c`, `ns__COID__c`.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}", re.ASCII)
# "Quoted string escape sequences"; any other backslash is an error in Salesforce.
_ESCAPES = {
    "\\": "\\\\",
    "'": "\\'",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}


class UnusableName(Exception):
    """A configured name is not that of a field; the message is fit to show."""


@dataclass(frozen=True)
class Condition:
    """`field = literal`, ready to be written."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Select:
    """`SELECT fields FROM Account WHERE condition LIMIT n`."""

    fields: Sequence[str]
    where: Condition
    limit: int

    @property
    def text(self) -> str:
        """Return the query."""
        names = ", ".join(dict.fromkeys(field_name(name) for name in self.fields))
        return f"SELECT {names} FROM Account WHERE {self.where.text} LIMIT {self.limit:d}"  # noqa: S608  # built here only


def equals_text(name: str, value: str) -> Condition:
    """Return the condition that a text field equals `value` (Salesforce compares without regard to case)."""
    return Condition(f"{field_name(name)} = {text_literal(value)}")


def equals_number(name: str, value: int) -> Condition:
    """Return the condition that a number field equals `value`."""
    return Condition(f"{field_name(name)} = {value:d}")


def text_literal(value: str) -> str:
    """Return a text as a literal in single quotes."""
    return "'" + "".join(_escaped(character) for character in value) + "'"


def field_name(name: str) -> str:
    """
    Return the name of a field.

    :raises UnusableName: it is none.
    """
    if not _NAME.fullmatch(name):
        raise UnusableName("A field's API name has only letters, digits and underscores.")
    return name


def _escaped(character: str) -> str:
    known = _ESCAPES.get(character)
    if known is not None:
        return known
    # Other control characters, and halves of pairs that no encoding carries.
    if not character.isprintable() and ord(character) <= 0xFFFF:  # noqa: PLR2004  # what four digits can say
        return f"\\u{ord(character):04X}"
    return character
