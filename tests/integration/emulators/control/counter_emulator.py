"""The smallest emulator there can be, to test what all of them share."""

import argparse
import sys
from collections.abc import Mapping, Sequence

from aiohttp import web

from emulators.control import documents, server
from emulators.control.emulator import Emulator, entry_of


class Counter(Emulator):
    """Counts up on POST and tells the count on GET."""

    name = "counter"

    def __init__(self) -> None:
        super().__init__()
        self.value = 0

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [web.get("/counter", self._get), web.post("/counter", self._count)]

    def seed(self, document: object) -> Mapping[str, object]:
        fields = documents.require_object(document, where="The seed")
        documents.refuse_unknown(fields, {"value"}, where="The seed")
        self.value = documents.take(fields, "value", int, where="The seed")
        return {"value": self.value}

    def reset_state(self) -> None:
        self.value = 0

    async def other_record(self, request: web.Request, response: web.Response) -> web.Response:
        return web.json_response({"name": "other"})

    async def expired_token(self, request: web.Request) -> web.Response:
        entry_of(request).authenticated(passed=False)
        return web.json_response({"error": "expired"}, status=401)

    async def _get(self, request: web.Request) -> web.Response:
        entry_of(request).authenticated(passed=True)
        return web.json_response({"name": "main", "value": self.value, "at": self.clock.now().isoformat()})

    async def _count(self, request: web.Request) -> web.Response:
        self.value += 1
        entry_of(request).effect("counted", to=self.value)
        return web.json_response({"value": self.value})


def _build(_: argparse.Namespace) -> Counter:
    return Counter()


if __name__ == "__main__":
    sys.exit(server.run(None, parser=server.new_parser("counter", "Counts."), build=_build))
