"""Where the rows of each kind go: table, natural key, and what is checked against the stored rows. SQL as data."""

from __future__ import annotations

from dataclasses import dataclass

from onhook.exchange.sheets import Kind

# In all SQL here `incoming` is a staged row of the file, `stored` a row of the table.


@dataclass(frozen=True)
class Check:
    """
    Something that keeps a staged row from being taken.

    :param problem: its code in the staging table.
    :param finds: a query for the lines concerned and one detail of each, as text.
    :param column, reason: what the report says; `{shown}` stands for the row's own name, `{detail}` for the detail.
    """

    problem: str
    finds: str
    column: str
    reason: str


@dataclass(frozen=True)
class Target:
    """
    One table that rows are put into.

    :param key: expressions over the staged row; two rows of a file that agree in them are the same record.
    :param matches: joins, each from staged rows to the stored rows that they name.
    :param fixed: staged columns that make up the key and are never changed.
    :param inserts: by column of the table, the expression over the staged row that fills it when its column is staged.
    :param fallbacks: by column of the table, what fills it when the file does not have that column.
    :param shown: an expression that names a staged row in a report; `staging` masks it.
    """

    table: str
    primary_key: str
    key: tuple[str, ...]
    key_column: str
    matches: tuple[str, ...]
    fixed: frozenset[str]
    inserts: dict[str, str]
    fallbacks: dict[str, str]
    shown: str
    checks: tuple[Check, ...] = ()
    still: str = "TRUE"


_COMPANIES = Target(
    table="tenancy_company",
    primary_key="coid",
    key=("incoming.coid",),
    key_column="coid",
    matches=("stored.coid = incoming.coid",),
    fixed=frozenset({"coid"}),
    inserts={"coid": "incoming.coid"},
    fallbacks={"time_zone": "'UTC'", "region": "''"},
    shown="incoming.coid::text",
)

_LOOKS_LIKE_ANOTHER = Check(
    problem="looks_like_another",
    finds="""
        SELECT incoming.line, ''
        FROM incoming JOIN tenancy_user AS stored
          ON stored.company_id = incoming.coid AND upper(stored.username) = upper(incoming.username)
        WHERE NOT EXISTS (SELECT FROM matched WHERE matched.line = incoming.line)
    """,
    column="username",
    reason="{shown} is on record at this company already, with other upper and lower case",
)

_USERS = Target(
    table="tenancy_user",
    primary_key="id",
    key=("upper(incoming.login)",),
    key_column="username",
    matches=("stored.login = incoming.login",),
    fixed=frozenset({"coid", "username", "login"}),
    inserts={
        "company_id": "incoming.coid",
        "login": "incoming.login",
        "username": "incoming.username",
        # What Django stores for nobody's password: a `!` that no hash begins with, and something that never repeats.
        "password": "'!' || replace(gen_random_uuid()::text, '-', '')",
    },
    fallbacks={"email": "''"},
    shown="incoming.username",
    checks=(_LOOKS_LIKE_ANOTHER,),
)

_LIVE_ELSEWHERE = Check(
    problem="live_elsewhere",
    finds="""
        SELECT incoming.line, stored.company_id::text
        FROM incoming JOIN devices_device AS stored ON stored.number = incoming.number
        WHERE incoming.deleted_at IS NULL AND stored.deleted_at IS NULL AND stored.company_id <> incoming.coid
    """,
    column="number",
    reason="{shown} is live at the company with COID {detail}; a number is live at one company at a time",
)

# A file that lists the deletion itself knows of it: then its live row is a newer line on the same number.
_BRINGS_BACK = Check(
    problem="brings_back",
    finds="""
        SELECT incoming.line, to_char(max(stored.deleted_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        FROM incoming JOIN devices_device AS stored
          ON stored.number = incoming.number AND stored.company_id = incoming.coid
        WHERE incoming.deleted_at IS NULL
          AND stored.deleted_at >= coalesce(incoming.activated_at, '-infinity')
          AND NOT EXISTS (SELECT FROM matched WHERE matched.line = incoming.line)
          AND NOT EXISTS (SELECT FROM incoming AS other WHERE other.number = incoming.number
                          AND other.coid = incoming.coid AND other.deleted_at = stored.deleted_at)
        GROUP BY incoming.line
    """,
    column="number",
    reason="{shown} was deleted at {detail}; an import never brings a deleted line back. If the number was given out "
    "again, state an activated_at after that time",
)

# A deletion from before the live line began, or beside the live line in the same file, is history.
_DELETES = Check(
    problem="deletes",
    finds="""
        SELECT incoming.line, ''
        FROM incoming JOIN devices_device AS stored
          ON stored.number = incoming.number AND stored.company_id = incoming.coid AND stored.deleted_at IS NULL
        WHERE incoming.deleted_at IS NOT NULL
          AND NOT coalesce(incoming.deleted_at <= stored.activated_at, FALSE)
          AND NOT EXISTS (SELECT FROM matched WHERE matched.line = incoming.line)
          AND NOT EXISTS (SELECT FROM incoming AS other WHERE other.number = incoming.number
                          AND other.coid = incoming.coid AND other.deleted_at IS NULL)
    """,
    column="deleted_at",
    reason="{shown} is live; an import never deletes a line. Delete it with an operation (onhook plan)",
)

_SAME_LINE = "stored.number = incoming.number AND stored.company_id = incoming.coid"

_DEVICES = Target(
    table="devices_device",
    primary_key="id",
    key=(
        "incoming.number",
        "incoming.deleted_at",
        "CASE WHEN incoming.deleted_at IS NOT NULL THEN incoming.coid END",
    ),
    key_column="number",
    matches=(
        f"incoming.deleted_at IS NULL AND stored.deleted_at IS NULL AND {_SAME_LINE}",
        f"stored.deleted_at = incoming.deleted_at AND {_SAME_LINE}",
    ),
    fixed=frozenset({"coid", "number", "deleted_at"}),
    inserts={
        "company_id": "incoming.coid",
        "number": "incoming.number",
        "deleted_at": "incoming.deleted_at",
    },
    fallbacks={"worker": "''", "model": "''", "hold_reason": "''"},
    shown="incoming.number",
    checks=(_LIVE_ELSEWHERE, _BRINGS_BACK, _DELETES),
    still="stored.deleted_at IS NOT DISTINCT FROM incoming.deleted_at",
)

TARGETS: dict[Kind, Target] = {
    Kind.COMPANIES: _COMPANIES,
    Kind.USERS: _USERS,
    Kind.DEVICES: _DEVICES,
}
