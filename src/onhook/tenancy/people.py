"""Make companies and people, and find them by login."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import MATRIX, OPERATOR_COID, REQUESTER_ROLES, Permission, Role


class NoSuchPerson(Exception):
    """No person has this login, or the login is not written as COID/user name."""


class UnusableName(Exception):
    """Nobody can get this user name; the message says why and does not repeat it."""


# Signs that look like one another only in their own way: no letter of another alphabet, nothing invisible.
_USERNAME = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9._@+-]+")


def check_username(username: str) -> None:
    """
    Refuse what could be mistaken for another name, or is none.

    :raises UnusableName: with what may stand there.
    """
    if not _USERNAME.fullmatch(username):
        raise UnusableName(
            "is not a user name: letters a to z, digits and . _ @ + - only, at least one letter or digit"
        )


def has_name(*, company: Company, username: str) -> bool:
    """Whether somebody of the company has this user name, in whatever upper and lower case."""
    return User.objects.filter(company=company, username__iexact=username).exists()


def login_of(*, coid: int, username: str) -> str:
    """Return the login of a user name in a company: `COID/user name`."""
    return f"{coid}/{username}"


def create_user(
    *,
    company: Company,
    username: str,
    full_name: str,
    role: Role,
    email: str = "",
    password: str | None = None,
) -> User:
    """
    Create a person. Without a password they cannot sign in with one until it is set.

    :raises UnusableName: the user name could be mistaken for another one.
    """
    check_username(username)
    if has_name(company=company, username=username):
        raise UnusableName("is taken: somebody of this company has the same user name, apart from upper and lower case")
    user = User(
        company=company,
        username=username,
        login=login_of(coid=company.coid, username=username),
        full_name=full_name,
        role=role.value,
        email=email,
    )
    user.set_password(password)
    user.save()
    return user


@cache
def _by_id_sql() -> str:
    columns = [f"person.{column}" for column in _columns(User)] + [f"company.{column}" for column in _columns(Company)]
    tables = "tenancy_user AS person JOIN tenancy_company AS company ON coid = company_id"
    return f"SELECT {', '.join(columns)} FROM {tables} WHERE person.id = %s"  # noqa: S608  # our own columns


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001  # Django's documented interface


def by_id(user_id: int) -> User | None:
    """
    Return a person with their company, or nobody.

    Every request asks this, so the question is composed once: that takes four times as long as the answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(_by_id_sql(), [user_id])
        row = cursor.fetchone()
    if row is None:
        return None
    names = _columns(User)
    person = User.from_db(connection.alias, names, row[: len(names)])
    person.company = Company.from_db(connection.alias, _columns(Company), row[len(names) :])
    return person


def has_second_factor(user: User) -> bool:
    """Whether the person proves themselves by more than the password."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_second_factor(%s)", [user.pk])
        return bool(cursor.fetchone()[0])


def remove_second_factors(user: User, *, now: datetime) -> bool:
    """
    Take away the codes and keys that the person proves themselves by besides the password, and end their sessions.

    Whoever has the lost phone may be signed in with it. False: there are none, and nothing was changed.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT remove_second_factors(%s)", [user.pk])
            if not cursor.fetchone()[0]:
                return False
        User.objects.filter(pk=user.pk).update(sessions_ended_at=now)
    return True


def by_login(login: str) -> User:
    """
    Return the person with this login.

    :raises NoSuchPerson: there is none; the same words whether the company or the name is unknown.
    """
    try:
        return User.objects.select_related("company").get(login=login)
    except User.DoesNotExist:
        raise NoSuchPerson(
            f"Nobody signs in as {login!r}. A login is written COID/user name, such as 1/agent."
        ) from None


def staff_who_may(permission: Permission) -> Sequence[User]:
    """Return the operator's people who hold a permission now, leads first: to whom work of that kind can be given."""
    roles = [role.value for role in (Role.LEAD, Role.AGENT, Role.AUDITOR) if permission in MATRIX[role]]
    rows = User.objects.select_related("company").filter(
        company_id=OPERATOR_COID, company__suspended_at=None, suspended_at=None, role__in=roles
    )
    return sorted(rows.order_by("full_name", "pk"), key=lambda user: roles.index(user.role))


def requesters_of(company: Company) -> QuerySet[User]:
    """Return the people of a company who may ask for a deletion now, by name."""
    roles = [role.value for role in REQUESTER_ROLES]
    return User.objects.filter(company=company, role__in=roles, suspended_at=None).order_by("full_name", "pk")
