"""A provider of language models on loopback, in the protocol that most of them share; it keeps what it is sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any]


@dataclass
class Provider:
    """What arrived, and how the next question is answered. `is_silent`: it takes questions and never answers."""

    address: str
    answer: Callable[[dict[str, Any]], Answer] = lambda body: proposing({"branch": "lost"}, body)
    is_silent: bool = False
    bodies: list[dict[str, Any]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


def proposing(arguments: Any, body: dict[str, Any]) -> Answer:
    """Answer a question by calling the one tool that it offers, with these arguments."""
    written = arguments if isinstance(arguments, str) else json.dumps(arguments)
    call = {"name": body["tools"][0]["function"]["name"], "arguments": written}
    message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "call-1", "type": "function", "function": call}],
    }
    return 200, {
        "id": "answer-1",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}],
    }


@contextmanager
def running() -> Iterator[Provider]:
    """Serve until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            provider.raw.append(f"{self.path}\n{self.headers}\n{text}")
            provider.bodies.append(json.loads(text))
            if provider.is_silent:
                provider.ended.wait()
                return
            status, answer = provider.answer(provider.bodies[-1])
            written = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, *_: Any) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(address=f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
