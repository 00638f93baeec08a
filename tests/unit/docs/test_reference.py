"""The reference pages say what the code has: nothing is missing, and nothing is there that the code does not know."""

from __future__ import annotations

import re
import shlex
from uuid import UUID

import pytest

from onhook.audit.vocabulary import Tag
from onhook.exchange.sheets import SHEETS, Kind
from onhook.operations.vocabulary import QuestionKind
from onhook.surfaces.cli.exits import MEANINGS, Exit
from tests.unit.docs import command_page, environment, pages

SETTINGS = pages.read("reference/settings.md")
IMPORT_FILES = pages.read("reference/import-files.md")


def test_the_settings_page_lists_exactly_the_variables_that_the_source_reads() -> None:
    assert set(pages.names(SETTINGS)) == environment.names_in_source()


def test_the_settings_page_lists_each_variable_once() -> None:
    listed = pages.names(SETTINGS)

    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(("name", "default"), environment.defaults_in_settings().items())
def test_the_settings_page_gives_the_default(name: str, default: str) -> None:
    cells = dict(pages.rows(SETTINGS))[name]

    assert cells[0] == (f"`{default}`" if default else "-")


def test_the_settings_page_marks_what_may_be_a_file() -> None:
    marked = {name for name, cells in pages.rows(SETTINGS) if cells[1].startswith("*file.*")}

    assert marked == environment.names_with_files()


def test_every_document_names_only_variables_that_exist() -> None:
    known = environment.names_in_source()
    known |= {f"{name}_FILE" for name in environment.names_with_files()} | environment.names_of_contract_tests()

    named = {
        name
        for page in pages.PAGES
        for name in re.findall(r"\b(?:ONHOOK|PG)_[A-Z_]*[A-Z]\b(?!_)", page.read_text(encoding="utf-8"))
    }

    assert named - known == set()


def test_the_page_on_the_billing_systems_names_every_variable_of_the_contract_tests() -> None:
    page = pages.read("how-to/connect-the-billing-systems.md")

    named = set(re.findall(r"`(ONHOOK_CONTRACT_[A-Z_]+)`", page))

    assert named == environment.names_of_contract_tests()


def test_every_exit_code_has_a_meaning() -> None:
    assert list(MEANINGS) == list(Exit)


def test_the_command_page_is_what_the_commands_are() -> None:
    written = command_page.PAGE.read_text(encoding="utf-8")

    assert written == command_page.text(), "write it anew: python -m tests.unit.docs.command_page"


def test_every_document_names_only_commands_that_exist() -> None:
    known = {tuple(path.split()[1:]) for path, _ in command_page.commands()}
    groups = {path[0] for path in known if len(path) > 1}

    unknown = [
        f"{page.name}: onhook {' '.join(words)}"
        for page in pages.PAGES
        for words in pages.commands_typed(page)
        if (words[0],) not in known and (words[0] not in groups or (words[1:] and words[:2] not in known))
    ]

    assert unknown == []


@pytest.mark.parametrize("guide", ["tutorial.md", "how-to/import-your-data.md"])
def test_what_a_guide_lets_one_type_is_taken_by_the_commands(guide: str) -> None:
    commands = dict(command_page.commands())
    # Words that stand for what an earlier command printed.
    stands_for = {"PLAN": str(UUID(int=1)), "OPERATION": str(UUID(int=1)), "QUESTION": "1"}
    typed = re.findall(r"(?:\.venv/bin/|^ +|\()(onhook [^\n`)|]+)", pages.read(guide), re.MULTILINE)

    assert typed
    for line in typed:
        words = [stands_for.get(word, word) for word in shlex.split(line)]
        path = " ".join(words[:3] if " ".join(words[:3]) in commands else words[:2])
        commands[path].make_context(path, words[len(path.split()) :])


def test_the_audit_page_lists_exactly_the_tags() -> None:
    listed = pages.names(pages.read("reference/audit-tags.md"))

    assert sorted(listed) == sorted(tag.value for tag in Tag)


def test_the_page_about_questions_lists_exactly_the_kinds() -> None:
    listed = pages.names(pages.section(pages.read("how-to/answer-a-question.md"), "The kinds"))

    assert sorted(listed) == sorted(kind.value for kind in QuestionKind)


def test_the_runbook_knows_every_kind_of_question() -> None:
    runbook = pages.read("how-to/when-something-is-wrong.md")

    assert [kind.value for kind in QuestionKind if f"`{kind.value}`" not in runbook] == []


@pytest.mark.parametrize("kind", list(Kind))
def test_the_page_about_files_lists_the_columns_and_which_are_needed(kind: Kind) -> None:
    rows = pages.rows(pages.section(IMPORT_FILES, kind.value))

    assert [(name, cells[0] == "yes") for name, cells in rows] == [
        (column.name, column.is_required) for column in SHEETS[kind].columns
    ]
