"""What the documents point to is there: files, tests, modules."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.unit.docs import pages

README = (pages.ROOT / "README.md").read_text(encoding="utf-8")
GUARANTEES = re.findall(r"^\|[^|]+\| `(tests/[^`]+)` \|$", README, re.MULTILINE)


def _name(page: Path) -> str:
    return str(page.relative_to(pages.ROOT))


@pytest.mark.parametrize("page", pages.PAGES, ids=_name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    missing = [target for target in pages.links(page) if not (page.parent / target).exists()]

    assert missing == []


@pytest.mark.parametrize("page", pages.PAGES, ids=_name)
def test_every_path_that_is_named_exists(page: Path) -> None:
    named = re.findall(r"`((?:src|tests|emulators|docs|benchmarks|requirements)/[\w./-]+)`", page.read_text("utf-8"))

    assert [path for path in named if not (pages.ROOT / path).exists()] == []


def test_the_guarantees_are_found() -> None:
    table = pages.section(README, "What it guarantees, and where that is tested")

    assert len(GUARANTEES) == table.count("\n|") - 2


@pytest.mark.parametrize("test", GUARANTEES)
def test_every_guarantee_names_a_test_that_exists(test: str) -> None:
    file, _, name = test.partition("::")
    tree = ast.parse((pages.ROOT / file).read_text(encoding="utf-8"))

    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("page", sorted((pages.DOCS / "decisions").glob("[0-9]*.md")), ids=_name)
def test_every_test_that_a_decision_names_exists(page: Path) -> None:
    named = re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8"))
    there = {
        node.name
        for file in (pages.ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }

    assert [name for name in named if name not in there] == []


def test_every_decision_is_listed() -> None:
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", pages.read("decisions/README.md"))

    assert listed == sorted(file.name for file in (pages.DOCS / "decisions").glob("[0-9]*.md"))
