"""Read the whole trail again and say whether anything was edited, cut, added or put in another order."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, TextField, When
from django.db.models.functions import Cast

from onhook.audit import chain, guard
from onhook.audit.checkpoint import Checkpoint
from onhook.audit.models import AuditEvent, AuditHead

_JSON = ("before", "after")
_PYTHONS_TIMES = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_AS_IT_STANDS = {
    "stored_at": Case(When(at__range=_PYTHONS_TIMES, then="at")),
    **{f"stored_{name}": Cast(name, TextField()) for name in _JSON},
}


@dataclass(frozen=True)
class Finding:
    """One thing wrong with one company's chain, at a sequence number."""

    coid: int
    sequence: int
    problem: str


@dataclass(frozen=True)
class Report:
    """
    What a verification read and found; `is_intact` when it found nothing.

    :param off_guard: the database's own triggers that should refuse changes and do not.
    """

    companies: int
    events: int
    findings: list[Finding]
    off_guard: list[str] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        return not self.findings and not self.off_guard


def verify(*, checkpoint: Checkpoint | None = None, acted: Collection[int] = ()) -> Report:
    """
    Check every chain: each link's hash, its order, the head, and, when given, an exported checkpoint. Check, too,
    that the database still refuses changes.

    The heads stand in the same database as the events, so only a checkpoint kept elsewhere shows a chain whose
    end was cut together with its head, or one that was written anew from the start.

    :param acted: COIDs of companies whose records show that something was done: each of them needs a chain.
    """
    with _one_moment():
        return _verify_all(checkpoint.heads if checkpoint else {}, acted)


def _verify_all(known: dict[int, tuple[int, str]], acted: Collection[int]) -> Report:
    heads = {head.company_id: (head.sequence, head.hash) for head in AuditHead.objects.all()}
    findings: list[Finding] = []
    events = 0
    seen: set[int] = set()
    for coid, rows in groupby(_events(), key=itemgetter("company_id")):
        seen.add(coid)
        count, found = _verify_chain(coid, rows, head=heads.get(coid), known=known.get(coid))
        events += count
        findings += found
    for coid in sorted((heads.keys() | known.keys()) - seen):
        sequence = max(heads.get(coid, (0, ""))[0], known.get(coid, (0, ""))[0])
        if sequence:
            findings.append(Finding(coid, sequence, "every event of this company is missing"))
    silent = {coid for coid in acted if coid not in seen} - {finding.coid for finding in findings}
    findings += [
        Finding(coid, 0, "has operations and no trail: its events and their head are gone") for coid in sorted(silent)
    ]
    return Report(companies=len(seen), events=events, findings=findings, off_guard=guard.off_guard())


def verify_company(*, company_id: int) -> Report:
    """Check one company's chain, as `verify` does without a checkpoint."""
    with _one_moment():
        return _verify_one(company_id)


@contextmanager
def _one_moment() -> Iterator[None]:
    """
    Read heads and events as of one moment, or a writer between the two reads would look like a forger.

    Inside a transaction that is already open (a page, a test) its own moment has to do.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _verify_one(company_id: int) -> Report:
    head = AuditHead.objects.filter(company_id=company_id).first()
    known = (head.sequence, head.hash) if head else None
    if known is None and not AuditEvent.objects.filter(company_id=company_id).exists():
        return Report(companies=1, events=0, findings=[])
    count, findings = _verify_chain(company_id, _events(company_id=company_id), head=known, known=None)
    return Report(companies=1, events=count, findings=findings)


def _events(*, company_id: int | None = None) -> Iterator[dict[str, Any]]:
    """
    Give the rows in the order of their chains, whatever was put into them.

    PostgreSQL takes times and JSON that Python cannot hold. The product never wrote such a value: a time is None
    then, and JSON stays text until its row is checked.
    """
    rows = AuditEvent.objects.order_by("company_id", "sequence")
    if company_id is not None:
        rows = rows.filter(company_id=company_id)
    plain = [name for name in chain.FIELDS if name not in {"at", *_JSON}]
    asked = rows.values("id", *plain, "hash", **_AS_IT_STANDS)
    for row in asked.iterator(chunk_size=2000):
        yield {name.removeprefix("stored_"): value for name, value in row.items()}


def _verify_chain(
    coid: int, rows: Iterator[dict[str, Any]], *, head: tuple[int, str] | None, known: tuple[int, str] | None
) -> tuple[int, list[Finding]]:
    findings: list[Finding] = []
    previous, expected, count, last_id = chain.FIRST_HASH, 1, 0, 0
    last: tuple[int, str] = (0, chain.FIRST_HASH)
    for row in rows:
        count += 1
        findings += _check_link(coid, row, previous=previous, expected=expected)
        if known and row["sequence"] == known[0] and row["hash"] != known[1]:
            findings.append(Finding(coid, row["sequence"], "differs from the checkpoint: the chain was written anew"))
        if row["id"] <= last_id:
            findings.append(Finding(coid, row["sequence"], "its row number is out of order: put in another order"))
        previous, expected, last_id = row["hash"], row["sequence"] + 1, row["id"]
        last = (row["sequence"], row["hash"])
    if head != last:
        findings.append(Finding(coid, last[0], "the chain's end does not fit its head: events were cut or added"))
    if known and last[0] < known[0]:
        findings.append(Finding(coid, last[0], f"the checkpoint knew event {known[0]}: the end of the chain was cut"))
    return count, findings


def _check_link(coid: int, row: dict[str, Any], *, previous: str, expected: int) -> list[Finding]:
    findings = []
    if row["sequence"] != expected:
        missing = f"events {expected} to {row['sequence'] - 1} are missing" if row["sequence"] > expected else "double"
        findings.append(Finding(coid, row["sequence"], missing))
    elif row["previous_hash"] != previous:
        findings.append(
            Finding(coid, row["sequence"], "does not follow from the event before it: put in another order")
        )
    if _hash_of(row) != row["hash"]:
        findings.append(Finding(coid, row["sequence"], "its content does not fit its hash: edited"))
    return findings


def _hash_of(row: Mapping[str, Any]) -> str | None:
    """Return the hash that fits the row's content, or None where no hash fits: the product never wrote that."""
    try:
        return chain.link_hash({**row, **{name: json.loads(row[name]) for name in _JSON}})
    except (ValueError, RecursionError):
        return None
