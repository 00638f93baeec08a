"""Who is at the keyboard: the named person with their token, and the OS user beside it."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Annotated

import typer

from onhook import clock
from onhook.config import env
from onhook.surfaces.cli.exits import CommandError, Exit
from onhook.tenancy import tokens
from onhook.tenancy.actor import Actor, Surface

As = Annotated[
    str | None,
    typer.Option("--as", metavar="COID/USER", envvar="ONHOOK_AS", help="The person who does this, with their token."),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        help="File with that person's token. Else the environment variable ONHOOK_TOKEN, never an argument.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def os_user() -> str:
    """Return the operating system's name for whoever runs this: asked of the system, for USER can say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def person(login: str | None, token_file: Path | None) -> Actor:
    """
    Return the named person, proven by their token. A shell is not an identity: a command that writes, or takes data
    out, must name somebody.

    :raises CommandError: nobody is named, or there is no token.
    """
    if not login:
        raise CommandError(
            "This command is done in a person's name: give --as COID/USER, with their token in ONHOOK_TOKEN or "
            "--token-file. Nothing was done.",
            exit_code=Exit.NOT_PERMITTED,
        )
    user = tokens.authenticate(login=login, token=_token(token_file), now=clock.now())
    return Actor(user=user, surface=Surface.CLI, os_user=os_user())


def reader(login: str | None, token_file: Path | None) -> Actor:
    """Return the named person, or, when nobody is named, the shell itself, which may look and never act."""
    return person(login, token_file) if login else shell()


def shell() -> Actor:
    """Return the command line itself as actor."""
    return Actor.system(Surface.CLI, os_user=os_user())


def _token(file: Path | None) -> str:
    token = env.text("ONHOOK_TOKEN") if file is None else _read(file)
    if not token.strip():
        raise CommandError(
            "There is no token: set ONHOOK_TOKEN or give --token-file. Nothing was done.", exit_code=Exit.NOT_PERMITTED
        )
    return token.strip()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        why = error.strerror
    except UnicodeDecodeError:
        why = "it is not text"
    raise CommandError(f"The token file cannot be read: {why}. Nothing was done.", exit_code=Exit.NOT_PERMITTED)
