"""Runs one emulator as a process: arguments, listening, the ready file, and a clean end."""

import argparse
import asyncio
import json
import logging
import os
import signal
import ssl
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from emulators.control import tls
from emulators.control.app import build_app
from emulators.control.emulator import Emulator
from emulators.control.errors import DocumentError, StartError

# A call that a fault still delays must not hold up the end of the process.
SHUTDOWN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen and whom to tell."""

    host: str
    http_port: int
    ready_file: Path | None
    tls_folder: Path | None
    tls_fault: str | None
    seed_file: Path | None
    until_stdin_closes: bool


def new_parser(name: str, description: str) -> argparse.ArgumentParser:
    """Give a parser with the arguments every emulator takes."""
    parser = argparse.ArgumentParser(prog=f"python -m emulators.{name}", description=description)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--http-port", type=int, default=0, help="0 picks a free port (default)")
    parser.add_argument("--ready-file", type=Path, help="written as JSON with all addresses once listening")
    parser.add_argument("--tls-folder", type=Path, help="serve TLS; ca.pem to trust is written there")
    parser.add_argument("--tls-fault", choices=tls.FAULTS, help="serve a certificate that must be refused")
    parser.add_argument("--seed-file", type=Path, help="a seed document to begin with")
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="also end when standard input closes, so that no emulator outlives the program that started it",
    )
    return parser


def main(emulator: Emulator, arguments: argparse.Namespace) -> int:
    """Serve one emulator until SIGTERM or SIGINT; give the exit code."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    listening = Listening(
        host=arguments.host,
        http_port=arguments.http_port,
        ready_file=arguments.ready_file,
        tls_folder=arguments.tls_folder,
        tls_fault=arguments.tls_fault,
        seed_file=arguments.seed_file,
        until_stdin_closes=arguments.until_stdin_closes,
    )
    try:
        asyncio.run(_serve(emulator, listening))
    except (StartError, DocumentError) as error:
        sys.stderr.write(f"The {emulator.name} emulator did not start: {error}\n")
        return 1
    return 0


async def _serve(emulator: Emulator, listening: Listening) -> None:
    stop = _stop_event(until_stdin_closes=listening.until_stdin_closes)
    context = _tls_context(listening)
    _seed(emulator, listening.seed_file)
    runner = web.AppRunner(build_app(emulator), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        addresses = {"http": await _listen(runner, listening, context)}
        addresses.update(await emulator.start_servers(host=listening.host, tls=context))
        _announce(emulator, listening, addresses)
        await stop.wait()
    finally:
        await emulator.stop_servers()
        await runner.cleanup()
        if listening.ready_file is not None:
            listening.ready_file.unlink(missing_ok=True)


async def _listen(runner: web.AppRunner, listening: Listening, context: ssl.SSLContext | None) -> str:
    site = web.TCPSite(runner, listening.host, listening.http_port, ssl_context=context)
    try:
        await site.start()
    except OSError as error:
        raise StartError(
            f"it cannot listen on {listening.host}:{listening.http_port} ({error.strerror}). "
            "Choose another port, or 0 for a free one."
        ) from error
    port = runner.addresses[0][1]
    return f"{'http' if context is None else 'https'}://{listening.host}:{port}"


def _announce(emulator: Emulator, listening: Listening, addresses: Mapping[str, str]) -> None:
    """Say where the emulator listens: the file first, complete or not there at all, then one line."""
    document = {"pid": os.getpid(), "emulator": emulator.name, **addresses}
    if listening.tls_folder is not None:
        document["ca_file"] = str(listening.tls_folder / "ca.pem")
    if listening.ready_file is not None:
        _write_at_once(listening.ready_file, json.dumps(document))
    where = ", ".join(f"{protocol} {address}" for protocol, address in addresses.items())
    sys.stdout.write(f"{emulator.name} emulator ready: {where}\n")
    sys.stdout.flush()


def _write_at_once(path: Path, text: str) -> None:
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            file.write(text)
        Path(file.name).replace(path)
    except OSError as error:
        raise StartError(f"the ready file {path} cannot be written ({error.strerror}).") from error


def _tls_context(listening: Listening) -> ssl.SSLContext | None:
    if listening.tls_folder is None:
        if listening.tls_fault is not None:
            raise StartError("--tls-fault needs --tls-folder.")
        return None
    return tls.server_context(folder=listening.tls_folder, fault=listening.tls_fault)


def _seed(emulator: Emulator, path: Path | None) -> None:
    if path is None:
        return
    try:
        emulator.seed(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise StartError(f"the seed file {path} cannot be read ({error}).") from error


def _stop_event(*, until_stdin_closes: bool) -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if until_stdin_closes:

        def at_input() -> None:
            if not os.read(sys.stdin.fileno(), 4096):
                loop.remove_reader(sys.stdin.fileno())
                stop.set()

        loop.add_reader(sys.stdin.fileno(), at_input)
    return stop


def run(
    arguments: Sequence[str] | None,
    *,
    parser: argparse.ArgumentParser,
    build: Callable[[argparse.Namespace], Emulator],
) -> int:
    """Read the arguments, build the emulator and serve it; what a vendor's `__main__` calls."""
    chosen = parser.parse_args(arguments)
    try:
        emulator = build(chosen)
    except StartError as error:
        sys.stderr.write(f"The emulator did not start: {error}\n")
        return 1
    return main(emulator, chosen)
