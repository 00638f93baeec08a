"""Pages of a list: `{"Items": [...], "Pagination": {"Page", "Limit", "Count"}}`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emulators.twocheckout.errors import bad_request

DEFAULT_LIMIT = 10
MAXIMUM_LIMIT = 200
LAST_PAGE = 200
LONGEST_NUMBER = 6


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for, counted from 1, and how long pages are."""

    number: int
    limit: int

    def of(self, found: Sequence[object], *, account_total: int) -> dict[str, object]:
        """Give this page of what was found; `Count` is the account's total, as reported, not the search's."""
        start = (self.number - 1) * self.limit
        pagination = {"Page": self.number, "Limit": self.limit, "Count": account_total}
        return {"Items": list(found[start : start + self.limit]), "Pagination": pagination}


def read_page(query: Mapping[str, list[str]]) -> Page:
    """
    Read `Page` and `Limit`.

    :raises ApiError: not numbers, a page beyond the 200th, or more than 200 items a page.
    """
    page = Page(number=_number(query, "Page", 1), limit=_number(query, "Limit", DEFAULT_LIMIT))
    if page.number > LAST_PAGE:
        raise bad_request("INVALID_PARAMETER", "Only first 200 pages can be returned!")
    if page.limit > MAXIMUM_LIMIT:
        raise bad_request("INVALID_PARAMETER", f"Limit can be at most {MAXIMUM_LIMIT}.")
    return page


def _number(query: Mapping[str, list[str]], name: str, default: int) -> int:
    text = query.get(name, [str(default)])[-1]
    number = read_whole_number(text)
    if number is None:
        raise bad_request("INVALID_PARAMETER", f"{name} is a whole number from 1.")
    return number


def read_whole_number(text: str) -> int | None:
    """Give a whole number from 1 as a query or form writes it; none for anything else, too long ones too."""
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_NUMBER:
        return None
    return int(text) or None
