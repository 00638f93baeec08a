"""Who may import, export and seed."""

from __future__ import annotations

from onhook.exchange.sheets import Kind
from onhook.tenancy.actor import Actor, Surface
from onhook.tenancy.models import User
from onhook.tenancy.permissions import MATRIX, OPERATOR_COID, Permission, Role

# What a first installation needs before anybody can sign in.
_FIRST = frozenset({Kind.COMPANIES, Kind.USERS})


def is_first_installation(actor: Actor) -> bool:
    """Whether the system itself acts, from the command line, and there is no person at all who could act instead."""
    return actor.user is None and actor.surface is Surface.CLI and not User.objects.exists()


def may_import(*, kind: Kind, actor: Actor) -> bool:
    """Whether `actor` may import rows of this kind, by what is stored now: rights may go while a file is read."""
    if actor.user is None:
        return kind in _FIRST and is_first_installation(actor)
    stored = User.objects.select_related("company").filter(pk=actor.user.pk).first()
    return stored is not None and stored.may(Permission.IMPORT_DATA, company_id=OPERATOR_COID)


def has_importer() -> bool:
    """Whether there is anybody who may import."""
    roles = [role.value for role in Role if Permission.IMPORT_DATA in MATRIX[role]]
    return User.objects.filter(
        company_id=OPERATOR_COID, company__suspended_at=None, suspended_at=None, role__in=roles
    ).exists()


def refusal(*, kind: Kind, actor: Actor) -> str:
    """Return the words for somebody who may not import."""
    if actor.user is None:
        return (
            f"Only a person may import {kind.value}: name one with --as (a lead of the operator). "
            "Nothing was imported. "
            "Without a person, only companies and users can be imported, and only while there is no user at all."
        )
    return f"{actor.login} may not import data: a lead of the operator may. Nothing was imported."
