"""A real server on loopback that says exactly what a test wants, byte for byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[["Conversation"], None]


@dataclass
class Conversation:
    """One connection: what came in, and a way to answer."""

    request: bytes
    connection: socket.socket
    is_over: threading.Event

    def say(self, *pieces: bytes, pause_seconds: float = 0.0) -> None:
        for piece in pieces:
            self.connection.sendall(piece)
            if self.is_over.wait(pause_seconds):
                return


@dataclass
class ScriptedServer:
    """Answers the n-th connection with the n-th script, the last one for all that follow."""

    scripts: list[Script]
    listener: socket.socket
    requests: list[bytes] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while not self.is_over.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            request = _read_request(connection)
            if not request:
                return
            self.requests.append(request)
            script = self.scripts[min(len(self.requests), len(self.scripts)) - 1]
            script(Conversation(request=request, connection=connection, is_over=self.is_over))


def _read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65536)
        if not piece:
            return b""
        request += piece
    head, _, body = request.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(*scripts: Script) -> Iterator[ScriptedServer]:
    """Run a server with these scripts for the length of a `with` block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = ScriptedServer(scripts=list(scripts), listener=listener)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.is_over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join()


def answer(body: bytes = b"{}", *, status: int = 200, headers: str = "") -> Script:
    """Return a script that answers properly and closes."""
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    return lambda talk: talk.say(head.encode() + body)


def raw(*pieces: bytes, pause_seconds: float = 0.0) -> Script:
    """Return a script that says these pieces with a pause after each and closes."""
    return lambda talk: talk.say(*pieces, pause_seconds=pause_seconds)
