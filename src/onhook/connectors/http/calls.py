"""A call to a vendor and its answer, as values that never show a secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from onhook.connectors.http.payloads import Malformed

_LOWEST_SUCCESS, _ABOVE_SUCCESS = 200, 300


@dataclass(frozen=True, kw_only=True)
class Call:
    """
    One HTTP call. `path` is a template such as `/subscriptions/{reference}/`, filled from `values`.

    Only the template is ever logged. `form` makes it a form post. Only a GET is repeated.
    """

    method: str = "GET"
    path: str
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def is_repeatable(self) -> bool:
        """Say whether doing it twice is the same as doing it once."""
        return self.method == "GET"

    @property
    def target(self) -> str:
        """
        Return path and query, encoded: a value can neither climb out of its segment nor add a parameter.

        :raises ValueError: a value is empty or a step up or down the path.
        """
        if any(value in {"", ".", ".."} for value in self.values.values()):
            raise ValueError("a path segment must have a value")
        path = self.path.format_map({name: quote(value, safe="") for name, value in self.values.items()})
        return f"{path}?{urlencode(self.query, quote_via=quote)}" if self.query else path

    @property
    def body(self) -> bytes | None:
        """Return the form as it is sent."""
        return None if self.form is None else urlencode(self.form).encode()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a vendor answered, whole. Headers by lower-case name; body and headers are not shown."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        return _LOWEST_SUCCESS <= self.status < _ABOVE_SUCCESS

    def json(self) -> Any:
        """
        Return the body, decoded.

        :raises Malformed: it is not JSON: an HTML page of a gateway, for one.
        """
        problem = "the answer is not JSON"
        try:
            return json.loads(self.body, parse_constant=_refuse)
        # RecursionError: nested deeper than any true answer. Both are dropped: they quote the body.
        except (ValueError, RecursionError):
            pass
        raise Malformed(problem)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
