"""
How a request of the crawl is drawn: person, company and things together, so that most requests are answered.

A request of a stranger ends at the first wall and tells of that wall alone. What is behind it is seen by those who may
come in, with other companies' ids in what they say besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from hypothesis import strategies as st

from onhook.assistant.menu import Code
from onhook.assistant.reply_templates import TEMPLATES
from onhook.audit.vocabulary import Tag
from onhook.devices.wanted import Sort, Tab, Use
from onhook.operations.questions import Whose
from onhook.operations.vocabulary import HowChecked, QuestionKind, Reason
from onhook.tenancy.permissions import OPERATOR_COID, Role
from tests.security.canaries import filling, places
from tests.security.canaries.filling import About
from tests.security.canaries.places import Place
from tests.security.canaries.planting import COIDS, SUSPENDED_COID, Canaries
from tests.security.walls.cells import CELLS

NOT_THERE = {"uuid": UUID(int=1), "int": 999_999, "slug": "nothing", "str": "nothing"}
_NAMED = 4
# Beside one of each that may not.
_MOSTLY = 36
Said = tuple[tuple[str, str], ...]


class Scene(StrEnum):
    """
    Who asks for what: their own company, that with another's id in query or form, a foreign thing in its path, a
    foreign company, or a person who is nobody.
    """

    OWN = "own"
    FOREIGN_ID_SAID = "foreign_id_said"
    FOREIGN_THING = "foreign_thing"
    FOREIGN_COMPANY = "foreign_company"
    NOBODY = "nobody"


class Reader(StrEnum):
    """Who reads an answer."""

    CUSTOMER = "customer"
    STAFF = "staff"


_ROLES = {
    Reader.CUSTOMER: ("admin", "super_user", "manager", "viewer"),
    Reader.STAFF: ("agent", "lead", "auditor"),
}
# A case is read by the person who opened it: see `Things`.
_HAVE_IT = {"portal:case": ["viewer"]}
# Of thirty requests, how many each scene gets; only in a person's own company is anything to be seen.
_SHARES = {
    Scene.OWN: 16,
    Scene.FOREIGN_ID_SAID: 6,
    Scene.FOREIGN_THING: 4,
    Scene.FOREIGN_COMPANY: 3,
    Scene.NOBODY: 1,
}
_OF = sum(_SHARES.values())


@dataclass(frozen=True)
class Part:
    """Some of the requests to an address: of one scene, by one kind of person, as one method (any, if none is said)."""

    scene: Scene
    reader: Reader
    method: str
    count: int


def parts(place: Place, *, count: int) -> list[Part]:
    """
    Share `count` requests to an address out, so that chance leaves nobody out who may come in, and no method.

    In the own company these are customers and support, where both may; elsewhere it is whoever may come in here.
    """
    casts = [(reader, method) for method in sorted(CELLS[place.name]) for reader in readers(place, method)]
    told = [
        Part(scene, reader, method, share)
        for scene in (Scene.OWN, Scene.FOREIGN_ID_SAID)
        for (reader, method), share in zip(casts, _shared(count * _SHARES[scene] // _OF, len(casts)), strict=True)
    ]
    among = sorted({reader for reader, _ in casts})
    for reader, share in zip(among, _shared(count * _SHARES[Scene.FOREIGN_THING] // _OF, len(among)), strict=True):
        told.append(Part(Scene.FOREIGN_THING, reader, "", share))
    told.append(Part(Scene.FOREIGN_COMPANY, Reader.CUSTOMER, "", count * _SHARES[Scene.FOREIGN_COMPANY] // _OF))
    told.append(Part(Scene.NOBODY, Reader.CUSTOMER, "", count - sum(part.count for part in told)))
    return told


def _shared(count: int, among: int) -> list[int]:
    return [count // among + (place < count % among) for place in range(among)]


def readers(place: Place, method: str) -> list[Reader]:
    """Return what kinds of people may ask an address by a method."""
    return [reader for reader in Reader if _who_may(place, reader, method)]


def _who_may(place: Place, reader: Reader, method: str) -> list[str]:
    """Return the roles of customers or of support that may ask an address by a method."""
    may = CELLS[place.name].get(method, "").split()
    return [role for role in _ROLES[reader] if role in may]


@dataclass(frozen=True)
class Asked:
    """
    One request; `owner` and `thing_owner` are whose the company and the things in its path are, None: nobody's.

    `said` is the query, `form` what is sent.
    """

    scene: Scene
    person: str
    place: Place
    method: str
    gaps: dict[str, Any]
    owner: int | None
    thing_owner: int | None
    said: Said
    form: Said
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
    def reader(self) -> Reader:
        return Reader.STAFF if self.is_staff else Reader.CUSTOMER

    @property
    def is_about_another(self) -> bool:
        """Whether the path names a company that is not the person's, or a thing that is not the company's."""
        if self.is_staff:
            return self.owner is not None and self.thing_owner not in (self.owner, None)
        return self.coid is not None and not {self.owner, self.thing_owner} <= {self.coid, None}

    def of_nothing(self) -> Asked:
        """Return the same request about a company and things that do not exist."""
        kinds = dict(self.place.gaps)
        own = {"coid": self.owner} if self.is_staff or self.owner == self.coid else {}
        missing = {name: NOT_THERE[kinds[name]] for name in self.gaps} | own
        return replace(self, gaps=missing, owner=None, thing_owner=None)

    def of_missing_ids(self, ids: dict[str, dict[int, list[Any]]]) -> Asked:
        """Return the same request with ids of nothing where query and form name a thing that another company has."""
        foreign = {
            (name, str(value))
            for name in _ONE_COMPANYS
            for coid, values in ids[_IDS[name]].items()
            if coid != self.owner
            for value in values
        }
        said, form = (
            tuple((name, str(NOT_THERE["int"]) if (name, value) in foreign else value) for name, value in told)
            for told in (self.said, self.form)
        )
        return replace(self, said=said, form=form)

    def __str__(self) -> str:
        partial = " as a partial" if self.headers else ""
        sent = f" and {urlencode(self.form)}" if self.form else ""
        return f"{self.method} {self.path} with {urlencode(self.said) or 'nothing'}{sent} by {self.person}{partial}"


@st.composite
def requests(draw: st.DrawFn, place: Place, part: Part, canaries: Canaries) -> Asked:
    """Draw one request to an address: by whom, about whose things, and what else it says."""
    scene, own, ids = part.scene, draw(st.sampled_from(COIDS)), canaries.ids
    others = [coid for coid in sorted(canaries.things) if coid != own]
    method = draw(_methods(place, part))
    person = draw(_people(place, part, method, own))
    owner = draw(st.sampled_from(others)) if scene is Scene.FOREIGN_COMPANY else own
    thing_owner = draw(st.sampled_from(others)) if scene is Scene.FOREIGN_THING else owner
    gaps = {name: owner if name == "coid" else draw(_first_most(ids[name][thing_owner])) for name, _ in place.gaps}
    names_things = bool(gaps.keys() - {"coid", "slug"})
    about = About(canaries.things[own], gaps, canaries.people["1/agent"])
    said, form = draw(_speech(place, part.scene, method, about, ids))
    return Asked(
        scene=scene,
        person=person,
        place=place,
        method=method,
        gaps=gaps,
        owner=owner if "coid" in gaps else None,
        thing_owner=thing_owner if names_things else None,
        said=said,
        form=form,
        headers=draw(st.sampled_from(({}, {}, {"HX-Request": "true"}, {"HX-Request": "true", "HX-Target": "list"}))),
    )


def _methods(place: Place, part: Part) -> st.SearchStrategy[str]:
    if part.method:
        return st.sampled_from([part.method] * 9 + (["HEAD"] if part.method == "GET" else []))
    return st.sampled_from([*sorted(CELLS[place.name]) * 3, "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"])


def _people(place: Place, part: Part, method: str, own: int) -> st.SearchStrategy[str]:
    """Give a person of the company or of support: one who may, with foreign ids mostly, under foreign paths anybody."""
    if part.scene is Scene.NOBODY:
        return st.sampled_from(["0/nobody", f"{own}/suspended", f"{SUSPENDED_COID}/admin"])
    roles = list(_ROLES[part.reader])
    may = _HAVE_IT.get(place.name) or _who_may(place, part.reader, method)
    if part.scene is Scene.OWN and may:
        # There are few such requests by each; who may not is asked for in the other scenes, and in the matrix.
        roles = list(may)
    elif part.scene is Scene.FOREIGN_ID_SAID and may:
        roles += may * (_MOSTLY // len(may))
    company = own if part.reader is Reader.CUSTOMER else OPERATOR_COID
    return st.sampled_from(roles).map(lambda role: f"{company}/{role}")


def _first_most(values: list[Any]) -> st.SearchStrategy[Any]:
    """Give the company's first thing of a kind more often: it is the one that something can still be done with."""
    return st.sampled_from([values[0]] * len(values) + values)


