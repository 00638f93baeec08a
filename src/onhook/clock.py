"""The one source of the time: the database's clock, in UTC."""

from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Func


def now() -> datetime:
    """
    Return the database's wall clock (timezone-aware, UTC).

    All processes share the database and nothing else, so its clock alone can order what they did. It is
    `clock_timestamp()`, not `now()`: inside a long transaction the time still moves.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    moment: datetime = row[0]
    return moment


class ClockTimestamp(Func):
    """The same clock inside a query or an update."""

    function = "clock_timestamp"
    template = "%(function)s()"
    output_field = DateTimeField()
