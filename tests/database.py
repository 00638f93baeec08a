"""
The database of the tests: a real PostgreSQL of its own, started once, and databases cloned from a migrated template.

Loaded as a plugin before Django's settings are read, which is when the address must be known.
"""

import hashlib
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

from onhook.config import postgres

INSTANCE = postgres.instance_id("test")
ROOT = Path(__file__).resolve().parents[1]


# Held by the process that leads a test run: while one is open, nobody else stops the server.
_presence: list[psycopg.Connection[object]] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    # A wrapper, because wrappers come before the hook in which pytest-django reads the settings.
    os.environ["ONHOOK_ENVIRONMENT"] = "test"
    if "ONHOOK_TEST_DATABASE_URL" not in os.environ:
        # Workers of a parallel run inherit the address from the process that leads it.
        os.environ["ONHOOK_TEST_DATABASE_URL"] = url = postgres.ensure_running(INSTANCE, fsync=False).url
        _presence.append(psycopg.connect(url, autocommit=True))
    os.environ["DATABASE_URL"] = os.environ["ONHOOK_TEST_DATABASE_URL"]
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop the server when this run leads and no other run uses it."""
    if not _presence:
        return
    with _presence.pop() as connection:
        others = connection.execute(
            "SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    if others is None:
        postgres.stop(INSTANCE)


def url_of(database: str) -> str:
    """Return the address of a database on the tests' server."""
    parts = urlsplit(os.environ["ONHOOK_TEST_DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{database}"))


def _execute(*statements: str) -> None:
    with psycopg.connect(os.environ["ONHOOK_TEST_DATABASE_URL"], autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def template() -> str:
    """Return the name of a migrated database, made once per state of the migrations, whoever asks first."""
    digest = hashlib.sha256()
    for file in sorted((ROOT / "src").glob("onhook/*/migrations/*.py")):
        digest.update(file.read_bytes())
    name = f"template_{digest.hexdigest()[:16]}"
    with psycopg.connect(os.environ["ONHOOK_TEST_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            draft = f"draft_{uuid4().hex[:12]}"
            connection.execute(f"CREATE DATABASE {draft}")
            _migrate(draft)
            connection.execute(f"ALTER DATABASE {draft} RENAME TO {name}")
    return name


def _migrate(name: str) -> None:
    from django.core.management import call_command

    with using(name):
        call_command("migrate", verbosity=0)


@contextmanager
def using(name: str) -> Iterator[None]:
    """Point Django at another database for a while."""
    from django.db import connections

    connection = connections["default"]
    before = connection.settings_dict["NAME"]
    connections.close_all()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before


@contextmanager
def clone() -> Iterator[str]:
    """Make a database like the template and drop it afterwards; gives its name."""
    name = f"clone_{uuid4().hex[:12]}"
    _execute(f"CREATE DATABASE {name} TEMPLATE {template()}")
    try:
        yield name
    finally:
        _execute(f"DROP DATABASE {name} WITH (FORCE)")
