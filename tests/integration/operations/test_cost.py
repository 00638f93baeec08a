"""What a run asks of the database: the time of one line is spent there, and many lines must not ask more often."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from onhook import clock
from onhook.devices.models import Device
from tests.integration.operations.conftest import AtPoint
from tests.world import World

# Statements of our own; what the engine asks on top is the same for every run.
MOST_TO_CONFIRM = 18
MOST_TO_RUN = 86


def _statements(world: World, *lines: int) -> tuple[int, int]:
    """Return how many statements confirming and running take."""
    plan = world.plan([world.line(line) for line in lines])
    with CaptureQueriesContext(connection) as confirming:
        world.confirm(plan)
    with CaptureQueriesContext(connection) as running:
        world.work()
    return len(confirming), len(running)


def test_many_lines_take_as_many_statements_as_one(world: World) -> None:
    of_one, of_three = _statements(world, 1), _statements(world, 2, 3, 4)

    assert of_three == of_one


def test_many_lines_that_do_not_fit_take_as_many_statements_as_one(world: World, at_point: AtPoint) -> None:
    asked = []
    for lines in ((1,), (2, 3, 4)):
        at_point("delete_devices:1:after_commit", lambda: Device.objects.update(deleted_at=None))
        asked.append(_statements(world, *lines))
        Device.objects.all().update(deleted_at=clock.now())

    assert asked[0] == asked[1]


def test_one_line_takes_few_statements(world: World) -> None:
    confirming, running = _statements(world, 1)

    assert confirming <= MOST_TO_CONFIRM
    assert running <= MOST_TO_RUN
