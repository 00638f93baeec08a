"""Logs: key=value events for operators, on standard error, with phone numbers masked whatever was logged."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_NUMBER = re.compile(r"\+[1-9][0-9]{2,10}([0-9]{4})\b")


def mask_numbers(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide all but the last four digits of anything that looks like an E.164 number."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _NUMBER.sub(r"…\1", value)
    return event


def configure(*, level: int = logging.INFO) -> None:
    """Set up structlog; the standard library's own loggers stay at warnings."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            mask_numbers,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
