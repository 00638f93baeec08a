"""
Phone numbers that belong to nobody, as many as a made-up world needs.

The regulators of several countries set numbers aside for films and books; those come first. Where a country's are used
up, numbers under North American area codes with a 9 in the middle follow: the numbering plan keeps these codes back
for its own expansion, so none of their numbers can be anybody's.

Left out, for documents, tests and the demo: area code 202 and the British mobile range +44 7700 900.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

# By region: what stands before the counted digits, and how many digits are counted.
_UNITED_KINGDOM = (
    *(f"+44{area}4960" for area in (113, 114, 115, 116, 117, 118, 121, 131, 141, 151, 161)),
    "+441914980",
    "+442079460",
    "+442896496",
    "+442920180",
    "+441632960",
)
_BLOCKS: dict[str, tuple[tuple[str, int], ...]] = {
    "US": tuple(
        (f"+1{area}55501", 2)
        for area in range(203, 1000)
        if area % 100 != 11 and area // 10 % 10 != 9  # noqa: PLR2004  # N11 are services, N9X follow below
    ),
    "GB": tuple((prefix, 3) for prefix in _UNITED_KINGDOM),
    "IE": (("+3532091", 5),),
    "AU": tuple((f"+61{area}{block}", 4) for area in (2, 3, 7, 8) for block in (5550, 7010)),
    "FR": tuple((f"+33{prefix}", 4) for prefix in (19900, 26191, 35301, 46571, 53649, 63998)),
}


class FictionNumbers:
    """Gives each number once, always in the same order."""

    def __init__(self) -> None:
        self._of_region = {region: _counted(blocks) for region, blocks in _BLOCKS.items()}
        self._of_nobody = _counted(_unassignable())

    def take(self, region: str) -> str:
        """Return the next number (E.164) of a region, or, when its numbers are used up, the next one of nobody's."""
        number = next(self._of_region.get(region, iter(())), None)
        return number if number is not None else next(self._of_nobody)


def _counted(blocks: Iterator[tuple[str, int]] | tuple[tuple[str, int], ...]) -> Iterator[str]:
    return chain.from_iterable(
        (f"{prefix}{count:0{digits}d}" for count in range(10**digits)) for prefix, digits in blocks
    )


def _unassignable() -> Iterator[tuple[str, int]]:
    """Give area codes N9X with exchange 555, then with all others: 640 million numbers."""
    for exchange in chain((555,), (exchange for exchange in range(200, 1000) if exchange != 555)):  # noqa: PLR2004
        for first in range(2, 10):
            for last in range(10):
                yield f"+1{first}9{last}{exchange}", 4
