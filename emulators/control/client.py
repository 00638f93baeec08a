"""A small client for the control API, for tests and the demo."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from emulators.control.tls import trusting

TIMEOUT_SECONDS = 70.0


class ControlError(Exception):
    """The emulator refused a control call; the message is its reason."""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One call as the emulator recorded it; see `emulators.control.journal.Entry` for the fields."""

    sequence: int
    at: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    auth: str | None
    status: int | None
    effects: tuple[Mapping[str, object], ...]
    faults: tuple[str, ...]
    is_finished: bool


class ControlClient:
    """Steers one running emulator."""

    def __init__(self, *, address: str, ca_file: Path | None = None) -> None:
        verify = trusting(ca_file) if ca_file is not None else True
        # trust_env off: a proxy of the environment must never come between a test and loopback.
        self._http = httpx.Client(
            base_url=f"{address}/_control/", timeout=TIMEOUT_SECONDS, verify=verify, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def seed(self, document: object) -> Mapping[str, object]:
        """Replace the emulator's state; give what it says it read."""
        return self.call("POST", "seed", document)

    def reset(self) -> None:
        """Forget state, faults, journal and clock changes. Journal numbers go on."""
        self.call("POST", "reset", {})

    def clock(self) -> Mapping[str, object]:
        """Give the emulator's clock."""
        return self.call("GET", "clock")

    def freeze_clock(self, at: str) -> None:
        """Stop the clock at an ISO time with its offset, such as 2026-01-15T09:30:00Z."""
        self.call("POST", "clock", {"freeze_at": at})

    def offset_clock(self, seconds: float) -> None:
        """Let the clock run that many seconds before (+) or behind (-) the machine's."""
        self.call("POST", "clock", {"offset_seconds": seconds})

    def advance_clock(self, seconds: float) -> None:
        """Put the clock forward."""
        self.call("POST", "clock", {"advance_seconds": seconds})

    def add_fault(
        self,
        kind: str,
        *,
        match: Mapping[str, object] | None = None,
        times: int | None = 1,
        **parameters: object,
    ) -> int:
        """
        Set a fault and give its id.

        :param match: any of `method`, `path`, `path_prefix`, `path_regex`, `nth` (the n-th matching call,
            counted from 1 since the fault was set).
        :param times: how many calls it hits; none means until it is removed.
        """
        document = {"kind": kind, "match": dict(match or {}), "times": times, "parameters": parameters}
        fault_id = self.call("POST", "faults", document)["id"]
        if not isinstance(fault_id, int):
            raise ControlError("The emulator gave the fault no id.")
        return fault_id

    def faults(self) -> list[Mapping[str, object]]:
        """Give the faults that are set, each with how many calls it matched and hit."""
        faults = self.call("GET", "faults")["faults"]
        return list(faults) if isinstance(faults, list) else []

    def clear_faults(self) -> None:
        """Take all faults away."""
        self.call("DELETE", "faults")

    def journal(self, *, since: int = 0, at_least: int = 0, wait_seconds: float = 0.0) -> list[JournalLine]:
        """
        Give the calls after sequence number `since`, oldest first.

        With `at_least`, waits up to `wait_seconds` until so many are finished; gives what there is then.
        """
        query = {"since": since, "at_least": at_least, "wait_seconds": wait_seconds}
        answer = self._http.get("journal", params=query)
        return [_line(entry) for entry in _checked(answer)["entries"]]  # type: ignore[attr-defined]  # our own API

    def last_sequence(self) -> int:
        """Give a mark for `journal(since=...)`: everything before it has already happened."""
        lines = self.journal()
        return lines[-1].sequence if lines else 0

    def call(self, method: str, path: str, document: object = None) -> Mapping[str, object]:
        """
        Make a control call, such as one of the vendor's own, at a path below `/_control/`.

        :raises ControlError: the emulator refused it.
        """
        answer = self._http.request(method, path, json=document)
        return _checked(answer)


def _checked(answer: httpx.Response) -> Mapping[str, object]:
    document: Mapping[str, object] = answer.json()
    if answer.is_error:
        raise ControlError(str(document.get("error", answer.text)))
    return document


def _line(entry: Mapping[str, object]) -> JournalLine:
    values = dict(entry)
    values["query"] = tuple((name, value) for name, value in entry["query"])  # type: ignore[attr-defined]  # our API
    values["effects"] = tuple(entry["effects"])  # type: ignore[arg-type]  # our own API
    values["faults"] = tuple(entry["faults"])  # type: ignore[arg-type]  # our own API
    return JournalLine(**values)  # type: ignore[arg-type]  # our own API
