"""Made-up worlds of any size, for trials and measurements: the same arguments make the same world."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice, pairwise
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection, transaction

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.exchange import permits
from onhook.exchange.copying import copy_rows
from onhook.exchange.fiction import FictionNumbers
from onhook.exchange.reading import UnableToImport
from onhook.exchange.sheets import Kind
from onhook.tenancy import people
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import CUSTOMER_ROLES, OPERATOR_COID, LacksRight, Role

FIRST_COID = 100_000
_CHUNK_ROWS = 10_000
_OLDEST_DAYS = 1500

_TRADES = (
    "Plumbing",
    "Bakery",
    "Florists",
    "Couriers",
    "Roofing",
    "Catering",
    "Surveyors",
    "Gardens",
    "Movers",
    "Glazing",
)
_FIRST_NAMES = ("Ada", "Alan", "Barbara", "Edsger", "Frances", "Grace", "Jean", "Katherine", "Margaret", "Tim")
_LAST_NAMES = ("Example", "Fiction", "Imaginary", "Invented", "Made-up", "Pretend", "Sample", "Supposed")
_MODELS = ("Example Phone 3", "Example Phone 4", "Example Tablet 2", "Example Rugged 1")
_PLACES = (
    ("US", "America/New_York", 35),
    ("US", "America/Chicago", 25),
    ("US", "America/Los_Angeles", 15),
    ("AU", "Australia/Sydney", 8),
    ("GB", "Europe/London", 7),
    ("IE", "Europe/Dublin", 5),
    ("FR", "Europe/Paris", 5),
)
_SOC_CODES = (("Ecom2Checkout1515", 55), ("CKSWDirectAdv1515", 42), ("LegacyPartner2009", 3))
# Of a hundred lines.
_DELETED, _HELD = 8, 1
_STAFF = (("sam", Role.AGENT), ("lea", Role.LEAD), ("otto", Role.AUDITOR))


class UnableToSeed(UnableToImport):
    """No made-up world can be put here; the message is fit to show. Nothing was made."""


class MayNotSeed(LacksRight, UnableToSeed):
    """This person has no right to it."""


@dataclass(frozen=True, kw_only=True)
class SeedReport:
    """What was made. `lines` are all rows; `deleted` and `held` of them are not live, or on hold."""

    companies: int
    users: int
    lines: int
    deleted: int
    held: int
    random_seed: int


@dataclass(frozen=True)
class _Place:
    """A made-up company as far as its lines need it."""

    coid: int
    region: str
    soc_code: str


def _say_nothing(lines_made: int) -> None:
    pass


def seed(
    *,
    companies: int,
    lines: int,
    actor: Actor,
    now: datetime,
    random_seed: int = 1,
    on_progress: Callable[[int], None] = _say_nothing,
) -> SeedReport:
    """
    Make companies with four people each, and lines spread unevenly over them, in one transaction.

    COIDs begin at `FIRST_COID`, numbers come from `fiction`. On an empty installation the operator and three of its
    staff are made as well.

    :param now: the newest moment in the world.
    :param on_progress: called after each chunk with the lines made so far.
    :raises UnableToSeed: no right, a production system, or a world is there already.
    """
    if companies < 1 or lines < 0:
        raise UnableToSeed("A world has at least one company and no less than no lines. Nothing was made.")
    if settings.ENVIRONMENT == "production":
        raise UnableToSeed("This is a production system: made-up records do not belong here. Nothing was made.")
    try:
        with transaction.atomic(durable=True):
            return _seed(
                companies=companies,
                lines=lines,
                actor=actor,
                now=now.astimezone(UTC),
                random_seed=random_seed,
                on_progress=on_progress,
            )
    except IntegrityError as problem:
        raise UnableToSeed(
            "Some of the made-up numbers or COIDs are taken already. Nothing was made. Seed an empty database."
        ) from problem


def _seed(
    *,
    companies: int,
    lines: int,
    actor: Actor,
    now: datetime,
    random_seed: int,
    on_progress: Callable[[int], None],
) -> SeedReport:
    _prepare(actor)
    chance = random.Random(random_seed)  # noqa: S311  # the same world again, not a secret
    places = _make_companies(companies, chance)
    users = _make_users(places)
    made = deleted = held = 0
    rows = _lines(places, _shares(lines, companies, chance), chance, now)
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        copy_rows(table="devices_device", columns=_LINE_COLUMNS, rows=chunk)
        made += len(chunk)
        deleted += sum(row[_DELETED_AT] is not None for row in chunk)
        held += sum(row[_HELD_AT] is not None for row in chunk)
        on_progress(made)
    report = SeedReport(
        companies=companies, users=users, lines=made, deleted=deleted, held=held, random_seed=random_seed
    )
    after = {"companies": companies, "users": users, "lines": made, "random_seed": random_seed}
    entry = trail.Entry(tag=Tag.WORLD_SEEDED, subject=f"world:{random_seed}", after=after)
    trail.record(company_id=OPERATOR_COID, actor=actor, entries=[entry])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tenancy_company, tenancy_user, devices_device")
    return report


def _prepare(actor: Actor) -> None:
    """Check that `actor` may seed and that no world is there; make the operator on an empty installation."""
    if permits.is_first_installation(actor):
        operator, _ = Company.objects.get_or_create(coid=OPERATOR_COID, defaults={"name": "Example Operator"})
        for username, role in _STAFF:
            people.create_user(
                company=operator,
                username=username,
                full_name=f"{username.title()} Example",
                role=role,
                email=f"{username}@operator.example",
            )
    elif not permits.may_import(kind=Kind.DEVICES, actor=actor):
        raise MayNotSeed(f"{actor.login} may not make records: a lead of the operator may. Nothing was made.")
    if Company.objects.filter(coid__gte=FIRST_COID).exists():
        raise UnableToSeed(
            f"There are companies with COIDs from {FIRST_COID} on: a world was made already. Nothing was made."
        )


def _make_companies(companies: int, chance: random.Random) -> list[_Place]:
    places, rows = [], []
    for coid in range(FIRST_COID, FIRST_COID + companies):
        region, time_zone, _ = chance.choices(_PLACES, weights=[place[2] for place in _PLACES])[0]
        (soc_code, _), *_rest = chance.choices(_SOC_CODES, weights=[code[1] for code in _SOC_CODES])
        places.append(_Place(coid=coid, region=region, soc_code=soc_code))
        rows.append((coid, f"Example {chance.choice(_TRADES)} {coid}", time_zone, region))
    copy_rows(table="tenancy_company", columns=("coid", "name", "time_zone", "region"), rows=rows)
    return places


def _make_users(places: list[_Place]) -> int:
    roles = sorted(CUSTOMER_ROLES)
    rows = (
        (
            f"{place.coid}/{role.value}",
            place.coid,
            role.value,
            f"{_FIRST_NAMES[(place.coid + position) % len(_FIRST_NAMES)]} {_LAST_NAMES[place.coid % len(_LAST_NAMES)]}",
            f"{role.value}@{place.coid}.example",
            role.value,
            make_password(None),
        )
        for place in places
        for position, role in enumerate(roles)
    )
    columns = ("login", "company_id", "username", "full_name", "email", "role", "password")
    copy_rows(table="tenancy_user", columns=columns, rows=rows)
    return len(places) * len(roles)


def _shares(lines: int, companies: int, chance: random.Random) -> Iterator[int]:
    """Give each company's number of lines: few have many, many have few, together exactly `lines`."""
    weights = [chance.paretovariate(1.2) for _ in range(companies)]
    total = sum(weights)
    ends = [round(lines * end / total) for end in accumulate(weights, initial=0.0)]
    return (end - begin for begin, end in pairwise(ends))


