"""The offline understanding on all utterances: those that its phrases were made for, and those that they were not."""

from __future__ import annotations

import pytest

from onhook.assistant.menu import Code
from onhook.assistant.understanding import Offline, branches_of
from tests.unit.assistant import scoring, utterances


def test_there_are_enough_utterances_and_no_two_alike() -> None:
    texts = [utterance.text for utterance in utterances.all_utterances() + utterances.unseen_utterances()]

    assert len(texts) >= 300
    assert len(set(texts)) == len(texts)


@pytest.mark.django_db
def test_no_utterance_finds_a_wrong_line_and_nearly_all_the_right_branch() -> None:
    score = scoring.score(scoring.world(), utterances.all_utterances())

    assert score.wrong_line == []
    assert score.right_branch >= score.total * 0.97, "\n".join(score.wrong)
    assert score.right_line >= score.total * 0.97, "\n".join(score.wrong)


@pytest.mark.django_db
def test_what_no_phrase_was_made_for_is_rather_asked_back_than_taken_for_something_else() -> None:
    score = scoring.score(scoring.world(), utterances.unseen_utterances())

    assert score.wrong_line == []
    assert score.right_line >= score.total * 0.97, "\n".join(score.wrong)
    assert score.right_branch >= score.total * 0.55, "\n".join(score.wrong)
    assert score.elsewhere <= score.total * 0.1, "\n".join(score.wrong)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "workers"),
    [
        ("delete the line of Grace Marsh", ["Grace Marsh"]),
        ("Grace Marsh and Omar left", ["Grace Marsh", "Omar Field"]),
        ("delete grace's line", ["Grace Marsh", "Grace Stone"]),
    ],
)
def test_who_is_named_in_full_is_meant_and_nobody_with_half_the_name(text: str, workers: list[str]) -> None:
    company = scoring.world()

    found = Offline().understand(text=text, company=company).lines

    assert [company.device_set.get(pk=pk).worker for pk in found.device_ids] == workers


@pytest.mark.django_db
def test_a_workers_name_is_no_word_of_the_menu() -> None:
    # Without care, a typing error of "stolen" is seen in it.
    read = Offline().understand(text="close the line that grace stone had", company=scoring.world())

    assert read.branches == (Code.DELETE,)


def test_who_wants_a_deletion_stopped_is_never_led_to_one() -> None:
    texts = [utterance.text for utterance in utterances.all_utterances() if utterance.branch == "undo"]

    assert {text: branches_of(text) for text in texts} == dict.fromkeys(texts, scoring.TO_UNDO)


def test_what_shall_happen_to_the_app_never_leads_to_a_deletion_of_the_line() -> None:
    for act in ("deactivate", "reset", "remove", "delete", "uninstall", "log me out of", "sign out of", "restart"):
        assert Code.DELETE not in branches_of(f"please {act} the app on van 1"), act
