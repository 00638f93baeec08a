"""
What pages cost: CPU of this process and of the database for each request, beside a trivial page in the same run.

One company has a million lines. Rounds of all pages follow each other in turn, so that a busy neighbour slows all
alike; the figure is the median over the rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from benchmarks import world
from benchmarks.world import COID

LINES = 1_000_000
ROUNDS, EACH = 15, 10
# By name: what it is a multiple of, and the multiple that is wanted.
_WANTED = {
    "device list": 2,
    "search page, a number": 2,
    "operation poll": 1,
    "console search, a number": 2,
    "console operation poll": 1,
}
_FLOOR, _QUERY, _SEARCH = "a trivial page with one query", "a trivial query", "number search"


@dataclass(frozen=True)
class Figures:
    """Milliseconds of CPU by what was measured, and the queries of each page."""

    cpu: Mapping[str, float]
    seeding_seconds: float


def measure() -> Figures:
    """Measure all, in a migrated database that `world.people` has filled."""
    started = time.perf_counter()
    _million()
    seeding = time.perf_counter() - started
    acts = _acts()
    for act in acts.values():
        for _ in range(3):
            act()
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
        for name, act in acts.items():
            with _behind_the_wall() if name in (_QUERY, _SEARCH) else nullcontext():
                before = _cpu()
                for _ in range(EACH):
                    act()
                taken[name].append((_cpu() - before) / EACH * 1000)
    return Figures({name: statistics.median(times) for name, times in taken.items()}, seeding)


def _behind_the_wall() -> AbstractContextManager[None]:
    from onhook.tenancy import walls

    return walls.confined(company_id=COID)


def _million() -> None:
    """Make a million lines of the company, with its indexes made at the end: ten times as fast as row by row."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        # No trigger looks at each row: all are of one company that is there.
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL session_replication_role = replica")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes LEFT JOIN pg_constraint ON conname = indexname "
            "WHERE tablename = 'devices_device' AND conname IS NULL AND indexdef NOT LIKE '%UNIQUE%'"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        # Area codes with a 9 in the middle are nobody's: the numbering plan keeps them back.
        cursor.execute(
            """
            INSERT INTO devices_device (company_id, number, worker, model, soc_code, hold_reason, activated_at,
                                        last_seen_at)
            SELECT %s,
                   '+1' || 2 + n / 100000 %% 8 || '9' || n / 10000 %% 10 || 555 + n / 800000
                        || lpad((n %% 10000)::text, 4, '0'),
                   (ARRAY['Ada', 'Alan', 'Grace', 'Jean', 'Tim'])[1 + n %% 5] || ' Example ' || n,
                   'Example Phone ' || n %% 7, 'CKSWDirectAdv1515', '', %s,
                   now() - n %% 3000000 * interval '1 second'
            FROM generate_series(1, %s) AS n
            """,
            [COID, world.ACTIVATED, LINES],
        )
        for _, definition in indexes:
            cursor.execute(definition)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE devices_device")


def _acts() -> dict[str, Callable[[], object]]:
    """Return what is measured, by name."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import Client

    from benchmarks import measures, trivial
    from onhook.devices import listing
    from onhook.devices.models import Device
    from onhook.devices.wanted import Wanted
    from onhook.operations.models import Operation
    from onhook.tenancy import people
    from onhook.tenancy.models import Company, User
    from onhook.tenancy.permissions import Role

    company = Company.objects.get(pk=COID)
    ada = User.objects.get(login=f"{COID}/ada")
    sam = people.create_user(
        company=Company.objects.get(pk=1), username="sam", full_name="Sam Example", role=Role.AGENT, email=""
    )
    operation = measures.confirm([Device.objects.order_by("-id").values_list("pk", flat=True)[0]])
    # An hour old: nothing changes by itself any more, and the page is told so.
    Operation.objects.update(confirmed_at=operation.confirmed_at - timedelta(hours=1))
    product, plain = WSGIHandler(), trivial.handler()
    sessions = {}
    for person in (ada, sam):
        client = Client()
        client.force_login(person)
        sessions[person.login] = f"session={client.cookies['session'].value}"

    def page(person: Any, path: str, query: str = "", status: int = 200) -> Callable[[], object]:
        return lambda: _asked(product, path, query, sessions[person.login], status)

    def search() -> None:
        wanted = Wanted(text="(290) 555-4242")
        assert len(listing.page(company=company, wanted=wanted).rows) == 1

    def query() -> None:
        assert len(Device.objects.filter(company=COID, number="+12905554242")[:51]) == 1

    portal, console = f"/companies/{COID}", f"/csu/companies/{COID}"
    live = f"/operations/{operation.pk}/live/"
    return {
        _FLOOR: lambda: _asked(plain, "/lines/", "", "", 200),
        "device list": page(ada, f"{portal}/devices/"),
        "search page, a number": page(ada, f"{portal}/devices/", "q=(290)+555-4242"),
        "operation poll": page(ada, f"{portal}{live}", f"seen={_seen(page, ada, portal, operation)}", 204),
        "console search, a number": page(sam, "/csu/", "q=(290)+555-4242&list=1"),
        "console operation poll": page(
            sam, f"{console}{live}", f"seen={_seen(page, sam, console, operation)}&every=5", 204
        ),
        _QUERY: query,
        _SEARCH: search,
    }


def _seen(page: Any, person: Any, face: str, operation: Any) -> str:
    """Return the version of the operation that its page shows, with which the page asks for the next one."""
    import re

    body = page(person, f"{face}/operations/{operation.pk}/")()
    found = re.search(rb"live/\?seen=([0-9a-f]+)", body)
    assert found, body
    return found.group(1).decode()


def _asked(handler: Any, path: str, query: str, cookies: str, status: int) -> bytes:
    """Ask an application as a server does, and return the body."""
    given: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_COOKIE": cookies,
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    response = handler(environ, lambda line, _headers: given.append(line))
    body = b"".join(response)
    response.close()
    assert given[0].startswith(str(status)), f"{path}: {given[0]}"
    return body


def _cpu() -> float:
    """Return the CPU seconds of this process and of its connection's process in the database."""
    from django.db import connection

    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    nanoseconds = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
    return time.process_time() + nanoseconds / 1e9


def rows(figures: Figures) -> list[tuple[str, str, str]]:
    """Return the rows of the table."""
    floor, query = figures.cpu[_FLOOR], figures.cpu[_QUERY]
    return [
        (f"CPU of {_FLOOR}: 50 of {LINES:,} lines, the floor", f"{floor:.2f} ms", ""),
        *(
            (
                f"{name}, times the floor",
                f"{figures.cpu[name] / floor:.1f} ({figures.cpu[name]:.2f} ms)",
                f"at most {most}",
            )
            for name, most in _WANTED.items()
        ),
        (f"CPU of {_QUERY} by the whole number in {LINES:,} lines", f"{query:.2f} ms", ""),
        (
            f"{_SEARCH} behind row security, times the trivial query",
            f"{figures.cpu[_SEARCH] / query:.1f} ({figures.cpu[_SEARCH]:.2f} ms)",
            "at most 2",
        ),
    ]


if __name__ == "__main__":
    with world.database():
        world.people()
        measured = measure()
    print(f"{measured.seeding_seconds:.0f} s to make {LINES:,} lines")
    for what, figure, wanted in rows(measured):
        print(f"{what:70} {figure:>20}  {wanted}")
