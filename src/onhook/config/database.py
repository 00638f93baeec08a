"""Find the database: the one that is named, or the product's own embedded server."""

import os

from django.db import connections

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


def names_embedded() -> bool:
    """True when the database named in the environment is this installation's embedded server."""
    server = postgres.running(instance())
    return server is not None and server.url == os.environ.get("DATABASE_URL")
