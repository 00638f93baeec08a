"""Somebody at the command line: types commands in this process, and reads what came back."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from onhook import clock
from onhook.surfaces.cli import main
from onhook.surfaces.cli.exits import Exit
from onhook.tenancy import tokens
from onhook.tenancy.models import User


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it wrote to its two outputs."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What a program reads: the whole output is one JSON document, or this fails."""
        return json.loads(self.out)

    @property
    def exit(self) -> Exit:
        return Exit(self.code)

    @property
    def error(self) -> tuple[str, str]:
        """The error's code and message, as a program reads them."""
        told = self.json["error"]
        return told["code"], told["message"]


class TypingPerson:
    """Runs commands as `onhook` would after its start, with everything they write captured."""

    def __init__(self, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._capture, self._patch = capture, patch
        self.is_somebody(None)

    def is_somebody(self, user: User | None, *, token: str = "") -> None:
        """Act as this person from now on, by the two variables that they would set in their shell."""
        if user is None:
            self._patch.delenv("ONHOOK_AS", raising=False)
            self._patch.delenv("ONHOOK_TOKEN", raising=False)
            return
        self._patch.setenv("ONHOOK_AS", user.login)
        self._patch.setenv("ONHOOK_TOKEN", token or token_of(user))

    def __call__(self, *arguments: object, stdin: str | bytes = b"", by: User | None = None) -> Ran:
        """Type one command, with this standard input, which is no terminal."""
        if by is not None:
            self.is_somebody(by)
        data = stdin.encode() if isinstance(stdin, str) else stdin
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        self._capture.readouterr()
        code = main.invoke([str(argument) for argument in arguments])
        out, err = self._capture.readouterr()
        return Ran(code, out, err)


def token_of(user: User, *, lifetime: timedelta = timedelta(hours=1)) -> str:
    """Return a token that proves `user`; with a lifetime below zero one that did."""
    return tokens.issue(user=user, now=clock.now(), lifetime=lifetime)
