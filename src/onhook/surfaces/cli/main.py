"""The entry of the `onhook` command: database, Django, commands, and one place where errors become exit codes."""

from __future__ import annotations

import json
import os
import sys

from onhook.config import database, env, logs
from onhook.config.postgres import UnableToStartPostgres

# These bring the database up or down themselves, or need none.
_WITHOUT_DATABASE = {"down", "demo", "-h", "--help", "--version"}

# The same numbers as in `exits`, which cannot be imported before Django is set up.
_UNAVAILABLE, _USAGE = 7, 2


def run() -> None:
    """Run the command line in `sys.argv` and exit with one of the documented codes."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        prepare(arguments)
    except UnableToStartPostgres as error:
        sys.stderr.write(f"{error}\n")
        return _UNAVAILABLE
    except env.UnusableSetting as error:
        sys.stderr.write(f"{error} Nothing was done.\n")
        return _USAGE
    return invoke(arguments)


def prepare(arguments: list[str]) -> None:
    """Find the database where the command needs one, and set Django up."""
    if arguments and arguments[0] not in _WITHOUT_DATABASE and not {"-h", "--help"} & set(arguments):
        database.ensure()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onhook.config.settings")
    import django  # noqa: PLC0415  # the settings read the address that was just found

    django.setup()
    logs.configure()


def invoke(arguments: list[str]) -> int:
    """Run one command with Django set up, and return its exit code."""
    import click  # noqa: PLC0415
    from django.db import DatabaseError  # noqa: PLC0415

    from onhook.surfaces.cli import commands, exits, output  # noqa: PLC0415

    try:
        result = commands.app(arguments, standalone_mode=False, prog_name="onhook")
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return exits.Exit.USAGE
    except (KeyboardInterrupt, click.Abort):
        output.errors.print("Stopped. What was confirmed goes on without this terminal.")
        return exits.Exit.FAULT
    except BrokenPipeError:
        return exits.Exit.DONE
    except Exception as error:
        code = exits.exit_of(error)
        if code is None:
            raise
        text = _without_address(error) if isinstance(error, DatabaseError) else str(error)
        if "--json" in arguments:
            sys.stdout.write(json.dumps({"error": {"code": code.name.lower(), "message": text}}) + "\n")
        else:
            output.errors.print(text, style="red", markup=False, soft_wrap=True)
        return code
    return int(result or 0)


def _without_address(error: Exception) -> str:
    """Say that the database failed without repeating what the driver says, which can hold names and values."""
    kind = type(error.__cause__ or error).__name__
    return f"The database did not answer as it should ({kind}). See `onhook doctor`."
