"""The shop channel measured: what we add to the vendors' own time, how often they are asked, and whose CPU it costs."""

from __future__ import annotations

import logging
import os
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import world
from emulators.control import launch
from emulators.control.launch import RunningEmulator

DELAYS_SECONDS = (0.05, 0.25, 0.4)
ROUNDS = 10
COMPANIES, LINES_EACH = 1000, 10
MANY_LINES = 200
THREADS = 4
_SOC = "Ecom2Checkout1515"
_MERCHANT, _KEY, _CONSUMER, _SECRET, _VAULT = (
    f"{name}-of-nobody" for name in ("merchant", "key", "consumer", "secret", "vault")
)
_FIRST_COID, _FIRST_LINE = 100_000, 50_000


@dataclass(frozen=True)
class Vendors:
    """The three emulators, over TLS."""

    vault: RunningEmulator
    crm: RunningEmulator
    shop: RunningEmulator

    @property
    def all(self) -> tuple[RunningEmulator, ...]:
        return self.vault, self.crm, self.shop

    def calls(self) -> int:
        """Return how many calls all of them have seen."""
        return sum(len(emulator.control.journal()) for emulator in self.all)


@dataclass(frozen=True)
class Figures:
    """What was measured. Milliseconds per operation; `added` by the vendors' delay in seconds."""

    added: dict[float, float]
    calls_of_one: int
    calls_of_many: int
    product: float
    database: float
    emulators: float


def measure() -> Figures:
    """Measure all of it, in a database that `world.people` has filled."""
    from onhook.config import logs

    logs.configure(level=logging.WARNING)  # as many lines as calls would be printed, and paid for
    with TemporaryDirectory() as folder, _vendors(Path(folder)) as vendors:
        coids = range(_FIRST_COID, _FIRST_COID + COMPANIES)
        _seed(vendors, coids)
        ports = _wire(vendors, Path(folder))
        makers = [_Company(coid, index) for index, coid in enumerate(coids)]
        _run(ports, [makers[0].confirmed(1)])  # signed in, warm
        added = {delay: _added(vendors, ports, makers, delay) for delay in DELAYS_SECONDS}
        one, many = (_calls(vendors, ports, makers[1], lines) for lines in (1, MANY_LINES))
        split = _cpu_split(vendors, ports, [maker.confirmed(LINES_EACH) for maker in makers])
    return Figures(added, one, many, *split)


@contextmanager
def _vendors(folder: Path) -> Iterator[Vendors]:
    with ExitStack() as stack:
        started = [
            stack.enter_context(launch.running(name, arguments=["--tls-folder", str(folder / name)]))
            for name in ("passwordstate", "salesforce", "twocheckout")
        ]
        yield Vendors(*started)


def _seed(vendors: Vendors, coids: Sequence[int]) -> None:
    passwords = [
        {"PasswordID": 1, "PasswordListID": 8, "Title": "salesforce", "UserName": _CONSUMER, "Password": _SECRET},
        {"PasswordID": 2, "PasswordListID": 8, "Title": "twocheckout", "UserName": _MERCHANT, "Password": _KEY},
    ]
    vendors.vault.control.seed(
        {
            "lists": [{"PasswordListID": 8, "PasswordList": "Automation"}],
            "passwords": passwords,
            "keys": [{"name": "onhook", "value": _VAULT, "lists": [8]}],
        }
    )
    vendors.crm.control.seed(
        {
            "clients": [{"consumer_key": _CONSUMER, "consumer_secret": _SECRET}],
            "fields": [{"name": "COID__c", "label": "COID", "type": "string", "length": 20}],
            "accounts": [
                {"Name": f"Example {coid}", "AccountNumber": f"ACC-{coid}", "COID__c": str(coid)} for coid in coids
            ],
        }
    )
    vendors.shop.control.seed(
        {
            "account": {"merchant_code": _MERCHANT, "secret_key": _KEY},
            "subscriptions": [
                {
                    "SubscriptionReference": f"SUB{coid:07d}",
                    "ExternalCustomerReference": f"ACC-{coid}",
                    "Product": {"ProductCode": "PLAN", "ProductName": "Device plan", "ProductQuantity": 1000},
                }
                for coid in coids
            ],
        }
    )


def _wire(vendors: Vendors, folder: Path) -> Any:
    """Return the product's own wiring to these vendors, with a mail server that costs nothing."""
    from django.conf import settings

    from benchmarks.measures import NoMail
    from onhook.config import wiring
    from onhook.operations.ports import Ports

    authorities = folder / "authorities.pem"
    authorities.write_bytes(b"".join(emulator.ca_file.read_bytes() for emulator in vendors.all if emulator.ca_file))
    settings.CA_FILE = str(authorities)
    settings.PASSWORDSTATE_URL, settings.PASSWORDSTATE_KEY = f"{vendors.vault.http}/api", _VAULT
    settings.SALESFORCE_URL, settings.SALESFORCE_SECRET = vendors.crm.http, "salesforce"
    settings.TWOCHECKOUT_URL, settings.TWOCHECKOUT_SECRET = f"{vendors.shop.http}/rest/6.0", "twocheckout"
    settings.TWOCHECKOUT_SHOP_URL = vendors.shop.http
    settings.SHOP_HOSTS = frozenset({vendors.shop.http.removeprefix("https://")})
    wiring.forget()
    return Ports(mail=NoMail(), accounts=wiring.accounts(), shop=wiring.shop())


