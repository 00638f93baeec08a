"""Builds an emulator's web application: journal, faults, the vendor's routes and the control API."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from emulators.control import api, http_faults
from emulators.control.emulator import ENTRY_KEY, Emulator

MAXIMUM_REQUEST_BYTES = 64 * 1024 * 1024


def build_app(emulator: Emulator) -> web.Application:
    """Give the application that serves one emulator."""
    middlewares = [_recording(emulator), *emulator.middlewares()] if emulator.has_http_vendor else []
    app = web.Application(middlewares=middlewares, client_max_size=MAXIMUM_REQUEST_BYTES)
    app.add_routes(emulator.routes())
    app.add_routes(api.routes(emulator))
    return app


def _recording(emulator: Emulator) -> Middleware:
    """Write every vendor call into the journal and carry it out under the faults that hit it."""

    @web.middleware
    async def recording(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(api.PREFIX):
            return await handler(request)
        entry = emulator.journal.begin(method=request.method, path=request.path, query=request.query.items())
        request[ENTRY_KEY] = entry
        faults = emulator.faults.striking(method=request.method, path=request.path)
        entry.faults.extend(fault.kind for fault in faults)
        status: int | None = 500
        try:
            response = await http_faults.apply(emulator, faults, request, handler)
            status = None if request.get(http_faults.CUT_KEY) else response.status
        except web.HTTPException as error:
            status = error.status
            raise
        else:
            return response
        finally:
            emulator.journal.finish(entry, status=status)

    return recording
