"""`onhook up`: what it does before anything is served."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from onhook.audit.models import AuditEvent
from onhook.surfaces.cli import demo_people
from onhook.surfaces.cli.exits import Exit
from onhook.tenancy.models import User
from tests.functional.cli import processes
from tests.functional.cli.conftest import Office


def test_a_port_that_is_taken_is_told_before_anything_is_changed(committed: str, tmp_path: Path) -> None:
    env = processes.environment(ONHOOK_STATE=str(tmp_path / "state"), DATABASE_URL=committed)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        ran = processes.run("up", "--demo", "--port", port, env=env)

    assert ran.exit is Exit.UNAVAILABLE
    assert f"cannot listen on 127.0.0.1:{port}" in ran.err
    assert "Nothing was started" in ran.err
    assert "make up PORT=" in ran.err
    assert not User.objects.exists()
    assert not AuditEvent.objects.exists()


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
