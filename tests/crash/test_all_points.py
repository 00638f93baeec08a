"""The crash tests kill at every point there is: what real runs pass is exactly the list that the other tests use."""

from __future__ import annotations

import pytest

from onhook import clock
from onhook.operations import billing_link
from onhook.operations.models import Operation
from onhook.operations.vocabulary import StepName
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


def test_the_shop_channel_adds_only_the_known_points_in_order(shop_scene: Scene) -> None:
    operation = shop_scene.world.start(*(shop_scene.world.line(line, soc_code=factories.SHOP_SOC) for line in (1, 2)))

    _run_to_its_end(shop_scene, operation)

    told = points.PLAIN.index("notify_customer:write:before_effect")
    assert shop_scene.passed() == [*points.PLAIN[:told], *points.SHOP, *points.PLAIN[told:]]


def test_sending_the_link_again_passes_only_known_points(shop_scene: Scene) -> None:
    world = shop_scene.world
    world.line(1, soc_code=factories.SHOP_SOC)
    operation = billing_link.request_link(
        company=world.company,
        request=factories.request(world.admin),
        actor=factories.actor(world.admin),
        now=clock.now(),
    )

    _run_to_its_end(shop_scene, operation)

    assert shop_scene.passed() == points.LINK_AGAIN


def test_every_step_there_is_has_points() -> None:
    known = {point.partition(":")[0] for point in (*points.PLAIN, *points.SHOP, *points.MISMATCHED)} - {"run"}

    assert known == {step.value for step in StepName}


def test_confirming_passes_exactly_its_points_in_order(scene: Scene) -> None:
    plan = scene.world.plan([scene.world.line(1)])

    assert scene.confirming(plan).ended() == 0

    assert scene.passed() == points.CONFIRMING
