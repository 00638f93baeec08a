"""Find the database before Django is set up: the one that is named, or the product's own embedded server."""

import os

from onhook.config import env, postgres


def instance() -> str:
    """Return the id of this installation's embedded server; `ONHOOK_INSTANCE` names another one beside it."""
    return postgres.instance_id(env.text("ONHOOK_INSTANCE", "main"))


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
    os.environ["DATABASE_URL"] = server.url
    return server


def names_embedded() -> bool:
    """True when the database named in the environment is this installation's embedded server."""
    server = postgres.running(instance())
    return server is not None and server.url == os.environ.get("DATABASE_URL")
