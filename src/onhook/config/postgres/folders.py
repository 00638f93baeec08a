"""Where an instance lives: one private state folder each, below one base folder."""

import hashlib
import os
import re
import stat
import sys
from pathlib import Path

from onhook.config.postgres.account import Account
from onhook.config.postgres.errors import ELSEWHERE, UnableToStartPostgres

LOCK = "lock"

_INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


def instance_id(name: str) -> str:
    """Name the instance `name` of this installation: two clones never share a world."""
    prefix = os.path.realpath(sys.prefix)
    return f"{name}-{hashlib.sha256(os.fsencode(prefix)).hexdigest()[:8]}"


def base_folder() -> Path:
    """
    Give the base of all instances: `ONHOOK_STATE`, else /var/lib/onhook for root, else the XDG state folder.

    :raises UnableToStartPostgres: the environment names no usable place.
    """
    chosen = os.environ.get("ONHOOK_STATE")
    if chosen:
        if not Path(chosen).is_absolute():
            raise UnableToStartPostgres(
                f"ONHOOK_STATE is {chosen!r}, which depends on where one stands. Nothing was changed. "
                "Give it a path that begins with /."
            )
        return Path(chosen).resolve()
    if os.geteuid() == 0:
        return Path("/var/lib/onhook").resolve()
    return (_xdg_state_folder() / "onhook").resolve()


def state_folder(instance: str) -> Path:
    """
    The folder of one instance.

    :raises UnableToStartPostgres: the name could lead out of the base folder.
    """
    if not _INSTANCE.fullmatch(instance):
        raise UnableToStartPostgres(
            f"{instance!r} is no name for an instance. Nothing was changed. Use up to 63 letters, digits, "
            "dots, dashes and underscores, and begin with a letter or a digit."
        )
    return base_folder() / instance


def make(folder: Path) -> None:
    """
    Make the state folder with what is missing above it; a folder that was there keeps its permissions.

    :raises UnableToStartPostgres: it is there and not private to us.
    """
    # The server of root runs as `nobody`, who must pass through but needs no list of what is here.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    for path in (*reversed(folder.parents), folder):
        make_one(path, mode)
    require_private(folder)
    if stat.S_IMODE(folder.stat().st_mode) & mode != mode:
        folder.chmod(mode)


def make_one(path: Path, mode: int) -> None:
    """Make one folder with exactly this mode, whatever the umask; leave one that is there as it is."""
    if path.is_dir():
        return
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        # Another process made it at this moment; anything but a folder is refused by what uses it next.
        return
    path.chmod(mode)


def require_private(folder: Path) -> None:
    """
    Refuse a folder that somebody else prepared or may write to: what lies in it is trusted.

    :raises UnableToStartPostgres: it belongs to another user, or others may write to it.
    """
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        problem = "is not a folder"
    elif found.st_uid != os.geteuid():
        problem = f"belongs to user id {found.st_uid}, and this is user id {os.geteuid()}"
    elif found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        problem = "may be written to by others"
    else:
        return
    raise UnableToStartPostgres(
        f"PostgreSQL was not started: {folder} {problem}. Nothing was changed. Run onhook as the folder's "
        f"owner, with the folder closed to others, or {ELSEWHERE}."
    )


def require_reachable(folder: Path, account: Account) -> None:
    """
    Refuse a folder the server's account cannot enter.

    :raises UnableToStartPostgres: naming the closed folder above it.
    """
    if account.can_enter(folder):
        return
    closed = next(path for path in (*reversed(folder.parents), folder) if not account.can_enter(path))
    raise UnableToStartPostgres(
        f"PostgreSQL was not started: for root it runs as user id {account.user}, who may not enter "
        f"{closed}. Nothing was changed; onhook does not open folders that are not its own. To go on, "
        f"{ELSEWHERE}."
    )


def _xdg_state_folder() -> Path:
    named = os.environ.get("XDG_STATE_HOME", "")
    if named.startswith("/"):
        return Path(named)
    try:
        return Path.home() / ".local" / "state"
    except RuntimeError as error:
        raise UnableToStartPostgres(
            f"PostgreSQL was not started: user id {os.geteuid()} has no home folder to keep data in. Nothing "
            f"was changed. Set HOME, or {ELSEWHERE}."
        ) from error
