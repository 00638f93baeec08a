"""What each kind of fault does to an HTTP call."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Handler

from emulators.control.faults import Fault, Parameter, Parameters
from emulators.control.killing import KILL_PARAMETERS, kill_client

if TYPE_CHECKING:
    from emulators.control.emulator import Emulator

CUT_KEY = "emulators.cut"
HTML = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>"

KINDS: Mapping[str, Parameters] = {
    # Waits, then goes on as usual.
    "delay": {"seconds": Parameter(float, is_required=True)},
    # The true answer, its body sent in pieces with a pause after each.
    "drip": {"pause_seconds": Parameter(float, default=0.2), "bytes": Parameter(int, default=1)},
    # Any status and body; with `after_effect` the call is carried out first.
    "status": {
        "status": Parameter(int, is_required=True),
        "body": Parameter(str, default=""),
        "content_type": Parameter(str, default="application/json"),
        "after_effect": Parameter(bool, default=False),
    },
    # `after` goes out as it is, so it may be seconds, a date or nonsense.
    "retry_after": {"after": Parameter(str, default="2"), "status": Parameter(int, default=429)},
    # The call is carried out; its status stays and its body is replaced.
    "wrong_body": {"body": Parameter(str, default='{"unexpected": true}')},
    "html_body": {"body": Parameter(str, default=HTML), "status": Parameter(int, default=200)},
    "huge_body": {"bytes": Parameter(int, default=64 * 1024 * 1024)},
    # Announces the whole body and cuts the connection half way.
    "truncated_body": {},
    "redirect": {"location": Parameter(str, is_required=True), "status": Parameter(int, default=302)},
    "other_record": {},
    "expired_token": {},
    "cut_before": {},
    "cut_after_effect": {},
    "kill_client": KILL_PARAMETERS,
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call under one fault; `inner` carries it out, under the faults inside this one."""

    emulator: "Emulator"
    fault: Fault
    request: web.Request
    inner: Handler

    async def carried_out(self) -> web.StreamResponse:
        """Carry the call out and give its answer as it comes."""
        return await self.inner(self.request)

    async def carried_out_whole(self) -> web.Response:
        """Carry the call out and give its answer, an error answer too, before any of it is sent."""
        try:
            response = await self.inner(self.request)
        except web.HTTPException as error:
            return web.Response(status=error.status, text=error.text, content_type="text/plain")
        if not isinstance(response, web.Response):
            raise TypeError("An emulator's handlers answer with whole responses.")
        return response

    def cut(self) -> web.Response:
        """Abort the connection; the answer given back never leaves."""
        self.request[CUT_KEY] = True
        if self.request.transport is not None:
            self.request.transport.abort()
        return web.Response()

    @property
    def status(self) -> int:
        """Give the status the fault asks for."""
        return int(self.fault.number("status"))


