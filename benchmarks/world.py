"""The world that is measured: a private PostgreSQL with fsync on, one company, and as many lines as asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from onhook.config import postgres

INSTANCE = postgres.instance_id("bench")
COID = 4711
ACTIVATED = datetime(2026, 1, 5, tzinfo=UTC)


@contextmanager
def database() -> Iterator[str]:
    """Start a fresh server with fsync on, migrate, and give its address; everything is removed afterwards."""
    postgres.remove(INSTANCE)
    server = postgres.ensure_running(INSTANCE)
    try:
        os.environ.update(DATABASE_URL=server.url, DJANGO_SETTINGS_MODULE="onhook.config.settings")
        os.environ["ONHOOK_ENVIRONMENT"] = "test"
        import django
        from django.core.management import call_command
        from django.db import connections

        from onhook.config import database as databases

        django.setup()
        databases.use(server.url)  # a second world of one run has another address than the settings read
        call_command("migrate", verbosity=0)
        yield server.url
        connections.close_all()
    finally:
        postgres.remove(INSTANCE)


def people() -> None:
    """Make the operator, one company and its Admin."""
    from onhook.tenancy import people as persons
    from onhook.tenancy.models import Company
    from onhook.tenancy.permissions import Role

    Company.objects.create(coid=1, name="Example Operator")
    company = Company.objects.create(coid=COID, name="Example Plumbing", region="US")
    persons.create_user(
        company=company, username="ada", full_name="Ada Example", role=Role.ADMIN, email="ada@plumbing.example"
    )


def lines(count: int, *, first: int) -> list[int]:
    """Make `count` live lines with invented numbers that no other call makes; return their ids."""
    from onhook.devices.models import Device

    rows = [
        Device(
            company_id=COID,
            number=number(first + index),
            worker=f"Worker {first + index}",
            model="Example Phone 3",
            soc_code="CKSWDirectAdv1515",
            activated_at=ACTIVATED,
        )
        for index in range(count)
    ]
    return [row.pk for row in Device.objects.bulk_create(rows, batch_size=2000)]


def number(line: int) -> str:
    """Return the `line`-th of the 80,000 numbers that are reserved for fiction: 555-0100 to 555-0199 in every area."""
    return f"+1{200 + line // 100}55501{line % 100:02d}"