def _speech(
    place: Place, scene: Scene, method: str, about: About, ids: dict[str, dict[int, list[Any]]]
) -> st.SearchStrategy[tuple[Said, Said]]:
    """Say in query and form what the address reads: fitting values of this company, and of the others."""
    own = about.things.company.pk
    chance = st.lists(_saying(place, own, ids), max_size=_NAMED).map(tuple)
    if "tab" in places.parameters_of(place.module) and method == "GET":
        # Each tab has rows, columns and an order of its own; what is said after it may leave none of them.
        tabs = st.sampled_from([(("tab", tab.value),) for tab in Tab])
        chance = st.one_of(chance, tabs, st.tuples(tabs, chance).map(lambda both: both[0] + both[1]))
    query = filling.QUERIES.get(place.name)
    asked: st.SearchStrategy[Said] = chance
    if query is not None:
        # Its own picks, alone most of the time: one foreign line among them is 404.
        picked = _texts(query(about))
        asked = st.sampled_from((picked, picked, ())).flatmap(lambda said: chance.map(lambda more: said or more))
    if scene is Scene.FOREIGN_ID_SAID:
        asked = st.tuples(asked, _foreign_ids(place, own, ids)).map(lambda both: both[0] + both[1])
    if method != "POST":
        return st.tuples(asked, st.just(()))
    body = filling.BODIES.get(place.name)
    if body is None:
        return st.tuples(asked, chance)
    filled = _texts(body(about))
    if scene is Scene.FOREIGN_ID_SAID:
        return st.tuples(st.just(_texts(query(about)) if query else ()), _with_one_foreign(filled, own, ids))
    forms = st.one_of(
        st.just(filled), st.just(filled), _with_one_foreign(filled, own, ids), chance, chance.map(lambda s: filled + s)
    )
    return st.tuples(asked if query is not None else st.one_of(st.just(()), chance), forms)


