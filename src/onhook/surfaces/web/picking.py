"""
The lines that somebody ticks in a list, page by page and search by search.

The picks stand in the address of the list as `device`, so a search, another page and the way back from the deletion's
form keep them. Where scripts run, what was ticked since the last answer stands in the address at once; where none do,
the form's buttons take it along, and a reload or a link loses it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404

from onhook.devices import listing
from onhook.operations import going
from onhook.surfaces.web import addresses
from onhook.surfaces.web.requests import WebRequest
from onhook.surfaces.web.templatetags.lines import phone

MOST_CARRIED = 300
"""More would make addresses that some servers between here and the browser refuse."""


@dataclass(frozen=True)
class Elsewhere:
    """A picked line that the page of the list does not show."""

    pk: int
    number: str
    worker: str


@dataclass(frozen=True)
class Carried:
    """What was picked on the way to a page of the list."""

    picked: frozenset[int] = frozenset()
    elsewhere: Sequence[Elsewhere] = ()
    lost: int = 0
    """Picks of lines that cannot be picked (any more)."""
    left_out: int = 0
    """Picks beyond the most that a list carries."""

    def address(self, base: str, said: Mapping[str, str]) -> str:
        """Return an address with what is said, and with the picks: of a list, or of a form about them."""
        return addresses.with_query(base, said, device=[str(pk) for pk in sorted(self.picked)])


def asked(request: WebRequest) -> list[int]:
    """Return the ids that the address names, each once, in order."""
    named = {addresses.whole(text) for text in request.GET.getlist("device")}
    return sorted(device_id for device_id in named if device_id is not None)


def chosen(request: WebRequest) -> list[int]:
    """
    Return the ids of the picked lines.

    :raises Http404: one of several is no line of this company, or no id at all; so fewer lines go than were meant.
    """
    named = asked(request)
    is_whole = all(addresses.whole(text) is not None for text in request.GET.getlist("device"))
    if named and not (is_whole and len(listing.lines(company=request.company, device_ids=named)) == len(named)):
        raise Http404
    return named


def carried(request: WebRequest, *, shown: Collection[int]) -> Carried:
    """
    Return the picks that the address brings along, as far as these lines can (still) be picked.

    :param shown: the ids of the lines on this page of the list.
    """
    named = asked(request)
    if not named:
        return Carried()
    about_to_go = going.among(named)
    lines = listing.lines(company=request.company, device_ids=named)
    able = [line for line in lines if line.deleted_at is None and not line.is_held and line.pk not in about_to_go]
    kept = able[:MOST_CARRIED]
    return Carried(
        picked=frozenset(line.pk for line in kept),
        elsewhere=[Elsewhere(line.pk, phone(line.number), line.worker) for line in kept if line.pk not in shown],
        lost=len(named) - len(able),
        left_out=len(able) - len(kept),
    )
