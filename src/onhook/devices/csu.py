"""The support tool's reads (CSU): search over live and deleted rows, and the read-back of a deletion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Reverse

from onhook.devices import numbers
from onhook.devices.folding import Folded
from onhook.devices.models import LONG_AGO, Device
from onhook.tenancy.models import Company

# Fewer letters match too much for any index to help.
LEAST_LETTERS = 3
# So many digits are a whole number in most countries, but for the country code: lines that end with them are meant.
WHOLE_DIGITS = 10
# More are a sentence, not a name.
_MOST_WORDS = 8
# From so many digits on a text means a number, not a name with digits in it.
_DIGITS_OF_A_NUMBER = 7


def find(*, text: str, most: int, company_id: int | None = None, regions: frozenset[str] = frozenset()) -> list[Device]:
    """
    Return rows, live ones first, that `text` may mean: a number in any form, part of one, a worker, a device id.

    :param most: give back no more rows than this.
    :param company_id: search this company's rows only; None searches the platform and is for staff.
    :param regions: of the companies searched, to read a number written without its country code.
    """
    rows = Device.objects.select_related("company").alias(_from_the_end=Reverse("number"))
    if company_id is not None:
        rows = rows.filter(company_id=company_id)
    text, digits = text.strip(), numbers.digits(text).lstrip("0")
    if len(digits) >= WHOLE_DIGITS and len(digits) >= len(text) / 2 and not text.startswith("+"):
        readings = numbers.readings(text, regions=regions)
        whole = _first(rows.filter(Q(number__in=readings) | Q(_from_the_end__startswith=digits[::-1])), most)
        if whole:
            return whole
    return _first(rows.filter(may_mean(text, regions=regions)), most)


def _first(rows: QuerySet[Device], most: int) -> list[Device]:
    # Two reads in the order of the ids: what fits a million rows is read no further than shown, and never sorted.
    live = list(rows.filter(deleted_at=None).order_by("pk")[:most])
    gone = list(rows.filter(deleted_at__isnull=False).order_by("-pk")[: most - len(live)])
    return [*live, *sorted(gone, key=lambda row: row.deleted_at or LONG_AGO, reverse=True)]


def is_whole_number(text: str) -> bool:
    """Whether `text` is a number with its country code, which means this number and nothing else."""
    return text.startswith("+") and bool(numbers.readings(text, regions=frozenset()))


def may_mean(text: str, *, regions: frozenset[str]) -> Q:
    """Return the condition of a row that `text` may mean; each part of it has an index of its own."""
    wanted = Q(number__in=numbers.readings(text, regions=regions))
    if is_whole_number(text):
        return wanted
    digits = numbers.digits(text)
    is_mostly_digits = len(digits) >= len(text) / 2
    if len(digits) >= LEAST_LETTERS and is_mostly_digits:
        wanted |= Q(number__contains=digits.lstrip("0") or digits)
    if text.isdecimal() and len(text) < 10:  # noqa: PLR2004  # ids are shorter than phone numbers
        wanted |= Q(pk=int(text))
    if len(text) >= LEAST_LETTERS and not (is_mostly_digits and len(digits) >= _DIGITS_OF_A_NUMBER):
        wanted |= _named(text)
    return wanted


def _named(text: str) -> Q:
    """Return the condition of a row whose worker has every word of the text; no index knows a word of two letters."""
    words = text.split()
    if len(words) > _MOST_WORDS or all(len(word) < LEAST_LETTERS for word in words):
        words = [text]
    return Q(*(Q(worker__folded__contains=Folded(Value(word))) for word in words))


@dataclass(frozen=True)
class ReadBack:
    """What a search by number showed: the row's Deleted Datetime, and live rows of the company with the number."""

    device_id: int
    deleted_at: datetime | None
    live_rows: int


def read_back(*, company_id: int, lines: Sequence[tuple[int, str]], deadline_seconds: float) -> dict[int, ReadBack]:
    """
    Search by number, as an agent would, for each (device id, E.164 number) of the company.

    :param deadline_seconds: the database gives up after this time.
    :return: by device id; a line whose row cannot be found is missing.
    :raises django.db.OperationalError: the rows could not be read in time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(deadline_seconds * 1000))])
        cursor.execute(
            """
            SELECT line.id,
                   (max(device.deleted_at) FILTER (WHERE device.id = line.id)),
                   count(*) FILTER (WHERE device.deleted_at IS NULL),
                   bool_or(device.id = line.id)
            FROM unnest(%s::bigint[], %s::text[]) AS line(id, number)
            JOIN devices_device AS device ON device.number = line.number AND device.company_id = %s
            GROUP BY line.id
            """,
            [[device_id for device_id, _ in lines], [number for _, number in lines], company_id],
        )
        rows = cursor.fetchall()
        # The deadline is for this read, not for what the caller's transaction does after it.
        cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    return {
        device_id: ReadBack(device_id=device_id, deleted_at=deleted_at, live_rows=live)
        for device_id, deleted_at, live, is_there in rows
        if is_there
    }


def companies(*, text: str, most: int = 5) -> list[Company]:
    """Return the companies that `text` names: by COID, else by exact name, else by part of the name. For staff."""
    text = text.strip()
    if text.isdecimal() and len(text) < 10:  # noqa: PLR2004  # a COID is a 32-bit integer
        return list(Company.objects.filter(pk=int(text)))
    is_number = len(numbers.digits(text)) >= _DIGITS_OF_A_NUMBER and not any(letter.isalpha() for letter in text)
    if len(text) < LEAST_LETTERS or is_number:
        return []
    exact = list(Company.objects.filter(name__iexact=text)[:most])
    return exact or list(Company.objects.filter(name__icontains=text).order_by("pk")[:most])
