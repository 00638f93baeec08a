"""Fixtures that every tier may use."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from emulators.control import launch
from emulators.control.launch import RunningEmulator
from onhook.tenancy.hashing import PasswordHasher
from tests import database
from tests import world as worlds


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> None:
    """Argon2 as in production, but for its cost, which would be most of the time of many tests."""
    PasswordHasher.time_cost, PasswordHasher.memory_cost, PasswordHasher.parallelism = 1, 64, 1


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Give each test process a clone of the migrated template; tests marked `django_db` roll back in it."""
    with django_db_blocker.unblock(), database.clone() as name, database.using(name):
        yield


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Give the test a database of its own, in which it may commit; the value is its address."""
    with django_db_blocker.unblock(), database.clone() as name, database.using(name):
        yield database.url_of(name)


@pytest.fixture(scope="session")
def mailbox_process() -> Iterator[RunningEmulator]:
    with launch.running("mailbox") as emulator:
        yield emulator


@pytest.fixture
def mailbox(mailbox_process: RunningEmulator) -> RunningEmulator:
    """Give an empty mailbox without faults."""
    mailbox_process.control.reset()
    return mailbox_process


@pytest.fixture
def world(committed: str, mailbox: RunningEmulator) -> worlds.World:
    """Give one company with an admin, an agent, a mailbox, and a database in which the test may commit."""
    return worlds.build(url=committed, mailbox=mailbox)
