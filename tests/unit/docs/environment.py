"""The environment variables that the product reads, taken from its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import onhook
from onhook.config import settings

_NAME = re.compile(r"(ONHOOK|PG|XDG|DATABASE)_[A-Z_]*[A-Z]")
# The first part of the names of development secrets, and a file of PostgreSQL's.
_NO_VARIABLES = {"ONHOOK_SECRET", "PG_VERSION"}
_CONTRACT_TESTS = Path(__file__).parents[2] / "contract"
_READERS = {"text", "integer", "choice", "words"}


def names_in_source() -> set[str]:
    """Return every text in the source that is the name of a variable; the `_FILE` forms of others are none."""
    texts = (node.value for tree in _source() for node in ast.walk(tree) if isinstance(node, ast.Constant))
    named = {text for text in texts if isinstance(text, str) and _NAME.fullmatch(text)} - _NO_VARIABLES
    return named - {f"{name}_FILE" for name in names_with_files()}


def names_of_contract_tests() -> set[str]:
    """Return the variables that name credentials of real services for the contract tests."""
    source = "".join(file.read_text(encoding="utf-8") for file in sorted(_CONTRACT_TESTS.glob("*.py")))
    asked = {f"ONHOOK_CONTRACT_{name}" for name in re.findall(r'real_setting\("([A-Z_]+)"\)', source)}
    return asked | set(re.findall(r'environ.get\("(ONHOOK_CONTRACT_[A-Z_]+)"', source))


def names_with_files() -> set[str]:
    """Return the variables that `env` reads, all of which may be given as files."""
    return {name for tree in _source() for name, _ in _reads(tree)}


def defaults_in_settings() -> dict[str, str]:
    """Return the defaults of `settings` as a page writes them, by variable; computed ones are left out."""
    tree = _tree(Path(settings.__file__))
    return {name: default for name, default in _reads(tree) if default is not None}


@cache
def _source() -> list[ast.Module]:
    return [_tree(file) for file in sorted(Path(onhook.__file__).parent.rglob("*.py"))]


def _reads(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _READERS):
            continue
        name = node.args[0] if node.args else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str) and _NAME.fullmatch(name.value):
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
