"""The pages' processes are forked while nothing else runs that could leave them a lock for ever."""

from __future__ import annotations

import multiprocessing
import socket
import threading
from typing import Any

import pytest

from onhook.surfaces.cli import pages


def test_no_thread_runs_when_the_pages_processes_are_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[threading.Thread]] = []
    before = set(threading.enumerate())

    class Server:
        """In place of granian, which would fork here."""

        def __init__(self, *_: Any, **__: Any) -> None: ...

        def serve(self) -> None:
            seen.append(set(threading.enumerate()) - before)
            watches.extend(multiprocessing.active_children())

    watches: list[Any] = []
    monkeypatch.setattr(pages, "Granian", Server)

    pages.serve(host="127.0.0.1", port=_free_port(), workers=1, on_ready=lambda _address: None)

    assert seen == [set()]
    assert watches, "nothing watches for the pages to be ready"
    for watch in watches:
        watch.join(30)
        assert not watch.is_alive()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
