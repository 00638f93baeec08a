"""What questions say first."""

from __future__ import annotations

import pytest

from onhook.operations import choices


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (0, "This is only about the billing link"),
        (1, "The line is removed and checked"),
        (2, "The lines are removed and checked"),
    ],
)
def test_a_question_says_first_what_is_done(lines: int, words: str) -> None:
    assert choices.what_is_done(lines) == words
