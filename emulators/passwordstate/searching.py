"""Searching: contains-match by default, the whole value when it is put in double quotes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from emulators.passwordstate import errors
from emulators.passwordstate.records import GENERIC_FIELDS, WEB_FIELDS, Record

# What the general search looks through (notes, section 5; site is not a field of the records).
GENERAL = (
    "Title",
    "UserName",
    "HostName",
    "Domain",
    "AccountType",
    "Description",
    "Notes",
    "URL",
    *GENERIC_FIELDS,
)
# Parameter, in lower case as names are compared, to field of the record.
FILTERS = {
    **{name.lower(): name for name in (*GENERAL, *WEB_FIELDS, "ExpiryDate")},
    "addomainnetbios": "Domain",
    "accounttypeid": "AccountTypeID",
}
# They exist, but these records cannot answer them; refused, so that no test believes it filtered.
NOT_EMULATED = {"siteid", "sitelocation", "passwordresetenabled", "expirydaterange"}

Test = Callable[[Record], bool]


@dataclass(frozen=True, slots=True)
class Search:
    """One search: its filters, and whether all or any of them must hold."""

    tests: tuple[Test, ...]
    needs_all: bool

    def matches(self, record: Record) -> bool:
        """Say whether a record is a hit. A search without any filter hits everything."""
        if not self.tests:
            return True
        held = (test(record) for test in self.tests)
        return all(held) if self.needs_all else any(held)


def read_search(query: Iterable[tuple[str, str]]) -> Search:
    """
    Read a search out of a query string. Unknown names are ignored, as a blank filter is (both inferred).

    :raises RefusalError: a filter this emulator does not have, or an AndOr that is neither.
    """
    tests: list[Test] = []
    needs_all = True
    for name, value in ((name.lower(), value) for name, value in query):
        if name in NOT_EMULATED:
            raise errors.bad_request(f"Searching by {name} is not emulated.")
        if name == "andor":
            needs_all = _needs_all(value)
        elif name == "search" and value:
            tests.append(_any_of(GENERAL, value))
        elif name in FILTERS and value:
            tests.append(_any_of((FILTERS[name],), value))
    return Search(tests=tuple(tests), needs_all=needs_all)


def _needs_all(value: str) -> bool:
    if value.upper() not in {"AND", "OR"}:
        raise errors.bad_request("AndOr is AND or OR.")
    return value.upper() == "AND"


def _any_of(fields: tuple[str, ...], value: str) -> Test:
    wanted = value.casefold()
    is_exact = len(wanted) >= len('""') and wanted[0] == wanted[-1] == '"'

    def holds(record: Record) -> bool:
        values = (_text(record, field).casefold() for field in fields)
        return any(text == wanted[1:-1] if is_exact else wanted in text for text in values)

    return holds


def _text(record: Record, field: str) -> str:
    return str(record.account_type_id) if field == "AccountTypeID" else record.texts[field]
