"""Limits on tries hold when all tries come at the same time, over many connections to the database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.core.cache import cache
from django.db import connection
from django.test import Client

from tests.world import World


def test_tries_at_the_same_time_are_counted_one_by_one(world: World) -> None:
    cache.clear()
    wrong = {"coid": "4711", "username": world.admin.username, "password": "wrong one here"}

    def guess(number: int) -> str:
        try:
            return str(Client().post("/sign-in/", wrong, REMOTE_ADDR=f"192.0.2.{number}").content.decode())
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as guessing:
        told = list(guessing.map(guess, range(12)))

    assert sum("do not fit together" in page for page in told) == 5
    assert sum("Too many tries" in page for page in told) == 7
