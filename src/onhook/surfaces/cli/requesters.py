"""Who of the company asks, and how that was made sure of."""

from __future__ import annotations

from typing import Annotated

import typer

from onhook.operations.vocabulary import HowChecked
from onhook.surfaces.cli.exits import CommandError, Exit
from onhook.tenancy import people
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import User

Checked = Annotated[
    HowChecked | None,
    typer.Option("--how-checked", help="How you made sure of who asks. Staff must say it; customers signed in."),
]


def named(username: str, *, coid: int, actor: Actor) -> User:
    """Return the company's person of this user name; by default the person at the keyboard."""
    return people.by_login(people.login_of(coid=coid, username=username)) if username else actor.person()


def how_checked(said: HowChecked | None, *, requester: User, actor: Actor) -> HowChecked:
    """
    Return how it was made sure of who asks.

    :raises CommandError: staff ask for a customer and do not say it: nobody signed in whom that could be read from.
    """
    if requester.is_staff_member or not actor.sees_platform:
        return said or HowChecked.SIGNED_IN
    if said in (None, HowChecked.SIGNED_IN):
        others = ", ".join(how.value for how in HowChecked if how is not HowChecked.SIGNED_IN)
        raise CommandError(
            f"Say how you made sure that {requester.login} asks: --how-checked with one of {others}. Nothing was done.",
            exit_code=Exit.USAGE,
        )
    return said
