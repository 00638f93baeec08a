"""
The page of the `onhook` command, written from the command tree itself.

`python -m tests.unit.docs.command_page` writes it anew after a command changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from enum import Enum
from typing import Any

from tests.unit.docs.pages import DOCS

PAGE = DOCS / "reference" / "command.md"
# Options that many commands share are described once, at the top.
SHARED = {"--as", "--token-file", "--json", "--ready-file"}

_HEAD = """# The `onhook` command

This page is written by `python -m tests.unit.docs.command_page` from the commands themselves; a test compares the two.

## What holds for all

- A command that changes something names a person: `--as COID/user` (or `ONHOOK_AS`), with that person's token in
  `ONHOOK_TOKEN`, or in a file named by `ONHOOK_TOKEN_FILE` or `--token-file`. `find`, `company`, `status` and
  `questions` may be used without a person on the product's own machine. `token`, `password`, `remove-second-factor`
  and `migrate` take none. The first companies and people are imported without one, as long as there is nobody.
- `--json` prints one JSON document on standard output. An error is then `{"error": {"code": ..., "message": ...}}`.
- Results go to standard output, errors and progress to standard error.
- Without `DATABASE_URL` a command starts the embedded database when it is not running.
- `--ready-file FILE` writes a file once the process is ready, for whoever supervises it.

## Exit codes

| Code | Name | Meaning |
| --- | --- | --- |
"""


def text() -> str:
    """Return the page as it must be."""
    from onhook.surfaces.cli.exits import MEANINGS

    exits = "".join(f"| `{code.value}` | `{code.name.lower()}` | {words} |\n" for code, words in MEANINGS.items())
    return _HEAD + exits + "\n## Commands\n" + "".join(_section(path, command) for path, command in commands())


def commands() -> Iterator[tuple[str, Any]]:
    """Give every command that can be run, with the words to type, in the order of `onhook --help`."""
    import typer.main

    from onhook.surfaces.cli.commands import app

    yield from _walk("onhook", typer.main.get_command(app))


def _walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield path, command
        return
    for name, child in inner.items():
        yield from _walk(f"{path} {name}", child)


def _section(path: str, command: Any) -> str:
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    usage = " ".join([path, *(_argument(argument) for argument in arguments)])
    shared = [name for option in options for name in option.opts if name in SHARED]
    rows = [
        f"| `{_argument(argument)}` | | {argument.help}{_choices(argument)} |\n"
        for argument in arguments
        if argument.help
    ]
    rows += [_row(option) for option in options if not SHARED & set(option.opts) and option.name != "help"]
    table = "\n| | Default | |\n| --- | --- | --- |\n" + "".join(rows) if rows else ""
    also = f"\nAlso: {', '.join(f'`{name}`' for name in shared)}.\n" if shared else ""
    return f"\n### `{usage}`\n\n{command.help}\n{table}{also}"


def _argument(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required else f"[{name}]"


def _row(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    default = "needed" if option.required else _default(option.default)
    return f"| {names} | {default} | {option.help}{_choices(option)} |\n"


def _choices(parameter: Any) -> str:
    kind = parameter.type_descriptor.annotation
    if not isinstance(kind, type) or not issubclass(kind, Enum):
        return ""
    return f" One of {', '.join(f'`{choice.value}`' for choice in kind)}."


def _default(value: Any) -> str:
    if value in (None, "", False):
        return ""
    return f"`{getattr(value, 'value', value)}`"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onhook.config.settings")
    import django

    django.setup()
    PAGE.write_text(text(), encoding="utf-8")
