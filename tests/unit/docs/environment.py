"""The environment variables that the product reads, taken from its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import onhook
from onhook.config import settings

_NAME = re.compile(r"(ONHOOK|PG|XDG|DATABASE)_[A-Z_]*[A-Z]")
# The first part of the names of development secrets, a file of PostgreSQL's, and what is kept from child processes.
_NO_VARIABLES = {"ONHOOK_SECRET", "PG_VERSION", "ONHOOK_TOKEN_FILE"}
_READERS = {"text", "integer", "choice", "words"}


def names_in_source() -> set[str]:
    """Return every text in the source that is the name of a variable."""
    files = Path(onhook.__file__).parent.rglob("*.py")
    texts = (node.value for file in files for node in ast.walk(_tree(file)) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and _NAME.fullmatch(text)} - _NO_VARIABLES


def defaults_in_settings() -> dict[str, str]:
    """Return the defaults of `settings` as a page writes them, by variable; computed ones are left out."""
    return {name: default for name, default in _reads() if default is not None}


def names_with_files() -> set[str]:
    """Return the variables of `settings`, all of which may be given as files."""
    return {name for name, _ in _reads()}


def _reads() -> Iterator[tuple[str, str | None]]:
    for node in ast.walk(_tree(Path(settings.__file__))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _READERS:
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value, _default(node)


def _default(call: ast.Call) -> str | None:
    if len(call.args) < 2:
        return ""
    expression = call.args[1]
    if any(isinstance(node, ast.Name) for node in ast.walk(expression)):
        return None
    # Constants and arithmetic of our own source, such as 30 * 60.
    return str(eval(compile(ast.Expression(expression), "default", "eval")))


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))
