"""The API versions: which there are, which are retired, and what each is called."""

import re

from emulators.salesforce import errors

NEWEST, OLDEST = 68, 31
# Retired ones answer 410 (notes, section 3).
RETIRED = range(7, 31)

# Three releases a year; 68.0 is Winter '27.
_SEASONS = ("Winter", "Spring", "Summer")
_NEWEST_YEAR = 27

PREFIX = "/services/data/"
_VERSIONED = re.compile(rf"{PREFIX}v([^/]+)(?:/.*)?")


def listed() -> list[dict[str, str]]:
    """Give the versions that work, oldest first."""
    return [
        {"label": _label(number), "url": f"{PREFIX}v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST, NEWEST + 1)
    ]


def version_of(path: str) -> str | None:
    """Give the version a path names, as written; none when it names none."""
    match = _VERSIONED.fullmatch(path)
    return None if match is None else match[1]


def check(version: str) -> None:
    """
    Accept a version that works.

    :raises RefusalError: 410 for a retired one, 404 for one there never was or that has no decimal (inferred).
    """
    match = re.fullmatch(r"(\d{1,3})\.0", version, re.ASCII)
    number = 0 if match is None else int(match[1])
    if number in RETIRED:
        raise errors.retired()
    if not OLDEST <= number <= NEWEST:
        raise errors.not_found()


def _label(number: int) -> str:
    years, season = divmod(number - NEWEST, len(_SEASONS))
    return f"{_SEASONS[season]} '{_NEWEST_YEAR + years}"
