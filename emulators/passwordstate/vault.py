"""The vault's state: lists, records, keys and the audit log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from emulators.control import documents
from emulators.control.errors import DocumentError
from emulators.passwordstate.records import Record, read_record

Item = TypeVar("Item")

SEED_FIELDS = {"lists", "passwords", "keys", "settings"}
CALLS = ("read", "update", "add")

# How key reads appear in the vault's history (notes, section 7).
API_USER = {"UserID": "WebAPI", "UserName": "Passwordstate Web API"}


@dataclass(frozen=True, slots=True)
class PasswordList:
    """One password list."""

    list_id: int
    name: str
    demands_reason: bool
    has_one_time_passwords: bool


@dataclass(frozen=True, slots=True)
class Key:
    """
    One API key.

    `list_ids` is what it opens; none means the general key, which opens every list.
    """

    name: str
    value: str
    list_ids: frozenset[int] | None
    calls: frozenset[str]

    def opens(self, list_id: int) -> bool:
        """Say whether the key opens that list."""
        return self.list_ids is None or list_id in self.list_ids


@dataclass(slots=True)
class Vault:
    """Everything one server holds. The audit log only grows."""

    lists: Mapping[int, PasswordList] = field(default_factory=dict)
    records: Mapping[int, Record] = field(default_factory=dict)
    keys: Mapping[str, Key] = field(default_factory=dict)
    audit: list[dict[str, object]] = field(default_factory=list)

    def readable(self, key: Key, *, list_id: int | None = None) -> list[Record]:
        """Give the records that key opens, in order of id; of one list where one is named."""
        return [
            record
            for record in sorted(self.records.values(), key=lambda record: record.password_id)
            if key.opens(record.list_id) and list_id in (None, record.list_id)
        ]

    def key_of(self, value: str) -> Key | None:
        """Give the key with that value."""
        return next((key for key in self.keys.values() if key.value == value), None)

    def rotate(self, *, name: str, value: str) -> None:
        """
        Give a key a new value; the old one is refused from now on.

        :raises DocumentError: no key of that name, or a value that is empty or another key's.
        """
        if name not in self.keys:
            raise DocumentError(f"There is no key named {name!r}.")
        if not value or self.key_of(value) is not None:
            raise DocumentError("The new value must be neither empty nor in use.")
        self.keys = {**self.keys, name: replace(self.keys[name], value=value)}


def read_vault(fields: Mapping[str, object]) -> Vault:
    """
    Read a seed document's `lists`, `passwords` and `keys`.

    :raises DocumentError: something is wrong in it, or ids and names do not fit together.
    """
    lists = _unique((_read_list(item, where) for item, where in _items(fields, "lists")), "list_id")
    records = _unique((read_record(item, where=where) for item, where in _items(fields, "passwords")), "password_id")
    keys = _unique((_read_key(item, where) for item, where in _items(fields, "keys")), "name")
    for record in records.values():
        if record.list_id not in lists:
            raise DocumentError(f"Password {record.password_id} is in list {record.list_id}, which is not seeded.")
    _unique(keys.values(), "value")
    for key in keys.values():
        unknown = sorted((key.list_ids or frozenset()) - set(lists))
        if unknown:
            raise DocumentError(f"The key {key.name!r} opens lists that are not seeded: {unknown}.")
    return Vault(lists=lists, records=records, keys=keys)


def _items(fields: Mapping[str, object], name: str) -> Iterable[tuple[object, str]]:
    items = documents.require_list(fields.get(name, []), where=f"The seed's {name!r}")
    return [(item, f"The seed's {name}[{position}]") for position, item in enumerate(items)]


def _read_list(document: object, where: str) -> PasswordList:
    fields = documents.require_object(document, where=where)
    known = {"PasswordListID", "PasswordList", "ProvideAccessReason", "OneTimePasswords"}
    documents.refuse_unknown(fields, known, where=where)
    return PasswordList(
        list_id=documents.take(fields, "PasswordListID", int, where=where),
        name=documents.take(fields, "PasswordList", str, where=where),
        demands_reason=documents.take(fields, "ProvideAccessReason", bool, where=where, default=False),
        has_one_time_passwords=documents.take(fields, "OneTimePasswords", bool, where=where, default=False),
    )


def _read_key(document: object, where: str) -> Key:
    fields = documents.require_object(document, where=where)
    documents.refuse_unknown(fields, {"name", "value", "lists", "calls"}, where=where)
    value = documents.take(fields, "value", str, where=where)
    if not value:
        raise DocumentError(f"{where}: 'value' cannot be empty.")
    calls = documents.require_list(fields.get("calls", ["read"]), where=f"{where}: 'calls'")
    wrong = [call for call in calls if call not in CALLS]
    if wrong:
        raise DocumentError(f"{where}: 'calls' are of {', '.join(CALLS)}; not {wrong}.")
    return Key(
        name=documents.take(fields, "name", str, where=where),
        value=value,
        list_ids=_read_list_ids(fields, where),
        calls=frozenset(str(call) for call in calls),
    )


def _read_list_ids(fields: Mapping[str, object], where: str) -> frozenset[int] | None:
    if "lists" not in fields:
        raise DocumentError(f"{where} needs the field 'lists'; null stands for the general key.")
    if fields["lists"] is None:
        return None
    ids = documents.require_list(fields["lists"], where=f"{where}: 'lists'")
    if any(not isinstance(each, int) or isinstance(each, bool) for each in ids):
        raise DocumentError(f"{where}: 'lists' holds ids of lists.")
    return frozenset(each for each in ids if isinstance(each, int))


def _unique(items: Iterable[Item], attribute: str) -> dict[Any, Item]:
    found: dict[Any, Item] = {}
    for item in items:
        identity = getattr(item, attribute)
        if identity in found:
            raise DocumentError(f"Two {type(item).__name__}s of the seed share one {attribute}.")
        found[identity] = item
    return found
