"""What the documents point to is there: files, tests, modules."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.unit.docs import pages

README = (pages.ROOT / "README.md").read_text(encoding="utf-8")
GUARANTEES = re.findall(r"^\|[^|]+\| `(tests/[^`]+)` \|$", README, re.MULTILINE)


def _name(document: Path) -> str:
    return str(document.relative_to(pages.ROOT))


@cache
def _tests_in(file: Path) -> set[str]:
    return set(re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("document", pages.PAGES, ids=_name)
def test_every_link_leads_to_a_file(document: Path) -> None:
    missing = [target for target in pages.links(document) if not (document.parent / target).exists()]

    assert missing == []


@pytest.mark.parametrize("document", pages.PAGES, ids=_name)
def test_every_path_that_is_named_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"`((?:src|tests|emulators|docs|benchmarks|requirements)/[\w./-]+)`", text)

    assert [path for path in named if not (pages.ROOT / path).exists()] == []


def test_the_guarantees_are_found() -> None:
    table = pages.section(README, "What it guarantees, and where that is tested")

    assert len(GUARANTEES) == table.count("\n|") - 2


@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_every_guarantee_names_a_test_that_exists(guarantee: str) -> None:
    file, _, name = guarantee.partition("::")

    assert name in _tests_in(pages.ROOT / file)


@pytest.mark.parametrize("document", sorted((pages.DOCS / "decisions").glob("[0-9]*.md")), ids=_name)
def test_every_test_that_a_decision_names_exists(document: Path) -> None:
    named = re.findall(r"`(test_\w+)`", document.read_text(encoding="utf-8"))
    there = {name for file in (pages.ROOT / "tests").rglob("test_*.py") for name in _tests_in(file)}

    assert [name for name in named if name not in there] == []


def test_every_decision_is_listed() -> None:
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", pages.read("decisions/README.md"))

    assert listed == sorted(file.name for file in (pages.DOCS / "decisions").glob("[0-9]*.md"))
