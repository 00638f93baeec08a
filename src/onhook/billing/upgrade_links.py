"""
Which links to the shop's upgrade page may leave in a mail, and in what two of them differ: the pure policy.

A customer who follows the link lowers their lines and perhaps pays, so a link is taken apart as a hostile text: what
is not known to be harmless is a problem. The shape of the link is the shop's (2Checkout, "Upgrade links").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

PATH = "/order/upgrade.php"
REFERENCE_PARAMETER = "LICENSE"
LONGEST = 512

# Parameters that may stand beside the reference. Not among them: SHOPURL (leads elsewhere afterwards), QTY, PRICES and
# PHASH (a price or count that is not the customer's choice), and sign-on tokens.
ALLOWED_PARAMETERS: Mapping[str, re.Pattern[str]] = {
    "LANG": re.compile(r"[A-Za-z]{2}([-_][A-Za-z]{2})?", re.ASCII),
    "CURRENCY": re.compile(r"[A-Z]{3}", re.ASCII),
    "DESIGN_TYPE": re.compile(r"[0-9]{1,3}", re.ASCII),
    "UPGRADEPROD": re.compile(r"[0-9]{1,12}", re.ASCII),
    "UPGRADEOPT": re.compile(r"[A-Za-z0-9_.,-]{1,64}", re.ASCII),
}
# What changes how the page looks or is counted, but not what is bought.
_HARMLESS_DIFFERENCES = frozenset({"LANG", "CURRENCY", "SHOPURL", "DESIGN_TYPE"})
_TRACKING = re.compile(r"utm_\w+|gclid|src|affiliate", re.IGNORECASE | re.ASCII)

_CHARACTERS = re.compile(r"[A-Za-z0-9:/?&=._,-]+", re.ASCII)
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class ProblemCode(StrEnum):
    """What is wrong with a link."""

    LENGTH = "length"
    CHARACTERS = "characters"
    SCHEME = "scheme"
    USER = "user"
    HOST = "host"
    PORT = "port"
    PATH = "path"
    REFERENCE = "reference"
    REFERENCE_TWICE = "reference_twice"
    PARAMETER = "parameter"


@dataclass(frozen=True)
class Problem:
    """One reason why a link must not be sent, in words for the person who decides."""

    code: ProblemCode
    text: str


@dataclass(frozen=True)
class Difference:
    """One part in which two links differ; an empty side means that it is missing there."""

    part: str
    ours: str
    theirs: str

    @property
    def text(self) -> str:
        """Return the difference in one sentence: the checked link is the shop's, the other one is Salesforce's copy."""
        return f"{self.part}: {self.ours or 'none'} at the shop, {self.theirs or 'none'} in Salesforce"


def check(url: str, *, reference: str, hosts: Collection[str]) -> list[Problem]:
    """
    Return what forbids mailing `url` to the customer of the subscription `reference`; nothing means it may go.

    `hosts` are the shop's hosts, in lower case; the port is 443 unless one is written there (`shop.example:8443`).
    """
    if not url or len(url) > LONGEST:
        return [Problem(ProblemCode.LENGTH, f"it is empty or longer than {LONGEST} characters")]
    # First, and alone: what a browser and a parser may read differently (backslashes, control and other characters,
    # percent signs, `@`, `#`, `;`) does not occur in a true link, so nothing below can be fooled by it.
    if not _CHARACTERS.fullmatch(url):
        return [Problem(ProblemCode.CHARACTERS, "it has characters that no upgrade link has")]
    return [*_place_problems(url, hosts=hosts), *_query_problems(_query_of(url), reference=reference)]


def _place_problems(url: str, *, hosts: Collection[str]) -> list[Problem]:
    if not url.startswith("https://"):
        return [Problem(ProblemCode.SCHEME, "it does not begin with https://")]
    place = url.removeprefix("https://").partition("?")[0]
    authority, slash, path = place.partition("/")
    host, colon, port = authority.partition(":")
    problems = []
    if authority.lower() not in hosts:
        if host.lower() not in hosts:
            problems.append(Problem(ProblemCode.HOST, "it leads to a host that is not the shop's"))
        if colon and port != "443":
            problems.append(Problem(ProblemCode.PORT, "it names a port"))
    if slash + path != PATH:
        problems.append(Problem(ProblemCode.PATH, f"it does not lead to the page {PATH}"))
    return problems


def _query_problems(query: str, *, reference: str) -> list[Problem]:
    pairs = [part.partition("=")[::2] for part in query.split("&")]
    values = [value for name, value in pairs if name.upper() == REFERENCE_PARAMETER]
    problems = []
    if len(values) > 1:
        problems.append(Problem(ProblemCode.REFERENCE_TWICE, "it names more than one subscription"))
    if (REFERENCE_PARAMETER, reference) not in pairs or not _REFERENCE.fullmatch(reference):
        problems.append(Problem(ProblemCode.REFERENCE, "it is not the link of this company's subscription"))
    others = [(name, value) for name, value in pairs if name.upper() != REFERENCE_PARAMETER]
    names = [name for name, _ in others]
    for name, value in others:
        pattern = ALLOWED_PARAMETERS.get(name)
        if pattern is None or not pattern.fullmatch(value) or names.count(name) > 1:
            problems.append(Problem(ProblemCode.PARAMETER, f"it has the parameter {name!r}, which is not allowed so"))
    return problems


def difference(ours: str, theirs: str, *, hosts: Collection[str] = ()) -> list[Difference]:
    """
    Return in what `theirs` (such as the copy in the CRM) leads elsewhere than `ours`; nothing means the same offer.

    All of `hosts` count as the same shop. The order of parameters, language, currency, looks and tracking do not
    count. Comparing is not checking: a link that is to be sent needs `check` as well.
    """
    mine, other = _parts(ours, hosts=hosts), _parts(theirs, hosts=hosts)
    return [
        Difference(part, mine.get(part, ""), other.get(part, ""))
        for part in sorted(mine.keys() | other.keys(), key=lambda name: (name not in _PLACE, name))
        if mine.get(part, "") != other.get(part, "")
    ]


_PLACE = ("address", "host", "path")


def _parts(url: str, *, hosts: Collection[str]) -> dict[str, str]:
    try:
        split = urlsplit(url.strip())
        host = (split.hostname or "") + ("" if split.port in {None, 443} else f":{split.port}")
    except ValueError:
        return {"address": url.strip()}
    if split.scheme != "https" or split.username is not None or split.fragment:
        return {"address": url.strip()}
    parts = {"host": "its own" if host in hosts else host, "path": split.path}
    for name, value in parse_qsl(split.query, keep_blank_values=True):
        if name.upper() in _HARMLESS_DIFFERENCES or _TRACKING.fullmatch(name):
            continue
        parts[name] = f"{parts[name]}, {value}" if name in parts else value
    return parts


def _query_of(url: str) -> str:
    return url.partition("?")[2]
