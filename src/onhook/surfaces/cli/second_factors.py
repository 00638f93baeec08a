"""`onhook remove-second-factor`: let somebody in who lost it, and whom nobody can help on the pages."""

from __future__ import annotations

from typing import Annotated

import typer
from django.db import transaction

from onhook import clock
from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.surfaces.cli import identity, output
from onhook.surfaces.cli.app import app
from onhook.surfaces.cli.exits import CommandError, Exit
from onhook.tenancy import people


@app.command()
def remove_second_factor(
    login: Annotated[str, typer.Argument(metavar="COID/USER", help="Whose second factor. Make sure who asks.")],
    as_json: identity.AsJson = False,
) -> None:
    """Remove a person's second factor, which ends their sessions. The password stays. The audit keeps that you did."""
    user = people.by_login(login)
    with transaction.atomic():
        if not people.remove_second_factors(user, now=clock.now()):
            raise CommandError(f"{user.login} has no second factor. Nothing was changed.", exit_code=Exit.REFUSED)
        entry = trail.Entry(tag=Tag.FACTOR_REMOVED, subject=f"user:{user.login}", after={"sessions_ended": True})
        trail.record(company_id=user.company_id, actor=identity.shell(), entries=[entry])
    output.emit(
        as_json=as_json,
        data={"login": user.login, "removed": True},
        show=lambda: output.say(
            f"{user.login} is signed out everywhere, and signs in with the password alone from now on."
        ),
    )
