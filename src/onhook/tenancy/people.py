"""Make companies and people, and find them by login."""

from __future__ import annotations

from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import Role


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