_LINE_COLUMNS = (
    "company_id",
    "number",
    "worker",
    "model",
    "soc_code",
    "activated_at",
    "last_seen_at",
    "deleted_at",
    "held_at",
    "hold_reason",
)
_DELETED_AT, _HELD_AT = _LINE_COLUMNS.index("deleted_at"), _LINE_COLUMNS.index("held_at")


def _lines(
    places: list[_Place], shares: Iterator[int], chance: random.Random, now: datetime
) -> Iterator[tuple[Any, ...]]:
    numbers = FictionNumbers()
    for place, share in zip(places, shares, strict=True):
        for position in range(share):
            yield _line(place, position, numbers.take(place.region), chance, now)


def _line(place: _Place, position: int, number: str, chance: random.Random, now: datetime) -> tuple[Any, ...]:
    age = timedelta(seconds=chance.randrange(86_400, _OLDEST_DAYS * 86_400))
    activated_at = now - age
    fate = chance.randrange(100)
    deleted_at = activated_at + age * chance.random() if fate < _DELETED else None
    is_held = _DELETED <= fate < _DELETED + _HELD
    # Most phones were seen lately, a few not for long.
    last_seen_at = deleted_at or now - age * chance.random() ** 8
    return (
        place.coid,
        number,
        f"{chance.choice(_FIRST_NAMES)} {chance.choice(_LAST_NAMES)} {position + 1}",
        chance.choice(_MODELS),
        place.soc_code,
        activated_at,
        last_seen_at,
        deleted_at,
        now - age * chance.random() if is_held else None,
        "Number is being ported out" if is_held else "",
    )
