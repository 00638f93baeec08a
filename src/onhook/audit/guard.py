"""Whether the database still refuses by itself to change or delete events; who owns the tables can switch that off."""

from __future__ import annotations

from django.db import connection

# As the migration names them.
TRIGGERS = ("audit_event_no_change", "audit_event_no_truncate")


def off_guard() -> list[str]:
    """Return the triggers that should refuse, and are missing or do not fire for everybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_auditevent'::regclass AND tgenabled IN ('O', 'A')"
        )
        on_guard = {name for (name,) in cursor.fetchall()}
    return [name for name in TRIGGERS if name not in on_guard]
