"""Every way a vendor can misbehave, and a guard that says how a call ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.control.launch import RunningEmulator
from onhook.operations.errors import RunOutcome

# Far longer than any deadline used here: a call that waits for the vendor instead of its deadline fails its test.
GUARD_SECONDS = 45.0
LATE_SECONDS = 60.0


@dataclass(frozen=True)
class VendorFault:
    """One kind of fault of the control API with its parameters. `is_slow` ones last until the caller's deadline."""

    name: str
    kind: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_slow: bool = False

    def strike(self, emulator: RunningEmulator, *, path: str) -> None:
        """Let it hit every call whose path matches the pattern, from now on."""
        emulator.control.add_fault(self.kind, match={"path_regex": path}, times=None, **self.parameters)

    def __str__(self) -> str:
        return self.name


def _body(name: str, body: str) -> VendorFault:
    return VendorFault(f"body {name}", "wrong_body", {"body": body})


def _status(status: int, body: str = "") -> VendorFault:
    return VendorFault(f"status {status}", "status", {"status": status, "body": body})


# Whatever hits a call for good, the call must not end as a success.
FAULTS = [
    VendorFault("delay", "delay", {"seconds": LATE_SECONDS}, is_slow=True),
    VendorFault("drip", "drip", {"pause_seconds": 0.3, "bytes": 1}, is_slow=True),
    VendorFault("cut before", "cut_before"),
    VendorFault("cut after effect", "cut_after_effect"),
    VendorFault("truncated body", "truncated_body"),
    VendorFault("html", "html_body"),
    VendorFault("html 503", "html_body", {"status": 503}),
    VendorFault("huge body", "huge_body"),
    VendorFault("redirect", "redirect", {"location": "https://elsewhere.example/login"}),
    VendorFault("redirect to itself", "redirect", {"location": "/", "status": 307}),
    VendorFault("retry after", "retry_after", {"after": "7"}),
    VendorFault("retry after nonsense", "retry_after", {"after": "whenever", "status": 503}),
    VendorFault("expired token", "expired_token"),
    _status(204),
    _status(400, '{"error_code": "BAD", "message": "<script>"}'),
    _status(401, "<html>"),
    _status(403, "{}"),
    _status(409),
    _status(500, "Traceback"),
    _status(502, "<html>Bad gateway</html>"),
    _status(503),
    _body("object", '{"unexpected": true}'),
    _body("null", "null"),
    _body("true", "true"),
    _body("number", "12"),
    _body("text", '"Q7RK2M9XA4"'),
    _body("list of null", "[null]"),
    _body("list of objects", "[{}]"),
    _body("deep", "[" * 20_000),
    _body("empty", ""),
    _body("not a number", "NaN"),
    _body("not text", "\x00\x01"),
]


@dataclass
class End:
    """How a call ended: one of its value, one of our outcomes, or something that must not happen."""

    value: object = None
    outcome: RunOutcome | None = None
    accident: BaseException | None = None


def end_of(call: Callable[[], object]) -> End:
    """Make the call in a thread of its own and say how it ended; a call that hangs fails the test."""
    end = End()

    def work() -> None:
        try:
            end.value = call()
        except RunOutcome as outcome:
            end.outcome = outcome
        except BaseException as accident:  # noqa: BLE001  # that is what the test is about
            end.accident = accident

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(GUARD_SECONDS)
    assert not thread.is_alive(), "the call did not keep its deadline"
    return end


def refusal_of(call: Callable[[], object]) -> RunOutcome:
    """Return our outcome that the call ended with; anything else fails the test."""
    end = end_of(call)
    assert end.accident is None, f"left the connector: {type(end.accident).__name__}"
    assert end.outcome is not None, f"a false success: {end.value!r}"
    return end.outcome
