"""`onhook up`: what it does before anything is served."""

from __future__ import annotations

import pytest

from onhook.surfaces.cli import demo_people
from onhook.tenancy.models import User
from tests.functional.cli.conftest import Office


def test_the_demos_people_stay_out_where_others_live(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    before = list(User.objects.order_by("pk").values_list("login", "password"))

    guide = demo_people.move_in()

    assert guide is None
    assert "Other people live in this installation, so the demo's do not move in." in capsys.readouterr().out
    assert list(User.objects.order_by("pk").values_list("login", "password")) == before


def test_the_demos_people_move_in_where_nobody_lives(db: None) -> None:
    first = demo_people.move_in()
    again = demo_people.move_in()

    assert first
    assert again
    assert User.objects.get(login="1/lea").check_password(again.password)
    assert first.password != again.password
