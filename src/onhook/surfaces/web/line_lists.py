"""The list of a company's lines as both faces show it: what the address asks for, its tabs, its orders and its page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest

from onhook.devices import listing
from onhook.devices.wanted import Counted, Key, Page, Sort, Tab, UnreadableKey, Use, Wanted
from onhook.operations import going
from onhook.surfaces.web import addresses, picking, rows
from onhook.surfaces.web.picking import Carried
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.permissions import Permission
from onhook.ui import navigation

_TAB_WORDS = {Tab.ACTIVE: "Active", Tab.HELD: "On hold", Tab.DELETED: "Deleted"}
_SORT_WORDS = {Sort.NUMBER: "By number", Sort.WORKER: "By worker", Sort.SEEN: "Last used first"}
_USE_WORDS = {
    Use.ANY: "Any use",
    Use.LAST_DAY: "Used in the last day",
    Use.QUIET: "Not used for 30 days",
    Use.NEVER: "Never used",
}
_NOTHING_PICKED = Carried()
# Characters: a hundred pasted numbers.
MOST_TEXT = 2000
_MARK_BYTES = 6


def mark(wanted: Wanted) -> str:
    """
    Return a short mark of what somebody saw.

    A button of the list sends it with the form: what was typed there since, and was not searched for, is another list.
    """
    return _digest("\0".join((wanted.tab, wanted.use, wanted.sort, wanted.text)))


def mark_of(device_ids: Sequence[int]) -> str:
    """Return a short mark of exactly these lines, so that a form plans those that it showed."""
    return _digest(",".join(map(str, sorted(device_ids))))


def _digest(said: str) -> str:
    return hashlib.blake2s(said.encode(), digest_size=_MARK_BYTES).hexdigest()


@dataclass(frozen=True)
class Nothing:
    """Why a list is empty, in words, and the icon that stands above them."""

    icon: str
    title: str
    text: str


@dataclass(frozen=True)
class Address:
    """Where a face has its list, and how it calls the text that is searched for."""

    home: str
    text: str = "q"

    def read(self, request: HttpRequest) -> Wanted:
        """Return what a request asks for; what it does not understand counts as not said."""
        asked = request.GET
        return Wanted(
            tab=Tab(asked["tab"]) if asked.get("tab") in set(Tab) else Tab.ACTIVE,
            text=addresses.plain(asked.get(self.text, ""))[:MOST_TEXT],
            use=Use(asked["use"]) if asked.get("use") in set(Use) else Use.ANY,
            sort=Sort(asked["sort"]) if asked.get("sort") in _SORT_WORDS else Sort.NUMBER,
        )

    def write(self, wanted: Wanted, carried: Carried = _NOTHING_PICKED) -> str:
        """Return the address of a list, without what is usual, and with what is picked."""
        said = {
            "tab": "" if wanted.tab is Tab.ACTIVE else wanted.tab.value,
            self.text: wanted.text,
            "use": wanted.use.value,
            "sort": "" if wanted.sort is Sort.NUMBER else wanted.sort.value,
        }
        return carried.address(self.home, said)


@dataclass(frozen=True, kw_only=True)
class LineList:
    """One page of a company's lines, as somebody asked for it."""

    address: Address
    wanted: Wanted
    page: Page
    counts: Mapping[Tab, Counted]
    carried: Carried
    is_later_page: bool
    may_plan: bool
    missing: Sequence[str] = ()
    """Of several numbers that were searched for at once, those that no line has."""

    @property
    def count(self) -> Counted:
        """How many lines there are under the tab that is shown."""
        return self.counts[self.wanted.tab]

    @property
    def next(self) -> str:
        """Where the next page of this very list begins, as `after` says it; empty on the last page."""
        return f"{mark(self.wanted)}~{self.page.next}" if self.page.next else ""

    @property
    def nothing(self) -> Nothing:
        """Why there is no row."""
        wanted = self.wanted
        if wanted.is_too_short:
            return Nothing("search", "Write a little more", "Three digits or letters at least, or the whole device id.")
        if self.is_later_page:
            return Nothing("list-end", "No more lines here", "The lines that stood here have left this list meanwhile.")
        if wanted.is_filtered:
            return Nothing("search-x", f"No line fits under {_TAB_WORDS[wanted.tab]}", self._where_else())
        return {
            Tab.ACTIVE: Nothing("smartphone", "No active line", "Every line is on hold or deleted, or none is set up."),
            Tab.HELD: Nothing("lock-open", "No line is on hold", "A hold keeps a line from being deleted."),
            Tab.DELETED: Nothing(
                "phone-off",
                "No line was deleted yet",
                "Deleted lines stay here with the time, and the person who confirmed it.",
            ),
        }[wanted.tab]

    def _where_else(self) -> str:
        found = [f"{self.counts[tab]} under {_TAB_WORDS[tab]}" for tab in Tab if self.counts[tab].lines]
        if found:
            return f"The same search finds {' and '.join(found)}."
        wider = "write less of the number or name" if self.wanted.text else "choose any use"
        return f"No other tab has one either: {wider}, or show all lines."

    def _elsewhere(self) -> tuple[str, str]:
        """Return where an empty list leads: to the first tab where the search finds something, or to all lines."""
        for tab in Tab:
            if self.counts[tab].lines and tab is not self.wanted.tab:
                return self.url(replace(self.wanted, tab=tab)), f"Look under {_TAB_WORDS[tab]}"
        return self.url(Wanted(tab=self.wanted.tab)), "Show all lines"

    def url(self, wanted: Wanted) -> str:
        """Return the address of another view of the list, which takes the picks along."""
        return self.address.write(wanted, self.carried)

    def tabs(self) -> list[navigation.Tab]:
        """Return the tabs with how many lines each has under the same search and filter."""
        return [
            navigation.Tab(
                word=_TAB_WORDS[tab],
                url=self.url(replace(self.wanted, tab=tab)),
                count=str(self.counts[tab]),
                is_here=tab is self.wanted.tab,
                tone="warn" if tab is Tab.HELD and self.counts[tab].lines else "",
            )
            for tab in Tab
        ]

    def rows(self, *, channel_of: Callable[[str], str] = lambda _: "") -> list[dict[str, object]]:
        """
        Return the rows in words, also whether each line is about to go.

        :param channel_of: who bills a SOC code, as a code.
        """
        about_to_go = going.among([] if self.wanted.tab is Tab.DELETED else [line.pk for line in self.page.rows])
        return [
            rows.of_line(
                line,
                url=f"{self.address.home}{line.pk}/",
                is_going=line.pk in about_to_go,
                is_picked=line.pk in self.carried.picked,
                channel=channel_of(line.soc_code),
            )
            for line in self.page.rows
        ]

    def context(self) -> dict[str, object]:
        """Return what the templates of both faces ask for; the rows are each face's own."""
        return {
            "wanted": self.wanted,
            "tabs": self.tabs(),
            "sorts": [(sort.value, word, sort is self.wanted.sort) for sort, word in _SORT_WORDS.items()],
            "uses": [(use.value, word, use is self.wanted.use) for use, word in _USE_WORDS.items()],
            "use_word": _USE_WORDS[self.wanted.use],
            "count": self.count,
            "carried": self.carried,
            "mark": mark(self.wanted),
            "missing": self.missing,
            "most_text": MOST_TEXT,
            "plain": self.url(Wanted(tab=self.wanted.tab)),
            "without_picks": self.address.write(self.wanted),
            "is_active": self.wanted.tab is Tab.ACTIVE,
            "is_deleted": self.wanted.tab is Tab.DELETED,
            "is_later_page": self.is_later_page,
            "next": self.next,
            "may_plan": self.may_plan,
            "may_pick": self.may_plan and self.wanted.tab is Tab.ACTIVE and bool(self.page.rows),
            **self._of_filters(),
        }

    def _of_filters(self) -> dict[str, object]:
        """Return what only a filtered or an empty list asks for."""
        said: dict[str, object] = {}
        if self.wanted.is_filtered:
            said["without_text"] = self.url(replace(self.wanted, text=""))
            said["without_use"] = self.url(replace(self.wanted, use=Use.ANY))
        if not self.page.rows:
            said |= {"nothing": self.nothing, "leads_to": self._elsewhere()}
        return said


