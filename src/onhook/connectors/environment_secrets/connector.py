"""Lease credentials from environment variables or mounted files. For development: there is no audit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from onhook.connectors.http.outcomes import outcomes_only
from onhook.operations.errors import Rejected
from onhook.operations.ports import Secret

SYSTEM = "the environment"
PREFIX = "ONHOOK_SECRET"
_REFERENCE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)


class EnvironmentSecrets:
    """
    The `SecretStore` port over variables.

    For the reference `salesforce`: `ONHOOK_SECRET_SALESFORCE_VALUE`, `…_USER` and `…_ADDRESS`; each also with `_FILE`
    at its end, naming a file that holds the value.
    """

    def __init__(self, *, environment: Mapping[str, str]) -> None:
        self._environment = environment

    @outcomes_only(SYSTEM)
    def lease(self, reference: str) -> Secret:
        """
        Return the secret. Files are read at every lease, so a changed file is seen at once.

        :raises Rejected: the reference is no name, nothing is set for it, or its file cannot be read.
        """
        if not _REFERENCE.fullmatch(reference):
            raise Rejected("a secret's reference in the environment is a name of letters, digits, - and _")
        name = f"{PREFIX}_{reference.upper().replace('-', '_')}"
        value = self._text(f"{name}_VALUE")
        if not value:
            raise Rejected(f"no secret is set: {name}_VALUE (or {name}_VALUE_FILE) is empty")
        return Secret(user=self._text(f"{name}_USER"), value=value, address=self._text(f"{name}_ADDRESS"))

    @outcomes_only(SYSTEM)
    def drop(self, reference: str) -> None:
        """Nothing is kept, so there is nothing to forget."""

    @outcomes_only(SYSTEM)
    def check(self, reference: str) -> str:
        """Read one secret; return where it was."""
        self.lease(reference)
        return SYSTEM

    def _text(self, name: str) -> str:
        file = self._environment.get(f"{name}_FILE", "")
        if not file:
            return self._environment.get(name, "")
        if name in self._environment:
            raise Rejected(f"{name} and {name}_FILE are both set. Keep one of them")
        content = _content(Path(file))
        if content is None:
            raise Rejected(f"{name}_FILE names a file that cannot be read")
        return content


def _content(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
