"""The entry of the `onhook` command: database, Django, commands, and one place where errors become exit codes."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import traceback

import typer

from onhook.config import database, env, logs
from onhook.config.postgres import UnableToStartPostgres

# These bring the database up or down themselves.
_WITHOUT_DATABASE = {"up", "down", "demo"}
_HELP = {"-h", "--help"}

# The same numbers as in `exits`, which cannot be imported before Django is set up.
_USAGE, _UNAVAILABLE, _STOPPED = 2, 7, 130

_SERVERS = {"up", "worker", "web"}
# These carry out runs themselves: their sign-ins are not for one answer.
_LIVING_ON = {*_SERVERS, "demo"}


def run() -> None:
    """Run the command line in `sys.argv` and exit with one of the documented codes."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    if any(0xDC80 <= ord(letter) <= 0xDCFF for letter in "".join(arguments)):  # noqa: PLR2004  # not decodable
        return _refuse(
            arguments, "The command is not written in UTF-8. Nothing was done.", code="usage", exit_code=_USAGE
        )
    try:
        prepare(arguments)
    except UnableToStartPostgres as error:
        return _refuse(arguments, str(error), code="unavailable", exit_code=_UNAVAILABLE)
    except env.UnusableSetting as error:
        return _refuse(arguments, f"{error} Nothing was done.", code="usage", exit_code=_USAGE)
    except KeyboardInterrupt:
        return _refuse(arguments, "Stopped before anything was done.", code="stopped", exit_code=_STOPPED)
    return invoke(arguments)


def prepare(arguments: list[str]) -> None:
    """Set Django up, and find the database where the command needs one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onhook.config.settings")
    import django  # noqa: PLC0415  # reads the settings, which may be unusable

    django.setup()
    # Events of calls and rounds are for whoever runs a server; at a person's command they would bury the answer.
    serves = bool(arguments) and arguments[0] in _SERVERS
    logs.configure(level=logging.INFO if serves else logging.WARNING)
    from onhook.config import wiring  # noqa: PLC0415
    from onhook.surfaces.cli import commands  # noqa: PLC0415

    if arguments and arguments[0] not in _LIVING_ON:
        wiring.live_for_one_command()
    needing = commands.names() - _WITHOUT_DATABASE
    if arguments and arguments[0] in needing and not _HELP & set(arguments):
        database.ensure()
        _join_running_installation()


def _join_running_installation() -> None:
    """Beside a running `onhook up` of a development machine, use the emulated systems that it started."""
    from django.conf import settings  # noqa: PLC0415

    from onhook.config import presence, surroundings  # noqa: PLC0415

    if settings.ENVIRONMENT == "development" and not settings.MAIL_URL:
        environment = presence.environment(database.instance())
        if environment:
            surroundings.use(environment)


def invoke(arguments: list[str]) -> int:
    """Run one command with Django set up, and return its exit code."""
    from onhook.surfaces.cli import exits  # noqa: PLC0415

    try:
        code = _run(arguments)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):
        # typer and rich, too, end so when nobody reads the output any more.
        _leave_output()
        return exits.Exit.READER_GONE
    return code


def _run(arguments: list[str]) -> int:
    from django.db import DatabaseError, InterfaceError  # noqa: PLC0415

    from onhook.surfaces.cli import commands, database_faults, exits, output  # noqa: PLC0415

    try:
        result = int(commands.app(arguments, standalone_mode=False, prog_name="onhook") or 0)
    except typer.TyperException as error:
        return _refuse_usage(arguments, error)
    except (KeyboardInterrupt, typer.Abort):
        result = int(exits.Exit.STOPPED)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  # the one place where what nobody expected is told
        code = exits.exit_of(error)
        if code is None:
            return _tell_fault(arguments, error)
        text = database_faults.in_words(error) if isinstance(error, DatabaseError | InterfaceError) else str(error)
        return _refuse(arguments, text, code=code.name.lower(), exit_code=code)
    if result == exits.Exit.STOPPED:
        # Pressed once more, it would only cut short what is said now.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        output.errors.print()
        return _refuse(arguments, exits.MEANINGS[exits.Exit.STOPPED], code="stopped", exit_code=result)
    return result


def _refuse(arguments: list[str], text: str, *, code: str, exit_code: int) -> int:
    """Tell why the command ends: as JSON where the output is JSON, else in words beside the output."""
    if "--json" in arguments:
        sys.stdout.write(json.dumps({"error": {"code": code, "message": text}}, ensure_ascii=False) + "\n")
        return exit_code
    from onhook.surfaces.cli import output  # noqa: PLC0415

    output.errors.print(output.printable(text), style="red", markup=False, soft_wrap=True)
    return exit_code


def _refuse_usage(arguments: list[str], error: typer.TyperException) -> int:
    """Tell how the command is written. Without a message the help was shown already, because nothing was typed."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if not message:
        return _USAGE
    if "--json" not in arguments and context is not None:
        hint = f"{context.get_usage()}\nMore: {context.command_path} --help\n"
        sys.stderr.write(hint)
    return _refuse(arguments, f"{message.rstrip('.')}. Nothing was done.", code="usage", exit_code=_USAGE)


def _tell_fault(arguments: list[str], error: Exception) -> int:
    from onhook.surfaces.cli import exits  # noqa: PLC0415

    traceback.print_exception(error)
    text = (
        f"onhook itself failed ({type(error).__name__}). What was not finished was not kept; look with `onhook status` "
        "before you repeat it, and please report the lines above."
    )
    return _refuse(arguments, text, code="fault", exit_code=exits.Exit.FAULT)


def _leave_output() -> None:
    """Let what is still buffered go nowhere, so that the interpreter ends without a word."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
