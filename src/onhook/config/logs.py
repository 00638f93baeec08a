"""Logs: key=value events for operators, on standard error, with phone numbers masked whatever was logged."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# E.164, and the international writing of it with blanks, dashes, dots or brackets between the digits.
_NUMBER = re.compile(r"(?<![\w+])\+[1-9](?:[ ().-]{0,2}[0-9]){6,14}(?![0-9])")
_KEPT_DIGITS = 4


def mask_numbers(text: str) -> str:
    """Hide all but the last four digits of everything in `text` that is written as an international number."""
    return _NUMBER.sub(lambda found: "…" + re.sub(r"[^0-9]", "", found[0])[-_KEPT_DIGITS:], text)


class _MaskingFormatter(logging.Formatter):
    """The standard library's loggers (Django's, the driver's): the whole line is masked, tracebacks too."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_numbers(super().format(record))


_as_key_values = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])


def _render(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    """Render last and mask the whole line, so that no value escapes, however deep it was."""
    return mask_numbers(_as_key_values(logger, method, event))


def configure(*, level: int = logging.INFO) -> None:
    """Set up structlog; the standard library's own loggers stay at warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_MaskingFormatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