class _Company:
    """One company with an Admin, which confirms deletions of lines that the shop bills."""

    def __init__(self, coid: int, index: int) -> None:
        from onhook.tenancy import people
        from onhook.tenancy.models import Company
        from onhook.tenancy.permissions import Role

        self.company = Company.objects.create(coid=coid, name=f"Example {coid}", region="US")
        self.admin = people.create_user(
            company=self.company,
            username="ada",
            full_name="Ada Example",
            role=Role.ADMIN,
            email="ada@plumbing.example",
        )
        self._next = _FIRST_LINE + index * 20

    def confirmed(self, lines: int) -> Any:
        """Return a confirmed operation of that many new lines; nothing runs yet."""
        from onhook import clock
        from onhook.operations import confirming, planning
        from onhook.operations.vocabulary import HowChecked, Reason
        from onhook.tenancy.actor import Actor, Surface

        actor = Actor(user=self.admin, surface=Surface.CLI)
        plan = planning.plan(
            company=self.company,
            device_ids=self._lines(lines),
            request=planning.Request(requester=self.admin, how_checked=HowChecked.SIGNED_IN, reason=Reason.OTHER),
            actor=actor,
            now=clock.now(),
        )
        return confirming.confirm(
            company=self.company, plan_id=plan.pk, plan_hash=plan.plan_hash, actor=actor, now=clock.now()
        )

    def _lines(self, count: int) -> list[int]:
        from onhook.devices.models import Device

        # Numbers may repeat: what was deleted before is free again.
        rows = [
            Device(
                company=self.company,
                number=world.number(self._next + line),
                soc_code=_SOC,
                activated_at=world.ACTIVATED,
            )
            for line in range(count)
        ]
        return [row.pk for row in Device.objects.bulk_create(rows)]


def _run(ports: Any, operations: list[Any]) -> None:
    _work(ports, operations)
    _assert_verified(operations)


def _work(ports: Any, operations: list[Any]) -> None:
    from onhook.operations import worker

    worker.run_until_idle(ports=ports, most=len(operations) * 2)


def _work_in_threads(ports: Any) -> None:
    """Be a worker process as in production until all operations are over."""
    from onhook.operations.models import Operation
    from onhook.operations.worker import Worker

    working = Worker(ports=ports, threads=THREADS, lease_seconds=120, poll_seconds=1)
    thread = threading.Thread(target=working.run)
    thread.start()
    while thread.is_alive() and Operation.objects.exclude(state="closed").exists():
        time.sleep(0.2)
    working.stop()
    thread.join()


def _assert_verified(operations: list[Any]) -> None:
    for operation in operations:
        operation.refresh_from_db()
        assert operation.outcome == "verified", operation.state


def _added(vendors: Vendors, ports: Any, makers: list[_Company], delay: float) -> float:
    """
    Return the milliseconds of a run beside the vendors' own time, the median of some.

    Its calls come one after the other, so all of them are the critical path.
    """
    for emulator in vendors.all:
        emulator.control.add_fault("delay", times=None, seconds=delay)
    ours = []
    for maker in makers[:ROUNDS]:
        operation, before = maker.confirmed(1), vendors.calls()
        started = time.perf_counter()
        _work(ports, [operation])
        wall = time.perf_counter() - started
        _assert_verified([operation])
        ours.append((wall - (vendors.calls() - before) * delay) * 1000)
    for emulator in vendors.all:
        emulator.control.clear_faults()
    return statistics.median(ours)


def _calls(vendors: Vendors, ports: Any, maker: _Company, lines: int) -> int:
    before = vendors.calls()
    _run(ports, [maker.confirmed(lines)])
    return vendors.calls() - before


def _cpu_split(vendors: Vendors, ports: Any, operations: list[Any]) -> tuple[float, float, float]:
    """Return CPU milliseconds per operation: of this process as a worker, of PostgreSQL, of the emulators."""
    emulators = [emulator.process.pid for emulator in vendors.all]
    before = (time.process_time(), _cpu_of_database(), sum(map(_cpu, emulators)))
    _work_in_threads(ports)
    after = (time.process_time(), _cpu_of_database(), sum(map(_cpu, emulators)))
    _assert_verified(operations)
    product, database, vendors_ = (1000 * (b - a) / len(operations) for a, b in zip(before, after, strict=True))
    return product, database, vendors_


def _cpu_of_database() -> float:
    """Return the CPU seconds of the server: its first process, those it has now, and those it had."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    first = _stat(backend)[1]
    now = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    children = []
    for pid in now:
        try:
            if _stat(pid)[1] == first:
                children.append(pid)
        except OSError:
            continue
    return _cpu(first, with_ended=True) + sum(map(_cpu, children))


def _stat(pid: int) -> list[int]:
    """Return the numbers of /proc/PID/stat behind the name and the state (see proc(5)); [1] is the parent."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [0, *(int(field) for field in fields[1:])]


def _cpu(pid: int, *, with_ended: bool = False) -> float:
    fields = _stat(pid)
    return sum(fields[11 : 15 if with_ended else 13]) / os.sysconf("SC_CLK_TCK")


def rows(figures: Figures) -> list[tuple[str, str, str]]:
    """Return the rows of the table."""
    return [
        *(
            (
                f"shop channel, vendors at {delay * 1000:.0f} ms: a run's time beside the vendors' own",
                f"{milliseconds:.0f} ms",
                "",
            )
            for delay, milliseconds in figures.added.items()
        ),
        ("outside calls of a run of 1 line, and of 200", f"{figures.calls_of_one}, {figures.calls_of_many}", "equal"),
        (
            f"CPU of a run, {COMPANIES} companies x {LINES_EACH} lines: product",
            f"{figures.product:.0f} ms",
            "",
        ),
        ("the same: database", f"{figures.database:.0f} ms", ""),
        ("the same: emulators", f"{figures.emulators:.0f} ms", ""),
    ]
