"""The emulator's own clock: real time, shifted, or stopped."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from emulators.control import documents
from emulators.control.errors import DocumentError

CHANGES = {"freeze_at", "offset_seconds", "advance_seconds", "real_time"}


class Clock:
    """Tells the time in UTC; runs with the machine's clock until it is shifted or frozen."""

    def __init__(self) -> None:
        self._frozen_at: datetime | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """Give the emulator's present time, aware, in UTC."""
        if self._frozen_at is not None:
            return self._frozen_at
        return datetime.now(UTC) + self._offset

    def reset(self) -> None:
        """Go back to the machine's clock."""
        self._frozen_at = None
        self._offset = timedelta()

    def change(self, document: object) -> None:
        """
        Apply exactly one change: `freeze_at`, `offset_seconds`, `advance_seconds` or `real_time`.

        :raises DocumentError: none or several changes, or a value that cannot be read.
        """
        fields = documents.require_object(document, where="The clock")
        documents.refuse_unknown(fields, CHANGES, where="The clock")
        if len(fields) != 1:
            raise DocumentError(f"The clock takes exactly one of {', '.join(sorted(CHANGES))}.")
        self._apply(fields)

    def _apply(self, fields: Mapping[str, object]) -> None:
        if "freeze_at" in fields:
            self._frozen_at = read_time(documents.take(fields, "freeze_at", str, where="The clock"))
        elif "real_time" in fields:
            self.reset()
        else:
            self._shift(fields)

    def _shift(self, fields: Mapping[str, object]) -> None:
        name = next(iter(fields))
        seconds = timedelta(seconds=documents.take(fields, name, float, where="The clock"))
        if name == "offset_seconds":
            self._frozen_at, self._offset = None, seconds
        elif self._frozen_at is not None:
            self._frozen_at += seconds
        else:
            self._offset += seconds

    def described(self) -> dict[str, object]:
        """Give the clock's state for the control API."""
        return {
            "now": self.now().isoformat(),
            "is_frozen": self._frozen_at is not None,
            "offset_seconds": self._offset.total_seconds(),
        }


def read_time(text: str) -> datetime:
    """
    Read an ISO 8601 time that states its offset.

    :raises DocumentError: not a time, or one without an offset (UTC is never guessed).
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise DocumentError(f"{text!r} is not a time such as 2026-01-15T09:30:00Z.") from error
    if moment.tzinfo is None:
        raise DocumentError(f"{text!r} does not say its offset; write 2026-01-15T09:30:00Z for UTC.")
    return moment.astimezone(UTC)
