"""What a text names by an id or a reference: an operation or plan, by id or ticket, or a line."""

from __future__ import annotations

import re
from uuid import UUID

from django.db import connection
from django.db.models import Q, Value
from django.db.models.functions import Upper

from onhook.devices.models import Device
from onhook.operations.models import Operation, Plan
from onhook.operations.vocabulary import PlanState

_DIGITS_OF_AN_ID = 32
# Eight characters are what people read out and paste; more digits without a letter are a phone number.
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f-]*)?|(?=[0-9]*[a-f])[0-9a-f]{9,}", re.IGNORECASE)
# As our own rows name a line.
_DEVICE = re.compile(r"device(?:\s+#?|:)([0-9]{1,9})", re.IGNORECASE)
_SPACES = re.compile(r"[ \t]+")
# A word in front that only says what the text is.
_WORD_BEFORE = re.compile(
    r"(?:COID\s*[:#]?\s*|(?:operation|plan|ticket|account(?: number)?)(?:\s*[:#]\s*|\s+))(?=\S*[0-9])", re.IGNORECASE
)


def plain(text: str) -> str:
    """Return what was pasted without the word in front that only says what it is, and with single spaces."""
    text = _SPACES.sub(" ", text)
    word = _WORD_BEFORE.match(text)
    return text[word.end() :] if word else text


def is_whole_id(text: str) -> bool:
    """Whether `text` is a whole id of an operation or plan, which means nothing else."""
    return bool(_ID.fullmatch(text)) and len(text.replace("-", "")) == _DIGITS_OF_AN_ID


def by_id(text: str, *, most: int) -> tuple[list[Operation], list[Plan]]:
    """Return the operations and plans whose id is `text` or begins with it: eight characters at least."""
    digits = text.replace("-", "")
    if not _ID.fullmatch(text) or len(digits) > _DIGITS_OF_AN_ID:
        return [], []
    first, last = (UUID(digits.ljust(_DIGITS_OF_AN_ID, filling)) for filling in "0f")
    begins = Q(pk__range=(first, last))
    operations = Operation.objects.select_related("company", "confirmed_by", "plan").filter(begins)
    plans = Plan.objects.select_related("company", "requester").filter(begins, line_count__gt=0)
    return list(operations[:most]), list(plans[:most])


def by_ticket(text: str, *, most: int) -> tuple[list[Operation], list[Plan]]:
    """Return the newest operations that were asked for under this ticket, and plans that nobody has confirmed yet."""
    if not _is_ticket(text):
        return [], []
    plans = (
        Plan.objects.select_related("company", "requester", "operation__company", "operation__confirmed_by")
        .alias(ticket=Upper("ticket_reference"))
        .filter(ticket=Upper(Value(text)))
        .filter(Q(operation__isnull=False) | Q(state=PlanState.OPEN.value, line_count__gt=0))
        .order_by("-created_at")[:most]
    )
    confirmed = [plan for plan in plans if hasattr(plan, "operation")]
    return [plan.operation for plan in confirmed], [plan for plan in plans if plan not in confirmed]


def _is_ticket(text: str) -> bool:
    # Hardly any text is one, and to compose the question below takes twenty times as long as to ask this.
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM operations_plan WHERE upper(ticket_reference) = upper(%s))", [text])
        return bool(cursor.fetchone()[0])


def device(text: str) -> list[Device]:
    """Return the line that `text` names as our pages do, such as `device 17`."""
    named = _DEVICE.fullmatch(text)
    return list(Device.objects.select_related("company").filter(pk=int(named[1]))) if named else []
