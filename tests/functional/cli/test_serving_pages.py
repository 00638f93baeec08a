"""
What serves the pages: its processes are forked while nothing else runs that could leave them a lock for ever, and its
answers do not name it.
"""

from __future__ import annotations

import multiprocessing
import socket
import threading
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any

import pytest

from onhook.surfaces.cli import pages
from tests.functional.cli import processes


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


def test_no_answer_names_what_serves_the_pages(committed: str, tmp_path: Path) -> None:
    ready, port = tmp_path / "ready.json", _free_port()
    env = processes.environment(DATABASE_URL=committed, ONHOOK_STATE=str(tmp_path / "state"))
    serving = ("web", "--port", port, "--workers", "1", "--ready-file", ready)

    with processes.background(*serving, env=env, log=tmp_path / "web.log") as web:
        processes.until(ready.exists, what="the pages' readiness")
        paths = ("/healthy/", "/sign-in/", "/csu/", "/not/there/", "/static/ui/onhook.css")
        told = [_answer(port, path) for path in paths]
        # The server ends its own processes with itself.
        web.terminate()
        web.wait(processes.SECONDS)

    assert [status for status, _ in told] == [200, 200, 302, 404, 200]
    assert [headers.get_all("Server") for _, headers in told] == [["onhook"]] * len(told)
    assert "granian" not in str([headers.items() for _, headers in told]).lower()


def _answer(port: int, path: str) -> tuple[int, HTTPMessage]:
    connection = HTTPConnection("127.0.0.1", port, timeout=processes.SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
