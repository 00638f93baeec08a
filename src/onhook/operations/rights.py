"""Give the people of a company their rights. It lives here because the audit entry belongs to the same transaction."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q

from onhook import clock
from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.tenancy import people
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import CUSTOMER_ROLES, OPERATOR_COID, Permission, Role


class UnableToChange(Exception):
    """The rights were not changed; the message is fit to show."""


def add(*, company: Company, actor: Actor, username: str, full_name: str, email: str, role: Role) -> User:
    """
    Add a person of a customer's company, without a password: they choose it themselves.

    :raises UnableToChange: no right, a role that customers do not have, or a user name that nobody can get.
    """
    _check(actor, company_id=company.pk, role=role)
    with transaction.atomic():
        user = _created(company, username=username, full_name=full_name, email=email, role=role)
        _record(user, actor, before={}, after={"role": role.value, "email": email})
    return user


def _created(company: Company, *, username: str, full_name: str, email: str, role: Role) -> User:
    try:
        with transaction.atomic():
            return people.create_user(company=company, username=username, full_name=full_name, role=role, email=email)
    except people.UnusableName as problem:
        raise UnableToChange(f"The user name {problem}. Nothing was changed.") from None
    except IntegrityError:
        raise UnableToChange("Somebody else has just taken this user name. Nothing was changed.") from None


@dataclass(frozen=True)
class Rights:
    """A person's role, and whether they may not sign in. `str` writes them for a form that is to be sent back."""

    role: Role
    is_suspended: bool

    def __str__(self) -> str:
        return f"{self.role.value}{' suspended' if self.is_suspended else ''}"

    @classmethod
    def of(cls, user: User) -> Rights:
        return cls(Role(user.role), user.suspended_at is not None)


def change(*, user: User, actor: Actor, role: Role, is_suspended: bool, seen: str | None = None) -> None:
    """
    Change a person's role, and whether they may sign in; the suspended are out with their next request.

    :param seen: the rights, as `Rights` writes them, that whoever changes them saw; None: they saw the present ones.
    :raises UnableToChange: no right, their own rights, others than were seen, or the company would have no Admin left.
    """
    _check(actor, company_id=user.company_id, role=role)
    if actor.user is not None and actor.user.pk == user.pk:
        raise UnableToChange("Nobody changes their own rights. Ask another Admin. Nothing was changed.")
    with transaction.atomic():
        # All Admins are locked beside the person, in one order, so that two of them cannot take each other's rights at
        # the same moment, and do not wait for each other either.
        is_admin = Q(company_id=user.company_id, role=Role.ADMIN.value, suspended_at=None)
        locked = User.objects.select_for_update().filter(is_admin | Q(pk=user.pk)).order_by("pk")
        people_now = {one.pk: one for one in locked}
        user = people_now[user.pk]
        if seen is not None and seen != str(Rights.of(user)):
            raise UnableToChange(
                f"Somebody else changed the rights of {user.full_name} meanwhile. Look at them as they are now. "
                "Nothing was changed."
            )
        others = [one for one in people_now.values() if one.pk != user.pk]
        if not others and (role is not Role.ADMIN or is_suspended):
            raise UnableToChange("The company needs an Admin who can sign in. Nothing was changed.")
        before = {"role": user.role, "is_suspended": user.suspended_at is not None}
        user.role = role.value
        user.suspended_at = (user.suspended_at or clock.now()) if is_suspended else None
        user.save(update_fields=["role", "suspended_at"])
        _record(user, actor, before=before, after={"role": role.value, "is_suspended": is_suspended})


def remove_second_factor(*, user: User, actor: Actor) -> None:
    """
    Let somebody who lost their phone and their recovery codes sign in with the password alone; their sessions end.

    :raises UnableToChange: no right, their own one, or there is none.
    """
    _check(actor, company_id=user.company_id, role=Role(user.role))
    if actor.user is not None and actor.user.pk == user.pk:
        raise UnableToChange("Your own second factor is on the page of your sign-in. Nothing was changed.")
    with transaction.atomic():
        if not people.remove_second_factors(user, now=clock.now()):
            raise UnableToChange(f"{user.full_name} has no second factor. Nothing was changed.")
        _record(user, actor, tag=Tag.FACTOR_REMOVED, before={}, after={"sessions_ended": True})


def _check(actor: Actor, *, company_id: int, role: Role) -> None:
    if not actor.may(Permission.MANAGE_USERS, company_id=company_id):
        raise UnableToChange(f"{actor.login} may not change people of this company. Nothing was changed.")
    if company_id == OPERATOR_COID:
        raise UnableToChange("The operator's own people do not get their rights here. Nothing was changed.")
    if role not in CUSTOMER_ROLES:
        raise UnableToChange("People of a customer cannot have a role of the operator's staff. Nothing was changed.")


def _record(
    user: User, actor: Actor, *, before: dict[str, object], after: dict[str, object], tag: Tag = Tag.USER_CHANGED
) -> None:
    entry = trail.Entry(tag=tag, subject=f"user:{user.login}", before=before, after=after)
    trail.record(company_id=user.company_id, actor=actor, entries=[entry])
