"""Short words for looking at what a run left behind."""

from django.db import connection

from onhook.audit import verification
from onhook.audit.models import AuditEvent
from onhook.operations.models import Operation, OperationItem, Step


def ended(operation: Operation) -> str:
    """Return the outcome of a closed operation, or its state while it is not closed."""
    operation.refresh_from_db()
    return operation.outcome or operation.state


def tags(operation: Operation) -> list[str]:
    """Return what the audit holds of the operation, in order, after making sure that the whole trail is intact."""
    assert verification.verify().findings == []
    events = AuditEvent.objects.filter(operation_id=operation.pk).order_by("sequence")
    return [event.tag for event in events]


def lines(operation: Operation) -> list[tuple[str, bool]]:
    """Return state and openness of the operation's lines, in order."""
    items = OperationItem.objects.filter(operation=operation).order_by("position")
    return [(item.state, item.is_open) for item in items]


def step(operation: Operation, name: str) -> Step:
    return Step.objects.get(operation=operation, name=name)


def let_time_pass() -> None:
    """Make every sleeping run due, as if its time had come; a run that waits for a person goes on waiting."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE absurd.r_onhook SET available_at = clock_timestamp() "
            "WHERE state = 'sleeping' AND available_at < 'infinity'"
        )


def wait_until_somebody_waits() -> None:
    """Return when another session of this database waits for a lock."""
    with connection.cursor() as cursor:
        for _ in range(100_000):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone() != (0,):
                return
            # Statistics are frozen for the length of a transaction unless told otherwise.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
    raise AssertionError("nobody came to wait")