def _foreign_ids(place: Place, own: int, ids: dict[str, dict[int, list[Any]]]) -> st.SearchStrategy[Said]:
    """Name one of another company's things by a name that the address reads; nothing where it reads none."""
    names = [name for name in places.parameters_of(place.module) if name in _IDS]
    said = [((name, str(ids[_IDS[name]][coid][0])),) for coid in COIDS if coid != own for name in names]
    return st.sampled_from(said or [()])


def _texts(said: dict[str, Any]) -> Said:
    return tuple((name, str(value)) for name, value in said.items())


def _with_one_foreign(filled: Said, own: int, ids: dict[str, dict[int, list[Any]]]) -> st.SearchStrategy[Said]:
    """Fill a form in with another company's ids where it names any."""
    swapped = [
        tuple((name, str(ids[_IDS[name]][coid][0]) if name in _IDS else value) for name, value in filled)
        for coid in COIDS
        if coid != own
    ]
    return st.sampled_from(swapped)


# Which ids a name of a query or a form takes.
_IDS = {
    "device": "device_id",
    "requester": "requester_id",
    "to": "person_id",
    "operation": "operation_id",
    "id": "question_id",
    "coid": "coid",
}
# Of those, what a page of a company must not know of another one.
_ONE_COMPANYS = ("device", "requester", "to")
# Parts of the planted words and numbers: whole ones would be in the answer because they were in the question.
_STEMS = (
    "canary",
    *(f"canary{coid}" for coid in COIDS),
    *(f"{coid}/" for coid in COIDS),
    "5550",
    "(203) 555-01",
    "204 555 0111",
    "Example",
    "%",
    "_",
)
_TIMES = ("2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z")
_WORDS: dict[str, tuple[str, ...]] = {
    "tab": (*Tab, "closed"),
    "use": tuple(Use),
    "sort": tuple(Sort),
    "reason": tuple(Reason),
    "how_checked": tuple(HowChecked),
    "role": tuple(Role),
    "whose": tuple(Whose),
    "tag": tuple(Tag),
    "kind": ("deletions", "sign-in", "support", "data", *QuestionKind),
    "choice": (*Code, "direct", "shop"),
    "template": tuple(template.code for template in TEMPLATES),
    "all": ("1",),
    "check": ("1",),
    "list": ("1",),
    "crm": ("1",),
    "is_suspended": ("on",),
    "do": ("reply", "reply-close", "take", "give", "close", "mail:1"),
    "from": ("queue",),
    "since": ("2020-01-01",),
    "until": ("2100-01-01",),
    "theme": ("dark",),
    "q": _STEMS,
    "text": _STEMS,
    "person": _STEMS,
    "username": _STEMS,
    "code": _STEMS,
}


