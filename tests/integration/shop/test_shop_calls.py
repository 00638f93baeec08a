"""How often the vendors are asked: sign-ins shared by all runs of a worker, and calls that do not grow with lines."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from django.db import connection

from onhook.operations.models import Operation
from onhook.operations.ports import Ports
from onhook.operations.worker import Worker
from tests import factories
from tests import shop as shops
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended
from tests.shop import Vendors
from tests.world import World

RUNS = 50
THREADS = 10
# Requests of one run once the worker is signed in: the account; then the list, the subscription and its upgrade.
CALLS = {"vault": 0, "crm": 1, "shop": 3}
SIGN_INS_A_MINUTE = 3


def _calls(vendors: Vendors) -> dict[str, int]:
    return {name: len(getattr(vendors, name).control.journal()) for name in CALLS}


def _sign_ins(vendors: Vendors) -> dict[str, int]:
    """Return the journals' sign-ins: tokens asked for, signatures proven, and secrets read."""
    proofs = [line for line in vendors.shop.control.journal() if ("Limit", "1") in line.query]
    tokens = [line for line in vendors.crm.control.journal() if line.path == "/services/oauth2/token"]
    secrets = [line for line in vendors.vault.control.journal() if line.path.startswith("/api/passwords")]
    return {"shop": len(proofs), "crm": len(tokens), "vault": len(secrets)}


def _fifty_companies(world: World, vendors: Vendors) -> list[Operation]:
    """Start one operation for each of fifty companies, whose accounts and subscriptions the vendors know."""
    coids = range(6000, 6000 + RUNS)
    vendors.seed_accounts(
        *(
            shops.account(
                account_id=f"0018d0000{coid:06d}", name=f"Example {coid}", number=f"ACC-{coid}", coid=str(coid)
            )
            for coid in coids
        )
    )
    vendors.seed_subscriptions(
        *(shops.subscription(reference=f"SUB{coid:07d}", number=f"ACC-{coid}") for coid in coids)
    )
    operations = []
    for line, coid in enumerate(coids, 1):
        company = factories.company(coid=coid, name=f"Example {coid}")
        theirs = replace(world, company=company, admin=factories.user(company))
        operations.append(theirs.start(theirs.line(line, soc_code=SHOP_SOC)))
    return operations


def _work_until_closed(world: World, operations: list[Operation]) -> None:
    """Be one worker process with many threads until all operations are over."""
    worker = Worker(ports=world.ports, threads=THREADS, lease_seconds=120, poll_seconds=0.2)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        for _ in range(100_000):
            if not Operation.objects.exclude(state="closed").exists() or not thread.is_alive():
                return
            # The database's own pause, so that looking does not keep the workers from working.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.1)")
    finally:
        worker.stop()
        thread.join(60)
    raise AssertionError("the runs never ended")


@pytest.mark.xdist_group("fifty")
def test_fifty_runs_of_one_worker_share_their_sign_ins(shop_world: World, vendors: Vendors) -> None:
    operations = _fifty_companies(shop_world, vendors)
    world = replace(shop_world, ports=Ports(mail=shop_world.ports.mail, **shops.connect(vendors)))

    _work_until_closed(world, operations)

    assert {ended(operation) for operation in operations} == {"verified"}
    signed_in = _sign_ins(vendors)
    assert signed_in == {"shop": 1, "crm": 1, "vault": 2}
    assert max(signed_in.values()) <= SIGN_INS_A_MINUTE
    # Two sign-ins, the description of accounts, and what each run asks.
    assert _calls(vendors) == {"vault": 4, "crm": 2 + RUNS * CALLS["crm"], "shop": 1 + RUNS * CALLS["shop"]}
    assert len(world.messages()) == RUNS


def test_sign_ins_that_are_refused_do_not_come_more_often_either(shop_world: World, vendors: Vendors) -> None:
    """Refused credentials are tried three times a minute by all runs together, or the vendor would lock us out."""
    operations = [shop_world.start(shop_world.line(line, soc_code=SHOP_SOC)) for line in range(1, 9)]
    vendors.crm.control.call("POST", "settings", {"sign_in_error": "invalid_client"})

    shop_world.work()

    assert {ended(operation) for operation in operations} <= {"waiting", "running"}
    assert 1 <= _sign_ins(vendors)["crm"] <= SIGN_INS_A_MINUTE
    assert shop_world.messages() == []


@pytest.mark.parametrize("lines", [1, 200])
def test_the_calls_of_an_operation_do_not_grow_with_its_lines(shop_world: World, vendors: Vendors, lines: int) -> None:
    vendors.seed(quantity=500)
    shop_world.start(shop_world.line(900, soc_code=SHOP_SOC))
    shop_world.work()
    before = _calls(vendors)

    operation = shop_world.start(*(shop_world.line(line, soc_code=SHOP_SOC) for line in range(1, lines + 1)))
    shop_world.work()

    assert ended(operation) == "verified"
    assert {name: count - before[name] for name, count in _calls(vendors).items()} == CALLS
    assert f"from 500 to {500 - lines - 1}" in shop_world.messages()[-1]["text"]
