"""What a query says, before anyone asks whether its fields exist."""

from dataclasses import dataclass

from emulators.salesforce.soql.tokens import Character


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written, and where."""

    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A value: `kind` is `string`, `number`, `date`, `datetime`, `boolean` or `null`; `text` is its text."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    One field beside one value, or beside several for `IN` and `NOT IN`.

    `pattern` is set for `LIKE` only, with `values` empty then.
    """

    field: Name
    operator: str
    values: tuple[Literal, ...]
    pattern: tuple[Character, ...] = ()


@dataclass(frozen=True, slots=True)
class Negation:
    """A condition that must not hold."""

    operand: "Condition"


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by one operator, `AND` or `OR`."""

    operator: str
    operands: tuple["Condition", ...]


Condition = Comparison | Negation | Junction


@dataclass(frozen=True, slots=True)
class Order:
    """One field to sort by."""

    field: Name
    is_descending: bool
    has_nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """One query."""

    fields: tuple[Name, ...]
    sobject: Name
    where: Condition | None
    orders: tuple[Order, ...]
    limit: int | None
    offset: int
