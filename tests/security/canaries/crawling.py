"""
The crawl: requests drawn by hypothesis over people, addresses, methods, ids, filters and partials, each answer read.

Every request is undone after it, so that each meets the same world; the same seed makes the same requests.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from onhook.devices.wanted import Sort, Tab, Use
from onhook.operations.vocabulary import HowChecked, Reason
from onhook.tenancy.permissions import Role
from tests.security.canaries.planting import COIDS, Canaries

_SURFACES = Path(__file__).resolve().parents[3] / "src" / "onhook" / "surfaces"
_READ_FROM_A_REQUEST = re.compile(r"""(?:GET|POST|asked)(?:\.get|\.getlist)?[(\[]\s*["'](\w+)["']""")
_FIELD_OF_A_FORM = re.compile(r"^    (\w+) = (?:forms\.\w+Field|_PersonField)\(", re.MULTILINE)
# The token of a form and its cookie are new each time.
_EVER_NEW = re.compile(r"""name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": ?"\w+\"""")
_MOST_REDIRECTS = 4
NOT_THERE = {"uuid": UUID(int=1), "int": 999_999, "slug": "nothing", "str": "nothing"}


class Leak(AssertionError):
    """An answer held what it must not hold; says the request and whose it was."""


@dataclass(frozen=True)
class Place:
    """One address of the product: its name, its path with gaps, and what the gaps take."""

    name: str
    path: str
    gaps: tuple[tuple[str, str], ...]

    def filled(self, values: dict[str, Any]) -> str:
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda gap: str(values[gap[1]]), self.path)


@cache
def places() -> tuple[Place, ...]:
    """Return every address that the resolver knows."""

    def walk(patterns: list[Any], path: str, space: str) -> Iterator[Place]:
        for pattern in patterns:
            here = path + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, here, f"{pattern.namespace}:" if pattern.namespace else space)
            elif isinstance(pattern, URLPattern):
                converters = pattern.pattern.converters | _converters_of(here)
                if re.search(r"[\^(]", here):
                    continue  # written as an expression: allauth's link in a mail, which names nobody's things
                yield Place(space + str(pattern.name), here, tuple(sorted(converters.items())))

    return tuple(walk(get_resolver().url_patterns, "", ""))


def _converters_of(path: str) -> dict[str, str]:
    return {name: kind or "str" for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", path)}


@cache
def parameters() -> tuple[str, ...]:
    """Return the names that the surfaces read from a query or a form, as their source has them."""
    names = {"next", "requester"}
    for file in _SURFACES.rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        names.update(_READ_FROM_A_REQUEST.findall(source), _FIELD_OF_A_FORM.findall(source))
    return tuple(sorted(names))


@dataclass(frozen=True)
class Asked:
    """One request; `owner` and `thing_owner` are whose the company and the things in its path are, None: nobody's."""

    person: str
    place: Place
    method: str
    gaps: dict[str, Any]
    owner: int | None
    thing_owner: int | None
    said: tuple[tuple[str, str], ...]
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return self.place.filled(self.gaps)

    @property
    def coid(self) -> int | None:
        """Whose words the person may read; None: nobody's."""
        coid, _, name = self.person.partition("/")
        return None if name == "suspended" or int(coid) not in COIDS else int(coid)

    @property
    def is_staff(self) -> bool:
        return self.person.startswith("1/")

    @property
    def is_about_another(self) -> bool:
        """Whether the path names a company or a thing that is not the person's."""
        return self.coid is not None and not {self.owner, self.thing_owner} <= {self.coid, None}

    def of_nothing(self) -> Asked:
        """Return the same request about a company and things that do not exist."""
        kinds = dict(self.place.gaps)
        own = {"coid": self.coid} if self.owner == self.coid else {}
        missing = {name: NOT_THERE[kinds[name]] for name in self.gaps} | own
        return Asked(self.person, self.place, self.method, missing, None, None, self.said, self.headers)

    def __str__(self) -> str:
        partial = " as a partial" if self.headers else ""
        return f"{self.method} {self.path} with {urlencode(self.said) or 'nothing'} by {self.person}{partial}"


@st.composite
def requests(
    draw: st.DrawFn, place: Place, canaries: Canaries, ids: dict[str, dict[int, list[Any]]], people: Sequence[str]
) -> Asked:
    """Draw one request to an address: by whom, about whose things, and what else it says."""
    person = draw(st.sampled_from(people))
    owners = sorted(canaries.things)
    owner, thing_owner = draw(st.sampled_from(owners)), draw(st.sampled_from(owners))
    if draw(st.integers(0, 2)) == 0:
        # Into the own company more often than chance would: only there is anything to be seen.
        owner = int(person.partition("/")[0]) if person[0] == "4" else owner
    gaps = {name: owner if name == "coid" else draw(st.sampled_from(ids[name][thing_owner])) for name, _ in place.gaps}
    names_things = bool(gaps.keys() - {"coid", "slug"})
    return Asked(
        person=person,
        place=place,
        method=draw(st.sampled_from(("GET", "GET", "GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"))),
        gaps=gaps,
        owner=owner if "coid" in gaps else None,
        thing_owner=thing_owner if names_things else None,
        said=draw(_saying(ids)),
        headers=draw(st.sampled_from(({}, {}, {"HX-Request": "true"}, {"HX-Request": "true", "HX-Target": "list"}))),
    )


def _saying(ids: dict[str, dict[int, list[Any]]]) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    """Say some of the names that the product reads, with ids, words and numbers of every company."""
    every_id = [str(value) for owned in ids.values() for values in owned.values() for value in values]
    # Parts of the planted words and numbers: whole ones would be in the answer because they were in the question.
    stems = [
        "canary",
        *(f"canary{coid}" for coid in COIDS),
        "5550",
        "(203) 555-01",
        "204 555 0111",
        "Example",
        "%",
        "_",
    ]
    codes = [value.value for kind in (Tab, Use, Sort, Reason, HowChecked, Role) for value in kind]
    # Where a page of a list begins: after a row of any company.
    keys = [f"{device_id}:{value}" for device_id in every_id for value in ("", "+1202", "2026-01-01T00:00:00+00:00")]
    words = st.sampled_from([*codes, "", "on", "all"])
    values = st.one_of(st.sampled_from(every_id), st.sampled_from(stems), st.sampled_from(keys), words)
    return st.lists(st.tuples(st.sampled_from(parameters()), values), max_size=4).map(tuple)


@dataclass
class Crawl:
    """Asks, reads the answers, and keeps what was seen."""

    canaries: Canaries
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    asked: Counter[str] = field(default_factory=Counter)
    about_another: int = 0
    seen_by_customers: set[str] = field(default_factory=set)
    seen_by_staff: set[str] = field(default_factory=set)

    def run(self, place: Place, *, count: int, by: Sequence[str] = ()) -> None:
        """
        Make `count` requests to an address, the same ones each time.

        :param by: who asks; nobody named: everybody, and who is not signed in.
        :raises Leak: an answer held another company's word, or told another company's thing from a missing one.
        """

        # One seed for each address, or all would be asked by the same people about the same things.
        @seed(sum(place.name.encode()))
        @settings(
            max_examples=count,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )
        @given(requests(place, self.canaries, self.canaries.ids(), by or ["0/nobody", *sorted(self.canaries.people)]))
        def one(asked: Asked) -> None:
            self.look(asked)

        one()

    def look(self, asked: Asked) -> None:
        """Ask, and judge the answer."""
        self.asked[asked.person] += 1
        told = self._answer(asked)
        if asked.is_staff:
            for coid in COIDS:
                self.seen_by_staff |= self.canaries.own_words(told.text, coid=coid)
            return
        self._judge(asked, told)
        if asked.is_about_another:
            self.about_another += 1
            nothing = asked.of_nothing()
            if told.without(asked) != self._answer(nothing).without(nothing):
                raise Leak(f"{asked}: the answer tells a foreign thing from a missing one (it was {told.status})")

    def _judge(self, asked: Asked, told: Told) -> None:
        leaked = self.canaries.foreign_words(told.text, coid=asked.coid)
        if leaked:
            raise Leak(f"{asked}: the answer ({told.status}) holds {', '.join(sorted(leaked))}")
        if asked.coid is not None:
            self.seen_by_customers |= self.canaries.own_words(told.text, coid=asked.coid)

    def _answer(self, asked: Asked) -> Told:
        with undone():
            client = self._as(asked.person)
            path, data = asked.path, urlencode(asked.said)
            if asked.method == "POST":
                form = "application/x-www-form-urlencoded"
                response = client.generic("POST", path, data, content_type=form, headers=asked.headers)
            else:
                response = client.generic(asked.method, f"{path}?{data}", headers=asked.headers)
            told = Told.of(response)
            for _ in range(_MOST_REDIRECTS):
                then = response.headers.get("Location", "")
                if not then.startswith(("/", "?")):
                    break
                there = urlsplit(then)
                response = client.get(f"{there.path or path}?{there.query}")
                told = told.followed_by(Told.of(response))
        if told.status >= 500:
            raise Leak(f"{asked}: the product failed with {told.status}")
        return told

    def _as(self, person: str) -> Client:
        """Return the browser of this person, as it was before any request."""
        self.client.cookies.clear()
        if person in self.canaries.sessions:
            self.client.cookies["session"] = self.canaries.sessions[person]
        return self.client


@dataclass(frozen=True)
class Told:
    """An answer and those it led to: the first status, and all headers and bodies as one text."""

    status: int
    text: str

    @classmethod
    def of(cls, response: Any) -> Told:
        answer: HttpResponse = response
        body = b"".join(response.streaming_content) if answer.streaming else answer.content
        headers = "".join(f"{name}: {value}\n" for name, value in sorted(answer.headers.items()))
        cookies = "".join(f"{name}\n" for name in sorted(answer.cookies))
        return cls(answer.status_code, f"{answer.status_code}\n{headers}{cookies}\n{body.decode(errors='replace')}")

    def followed_by(self, other: Told) -> Told:
        return Told(max(self.status, other.status), f"{self.text}\n{other.text}")

    def without(self, asked: Asked) -> str:
        """Return the text without what only this very request could have: its path, and tokens that are ever new."""
        return _EVER_NEW.sub("", self.text).replace(asked.path, "(this)")


@contextmanager
def undone() -> Iterator[None]:
    """Undo what happens inside, as the test runner does: also what insists on a transaction of its own."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)
