"""What went wrong with the database, in words that name neither a password nor a value of a row."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg import errors

# What the driver says while it connects, and what that means to a person. The first that fits counts.
_WHILE_CONNECTING = (
    (("password authentication failed", "no password supplied"), "it refuses the user name or the password"),
    (("does not exist",), "it has no such database, or no such user"),
    (("failed to resolve", "could not translate"), "the name of its host is not known"),
    (("connection refused", "no such file"), "nothing listens there"),
    (("timeout", "timed out"), "it did not answer in time"),
    (("too many clients", "connection slots"), "it takes no more connections"),
    (("starting up", "shutting down", "recovery"), "it is just starting or stopping"),
    (("ssl", "certificate", "no pg_hba.conf entry"), "it does not accept a connection of this kind"),
    (("connection failed", "network is unreachable", "no route"), "it cannot be reached"),
)
_OTHER_SCHEMA = (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction, errors.InvalidSchemaName)


def is_known(error: Exception) -> bool:
    """Whether this is a state of the database that a person can mend, and no fault of onhook itself."""
    return isinstance(error, OperationalError | InterfaceError) or isinstance(error.__cause__, _OTHER_SCHEMA)


def in_words(error: DatabaseError | InterfaceError) -> str:
    """Say what happened, whether anything was done, and what to do; never what the driver says."""
    if isinstance(error.__cause__, _OTHER_SCHEMA):
        return "The database does not have this version's schema. Nothing was done. Run: onhook migrate"
    said = str(error).lower()
    reason = next((words for signs, words in _WHILE_CONNECTING if any(sign in said for sign in signs)), "")
    if reason:
        return (
            f"The database {_where()} cannot be used: {reason}. Nothing was done. Check DATABASE_URL and that server, "
            "then try again."
        )
    kind = type(error.__cause__ or error).__name__
    return (
        f"The database {_where()} did not answer as it should ({kind}). What was not finished was not kept; look with "
        "`onhook status` before you repeat it. `onhook doctor` looks at every part."
    )


def _where() -> str:
    where = settings.DATABASES["default"]
    name, host = str(where["NAME"]), str(where["HOST"])
    # A socket's folder says nothing to people; its name in the address would only be long.
    return name if host.startswith("/") else f"{name} at {host or 'localhost'}:{where['PORT']}"
