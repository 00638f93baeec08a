"""The offline understanding on all utterances, and a model that always picks the worst."""

from __future__ import annotations

import pytest

from tests.unit.assistant import scoring, utterances


def test_there_are_enough_utterances_and_no_two_alike() -> None:
    texts = [utterance.text for utterance in utterances.all_utterances()]

    assert len(texts) >= 300
    assert len(set(texts)) == len(texts)


@pytest.mark.django_db
def test_no_utterance_finds_a_wrong_line_and_nearly_all_the_right_branch() -> None:
    score = scoring.score(scoring.world())

    assert score.wrong_line == []
    assert score.right_branch >= score.total * 0.97, "\n".join(score.wrong)
    assert score.right_line >= score.total * 0.97, "\n".join(score.wrong)
