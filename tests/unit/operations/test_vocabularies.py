"""The words of an operation: stored, so short and stable, and each with what people read."""

from __future__ import annotations

import inspect
import re
from enum import StrEnum

import pytest

from onhook.operations import vocabulary
from onhook.operations.vocabulary import STEP_LABELS, StepName
from onhook.operations.worker import _RUNS

ENUMS = [
    value for _, value in inspect.getmembers(vocabulary, inspect.isclass) if issubclass(value, StrEnum) and len(value)
]


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_stored_words_are_the_members_names(enum: type[StrEnum]) -> None:
    for member in enum:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", member.value), member
        assert member.value == member.name.lower(), member


def test_every_step_has_a_label_for_people() -> None:
    assert set(STEP_LABELS) == set(StepName)
    assert all(label[0].isupper() and not label.endswith(".") for label in STEP_LABELS.values())


def test_every_action_has_a_run() -> None:
    assert set(_RUNS) == set(vocabulary.Action)


def test_no_word_is_plain_deactivate() -> None:
    """Deleting cancels the number; resetting the app on a phone does not. The word for both would mix them up."""
    for enum in ENUMS:
        assert not [member for member in enum if "deactivate" in member.value]
