"""
The crawl: asks what `asking` draws, reads each answer, and judges whose words may stand in it.

Every request is undone after it, so that each meets the same world; the same seed makes the same requests.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.security.canaries import asking, places
from tests.security.canaries.asking import Asked, Part, Reader, Scene
from tests.security.canaries.places import Place
from tests.security.canaries.planting import Canaries

# The token of a form and its cookie are new each time.
_EVER_NEW = re.compile(r"""name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": ?"\w+\"""")
_MOST_REDIRECTS = 4
# Pages of support over all companies, which may hold every company's words.
OF_THE_PLATFORM = {
    "console:search",
    "console:questions",
    "console:cases",
    "console:audit",
    "portal:companies",
}
# Articles that support reads beside the operation that the query names: they are of its company.
OF_AN_OPERATION = {"help:article", "help:steps"}
# What a form that was taken leaves behind: an entry in the trail, or what somebody wrote.
_WRITTEN = """
SELECT (SELECT count(*) FROM audit_auditevent) + (SELECT count(*) FROM assistant_message)
     + (SELECT count(*) FROM assistant_casemessage)
"""
# The last answer to a question that a page asks again and again.
_STOP_POLLING = 286


class Leak(AssertionError):
    """An answer held what it must not hold; says the request and whose it was."""


@dataclass
class Crawl:
    """
    Asks, reads the answers, and keeps what was seen.

    `shown` counts answers that showed people of a company, or support, that company's words; `taken` counts forms
    that changed something; `seen` has the fields whose words were shown so.
    """

    canaries: Canaries
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    asked: Counter[str] = field(default_factory=Counter)
    about_another: int = 0
    shown: Counter[Reader] = field(default_factory=Counter)
    taken: Counter[Reader] = field(default_factory=Counter)
    seen: defaultdict[Reader, set[str]] = field(default_factory=lambda: defaultdict(set))

    @cached_property
    def _operations(self) -> dict[int, set[str]]:
        return {coid: {str(pk) for pk in ids} for coid, ids in self.canaries.ids["operation_id"].items()}

    def run(self, place: Place, *, count: int) -> None:
        """
        Make `count` requests to an address, the same ones each time.

        :raises Leak: an answer held another company's word, or told another company's thing from a missing one.
        """

        for number, part in enumerate(asking.parts(place, count=count)):
            self._play(place, part, number=number)

    def _play(self, place: Place, part: Part, *, number: int) -> None:
        # A seed for each, or all would be asked by the same people about the same things.
        @seed(sum(place.name.encode()) * 100 + number)
        @settings(
            max_examples=part.count,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )
        @given(asking.requests(place, part, self.canaries))
        def one(asked: Asked) -> None:
            self.look(asked)

        one()

    def look(self, asked: Asked) -> None:
        """Ask, and judge the answer and those that it leads to."""
        self.asked[asked.person] += 1
        way = self._answer(asked)
        for told in way.answers:
            self._judge(asked, told)
        if asked.scene is Scene.OWN:
            self._count(asked, way)
        if asked.is_about_another:
            self.about_another += 1
            nothing = asked.of_nothing()
            same = way.without(asked) == self._answer(nothing).without(nothing)
            self._compare(asked, way, is_same=same)
        elif asked.scene is Scene.FOREIGN_ID_SAID and asked.owner is not None:
            missing = asked.of_missing_ids(self.canaries.ids)
            # By their status: pages repeat their own address, and what was made has ids that are new each time.
            same = missing == asked or way.answers[0].status == self._answer(missing).answers[0].status
            self._compare(asked, way, is_same=same)

    def _compare(self, asked: Asked, way: Way, *, is_same: bool) -> None:
        if not is_same:
            raise Leak(f"{asked}: the answer tells a foreign thing from a missing one (it was {way.status})")

    def _judge(self, asked: Asked, told: Told) -> None:
        coid = asked.coid
        if asked.is_staff:
            name, holes = places.at(told.path)
            if name in OF_THE_PLATFORM:
                return
            # Support reads of one company at a time: that of the path, whatever else was said.
            coid = holes.get("coid") or (self._owner_of_the_operation(asked) if name in OF_AN_OPERATION else None)
        leaked = self.canaries.foreign_words(told.text, coid=coid)
        if leaked:
            where = "" if told.path == asked.path else f" at {told.path}"
            raise Leak(f"{asked}: the answer ({told.status}{where}) holds {', '.join(sorted(leaked))}")

    def _owner_of_the_operation(self, asked: Asked) -> int | None:
        # Where a name is said twice, the last one counts.
        operation_id = dict(asked.said).get("operation", "")
        return next((coid for coid, ids in self._operations.items() if operation_id in ids), None)

    def _count(self, asked: Asked, way: Way) -> None:
        """Keep what was shown or done: a page counts by its own answer, not by where it sent the person."""
        reader = asked.reader
        self.taken[reader] += way.has_written
        first, coid = way.answers[0], asked.owner if asked.is_staff else asked.coid
        if first.status not in (200, _STOP_POLLING):
            return
        coids = self.canaries.things if coid is None and asked.is_staff else [coid]
        words = set().union(*(self.canaries.own_words(first.text, coid=one) for one in coids if one is not None))
        self.shown[reader] += bool(words)
        self.seen[reader] |= words

    def _answer(self, asked: Asked) -> Way:
        with undone():
            client, path, query = self._as(asked.person), asked.path, urlencode(asked.said)
            before = _written()
            if asked.method == "POST":
                form = "application/x-www-form-urlencoded"
                address = f"{path}?{query}" if query else path
                response = client.generic(
                    "POST", address, urlencode(asked.form), content_type=form, headers=asked.headers
                )
            else:
                response = client.generic(asked.method, f"{path}?{query}", headers=asked.headers)
            # A file is made while it is read.
            answers = [Told.of(response, path)]
            has_written = asked.method == "POST" and _written() > before
            for _ in range(_MOST_REDIRECTS):
                then = response.headers.get("Location", "")
                if not then.startswith(("/", "?")):
                    break
                there = urlsplit(then)
                path = there.path or path
                response = client.get(f"{path}?{there.query}")
                answers.append(Told.of(response, path))
        way = Way(tuple(answers), has_written)
        if way.status >= 500:
            raise Leak(f"{asked}: the product failed with {way.status}")
        return way

    def _as(self, person: str) -> Client:
        """Return the browser of this person, as it was before any request."""
        self.client.cookies.clear()
        if person in self.canaries.sessions:
            self.client.cookies["session"] = self.canaries.sessions[person]
        return self.client


@dataclass(frozen=True)
class Told:
    """One answer: where it came from, its status, and headers and body as one text."""

    path: str
    status: int
    text: str

    @classmethod
    def of(cls, response: Any, path: str) -> Told:
        answer: HttpResponse = response
        body = b"".join(response.streaming_content) if answer.streaming else answer.content
        headers = "".join(f"{name}: {value}\n" for name, value in sorted(answer.headers.items()))
        cookies = "".join(f"{name}\n" for name in sorted(answer.cookies))
        text = f"{answer.status_code}\n{headers}{cookies}\n{body.decode(errors='replace')}"
        return cls(path, answer.status_code, text)


@dataclass(frozen=True)
class Way:
    """An answer and those it led to, and whether the request left anything behind."""

    answers: tuple[Told, ...]
    has_written: bool

    @property
    def status(self) -> int:
        return max(told.status for told in self.answers)

    def without(self, asked: Asked) -> str:
        """Return all texts without what only this very request could have: its path, and tokens that are ever new."""
        text = "\n".join(told.text for told in self.answers)
        return _EVER_NEW.sub("", text).replace(asked.path, "(this)")


def _written() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN)
        return int(cursor.fetchone()[0])


@contextmanager
def undone() -> Iterator[None]:
    """Undo what happens inside, as the test runner does: also what insists on a transaction of its own."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)
