"""An HTTP transport over connections that keep to a deadline."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from typing import cast

import httpcore
import httpx

from onhook.connectors.http.network import DeadlineBackend

_CONNECTIONS = 32
_IDLE_SECONDS = 20.0


class DeadlineTransport(httpx.BaseTransport):
    """
    Sends one request and gives the answer's beginning; the body follows as a stream.

    Used without an `httpx.Client` on purpose: no redirects, cookies, environment or log lines with addresses in
    them can happen here. Faults are httpcore's; the caller makes them ours.
    """

    def __init__(self, *, trust: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust,
            max_connections=_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=DeadlineBackend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=cast("Iterable[bytes]", request.stream),
                extensions=request.extensions,
            )
        )
        body = _Body(cast("Iterable[bytes]", answer.stream), answer)
        return httpx.Response(status_code=answer.status, headers=answer.headers, stream=body)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, parts: Iterable[bytes], answer: httpcore.Response) -> None:
        self._parts = parts
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts

    def close(self) -> None:
        self._answer.close()
