"""Faults: which call they hit, how often, and what they do. Applying them is the protocol's business."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from emulators.control import documents
from emulators.control.errors import DocumentError

MATCH_FIELDS = {"method", "path", "path_prefix", "path_regex", "nth"}
FAULT_FIELDS = {"kind", "match", "times", "parameters"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a kind of fault: its type, and its default unless it must be given."""

    kind: type
    default: object = None
    is_required: bool = False


Parameters = Mapping[str, Parameter]


@dataclass(frozen=True, slots=True)
class Match:
    """
    Which calls a fault is about; empty fields match everything.

    `nth` counts the matching calls since the fault was set, from 1: the fault begins at the n-th.
    """

    method: str | None = None
    path: str | None = None
    path_prefix: str | None = None
    path_regex: re.Pattern[str] | None = None
    nth: int = 1

    def covers(self, *, method: str, path: str) -> bool:
        """Say whether a call is among those this match is about (leaving `nth` aside)."""
        return (
            self.method in (None, method.upper())
            and self.path in (None, path)
            and (self.path_prefix is None or path.startswith(self.path_prefix))
            and (self.path_regex is None or self.path_regex.search(path) is not None)
        )


@dataclass(slots=True)
class Fault:
    """One fault that was set, with its running count of matching calls."""

    id: int
    kind: str
    match: Match
    times: int | None
    parameters: dict[str, object]
    document: Mapping[str, object]
    matched: int = 0
    applied: int = 0

    def strikes(self, *, method: str, path: str) -> bool:
        """Count a call and say whether this fault hits it."""
        if not self.match.covers(method=method, path=path):
            return False
        self.matched += 1
        if self.matched < self.match.nth or (self.times is not None and self.applied >= self.times):
            return False
        self.applied += 1
        return True

    def number(self, name: str) -> float:
        """Give a parameter that was declared as a number."""
        value = self.parameters[name]
        if not isinstance(value, int | float):
            raise TypeError(f"{name} of {self.kind} is not a number.")
        return value

    def text(self, name: str) -> str:
        """Give a parameter that was declared as text."""
        return str(self.parameters[name])

    def described(self) -> dict[str, object]:
        """Give the fault for the control API."""
        return {"id": self.id, **self.document, "matched": self.matched, "applied": self.applied}


@dataclass(slots=True)
class FaultBook:
    """All faults set on one emulator, in the order they were set."""

    kinds: Mapping[str, Parameters]
    _faults: list[Fault] = field(default_factory=list)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    def add(self, document: object) -> Fault:
        """
        Set one fault.

        :raises DocumentError: a kind this emulator does not have, or a match or parameter it cannot read.
        """
        fields = documents.require_object(document, where="The fault")
        documents.refuse_unknown(fields, FAULT_FIELDS, where="The fault")
        kind = documents.take(fields, "kind", str, where="The fault")
        if kind not in self.kinds:
            raise DocumentError(f"No fault of kind {kind!r} here. Kinds are: {', '.join(sorted(self.kinds))}.")
        fault = Fault(
            id=next(self._ids),
            kind=kind,
            match=_read_match(fields.get("match", {})),
            times=_read_times(fields),
            parameters=_read_parameters(fields.get("parameters", {}), kind=kind, known=self.kinds[kind]),
            document=fields,
        )
        self._faults.append(fault)
        return fault

    def striking(self, *, method: str, path: str) -> list[Fault]:
        """Count a call with every fault and give those that hit it, oldest first."""
        return [fault for fault in self._faults if fault.strikes(method=method, path=path)]

    def remove(self, fault_id: int) -> bool:
        """Take one fault away; say whether it was there."""
        before = len(self._faults)
        self._faults = [fault for fault in self._faults if fault.id != fault_id]
        return len(self._faults) < before

    def clear(self) -> None:
        """Take all faults away."""
        self._faults.clear()

    def described(self) -> list[dict[str, object]]:
        """Give all faults for the control API."""
        return [fault.described() for fault in self._faults]


def _read_match(document: object) -> Match:
    where = "The fault's match"
    fields = documents.require_object(document, where=where)
    documents.refuse_unknown(fields, MATCH_FIELDS, where=where)
    texts = {
        name: documents.take(fields, name, str, where=where)
        for name in ("method", "path", "path_prefix")
        if name in fields
    }
    nth = documents.take(fields, "nth", int, where=where, default=1)
    if nth < 1:
        raise DocumentError("The fault's match: 'nth' counts from 1.")
    method = texts.pop("method", None)
    return Match(method=method.upper() if method else None, path_regex=_read_regex(fields, where), nth=nth, **texts)


def _read_regex(fields: Mapping[str, object], where: str) -> re.Pattern[str] | None:
    if "path_regex" not in fields:
        return None
    try:
        return re.compile(documents.take(fields, "path_regex", str, where=where))
    except re.error as error:
        raise DocumentError(f"{where}: 'path_regex' cannot be read: {error}.") from error


def _read_times(fields: Mapping[str, object]) -> int | None:
    """Give how many calls a fault hits: one unless said; null means until it is removed."""
    if "times" in fields and fields["times"] is None:
        return None
    times = documents.take(fields, "times", int, where="The fault", default=1)
    if times < 1:
        raise DocumentError("The fault: 'times' is at least 1, or null for every call.")
    return times


def _read_parameters(document: object, *, kind: str, known: Parameters) -> dict[str, object]:
    where = f"The parameters of {kind!r}"
    fields = documents.require_object(document, where=where)
    documents.refuse_unknown(fields, known, where=where)
    values: dict[str, object] = {}
    for name, parameter in known.items():
        if name in fields or parameter.is_required:
            values[name] = documents.take(fields, name, parameter.kind, where=where)
        else:
            values[name] = parameter.default
    return values
