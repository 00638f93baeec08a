"""How many decreases the shop has not seen yet, so that two deletions in a row never both say "12 to 11"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet, Sum

from onhook.billing.models import LicenceDecrease, SubscriptionReading


@dataclass(frozen=True)
class Count:
    """A subscription's paid lines now, and how many of them are to go: all decreases that the shop has not seen."""

    quantity: int
    unseen: int

    @property
    def target(self) -> int:
        """What the customer is to set at the shop; below zero means that the figures do not fit together."""
        return self.quantity - self.unseen


class CountedForAnother(Exception):
    """Another company's lines were counted at this subscription: nobody but a person can say whose it is."""

    def __init__(self, coid: int) -> None:
        super().__init__(f"counted for the company with COID {coid}")
        self.coid = coid


class Overtaken(Exception):
    """Somebody recorded another count after this one was asked for: nobody can say which is the newer one."""


def record_reading(
    *,
    company_id: int,
    reference: str,
    quantity: int,
    asked_at: datetime,
    now: datetime,
    takes_over: bool = False,
) -> Count:
    """
    Keep what the shop said of a subscription, in the caller's transaction.

    A count lower than the last one means that the customer lowered it: the oldest decreases count as seen first. A
    higher one is a purchase and says nothing about decreases. Decreases of the company whose subscription was not
    known when they happened count for this subscription from now on.

    :param asked_at: a time of the database before the shop was asked.
    :param now: a time of the database after it answered.
    :param takes_over: a person decided that the subscription is this company's, whoever it was counted for before.
        What the other company was to lower stays theirs, and is not counted here.

    :raises CountedForAnother: it was another company's until now, and nobody decided; nothing was kept.
    :raises Overtaken: ask the shop again; nothing was kept.
    """
    with connection.cursor() as cursor:
        # Two operations of one company that read at the same moment must not both take the same drop for theirs.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [reference])
    last = SubscriptionReading.objects.filter(pk=reference).first()
    if last is not None and last.company_id != company_id and not takes_over:
        raise CountedForAnother(last.company_id)
    if last is not None and last.quantity != quantity and asked_at <= last.read_at:
        raise Overtaken
    # Before the drop is shared out: the customer may have lowered for these with the shop's own mail.
    LicenceDecrease.objects.filter(company_id=company_id, reference="").update(reference=reference)
    if last is not None and quantity < last.quantity:
        _see(company_id, reference, last.quantity - quantity)
    read_at = now if last is None else max(now, last.read_at)
    SubscriptionReading.objects.update_or_create(
        pk=reference, defaults={"company_id": company_id, "quantity": quantity, "read_at": read_at}
    )
    return Count(quantity=quantity, unseen=unseen(company_id=company_id, reference=reference))


def record_decrease(*, company_id: int, reference: str, operation_id: UUID, lines: int, now: datetime) -> None:
    """Keep that the customer is to lower `lines`; for one operation once, however often it is asked."""
    LicenceDecrease.objects.get_or_create(
        operation_id=operation_id,
        defaults={"company_id": company_id, "reference": reference, "lines": lines, "told_at": now},
    )


def unseen(*, company_id: int, reference: str) -> int:
    """Return the decreases of a company at its subscription that the shop has not seen, in lines."""
    return _left(LicenceDecrease.objects.filter(company_id=company_id, reference=reference))


def unseen_of(*, company_id: int) -> int:
    """Return the decreases of a company that the shop has not seen, whichever subscription they are at, in lines."""
    return _left(LicenceDecrease.objects.filter(company_id=company_id))


def _left(decreases: QuerySet[LicenceDecrease]) -> int:
    return int(decreases.aggregate(left=Sum(F("lines") - F("seen")))["left"] or 0)


def _see(company_id: int, reference: str, lines: int) -> None:
    open_decreases = LicenceDecrease.objects.filter(company_id=company_id, reference=reference, seen__lt=F("lines"))
    for decrease in open_decreases.select_for_update().order_by("told_at", "pk"):
        taken = min(lines, decrease.lines - decrease.seen)
        decrease.seen += taken
        decrease.save(update_fields=["seen"])
        lines -= taken
        if not lines:
            return