async def apply(
    emulator: "Emulator", faults: list[Fault], request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Carry out a call under the faults that hit it: delays lie outside, what replaces answers inside."""
    for fault in sorted(faults, key=lambda fault: _OUTER_FIRST.index(fault.kind), reverse=True):
        handler = _wrap(emulator, fault, handler)
    return await handler(request)


def _wrap(emulator: "Emulator", fault: Fault, inner: Handler) -> Handler:
    async def wrapped(request: web.Request) -> web.StreamResponse:
        return await _APPLY[fault.kind](Call(emulator=emulator, fault=fault, request=request, inner=inner))

    return wrapped


async def _delay(call: Call) -> web.StreamResponse:
    await asyncio.sleep(call.fault.number("seconds"))
    return await call.carried_out()


async def _drip(call: Call) -> web.StreamResponse:
    whole = await call.carried_out_whole()
    body, piece = _body(whole), max(1, int(call.fault.number("bytes")))
    response = _streamed(whole, length=len(body))
    try:
        await response.prepare(call.request)
        for start in range(0, len(body), piece):
            await response.write(body[start : start + piece])
            await asyncio.sleep(call.fault.number("pause_seconds"))
        await response.write_eof()
    except ConnectionError:
        # The client gave up, which is what this fault is there to provoke.
        return call.cut()
    return response


async def _truncated_body(call: Call) -> web.StreamResponse:
    whole = await call.carried_out_whole()
    body = _body(whole)
    response = _streamed(whole, length=len(body) or 2)
    await response.prepare(call.request)
    await response.write(body[: len(body) // 2] or b" ")
    call.request[CUT_KEY] = True
    if call.request.transport is not None:
        # Not abort: that would drop the half that is still on its way.
        call.request.transport.close()
    return response


async def _status(call: Call) -> web.StreamResponse:
    if call.fault.parameters["after_effect"]:
        await call.carried_out_whole()
    text, content_type = call.fault.text("body"), call.fault.text("content_type")
    return web.Response(status=call.status, text=text, content_type=content_type)


async def _retry_after(call: Call) -> web.StreamResponse:
    return web.Response(status=call.status, headers={"Retry-After": call.fault.text("after")})


async def _wrong_body(call: Call) -> web.StreamResponse:
    whole = await call.carried_out_whole()
    return web.Response(status=whole.status, text=call.fault.text("body"), content_type="application/json")


async def _html_body(call: Call) -> web.StreamResponse:
    await call.carried_out_whole()
    return web.Response(status=call.status, text=call.fault.text("body"), content_type="text/html")


async def _huge_body(call: Call) -> web.StreamResponse:
    whole = await call.carried_out_whole()
    response = web.StreamResponse(status=whole.status, headers={"Content-Type": "application/json"})
    remaining, piece = int(call.fault.number("bytes")), b" " * 65536
    try:
        await response.prepare(call.request)
        while remaining > 0:
            await response.write(piece[:remaining])
            remaining -= len(piece)
        await response.write_eof(b"{}")
    except ConnectionError:
        return call.cut()
    return response


async def _redirect(call: Call) -> web.StreamResponse:
    return web.Response(status=call.status, headers={"Location": call.fault.text("location")})


async def _other_record(call: Call) -> web.StreamResponse:
    return await call.emulator.other_record(call.request, await call.carried_out_whole())


async def _expired_token(call: Call) -> web.StreamResponse:
    return await call.emulator.expired_token(call.request)


async def _cut_before(call: Call) -> web.StreamResponse:
    return call.cut()


async def _cut_after_effect(call: Call) -> web.StreamResponse:
    await call.carried_out_whole()
    return call.cut()


async def _kill_client(call: Call) -> web.StreamResponse:
    if call.fault.text("when") == "after_effect":
        await call.carried_out_whole()
    kill_client(call.fault)
    return call.cut()


def _body(response: web.Response) -> bytes:
    body = response.body
    return bytes(body) if isinstance(body, bytes | bytearray) else b""


def _streamed(whole: web.Response, *, length: int) -> web.StreamResponse:
    headers = {name: value for name, value in whole.headers.items() if name.lower() != "content-length"}
    return web.StreamResponse(status=whole.status, headers={**headers, "Content-Length": str(length)})


_APPLY: Mapping[str, Callable[[Call], Awaitable[web.StreamResponse]]] = {
    "delay": _delay,
    "drip": _drip,
    "truncated_body": _truncated_body,
    "cut_before": _cut_before,
    "cut_after_effect": _cut_after_effect,
    "kill_client": _kill_client,
    "status": _status,
    "retry_after": _retry_after,
    "redirect": _redirect,
    "expired_token": _expired_token,
    "wrong_body": _wrong_body,
    "html_body": _html_body,
    "huge_body": _huge_body,
    "other_record": _other_record,
}
# Kinds that send the answer themselves must lie outside those that replace it.
_OUTER_FIRST = list(_APPLY)
