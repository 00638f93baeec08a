"""The crash tests kill at every point there is: what real runs pass is exactly the list that the other tests use."""

from __future__ import annotations

import pytest

from onhook.operations.models import Operation
from tests import factories
from tests.crash import points
from tests.crash.conftest import Scene

pytestmark = pytest.mark.crash


def _run_to_its_end(scene: Scene, operation: Operation, *, answer: str = "") -> None:
    """Let a worker process do all of it, and end that process the polite way."""
    worker = scene.worker()
    if answer:
        scene.answer_when_asked(operation, answer)
    scene.wait_until(lambda: Operation.objects.get().is_closed and scene.is_at_rest())
    assert worker.terminate() == 0


def test_a_plain_run_passes_exactly_the_plain_points_in_order(scene: Scene) -> None:
    operation = scene.world.start(scene.world.line(1), scene.world.line(2))

    _run_to_its_end(scene, operation)

    assert scene.passed() == points.PLAIN


def test_a_question_about_a_soc_code_adds_only_the_known_points(scene: Scene) -> None:
    operation = scene.world.start(scene.world.line(1, soc_code=factories.UNKNOWN_SOC))

    _run_to_its_end(scene, operation, answer="direct")

    assert set(scene.passed()) - set(points.PLAIN) == set(points.ASKED)


def test_a_decision_on_a_mismatch_adds_only_the_known_points(scene: Scene) -> None:
    scene.make_numbers_come_back()
    operation = scene.world.start(scene.world.line(1))

    _run_to_its_end(scene, operation, answer="close_silently")

    assert set(scene.passed()) - set(points.PLAIN) == set(points.MISMATCHED)


def test_confirming_passes_exactly_its_points_in_order(scene: Scene) -> None:
    plan = scene.world.plan([scene.world.line(1)])

    assert scene.confirming(plan).ended() == 0

    assert scene.passed() == points.CONFIRMING
