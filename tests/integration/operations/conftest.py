"""Fixtures of the run's tests: an act at a named point of the run, and somebody else at the same database."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from onhook.operations import crash_points
from tests.world import World

AtPoint = Callable[[str, Callable[[], Any]], None]


@pytest.fixture
def somebody_else(world: World) -> Iterator[psycopg.Connection[Any]]:
    """Give a connection of its own to the test's database: somebody who changes things behind the run's back."""
    with psycopg.connect(world.url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def at_point(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtPoint]:
    """Let the test do something the first time the run passes a named point; a point never passed fails the test."""
    acts: dict[str, Callable[[], Any]] = {}

    def reached(name: str) -> None:
        act = acts.pop(name, None)
        if act is not None:
            act()

    monkeypatch.setattr(crash_points, "reached", reached)
    yield acts.__setitem__
    assert acts == {}, "the run never passed these points"