def read(request: WebRequest, address: Address) -> LineList:
    """
    Return the page of the company's lines that the request asks for.

    :raises UnreadableKey: it names a place that is none of this list; `first_page` is where to go instead.
    """
    wanted = address.read(request)
    after = _place(wanted, request.GET["after"]) if "after" in request.GET else None
    matching = listing.search(company=request.company, text=wanted.text) if wanted.text else None
    page = listing.page(company=request.company, wanted=wanted, after=after, matching=matching)
    may_plan = request.actor.may(Permission.PLAN_DELETION, company_id=request.company.pk)
    shown = [line.pk for line in page.rows]
    return LineList(
        address=address,
        wanted=wanted,
        page=page,
        counts=listing.counts(company=request.company, wanted=wanted, matching=matching),
        carried=picking.carried(request, shown=shown) if may_plan else _NOTHING_PICKED,
        is_later_page=after is not None,
        may_plan=may_plan,
        missing=listing.missing(company=request.company, text=wanted.text, matching=matching or ()),
    )


def _place(wanted: Wanted, after: str) -> Key:
    """
    Return where a page of the list begins.

    :raises UnreadableKey: it is no place, or one of another list.
    """
    of_list, _, key = after.partition("~")
    if of_list != mark(wanted):
        raise UnreadableKey(after)
    return Key.read(key)


def first_page(request: WebRequest, address: Address) -> str:
    """Return the address of the same list from its beginning, with the same picked."""
    return address.write(address.read(request), Carried(picked=frozenset(picking.asked(request))))
