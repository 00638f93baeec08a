"""Commands in a real terminal: questions, progress, widths, Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from onhook import clock
from onhook.devices.models import Device
from onhook.operations.models import Operation
from onhook.surfaces.cli.exits import Exit
from tests.functional.cli import processes
from tests.functional.cli.processes import Terminal
from tests.functional.cli.typing_person import token_of
from tests.world import World


@pytest.fixture
def env(world: World, tmp_path: Path) -> dict[str, str]:
    """The variables of an agent who works on the test's own database."""
    return processes.environment(
        DATABASE_URL=world.url,
        ONHOOK_STATE=str(tmp_path / "state"),
        ONHOOK_MAIL_URL=f"smtp://{world.mailbox.addresses['smtp']}",
        ONHOOK_AS=world.agent.login,
        ONHOOK_TOKEN=token_of(world.agent),
    )


@contextmanager
def a_worker(env: dict[str, str], tmp_path: Path) -> Iterator[None]:
    ready = tmp_path / "ready.json"
    log = tmp_path / "worker.log"
    with processes.background("worker", "--ready-file", ready, env=env, log=log) as process:
        processes.until(ready.exists, what="the worker's readiness")
        yield
        process.terminate()
        assert process.wait(processes.SECONDS) == 0
    assert "+1202555" not in log.read_text()


def test_one_line_is_confirmed_with_its_last_four_digits_and_followed_to_the_proof(
    world: World, env: dict[str, str], tmp_path: Path
) -> None:
    line = world.line(1, worker="Grace Example")
    made = world.plan([line])

    with a_worker(env, tmp_path), Terminal("confirm", made.pk, "--wait", env=env) as terminal:
        terminal.expect("Last four digits of the number to delete")
        terminal.type("0101\n")
        code = terminal.end()

    assert code == Exit.DONE
    assert not Device.objects.get(pk=line.pk).is_live
    assert Operation.objects.get().outcome == "verified"
    for said in ("+1 202-555-0101", made.plan_hash, "✓ verified", "Read back in CSU", "✓ sent"):
        assert said in terminal.text


@pytest.mark.parametrize("typed", ["0102", "101", "", " ", "y", "+12025550101"])
def test_wrong_digits_start_nothing(world: World, env: dict[str, str], typed: str) -> None:
    made = world.plan([world.line(1)])

    with Terminal("confirm", made.pk, env=env) as terminal:
        terminal.expect("Last four digits of the number to delete")
        terminal.type(f"{typed}\n")
        if not typed:
            # Nothing at all is asked for once more.
            terminal.type("nothing\n")
        code = terminal.end()

    assert code == Exit.REFUSED
    assert "That does not fit the plan. Nothing was started." in terminal.text
    assert not Operation.objects.exists()


def test_several_lines_are_confirmed_with_their_number(world: World, env: dict[str, str]) -> None:
    made = world.plan([world.line(1), world.line(2), world.line(3)])

    with Terminal("confirm", made.pk, env=env) as terminal:
        terminal.expect("Number of lines to delete")
        terminal.type("3\n")
        code = terminal.end()

    assert code == Exit.DONE
    assert Operation.objects.get().line_count == 3


def test_the_last_digits_of_one_of_several_lines_are_not_enough(world: World, env: dict[str, str]) -> None:
    made = world.plan([world.line(1), world.line(2)])

    with Terminal("confirm", made.pk, env=env) as terminal:
        terminal.expect("Number of lines to delete")
        terminal.type("0101\n")
        code = terminal.end()

    assert code == Exit.REFUSED
    assert not Operation.objects.exists()


def test_a_plan_that_cannot_be_confirmed_is_not_asked_about(world: World, env: dict[str, str]) -> None:
    line = world.line(1)
    Device.objects.filter(pk=line.pk).update(held_at=clock.now(), hold_reason="legal")
    made = world.plan([line])

    with Terminal("confirm", made.pk, env=env) as terminal:
        code = terminal.end()

    assert code == Exit.REFUSED
    assert "on hold" in terminal.text
    assert "Last four digits" not in terminal.text


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_leaving_the_question_starts_nothing(world: World, env: dict[str, str], key: str) -> None:
    made = world.plan([world.line(1)])

    with Terminal("confirm", made.pk, env=env) as terminal:
        terminal.expect("Last four digits of the number to delete")
        code = terminal.press_until_end(key)

    assert code == Exit.STOPPED
    assert "Traceback" not in terminal.text
    assert not Operation.objects.exists()


def test_whoever_stops_watching_stops_nothing_else(world: World, env: dict[str, str]) -> None:
    operation = world.start(world.line(1))

    with Terminal("status", operation.pk, "--watch", env=env) as terminal:
        # No worker runs here, and whoever waits is told so.
        terminal.expect("No worker is alive")
        code = terminal.press_until_end("\x03")
    world.work()

    assert code == Exit.STOPPED
    assert "What was confirmed before goes on" in " ".join(terminal.text.split())
    assert Operation.objects.get().outcome == "verified"


@pytest.mark.parametrize("columns", [48, 80, 160])
def test_nothing_is_wider_than_the_terminal_and_no_time_is_broken(
    world: World, env: dict[str, str], columns: int
) -> None:
    line = world.line(1, worker="Grace Example")
    operation = world.start(line)
    world.work()
    deleted_at = Device.objects.get(pk=line.pk).deleted_at

    for arguments in (["find", "202-555-0101"], ["status", operation.pk]):
        with Terminal(*arguments, env=env, columns=columns) as terminal:
            code = terminal.end()

        assert code == Exit.DONE
        assert [row for row in terminal.text.splitlines() if len(row) > columns] == []
        assert f"{deleted_at:%Y-%m-%d %H:%M:%S} UTC" in terminal.text
        assert "+1 202-555-0101" in terminal.text
