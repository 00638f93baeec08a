"""The address of a database: built for our server, taken apart for Django."""

from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from onhook.config.postgres.cluster import DATABASE, ROLE

DEFAULT_PORT = 5432


def build(*, password: str, folder: Path, port: int) -> str:
    """Address the database behind the socket in `folder`; every part is percent-encoded."""
    secret, host = quote(password, safe=""), quote(str(folder), safe="")
    return f"postgresql://{ROLE}:{secret}@/{DATABASE}?host={host}&port={port}"


def connect_parameters(url: str) -> dict[str, str | int]:
    """
    Take an address apart: always `host`, `port`, `user`, `password` and `dbname`, and whatever else it sets.

    What the address leaves out is the empty text, which Django takes for "not set"; the port is 5432 then.

    :raises ValueError: no address of a PostgreSQL database; the message never repeats it, nor its password.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError(
            "The database address does not begin with postgresql://. Write postgresql://USER:PASSWORD@HOST:PORT/NAME."
        )
    try:
        given = conninfo_to_dict(url)
        port = int(given.pop("port", None) or DEFAULT_PORT)
    except (psycopg.Error, ValueError):
        raise ValueError(
            "The database address cannot be read. Write postgresql://USER:PASSWORD@HOST:PORT/NAME, and "
            "percent-encode what is not a letter or a digit in the password."
        ) from None
    named = {name: str(given.pop(name, None) or "") for name in ("host", "user", "password", "dbname")}
    others = {name: str(value) for name, value in given.items() if value is not None}
    return {**named, "port": port, **others}
