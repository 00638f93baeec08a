"""The web application as a server loads it: `granian --interface wsgi onhook.config.wsgi:application`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onhook.config.settings")
_django = get_wsgi_application()
# Where the application names none, the server gives its own name away to whoever looks for its faults.
_SERVER = ("Server", "onhook")


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer as Django does, under the product's own name."""

    def start(status: str, headers: list[tuple[str, str]], *problem: Any) -> Any:
        return start_response(status, [*headers, _SERVER], *problem)

    return _django(environ, start)
