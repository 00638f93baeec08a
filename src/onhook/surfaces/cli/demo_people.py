"""The demo's companies and people, moved into an empty development installation so that somebody can sign in."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import transaction

from onhook import clock
from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.exchange import demo, importing
from onhook.exchange.importing import Kind
from onhook.surfaces.cli import identity
from onhook.surfaces.cli.exits import CommandError, Exit
from onhook.tenancy import people
from onhook.tenancy.actor import Actor, Surface
from onhook.tenancy.models import User

_LEAD = "1/lea"
# Who to sign in as, and what for.
_GUIDE = (
    ("4711/ada", "Admin of Example Plumbing: Administration > Devices"),
    ("4711/mia", "manager there: may plan, not confirm"),
    ("4712/bea", "Admin of Invented Bakery, billed by the shop"),
    ("1/sam", "support agent: the console, and customers' portals"),
    ("1/lea", "lead: rules and questions too"),
    ("1/otto", "auditor: sees, and changes nothing"),
)


def move_in() -> list[str]:
    """
    Import the demo world where nobody lives yet, give its people one new password, and return what to tell.

    :raises CommandError: this is production, or the people on record are not the demo's.
    """
    if settings.ENVIRONMENT == "production":
        raise CommandError("Demo people do not move into production. Nothing was changed.", exit_code=Exit.REFUSED)
    if not User.objects.exists():
        _import()
    logins = [login for login, _ in _GUIDE]
    residents = list(User.objects.filter(login__in=logins))
    if len(residents) != len(logins):
        raise CommandError(
            "Other people live in this installation, so the demo's do not move in. Nothing was changed; "
            "use another one: ONHOOK_INSTANCE=trial make up",
            exit_code=Exit.REFUSED,
        )
    password = secrets.token_urlsafe(12)
    for user in residents:
        _set_password(user, password)
    return [f"sign in with the password {password} as", *(f"  {login:<9} {what}" for login, what in _GUIDE)]


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
