"""Query results in pages: what a cursor keeps, and the path that goes on."""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from emulators.salesforce import ids

# The client's hint is kept within these (range inferred; notes, section 4).
FEWEST, MOST = 200, 2000
# Open cursors an org keeps; the oldest gives way (inferred).
GREATEST_COUNT = 50

_BATCH_SIZE = re.compile(r"\bbatchSize\s*=\s*(\d{1,9})\b")
_LOCATOR = re.compile(r"([A-Za-z0-9]{15,18})-(\d{1,9})", re.ASCII)

Shown = dict[str, object]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The rows of one query as they were when it ran, and how many a page holds."""

    locator: str
    rows: Sequence[Shown]
    page_size: int

    def page(self, start: int, *, query_path: str) -> dict[str, object]:
        """Give the page that begins at a row; `totalSize` counts every row, and the path goes on from here."""
        stop = start + self.page_size
        page: dict[str, object] = {"totalSize": len(self.rows), "done": stop >= len(self.rows)}
        if stop < len(self.rows):
            page["nextRecordsUrl"] = f"{query_path}/{self.locator}-{stop}"
        return {**page, "records": self.rows[start:stop]}


class Cursors:
    """The open cursors of one org."""

    def __init__(self) -> None:
        self._cursors: OrderedDict[str, Cursor] = OrderedDict()
        self._count = 0

    def open(self, rows: Sequence[Shown], *, page_size: int) -> Cursor:
        """Give a cursor over rows; it is kept only where one page does not hold them all."""
        self._count += 1
        locator = ids.lengthen(f"01gxx{self._count:010d}")
        cursor = Cursor(locator=locator, rows=rows, page_size=page_size)
        if len(rows) > page_size:
            self._cursors[locator] = cursor
        if len(self._cursors) > GREATEST_COUNT:
            self._cursors.popitem(last=False)
        return cursor

    def find(self, text: str) -> tuple[Cursor, int] | None:
        """Give the cursor and the row that the last part of a path names, if it is open."""
        match = _LOCATOR.fullmatch(text)
        cursor = None if match is None else self._cursors.get(ids.normalised(match[1]) or "")
        if match is None or cursor is None or int(match[2]) >= len(cursor.rows):
            return None
        return cursor, int(match[2])


def page_size(hint: str, *, most: int) -> int:
    """
    Give the rows a page from the header `Sforce-Query-Options`; what cannot be read is no hint (inferred).

    :param most: what the org gives at the most, whatever the hint.
    """
    match = _BATCH_SIZE.search(hint)
    return most if match is None else min(max(int(match[1]), FEWEST), MOST, most)
