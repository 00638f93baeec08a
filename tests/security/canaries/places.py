"""The addresses of the product, what their paths take, and which names each reads from a query or a form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

_SOURCE = Path(__file__).resolve().parents[3] / "src"
_SURFACES = _SOURCE / "onhook" / "surfaces"
_READ_FROM_A_REQUEST = re.compile(r"""(?:GET|POST|asked)(?:\.get|\.getlist)?[(\[]\s*["'](\w+)["']""")
_FIELD_OF_A_FORM = re.compile(r"^    (\w+) = (?:forms\.\w+Field|_PersonField)\(", re.MULTILINE)
_FROM_A_SURFACE = re.compile(r"^from (onhook\.surfaces[\w.]*) import \(?([^()]+?)\)?$", re.MULTILINE)
# The text that a list is searched for has a name of its own on each face, so no `GET` stands before it.
_OF_LISTS = {"q", "text"}


@dataclass(frozen=True)
class Place:
    """One address of the product: its name, its path with gaps, what the gaps take, and the module that answers."""

    name: str
    path: str
    gaps: tuple[tuple[str, str], ...]
    module: str

    def filled(self, values: dict[str, Any]) -> str:
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda gap: str(values[gap[1]]), self.path)


@cache
def places() -> tuple[Place, ...]:
    """Return every address that the resolver knows."""

    def walk(patterns: list[Any], path: str, space: str) -> Iterator[Place]:
        for pattern in patterns:
            here = path + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, here, f"{pattern.namespace}:" if pattern.namespace else space)
            elif isinstance(pattern, URLPattern):
                converters = pattern.pattern.converters | _converters_of(here)
                if re.search(r"[\^(]", here):
                    continue  # written as an expression: allauth's link in a mail, which names nobody's things
                gaps = tuple(sorted(converters.items()))
                yield Place(space + str(pattern.name), here, gaps, pattern.callback.__module__)

    return tuple(walk(get_resolver().url_patterns, "", ""))


def _converters_of(path: str) -> dict[str, str]:
    return {name: kind or "str" for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", path)}


def at(path: str) -> tuple[str, dict[str, Any]]:
    """Return the name of the address that answers a path, and what its gaps hold; no name where nothing answers."""
    try:
        match = resolve(path)
    except Resolver404:
        return "", {}
    return match.view_name, match.kwargs


@cache
def parameters() -> tuple[str, ...]:
    """Return the names that the surfaces read from a query or a form, as their source has them."""
    names = {"next"} | _OF_LISTS
    for file in _SURFACES.rglob("*.py"):
        names |= _names_in(file)
    return tuple(sorted(names))


@cache
def parameters_of(module: str) -> tuple[str, ...]:
    """Return the names that a module of views reads itself or through the modules of the surfaces that it takes in."""
    seen: set[Path] = set()
    _follow(module, seen)
    names = {name for file in seen for name in _names_in(file)}
    return tuple(sorted(names | (_OF_LISTS if _SURFACES / "web" / "line_lists.py" in seen else set()) or {"next"}))


def _follow(module: str, seen: set[Path]) -> None:
    file = (_SOURCE / module.replace(".", "/")).with_suffix(".py")
    if file in seen or not file.is_relative_to(_SURFACES) or not file.exists():
        return
    seen.add(file)
    for package, names in _FROM_A_SURFACE.findall(file.read_text(encoding="utf-8")):
        _follow(package, seen)
        for name in names.split(","):
            _follow(f"{package}.{name.strip()}", seen)


def _names_in(file: Path) -> set[str]:
    source = file.read_text(encoding="utf-8")
    return {*_READ_FROM_A_REQUEST.findall(source), *_FIELD_OF_A_FORM.findall(source)}
