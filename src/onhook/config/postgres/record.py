"""What is known of a running server: our own record of its socket, beside the pid file it writes itself."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from onhook.config.postgres import addresses, cluster, files, process
from onhook.config.postgres.process import Owner

# As root, the pid file is written by `nobody`; where to connect is said by this file alone, which is ours.
RECORD = "server.json"


@dataclass(frozen=True)
class Server:
    """A running server; `started` when this call started it. The address holds the password."""

    url: str = field(repr=False)
    state: Path
    pid: int
    started: bool


@dataclass(frozen=True)
class Record:
    """Where a server was told to listen."""

    socket: Path
    port: int


def write(state: Path, record: Record) -> None:
    """Keep where the server about to start will listen."""
    files.write_private(state / RECORD, json.dumps({"socket": str(record.socket), "port": record.port}) + "\n")


def read(state: Path) -> Record | None:
    """Give the last start's record; `None` when there was none."""
    try:
        kept = json.loads((state / RECORD).read_text("utf-8"))
        return Record(socket=Path(kept["socket"]), port=int(kept["port"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def find(state: Path, *, started: bool) -> Server | None:
    """
    Give the server on this state folder when it lives and takes connections where we told it to.

    :raises UnableToStartPostgres: it does, and its password file is missing or open to others.
    """
    record = read(state)
    data = state / cluster.DATA
    named = process.read_pid_file(data) if record else None
    if record is None or named is None or not named.is_ready:
        return None
    if (named.port, named.socket) != (record.port, str(record.socket)):
        return None
    if process.owner_of(named.pid, data) not in {Owner.OURS, Owner.UNKNOWN}:
        return None
    url = addresses.build(password=cluster.password(state), folder=record.socket, port=record.port)
    return Server(url=url, state=state, pid=named.pid, started=started)
