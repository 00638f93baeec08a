"""The sign-ins at outside systems, counted for the whole installation in the database that all its processes share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.utils import CursorWrapper

from onhook.operations.errors import Retryable

# Counting takes milliseconds; a database that needs longer is as good as away.
_MOST_WAIT = "2s"
_AWAY_AFTER_SECONDS = 5.0
# The last place may have become free while we looked; a refusal is never zero.
_LEAST_WAIT_SECONDS = 0.001


class CounterOfInstallation:
    """
    The `SignInCounter` in PostgreSQL. What is kept is a name and a time.

    It counts on a connection of its own: a count stands although the caller's transaction rolls back, and it does not
    matter which role a request has taken. Where it cannot count, nobody signs in.

    `spare` places of each vendor it leaves to others: a command that a person types must not take the last one from the
    workers.
    """

    def __init__(self, *, spare: int = 0) -> None:
        self._spare = spare

    def count(self, *, vendor: str, most: int, span_seconds: float) -> float:
        """
        Count one sign-in and return 0, or count none and return the seconds until there is room.

        :raises Retryable: the database does not answer.
        """
        try:
            with _cursor() as cursor:
                return _count(cursor, vendor=vendor, most=max(most - self._spare, 1), span_seconds=span_seconds)
        except DatabaseError:
            problem = f"{vendor} was not asked to sign us in, as the database that counts sign-ins does not answer"
        raise Retryable(problem, after=_AWAY_AFTER_SECONDS)


def _count(cursor: CursorWrapper, *, vendor: str, most: int, span_seconds: float) -> float:
    """
    Count in one transaction.

    1. One process at a time per vendor.
    2. Forget what is over: the table holds only what was counted in the last span.
    3. Look whether there is room, or when there will be, by a clock that moves on while the lock is waited for.
    """
    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [_MOST_WAIT])
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [vendor])
    cursor.execute(
        "DELETE FROM vendor_sign_in WHERE vendor = %s AND counted_at <= clock_timestamp() - make_interval(secs => %s)",
        [vendor, span_seconds],
    )
    cursor.execute(
        "SELECT extract(epoch FROM counted_at + make_interval(secs => %s) - clock_timestamp()) "
        "FROM vendor_sign_in WHERE vendor = %s ORDER BY counted_at DESC OFFSET %s LIMIT 1",
        [span_seconds, vendor, most - 1],
    )
    in_the_way = cursor.fetchone()
    if in_the_way is not None:
        return max(float(in_the_way[0]), _LEAST_WAIT_SECONDS)
    cursor.execute("INSERT INTO vendor_sign_in (vendor, counted_at) VALUES (%s, clock_timestamp())", [vendor])
    return 0.0


@contextmanager
def _cursor() -> Iterator[CursorWrapper]:
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            yield cursor
        own.commit()
    finally:
        own.close()
