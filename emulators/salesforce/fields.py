"""The fields of Account: the standard ones the product meets, and an org's own."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emulators.control import documents
from emulators.control.errors import DocumentError

# Custom fields may have these types; what a type says about filtering is notes, section 4.
CUSTOM_TYPES = ("string", "url", "textarea", "phone", "email", "picklist", "boolean", "double", "datetime")
TEXT_TYPES = frozenset({"string", "url", "textarea", "phone", "email", "picklist"})
ID_TYPES = frozenset({"id", "reference"})

# Letters, digits, single underscores, a letter first, at most 40 before `__c` (notes, section 5).
_CUSTOM_NAME = re.compile(r"(?=.{1,40}__c\Z)(?:[A-Za-z]\w*?__)?[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*__c", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of Account; `length` is in characters and 0 where it means nothing."""

    name: str
    label: str
    type: str
    length: int = 0
    is_custom: bool = False
    is_required: bool = False
    is_updateable: bool = True
    is_unique: bool = False
    is_case_sensitive: bool = False
    is_external_id: bool = False

    @property
    def is_filterable(self) -> bool:
        """Long text cannot be filtered or sorted by."""
        return self.type != "textarea"

    def described(self) -> dict[str, object]:
        """Give the field as describe shows it."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "length": self.length,
            "custom": self.is_custom,
            "nillable": not self.is_required,
            "createable": self.is_updateable,
            "updateable": self.is_updateable,
            "filterable": self.is_filterable,
            "sortable": self.is_filterable,
            "externalId": self.is_external_id,
            "unique": self.is_unique,
            "caseSensitive": self.is_case_sensitive,
            "calculated": False,
            "defaultedOnCreate": self.type == "boolean",
            "picklistValues": [],
            "referenceTo": list(REFERENCES.get(self.name, ())),
        }


REFERENCES = {"MasterRecordId": ("Account",), "ParentId": ("Account",), "OwnerId": ("User",)}


def _kept_by_the_system(name: str, label: str, kind: str, *, length: int = 0) -> Field:
    return Field(name=name, label=label, type=kind, length=length, is_required=True, is_updateable=False)


STANDARD = (
    _kept_by_the_system("Id", "Account ID", "id", length=18),
    _kept_by_the_system("IsDeleted", "Deleted", "boolean"),
    Field(name="MasterRecordId", label="Master Record ID", type="reference", length=18, is_updateable=False),
    Field(name="Name", label="Account Name", type="string", length=255, is_required=True),
    Field(name="Type", label="Account Type", type="picklist", length=255),
    Field(name="ParentId", label="Parent Account ID", type="reference", length=18),
    Field(name="Phone", label="Account Phone", type="phone", length=40),
    Field(name="AccountNumber", label="Account Number", type="string", length=40),
    Field(name="Website", label="Website", type="url", length=255),
    Field(name="Description", label="Account Description", type="textarea", length=32000),
    Field(name="OwnerId", label="Owner ID", type="reference", length=18),
    _kept_by_the_system("CreatedDate", "Created Date", "datetime"),
    _kept_by_the_system("LastModifiedDate", "Last Modified Date", "datetime"),
    _kept_by_the_system("SystemModstamp", "System Modstamp", "datetime"),
)
# A label that begins with a digit gets an X in front of its name (notes, section 5).
UPGRADE_LINK = Field(
    name="X2Checkout_upgrade_link__c",
    label="2Checkout upgrade link",
    type="url",
    length=255,
    is_custom=True,
)


class Schema:
    """The fields of Account in one org; names are found in any case."""

    def __init__(self, custom: Iterable[Field]) -> None:
        self.fields = (*STANDARD, *custom)
        self._by_name = {field.name.lower(): field for field in self.fields}

    def find(self, name: str, *, hidden: frozenset[str]) -> Field | None:
        """Give a field, unless it does not exist or is hidden from the user."""
        field = self._by_name.get(name.lower())
        return None if field is None or field.name in hidden else field

    def visible(self, *, hidden: frozenset[str]) -> list[Field]:
        """Give the fields the user may see."""
        return [field for field in self.fields if field.name not in hidden]


def read_schema(document: object) -> Schema:
    """
    Read a seed document's custom fields.

    :raises DocumentError: a name no org could have, a type not known here, or the same name twice.
    """
    items = documents.require_list(document, where="The seed's 'fields'")
    custom = [_read_field(item, where=f"The seed's fields[{position}]") for position, item in enumerate(items)]
    if len({field.name.lower() for field in (*STANDARD, *custom)}) < len(STANDARD) + len(custom):
        raise DocumentError("The seed's 'fields' has a name twice.")
    return Schema(custom)


_PROPERTIES: Mapping[str, str] = {
    "unique": "is_unique",
    "caseSensitive": "is_case_sensitive",
    "externalId": "is_external_id",
}


def _read_field(document: object, *, where: str) -> Field:
    fields = documents.require_object(document, where=where)
    documents.refuse_unknown(fields, {"name", "label", "type", "length", "updateable", *_PROPERTIES}, where=where)
    name = documents.take(fields, "name", str, where=where)
    kind = documents.take(fields, "type", str, where=where)
    if _CUSTOM_NAME.fullmatch(name) is None:
        raise DocumentError(f"{where}: {name!r} is no name of a custom field, such as Upgrade_link__c.")
    if kind not in CUSTOM_TYPES:
        raise DocumentError(f"{where}: 'type' is one of {', '.join(CUSTOM_TYPES)}.")
    flags = {
        ours: documents.take(fields, theirs, bool, where=where, default=False) for theirs, ours in _PROPERTIES.items()
    }
    return Field(
        name=name,
        label=documents.take(fields, "label", str, where=where),
        type=kind,
        length=documents.take(fields, "length", int, where=where, default=255 if kind in TEXT_TYPES else 0),
        is_custom=True,
        is_updateable=documents.take(fields, "updateable", bool, where=where, default=True),
        **flags,
    )
