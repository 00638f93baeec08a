"""Find the database: the one that is named, or the product's own embedded server."""

import os
import re
import time

import structlog
from django.core.management import call_command
from django.db import connection, connections

from onhook.config import env, postgres

log = structlog.get_logger()

# Held while the schema changes: of several that start at once, one migrates and the others wait for it.
_MIGRATION_LOCK = 7_361_205
_KEEP_SECONDS = 2.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")


def instance() -> str:
    """
    Return the id of this installation's embedded server; `ONHOOK_INSTANCE` names another one beside it.

    :raises UnusableSetting: the name could lead out of the state folder.
    """
    name = env.text("ONHOOK_INSTANCE", "main")
    if not _NAME.fullmatch(name):
        raise env.UnusableSetting(
            f"ONHOOK_INSTANCE is {name!r}, which is no name for an installation. Use up to 50 letters, digits, dots, "
            "dashes and underscores, and begin with a letter or a digit."
        )
    return postgres.instance_id(name)


def is_embedded() -> bool:
    """True when no database is named, so that the product brings its own."""
    return not env.text("DATABASE_URL")


def ensure() -> postgres.Server | None:
    """
    Make sure that a database is named in the environment; start the embedded one when none is.

    :return: the embedded server, or None when `DATABASE_URL` names a database.
    :raises UnableToStartPostgres: the embedded server cannot be started; the message says what to do.
    """
    if not is_embedded():
        return None
    server = postgres.ensure_running(instance())
    use(server.url)
    return server


def use(url: str) -> None:
    """Name the database in the environment, for this process and those it starts, and point Django at it."""
    os.environ["DATABASE_URL"] = url
    where = postgres.connect_parameters(url)
    connection = connections["default"]
    connection.close()
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    connection.settings_dict.update({names[key]: value for key, value in where.items() if key in names})


def migrate() -> None:
    """Bring the database to this version's schema; several at once do it once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
    try:
        call_command("migrate", verbosity=0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


class Keeper:
    """Starts the embedded server again when it ended by itself."""

    def __init__(self) -> None:
        self._next_look_at = 0.0

    def __call__(self) -> bool:
        """Look, not more often than every two seconds; True when the server has another address now."""
        if (now := time.monotonic()) < self._next_look_at:
            return False
        self._next_look_at = now + _KEEP_SECONDS
        try:
            if postgres.running(instance()) is not None:
                return False
            log.warning("the embedded database ended and is started again")
            server = postgres.ensure_running(instance())
        except postgres.UnableToStartPostgres as fault:
            log.warning("the embedded database cannot be started again", problem=str(fault))
            return False
        if server.url == os.environ.get("DATABASE_URL"):
            return False
        use(server.url)
        return True
