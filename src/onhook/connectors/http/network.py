"""
Sockets that keep to one deadline for the whole call.

A timeout per read is not enough: a server that sends one byte a second, in its headers or its body, would hold a call
for hours without ever letting a read time out. Here every look-up, connect, TLS handshake, write and read gets only
what is left until the deadline.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any

import httpcore

from onhook.connectors.http.deadlines import Deadline

_SocketOptions = Iterable[Any] | None

_current: ContextVar[Deadline | None] = ContextVar("onhook_call_deadline", default=None)


@contextmanager
def limited_to(deadline: Deadline) -> Iterator[None]:
    """Keep what this thread does on the network to that deadline."""
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens connections that keep to the deadline of the thread that uses them."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _SocketOptions = None,
    ) -> httpcore.NetworkStream:
        """Try each address of the host in turn; together they get no more than what is left."""
        addresses = _addresses_of(host, port)
        for position, address in enumerate(addresses):
            is_last = position == len(addresses) - 1
            seconds = _left(timeout, problem=httpcore.ConnectTimeout) / (len(addresses) - position)
            try:
                stream = self._inner.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if is_last:
                    raise
            else:
                return DeadlineStream(stream)
        raise httpcore.ConnectError("the name has no address")


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose every act ends at the deadline of the thread that uses it now."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, problem=httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout, problem=httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = _left(timeout, problem=httpcore.ConnectTimeout)
        return DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(timeout: float | None, *, problem: type[Exception]) -> float:
    deadline = _current.get()
    limits = [limit for limit in (timeout, deadline.seconds_left if deadline else None) if limit is not None]
    seconds = min(limits, default=0.0)
    if seconds <= 0.0:
        # Also without any deadline: a connection of ours never waits for ever.
        raise problem("the deadline has passed")
    return seconds


def _addresses_of(host: str, port: int) -> list[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:
        return _looked_up(host, port)


def _looked_up(host: str, port: int) -> list[str]:
    """Look a name up in a thread of its own: the system's resolver has no time limit that we could set."""
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as fault:
            answers.put(fault)
        else:
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))

    threading.Thread(target=look_up, name="onhook-name-lookup", daemon=True).start()
    try:
        answer = answers.get(timeout=_left(None, problem=httpcore.ConnectTimeout))
    except queue.Empty:
        raise httpcore.ConnectTimeout("the name was not looked up in time") from None
    if isinstance(answer, OSError):
        raise httpcore.ConnectError("the name is not known")
    return answer
