"""Names, addresses and locks of the embedded server, without a server."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from onhook.config import postgres
from onhook.config.postgres import addresses, locks, process
from onhook.config.postgres.process import Owner


def test_instance_id_is_stable_and_belongs_to_this_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    here = postgres.instance_id("demo")
    again = postgres.instance_id("demo")
    monkeypatch.setattr(sys, "prefix", "/another/clone/.venv")

    assert here == again
    assert postgres.instance_id("demo") != here
    assert postgres.instance_id("demo").rpartition("-")[0] == "demo"
    assert len(postgres.instance_id("demo").rpartition("-")[2]) == 8


def test_instance_id_is_a_usable_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ONHOOK_STATE", str(tmp_path))

    folder = postgres.state_folder(postgres.instance_id("demo"))

    assert folder == tmp_path.resolve() / postgres.instance_id("demo")


@pytest.mark.parametrize("name", ["", "..", ".", "a/b", "../a", ".hidden", "-D", "a\n", "a b", "x" * 64])
def test_instance_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(postgres.UnableToStartPostgres, match="is no name for an instance"):
        postgres.state_folder(name)


def test_state_folder_needs_a_whole_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONHOOK_STATE", "state")

    with pytest.raises(postgres.UnableToStartPostgres, match="Give it a path that begins with /"):
        postgres.state_folder("demo")


def test_state_folder_without_a_choice_is_private_to_the_kind_of_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ONHOOK_STATE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    folder = postgres.state_folder("demo")

    ours = Path("/var/lib").resolve() if os.geteuid() == 0 else tmp_path.resolve()
    assert folder == ours / "onhook" / "demo"


def test_address_survives_odd_characters() -> None:
    url = addresses.build(password="a/b@c:d%41 é?&", folder=Path("/run/x y/é%20&?#"), port=5433)

    assert postgres.connect_parameters(url) == {
        "host": "/run/x y/é%20&?#",
        "port": 5433,
        "user": "onhook",
        "password": "a/b@c:d%41 é?&",
        "dbname": "onhook",
    }


def test_address_of_a_server_elsewhere_keeps_its_options() -> None:
    url = "postgres://anna:secret@db.example.com/lines?sslmode=verify-full"

    assert postgres.connect_parameters(url) == {
        "host": "db.example.com",
        "port": 5432,
        "user": "anna",
        "password": "secret",
        "dbname": "lines",
        "sslmode": "verify-full",
    }


@pytest.mark.parametrize(
    "url",
    [
        "mysql://anna:hidden-word@db.example.com/lines",
        "postgresql://anna:hidden-word%zz@db.example.com/lines",
        "postgresql://anna:hidden-word@db.example.com:port/lines",
        "postgresql://anna:hidden-word@db.example.com/lines?no_such_option=1",
        "",
    ],
)
def test_address_that_cannot_be_read_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="postgresql://USER:PASSWORD@HOST:PORT/NAME") as refusal:
        postgres.connect_parameters(url)

    assert "hidden-word" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_owner_of_this_process_is_another(tmp_path: Path) -> None:
    assert process.owner_of(os.getpid(), tmp_path) is Owner.OTHER


def test_owner_of_an_ended_process_is_nobody(tmp_path: Path) -> None:
    ended = subprocess.Popen(["/bin/true"])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)

    as_zombie = process.owner_of(ended.pid, tmp_path)
    ended.wait()

    assert (as_zombie, process.owner_of(ended.pid, tmp_path)) == (Owner.NOBODY, Owner.NOBODY)


@pytest.mark.parametrize(
    ("words", "owner"),
    [
        (["/usr/bin/postgres", "-D", "{data}"], Owner.OURS),
        (["/usr/bin/postgres", "-D", "{link}"], Owner.OURS),
        (["/usr/bin/postgres", "-D", "{other}"], Owner.OTHER_SERVER),
        (["/usr/bin/postgres", "-D", "relative"], Owner.UNKNOWN),
        (["/usr/bin/postgres"], Owner.UNKNOWN),
        (["postgres: onhook: checkpointer "], Owner.OTHER),
        (["/usr/bin/vim", "-D", "{data}"], Owner.OTHER),
    ],
)
def test_owner_is_told_by_the_command_line(tmp_path: Path, words: list[str], owner: Owner) -> None:
    data, other, link = tmp_path / "data", tmp_path / "other", tmp_path / "link"
    data.mkdir()
    other.mkdir()
    link.symlink_to(data)
    named = [word.format(data=data, other=other, link=link) for word in words]

    assert process.owner_by_words([*named, ""], data) is owner


def test_lock_is_held_once_and_free_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    with locks.hold(path, prepare=lambda: None, timeout_seconds=5):
        second = locks.take(path)
        was_held = locks.is_held(path)

    assert (second, was_held, locks.is_held(path)) == (None, True, False)


def test_lock_that_is_never_free_is_told(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    with (
        locks.hold(path, prepare=lambda: None, timeout_seconds=5),
        pytest.raises(TimeoutError),
        locks.hold(path, prepare=lambda: None, timeout_seconds=0),
    ):
        pass


def test_lock_file_removed_before_it_is_locked_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lock"
    lock = fcntl.flock

    def remove_then_lock(descriptor: int, kind: int) -> None:
        path.unlink(missing_ok=True)
        lock(descriptor, kind)

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", remove_then_lock)
        late = locks.take(path)

    with locks.hold(path, prepare=lambda: None, timeout_seconds=5) as new:
        assert late is None
        assert os.path.samestat(os.fstat(new), path.stat())
