"""The demo's companies and people, moved into an empty development installation so that somebody can sign in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from onhook import clock
from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.exchange import demo, importing
from onhook.exchange.importing import Kind
from onhook.surfaces.cli import identity, output
from onhook.surfaces.cli.exits import CommandError, Exit
from onhook.tenancy import people
from onhook.tenancy.actor import Actor, Surface
from onhook.tenancy.models import User

_LEAD = "1/lea"
# Who to sign in as: login, role, and what for.
_GUIDE = (
    ("4711/ada", "Admin", "Example Plumbing, billed directly: deletes its lines in the portal"),
    ("4711/mia", "Manager", "the same company: plans, and sends the plan to somebody who may confirm"),
    ("4712/bea", "Admin", "Invented Bakery, billed by the online shop"),
    ("1/sam", "Agent", "support: the console, and every company's portal"),
    ("1/lea", "Lead", "support: rules and people too"),
    ("1/otto", "Auditor", "support: sees everything, changes nothing"),
)


@dataclass(frozen=True)
class Guide:
    """The demo's people and the password that all of them have."""

    password: str

    def show(self) -> None:
        """Print who to sign in as."""
        output.say()
        output.say(f"Sign in with COID, user name and the password {self.password}")
        rows = [[*login.split("/"), role, what] for login, role, what in _GUIDE]
        output.table(["COID", "User name", "Role", "What for"], rows)


def move_in() -> Guide | None:
    """
    Import the demo world where nobody lives yet, and give its people one new password.

    Where other people live it says that the demo's stay out, and returns None.

    :raises CommandError: this is production.
    """
    if settings.ENVIRONMENT == "production":
        raise CommandError("Demo people do not move into production. Nothing was changed.", exit_code=Exit.REFUSED)
    if not User.objects.exists():
        _import()
    logins = [login for login, _, _ in _GUIDE]
    residents = list(User.objects.filter(login__in=logins))
    if len(residents) != len(logins):
        output.say("Other people live in this installation, so the demo's do not move in.")
        return None
    password = secrets.token_urlsafe(12)
    for user in residents:
        _set_password(user, password)
    return Guide(password)


def _import() -> None:
    for kind in (Kind.COMPANIES, Kind.USERS, Kind.DEVICES):
        actor = identity.shell()
        if kind is Kind.DEVICES:
            actor = Actor(user=people.by_login(_LEAD), surface=Surface.CLI, os_user=identity.os_user())
        with demo.path(kind).open(encoding="utf-8", newline="") as stream:
            importing.import_rows(
                kind=kind, stream=stream, actor=actor, dry_run=False, keep_going=False, now=clock.now()
            )


def _set_password(user: User, password: str) -> None:
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        entry = trail.Entry(tag=Tag.PASSWORD_CHANGED, subject=f"user:{user.login}")
        trail.record(company_id=user.company_id, actor=identity.shell(), entries=[entry])
