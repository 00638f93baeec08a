"""The append-only list of every call an emulator received and what it changed: the crash tests' oracle."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from emulators.control.waiting import Changes

REDACTED = "(redacted)"

# Compared in lower case. Headers are never kept at all, so this is about query strings only.
SECRET_QUERY_NAMES = frozenset(
    {
        "access_token",
        "api_key",
        "apikey",
        "assertion",
        "client_secret",
        "code",
        "hash",
        "password",
        "refresh_token",
        "secret",
        "sid",
        "signature",
        "token",
    }
)


@dataclass(slots=True)
class Entry:
    """
    One call. Written when it arrives; `status` and `is_finished` follow when it ends.

    `status` stays empty when no answer left (the connection was cut). `effects` are written the moment they
    happen, so a call that was cut, or whose client was killed, still shows what it changed.
    """

    sequence: int
    at: datetime
    method: str
    path: str
    query: list[tuple[str, str]]
    auth: str | None = None
    status: int | None = None
    effects: list[dict[str, object]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    is_finished: bool = False

    def effect(self, what: str, **facts: object) -> None:
        """Note a change this call made. `what` is a stable code; facts are plain JSON, never secrets."""
        self.effects.append({"what": what, **facts})

    def authenticated(self, passed: bool) -> None:
        """Note only whether the call's credentials were accepted, never the credentials."""
        self.auth = "passed" if passed else "refused"

    def described(self) -> dict[str, object]:
        """Give the entry for the control API."""
        return {
            "sequence": self.sequence,
            "at": self.at.isoformat(),
            "method": self.method,
            "path": self.path,
            "query": [list(pair) for pair in self.query],
            "auth": self.auth,
            "status": self.status,
            "effects": self.effects,
            "faults": self.faults,
            "is_finished": self.is_finished,
        }


class Journal:
    """Keeps entries in order of arrival; numbers start at 1 and are never used again, even after a reset."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._last_sequence = 0
        self.changes = Changes()

    def begin(self, *, method: str, path: str, query: Iterable[tuple[str, str]] = ()) -> Entry:
        """Append the entry of a call that has just arrived."""
        self._last_sequence += 1
        entry = Entry(
            sequence=self._last_sequence,
            at=datetime.now(UTC),
            method=method,
            path=path,
            query=[redact(name, value) for name, value in query],
        )
        self._entries.append(entry)
        self.changes.announce()
        return entry

    def finish(self, entry: Entry, *, status: int | None) -> None:
        """Complete an entry with what was answered; none means the connection was cut."""
        entry.status = status
        entry.is_finished = True
        self.changes.announce()

    def since(self, sequence: int) -> list[Entry]:
        """Give the entries after that sequence number, oldest first."""
        return [entry for entry in self._entries if entry.sequence > sequence]

    def clear(self) -> None:
        """Forget the entries; numbering goes on, so `since` marks taken earlier stay right."""
        self._entries.clear()


def redact(name: str, value: str) -> tuple[str, str]:
    """Give a query pair with the value taken out when its name says that it is a secret."""
    return (name, REDACTED) if name.lower() in SECRET_QUERY_NAMES else (name, value)
