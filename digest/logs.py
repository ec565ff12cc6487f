"""Logs: a fixed phrase and fields, one line per stage; ids, never addresses, never tokens."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal, cast

import structlog


def set_up(level: str = "INFO", form: Literal["console", "json"] = "console") -> None:
    """Send all logs to standard error, as lines for people or as JSON lines."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=_standard_error,
        cache_logger_on_first_use=False,
    )


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of one room: `log = logs.get(__name__)`."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(room=name))


def _standard_error(*_: object) -> structlog.PrintLogger:
    """Asked anew for each line: a test, or a terminal, may have put another stream in its place."""
    return structlog.PrintLogger(sys.stderr)
