"""`onhook password`: give a person their first password, or a new one."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.surfaces.cli import identity, output
from onhook.surfaces.cli.app import app
from onhook.surfaces.cli.exits import CommandError, Exit
from onhook.tenancy import people


@app.command()
def password(
    login: Annotated[str, typer.Argument(metavar="COID/USER", help="Whose password.")],
    as_json: identity.AsJson = False,
) -> None:
    """Set a person's password; it is asked for, never an argument. Their sessions end. The audit keeps that you did."""
    user = people.by_login(login)
    if not sys.stdin.isatty():
        raise CommandError(
            "A password is typed by a person: this needs a terminal. Nothing was changed.", exit_code=Exit.USAGE
        )
    chosen = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    try:
        validate_password(chosen, user)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages) + " Nothing was changed.", exit_code=Exit.REFUSED) from None
    with transaction.atomic():
        user.set_password(chosen)
        user.save(update_fields=["password"])
        entry = trail.Entry(tag=Tag.PASSWORD_CHANGED, subject=f"user:{user.login}")
        trail.record(company_id=user.company_id, actor=identity.shell(), entries=[entry])
    output.emit(
        as_json=as_json,
        data={"login": user.login, "changed": True},
        show=lambda: output.say(f"{user.login} signs in with the new password from now on."),
    )
