"""
The wall in the database: while a customer's request runs, row security shows only their company's rows.

The request takes a role that owns nothing; the policies compare each row with the company set beside it. Staff, console
and worker stay on the owner's role, which row security does not bind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created
from django.db.transaction import TransactionManagementError
from django.dispatch import receiver

ROLE = "onhook_customer"
SETTING = "onhook.company"


_company_id: ContextVar[int | None] = ContextVar("confined_to", default=None)


def confine(*, company_id: int) -> None:
    """Let this connection see and change rows of `company_id` only, until `release`."""
    _company_id.set(company_id)
    _take_role(company_id)


def _take_role(company_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(%s, %s, false), set_config('role', %s, false)", [SETTING, str(company_id), ROLE]
        )


@receiver(connection_created)
def _confine_again(**_: Any) -> None:
    """A connection that was lost and made anew inside a request goes behind the wall as well."""
    company_id = _company_id.get()
    if company_id is not None:
        _take_role(company_id)


def release() -> None:
    """Give the connection its own role back; one that cannot take it is closed, and never used again as it is."""
    _company_id.set(None)
    if connection.connection is None:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('role', 'none', false), set_config(%s, '', false)", [SETTING])
    except (DatabaseError, TransactionManagementError):
        connection.close()


def is_confined() -> bool:
    """Whether this connection is behind the wall now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role') = %s", [ROLE])
        return bool(cursor.fetchone()[0])


@contextmanager
def confined(*, company_id: int) -> Iterator[None]:
    """Do one thing behind the wall."""
    confine(company_id=company_id)
    try:
        yield
    finally:
        release()


@contextmanager
def lifted() -> Iterator[None]:
    """
    Do one thing of the engine's on the owner's role, in the same transaction.

    The engine's tables carry no company, so customers have no rights there; this is for its two calls only. After a
    fault the transaction is over anyway, and with it the role that was set in it.
    """
    if _company_id.get() is None:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        yield
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
