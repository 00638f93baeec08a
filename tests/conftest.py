"""Fixtures that every tier may use."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests import database


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