@st.composite
def _saying(draw: st.DrawFn, place: Place, own: int, ids: dict[str, dict[int, list[Any]]]) -> tuple[str, str]:
    """Say one name with a value that fits it; now and then one that does not."""
    names = places.parameters_of(place.module)
    # Picked lines more often: they may be another company's.
    names += tuple(name for name in names if name == "device") * (len(names) // 3)
    name = draw(st.sampled_from(names)) if draw(st.integers(0, 7)) else draw(st.sampled_from(places.parameters()))
    whose = draw(st.sampled_from([own, *sorted(ids["coid"])]))
    if draw(st.integers(0, 11)) == 0:
        return name, draw(st.sampled_from([*_STEMS, "", str(ids["device_id"][whose][0])]))
    return name, str(draw(st.sampled_from(_fitting(name, whose, ids))))


def _fitting(name: str, coid: int, ids: dict[str, dict[int, list[Any]]]) -> Sequence[Any]:
    """Return values that a name takes, about one company where it names things."""
    devices, operation = ids["device_id"][coid], ids["operation_id"][coid][0]
    if name in _IDS:
        return ids[_IDS[name]][coid]
    if name == "after":
        # Where a page of each order begins: before all rows, or after one of them.
        values = ("", "+1", "+1202", "canary", *(moment.replace("Z", "+00:00") for moment in _TIMES))
        return [*(f"{device}:{value}" for device in (0, *devices[:2]) for value in values), "0", "1", *_TIMES]
    if name == "before":
        return ["1", "999999999", *(f"{moment}~{operation}" for moment in _TIMES)]
    if name == "subject":
        return [f"device:{devices[0]}", f"operation:{operation}", "device", f"company:{coid}"]
    if name == "next":
        return [f"/companies/{coid}/devices/", f"/companies/{coid}/devices/{devices[0]}/", f"/csu/companies/{coid}/"]
    return _WORDS.get(name, ("", "1", "on", *_STEMS))
