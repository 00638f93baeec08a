"""A page asks for news less often, the older its operation is."""

import pytest

from onhook.surfaces.web import polling


@pytest.mark.parametrize(("age_seconds", "pause"), [(0, 1), (29.9, 1), (30, 2), (119.9, 2), (120, 5), (86_400, 5)])
def test_the_pause_grows_with_the_age(age_seconds: float, pause: int) -> None:
    assert polling.pause(age_seconds=age_seconds) == pause
