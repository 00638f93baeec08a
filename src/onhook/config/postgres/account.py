"""Who runs the server's programs: PostgreSQL refuses root, so root lends them to `nobody`."""

import os
import pwd
import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from onhook.config.postgres.errors import ELSEWHERE, UnableToStartPostgres

SHELL = "/bin/sh"


@dataclass(frozen=True)
class Account:
    """The user and group ids the server runs with; `is_lent` when they are not our own."""

    user: int
    group: int
    is_lent: bool

    def run(
        self,
        command: Sequence[str | Path],
        *,
        timeout_seconds: float,
        keep_open: Collection[int] = (),
        typed: str | None = None,
        output: IO[bytes] | None = None,
        new_session: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """
        Run a program of PostgreSQL as this account and return what it said, standard error included.

        :param keep_open: file descriptors the program inherits, for locks that must outlive us.
        :raises OSError: the program cannot be executed by this account.
        :raises subprocess.TimeoutExpired: it took too long and was killed.
        """
        return subprocess.run(  # noqa: S603 - our own command lines, no shell reads the arguments
            [str(part) for part in command],
            user=self.user if self.is_lent else None,
            group=self.group if self.is_lent else None,
            extra_groups=[] if self.is_lent else None,
            cwd="/",
            env=_environment(),
            umask=0o077,
            input=typed,
            stdin=subprocess.DEVNULL if typed is None else None,
            stdout=output or subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=tuple(keep_open),
            start_new_session=new_session,
            timeout=timeout_seconds,
            check=False,
            encoding="utf-8",
            errors="replace",
        )

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may go into `folder`, asked of the system rather than of permission bits."""
        if not self.is_lent:
            return os.access(folder, os.X_OK)
        try:
            return self.run([SHELL, "-c", 'cd "$0"', folder], timeout_seconds=10).returncode == 0
        except OSError as error:
            raise UnableToStartPostgres(
                "PostgreSQL was not started: it refuses to run as root, and root may not lend it to user id "
                f"{self.user} here ({error.strerror}; a container without SETUID and SETGID?). Nothing was "
                f"changed. Allow that, run onhook as an ordinary user, or {ELSEWHERE}."
            ) from error

    def give(self, path: Path) -> None:
        """Make this account the owner of `path`, which lies in a folder of ours."""
        if self.is_lent:
            os.chown(path, self.user, self.group, follow_symlinks=False)


def for_server() -> Account:
    """
    Our own account, or `nobody` when we are root.

    :raises UnableToStartPostgres: root, and the system has no `nobody`.
    """
    if os.geteuid() != 0:
        return Account(user=os.geteuid(), group=os.getegid(), is_lent=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise UnableToStartPostgres(
            "PostgreSQL was not started: it refuses to run as root, and this system has no user `nobody` to "
            f"lend it to. Nothing was changed. Run onhook as an ordinary user, or {ELSEWHERE}."
        ) from error
    # Its own group, which is `nogroup` on Debian and `nobody` elsewhere.
    return Account(user=nobody.pw_uid, group=nobody.pw_gid, is_lent=True)


def _environment() -> dict[str, str]:
    """Give only what the programs need: no PG* variable redirects them, no secret of ours reaches them."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", **kept}
