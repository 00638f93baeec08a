"""Make companies and people, and find them by login."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import MATRIX, OPERATOR_COID, REQUESTER_ROLES, Permission, Role


class NoSuchPerson(Exception):
    """No person has this login, or the login is not written as COID/user name."""


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
    """Create a person. Without a password they cannot sign in with one until it is set."""
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
