"""Fixtures of the crash tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from onhook.operations import worker
from onhook.operations.models import Operation, Plan, Question
from tests.crash.processes import SECONDS, Nursery, Process
from tests.integration.shop.conftest import vendor_processes, vendors
from tests.shop import Vendors, join
from tests.world import World

__all__ = ["vendor_processes", "vendors"]

_NUMBERS_COME_BACK = """
    CREATE FUNCTION come_back() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO devices_device (company_id, number, worker, model, soc_code, hold_reason)
        VALUES (NEW.company_id, NEW.number, 'Somebody new', '', NEW.soc_code, '');
        RETURN NULL;
    END $$;
    CREATE TRIGGER come_back AFTER UPDATE ON devices_device FOR EACH ROW
        WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION come_back();
"""


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@dataclass
class Scene:
    """A world whose worker is a process that gets killed, and a second worker in the test's own thread."""

    world: World
    nursery: Nursery
    record: Path
    vendors: Vendors | None = None

    def worker(self, **environment: str) -> Process:
        return self._fork("work", environment)

    def confirming(self, plan: Plan, **environment: str) -> Process:
        return self._fork("confirm", environment, plan=str(plan.pk), login=self.world.admin.login)

    def _fork(self, what: str, environment: dict[str, str], **more: str) -> Process:
        return self.nursery.fork(
            what,
            database=connection.settings_dict["NAME"],
            environment={"ONHOOK_CRASH_RECORD": str(self.record), **environment},
            settings={
                "CHUNK_LINES": 1,
                "MAIL_URL": f"smtp://{self.world.mailbox.addresses['smtp']}",
                # Beside emulators, which the settings do not name, nothing is set up.
                "SALESFORCE_URL": "",
                "TWOCHECKOUT_URL": "",
                **({"SHOP_HOSTS": [self.vendors.shop_host]} if self.vendors else {}),
            },
            vendors=self._places(),
            **more,
        )

    def _places(self) -> dict[str, tuple[str, str]]:
        if self.vendors is None:
            return {}
        running = {"vault": self.vendors.vault, "crm": self.vendors.crm, "shop": self.vendors.shop}
        return {name: (emulator.http, str(emulator.ca_file)) for name, emulator in running.items()}

    def finish(self, operation: Operation, *, answers: dict[str, str] | None = None) -> None:
        """Let the second worker carry on, and a person answer what is asked, until the operation is closed."""

        def is_finished() -> bool:
            worker.take_over()
            self.world.work()
            self._answer(answers or {})
            operation.refresh_from_db()
            return operation.is_closed and self.is_at_rest()

        self.wait_until(is_finished)

    def answer_when_asked(self, operation: Operation, choice: str) -> None:
        """Wait until the worker process asks, and answer."""
        self.wait_until(operation.questions.exists)
        self.world.answer(operation.questions.get(), choice)

    @staticmethod
    def wait_until(is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not is_so():
            assert time.monotonic() < deadline, "it never came to that"
            time.sleep(0.005)

    @staticmethod
    def make_numbers_come_back() -> None:
        """Let another system put every deleted number into use again at once, so that no read-back fits."""
        with connection.cursor() as cursor:
            cursor.execute(_NUMBERS_COME_BACK)

    def _answer(self, answers: dict[str, str]) -> None:
        for question in Question.objects.filter(answered_at=None, withdrawn_at=None):
            self.world.answer(question, answers[question.kind])

    @staticmethod
    def is_at_rest() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM absurd.t_onhook WHERE state <> 'completed'")
            return bool(cursor.fetchone() == (0,))

    def passed(self) -> list[str]:
        """Return the crash points that the processes of this scene passed, in order."""
        return self.record.read_text(encoding="utf-8").split() if self.record.exists() else []


@pytest.fixture
def scene(world: World, nursery: Nursery, tmp_path: Path, settings: Settings) -> Scene:
    settings.CHUNK_LINES = 1
    return Scene(world=world, nursery=nursery, record=tmp_path / "points")


@pytest.fixture
def shop_scene(scene: Scene, vendors: Vendors) -> Scene:  # a fixture is its name
    """Give a scene with the vendors of the shop channel behind both workers."""
    return replace(scene, world=join(scene.world, vendors), vendors=vendors)
