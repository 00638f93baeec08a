"""The door of every connector: what leaves is one of the four outcomes, and nothing hangs on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import structlog

from onhook.connectors.http.payloads import Malformed
from onhook.operations.errors import Retryable, RunOutcome

log = structlog.get_logger()

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_MALFORMED_AFTER_SECONDS = 60.0
_FAULT_AFTER_SECONDS = 300.0


def outcomes_only(system: str) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """
    Let only our outcomes out of a port's method.

    An answer that is not as documented is an outage. A fault of our own becomes `Retryable` too: its text and its
    frames may hold tokens and vendor bodies, and the engine stores what escapes a step. Where it happened is logged.
    """

    def decorate(method: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        @wraps(method)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            try:
                return method(*args, **kwargs)
            except RunOutcome as own:
                outcome = own
            except Malformed as fault:
                problem = f"{system} sent an answer that cannot be used: {fault}"
                outcome = Retryable(problem, after=_MALFORMED_AFTER_SECONDS)
            except Exception as fault:  # noqa: BLE001  # the last wall before the engine's tables
                kind, where = type(fault).__name__, _where(fault)
                log.error("connector_fault", system=system, kind=kind, where=where)  # noqa: TRY400  # no traceback
                problem = f"the connector of {system} failed ({type(fault).__name__})"
                outcome = Retryable(problem, after=_FAULT_AFTER_SECONDS)
            # The frames below and the errors behind may hold secrets in their locals: none goes along.
            outcome.__cause__ = outcome.__context__ = None
            raise outcome.with_traceback(None)

        return guarded

    return decorate


def _where(fault: Exception) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
