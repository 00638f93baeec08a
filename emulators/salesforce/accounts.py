"""The account records: reading them from a seed, and checking what an update puts into them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import count

from emulators.control import documents
from emulators.control.clock import read_time
from emulators.control.errors import DocumentError
from emulators.salesforce import errors, ids
from emulators.salesforce.casing import fold
from emulators.salesforce.fields import ID_TYPES, TEXT_TYPES, Field, Schema
from emulators.salesforce.settings import Settings

# A record's values by field name; every field of the schema is there.
Account = dict[str, object]

_KINDS: Mapping[str, type] = {"boolean": bool, "double": float}


def written(moment: datetime) -> str:
    """Give a moment as the org writes it, to the millisecond and with +0000."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def read_accounts(document: object, *, schema: Schema, user_id: str, now: datetime) -> dict[str, Account]:
    """
    Read a seed document's accounts, by id; an id left out is made up, as are the times.

    :raises DocumentError: an unknown field, a value its field cannot hold, an id that is none or comes twice.
    """
    items = documents.require_list(document, where="The seed's 'accounts'")
    accounts: dict[str, Account] = {}
    for position, item in enumerate(items):
        where = f"The seed's accounts[{position}]"
        fields = documents.require_object(item, where=where)
        documents.refuse_unknown(fields, {field.name for field in schema.fields}, where=where)
        account = new_account(schema, unused_id(accounts), user_id=user_id, now=now)
        account.update({name: _seeded(schema, name, value, where=where) for name, value in fields.items()})
        if not account["Name"]:
            raise DocumentError(f"{where} needs the field 'Name'.")
        if str(account["Id"]) in accounts:
            raise DocumentError(f"{where}: the id {account['Id']} comes twice.")
        accounts[str(account["Id"])] = account
    return accounts


def unused_id(accounts: Collection[str]) -> str:
    """Give an id no account has."""
    numbered = (ids.lengthen(f"{ids.ACCOUNT_PREFIX}xx{number:010d}") for number in count(len(accounts) + 1))
    return next(each for each in numbered if each not in accounts)


def new_account(schema: Schema, account_id: str, *, user_id: str, now: datetime) -> Account:
    """Give an account with every field there and nothing in it but what the org fills in."""
    times = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), written(now))
    flags = {field.name: False for field in schema.fields if field.type == "boolean"}
    empty: Account = dict.fromkeys(field.name for field in schema.fields)
    return {**empty, **flags, **times, "Id": account_id, "OwnerId": user_id}


def stranger(schema: Schema, *, user_id: str, now: datetime) -> Account:
    """Give an account that no seed has."""
    account = new_account(schema, ids.lengthen(f"{ids.ACCOUNT_PREFIX}xxStranger01"), user_id=user_id, now=now)
    return {**account, "Name": "Stranger Example Ltd", "AccountNumber": "STRANGER-1"}


def _seeded(schema: Schema, name: str, value: object, *, where: str) -> object:
    field = schema.find(name, hidden=frozenset())
    if field is None or value is None:
        return None
    if field.type == "datetime":
        return written(read_time(str(value)))
    try:
        return checked(field, value)
    except errors.RefusalError as error:
        raise DocumentError(f"{where}: {error.message} ({field.name}).") from error


def checked(field: Field, value: object) -> object:
    """
    Give a value as the field stores it: an empty text as nothing, an id with 18 characters.

    :raises RefusalError: a value of another type, too long, or an id that is none.
    """
    if value is None or value == "":
        return None
    expected = _KINDS.get(field.type, str)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (is_number if expected is float else isinstance(value, expected)):
        message = f"Cannot deserialize instance of {field.type} from the value of {field.name}"
        raise errors.bad_request("JSON_PARSER_ERROR", message)
    if field.type in TEXT_TYPES and len(str(value)) > field.length:
        message = f"{field.label}: data value too large (max length={field.length})"
        raise errors.bad_request("STRING_TOO_LONG", message, [field.name])
    return _checked_id(field, str(value)) if field.type in ID_TYPES else value


def _checked_id(field: Field, value: str) -> str:
    normal = ids.normalised(value)
    if normal is None or (field.type == "id" and not normal.startswith(ids.ACCOUNT_PREFIX)):
        message = f"{field.label}: id value of incorrect type: {value}"
        raise errors.bad_request("MALFORMED_ID", message, [field.name])
    return normal


def changes(
    document: Mapping[str, object], *, schema: Schema, settings: Settings, others: Iterable[Account]
) -> Account:
    """
    Give what a write changes, every value checked before anything is stored.

    :raises RefusalError: a field that is not there or not writable, a value it cannot hold, a validation rule.
    """
    hidden = frozenset(settings.hidden_fields)
    changed: Account = {}
    for name, value in document.items():
        if name == "attributes":
            continue
        field = _writable(schema.find(name, hidden=hidden), name, settings)
        changed[field.name] = checked(field, value)
        _check_required(field, changed[field.name])
        _check_unique(field, changed[field.name], others, settings)
    if settings.validation_error:
        raise errors.bad_request("FIELD_CUSTOM_VALIDATION_EXCEPTION", settings.validation_error)
    return changed


def _writable(field: Field | None, name: str, settings: Settings) -> Field:
    if field is None:
        raise errors.bad_request("INVALID_FIELD", f"No such column '{name}' on sobject of type Account")
    if not field.is_updateable or field.name in settings.read_only_fields:
        message = (
            f"Unable to create/update fields: {field.name}. Please check the security settings of this field and "
            "verify that it is read/write for your profile or permission set."
        )
        raise errors.bad_request("INVALID_FIELD_FOR_INSERT_UPDATE", message, [field.name])
    return field


def _check_required(field: Field, value: object) -> None:
    if field.is_required and value is None:
        message = f"Required fields are missing: [{field.name}]"
        raise errors.bad_request("REQUIRED_FIELD_MISSING", message, [field.name])


def _check_unique(field: Field, value: object, others: Iterable[Account], settings: Settings) -> None:
    if not field.is_unique or value is None:
        return

    def key(text: object) -> str:
        return str(text) if field.is_case_sensitive else fold(str(text), locale=settings.user_locale)

    for other in others:
        if other[field.name] is not None and key(other[field.name]) == key(value):
            message = f"duplicate value found: {field.name} duplicates value on record with id: {other['Id']}"
            raise errors.bad_request("DUPLICATE_VALUE", message)
