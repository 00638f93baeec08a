"""The documents as text: tables, sections, links."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
# Everything that a reader of the project opens first.
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *DOCS.rglob("*.md"),
    ]
)

_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_TYPED = re.compile(r"(?:^ +|`|\$ |: )onhook ((?:[a-z-]+ ?)+)", re.MULTILINE)
_ROW = re.compile(r"^\| `([^`]+)` \|(.*)\|$", re.MULTILINE)


def read(path: str) -> str:
    """Return the text of a page under `docs/`."""
    return (DOCS / path).read_text(encoding="utf-8")


def rows(text: str) -> list[tuple[str, list[str]]]:
    """Return the table rows whose first cell is one code word: that word, and the other cells."""
    return [(name, [cell.strip() for cell in rest.split("|")]) for name, rest in _ROW.findall(text)]


def names(text: str) -> list[str]:
    """Return the code words in the first cells of the tables."""
    return [name for name, _ in rows(text)]


def section(text: str, title: str) -> str:
    """Return what stands under the heading `## title`."""
    found = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section {title!r}"
    return found[1]


def links(page: Path) -> list[str]:
    """Return where a page links to, without web addresses and places inside pages; examples in fences do not count."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    targets = [target.partition("#")[0] for target in _LINK.findall(text)]
    return [target for target in targets if target and "://" not in target and not target.startswith("mailto:")]


def commands_typed(page: Path) -> list[tuple[str, ...]]:
    """Return the words that follow `onhook` wherever a page shows it as typed; options and values end them."""
    return [tuple(typed.split()) for typed in _TYPED.findall(page.read_text(encoding="utf-8"))]
