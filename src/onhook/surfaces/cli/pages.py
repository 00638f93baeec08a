"""Serve the web pages with granian: threads in a few processes, plain WSGI."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import time
import urllib.request
from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces

from onhook.surfaces.cli.exits import CommandError, Exit

_THREADS = 4
_LOOK_SECONDS = 0.1


def serve(*, host: str, port: int, workers: int, on_ready: Callable[[str], None]) -> None:
    """
    Serve until SIGINT or SIGTERM.

    :param on_ready: called with the address once pages are answered.
    :raises CommandError: something else listens there, or production has no folder for its files.
    """
    refuse_taken(host, port)
    if settings.IS_PROTECTED:
        if not settings.STATIC_ROOT:
            raise CommandError(
                "ONHOOK_STATIC_ROOT is not set: name a folder for the pages' styles and scripts. Nothing was started.",
                exit_code=Exit.USAGE,
            )
        call_command("collectstatic", interactive=False, verbosity=0)
    server = Granian(
        "onhook.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=_THREADS,
        respawn_failed_workers=True,
        log_enabled=False,
    )
    # A process, not a thread: the server forks, and what a thread has locked just then stays locked in its children.
    watch = multiprocessing.get_context("fork").Process(
        target=_wait_until_ready, args=(host, port, on_ready), daemon=True
    )
    watch.start()
    try:
        server.serve()
    finally:
        watch.terminate()


def refuse_taken(host: str, port: int) -> None:
    """
    Try whether the pages could listen there.

    :raises CommandError: something else does, or this machine has no such address.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"The web pages cannot listen on {host}:{port}: {error.strerror}. Nothing was started; "
                "stop what uses it, or name another one with --port (make up PORT=8001).",
                exit_code=Exit.UNAVAILABLE,
            ) from None


def _wait_until_ready(host: str, port: int, on_ready: Callable[[str], None]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word
    address = f"http://{host}:{port}"
    # The pages answer to their own name only.
    names = [name for name in settings.ALLOWED_HOSTS if name[:1] not in (".", "*")]
    question = urllib.request.Request(f"{address}/healthy/", headers={"Host": names[0]} if names else {})  # noqa: S310
    # Straight to the socket: a proxy of the environment has no business here.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    # Whoever is killed cannot end its watch: it ends by itself with whom it watches.
    watched = os.getppid()
    while os.getppid() == watched:
        try:
            with opener.open(question, timeout=5):
                on_ready(address)
                return
        except OSError:
            time.sleep(_LOOK_SECONDS)
