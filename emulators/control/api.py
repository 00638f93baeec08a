"""The control API under `/_control/`: the same for every emulator."""

import json
import os
from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler

from emulators.control.emulator import Emulator
from emulators.control.errors import DocumentError
from emulators.control.journal import Entry

PREFIX = "/_control/"
LONGEST_WAIT_SECONDS = 60.0


def routes(emulator: Emulator) -> Sequence[web.AbstractRouteDef]:
    """Give the control routes of one emulator."""
    control = _Control(emulator)
    return [
        web.get(PREFIX, explained(control.about)),
        web.post(PREFIX + "seed", explained(control.seed)),
        web.post(PREFIX + "reset", explained(control.reset)),
        web.get(PREFIX + "clock", explained(control.clock)),
        web.post(PREFIX + "clock", explained(control.change_clock)),
        web.get(PREFIX + "faults", explained(control.faults)),
        web.post(PREFIX + "faults", explained(control.add_fault)),
        web.delete(PREFIX + "faults", explained(control.clear_faults)),
        web.delete(PREFIX + r"faults/{id:\d+}", explained(control.remove_fault)),
        web.get(PREFIX + "journal", explained(control.journal)),
    ]


def explained(handler: Handler) -> Handler:
    """Answer a document that is not understood with 400 and its reason; vendors wrap their own calls too."""

    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except DocumentError as error:
            return web.json_response({"error": str(error)}, status=400)

    return answered


class _Control:
    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def about(self, _: web.Request) -> web.Response:
        kinds = sorted(self._emulator.faults.kinds)
        return web.json_response({"emulator": self._emulator.name, "pid": os.getpid(), "fault_kinds": kinds})

    async def seed(self, request: web.Request) -> web.Response:
        return web.json_response(dict(self._emulator.seed(await read_document(request))))

    async def reset(self, request: web.Request) -> web.Response:
        await read_document(request)
        self._emulator.reset()
        return web.json_response({})

    async def clock(self, _: web.Request) -> web.Response:
        return web.json_response(self._emulator.clock.described())

    async def change_clock(self, request: web.Request) -> web.Response:
        self._emulator.clock.change(await read_document(request))
        return web.json_response(self._emulator.clock.described())

    async def faults(self, _: web.Request) -> web.Response:
        return web.json_response({"faults": self._emulator.faults.described()})

    async def add_fault(self, request: web.Request) -> web.Response:
        fault = self._emulator.faults.add(await read_document(request))
        try:
            self._emulator.check_fault(fault)
        except DocumentError:
            self._emulator.faults.remove(fault.id)
            raise
        return web.json_response(fault.described(), status=201)

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._emulator.faults.clear()
        return web.json_response({})

    async def remove_fault(self, request: web.Request) -> web.Response:
        if not self._emulator.faults.remove(int(request.match_info["id"])):
            return web.json_response({"error": "There is no such fault."}, status=404)
        return web.json_response({})

    async def journal(self, request: web.Request) -> web.Response:
        """Give finished and running calls; with `at_least`, wait until so many are finished."""
        since = whole_number(request, "since", default=0)
        at_least = whole_number(request, "at_least", default=0)

        def finished() -> list[Entry]:
            return [entry for entry in self._emulator.journal.since(since) if entry.is_finished]

        await self._emulator.journal.changes.wait_until(
            lambda: len(finished()) >= at_least, timeout_seconds=wait_seconds(request)
        )
        entries = self._emulator.journal.since(since)
        return web.json_response({"count": len(entries), "entries": [entry.described() for entry in entries]})


async def read_document(request: web.Request) -> object:
    """
    Give the JSON document a control call sends.

    :raises DocumentError: it sends none.
    """
    # A page in a browser cannot send this type elsewhere unasked, so no web site can steer an emulator.
    if request.content_type != "application/json":
        raise DocumentError("Send a JSON document with Content-Type: application/json.")
    try:
        return json.loads(await request.read())
    except ValueError as error:
        raise DocumentError(f"The body is not JSON: {error}.") from error


def wait_seconds(request: web.Request) -> float:
    """Give how long the caller is ready to wait, at most a minute; nothing said means not at all."""
    text = request.query.get("wait_seconds", "0")
    try:
        return min(max(float(text), 0.0), LONGEST_WAIT_SECONDS)
    except ValueError as error:
        raise DocumentError(f"wait_seconds={text!r} is not a number of seconds.") from error


def whole_number(request: web.Request, name: str, *, default: int) -> int:
    """Give a number of the query. :raises DocumentError: it is none."""
    text = request.query.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise DocumentError(f"{name}={text!r} is not a whole number.")
    return int(text)
