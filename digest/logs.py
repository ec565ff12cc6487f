"""Logs: a fixed phrase and fields, one line per stage; ids, never addresses, never tokens.

What is secret in this house is hidden wherever it turns up (`hide`), also in a traceback or a reply of others.

`about(newsletter=…, issue=…)` puts fields on every line inside it, also those of rooms below that know nothing of
issues; a request's id is put there by the web. What libraries say comes out in the same form.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from contextlib import AbstractContextManager
from typing import Any, Literal, TextIO, cast
from urllib.parse import quote, quote_plus

import structlog

from digest import spans
from digest.masking import HIDDEN, masked

#: An address, or a login in a URL: relays like to repeat whom they refuse.
_SOMEBODY = re.compile(r"[^\s<>\"'()@]+@(?=[\w\[])")
#: What is shorter is a word, and hiding it would blot out half of the log.
_SHORTEST = 6
_hidden: set[str] = set()


def _nobody(logger: object, method: str, line: MutableMapping[str, Any]) -> Any:
    """Takes the names out of addresses, whoever put them in; the domain stays, since it helps."""
    for key, value in line.items():
        if isinstance(value, str) and ("@" in value or "://" in value):
            line[key] = _SOMEBODY.sub("…@", masked(value))
    return line


def hide(secrets: Iterable[str]) -> None:
    """Never write these from now on, whatever says them: each as it is, in an address and in JSON.

    Of a key of several lines each line is one. What is shorter than a secret may be is left as it is.
    """
    for one in (line.strip() for secret in secrets for line in secret.splitlines()):
        if len(one) >= _SHORTEST:
            _hidden.update((one, quote(one, safe=""), quote_plus(one), json.dumps(one)[1:-1]))


def _without_secrets(renderer: Any) -> Any:
    """The renderer, with what is hidden taken out of the line that it made."""

    def render(logger: object, method: str, line: MutableMapping[str, Any]) -> str:
        text = str(renderer(logger, method, line))
        for one in sorted(_hidden, key=len, reverse=True):
            text = text.replace(one, HIDDEN)
        return text

    return render


_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    spans.note,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def set_up(level: str = "INFO", form: Literal["console", "json"] = "console") -> None:
    """Send all logs to standard error, as lines for people or as JSON lines."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    renderer = _without_secrets(renderer)
    structlog.configure(
        processors=[*_SHARED, structlog.processors.format_exc_info, _nobody, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=_standard_error,
        cache_logger_on_first_use=False,
    )
    _libraries(renderer)


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of one room: `log = logs.get(__name__)`."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(room=name))


def about(**fields: object) -> AbstractContextManager[Any]:
    """Fields of every line inside the block, in this thread or task and those begun from it. Ids only."""
    return structlog.contextvars.bound_contextvars(**fields)


def _standard_error(*_: object) -> structlog.PrintLogger:
    """Asked anew for each line: a test, or a terminal, may have put another stream in its place."""
    return structlog.PrintLogger(sys.stderr)


class _Here(logging.StreamHandler[TextIO]):
    """Libraries' lines, to where standard error is now."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _libraries(renderer: Any) -> None:
    """Warnings and worse of libraries (uvicorn, APScheduler, SQLAlchemy) in the form of our own lines."""
    handler = _Here(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.add_logger_name],
            processors=[remove, structlog.processors.format_exc_info, _nobody, renderer],
        )
    )
    root = logging.getLogger()
    for known in [one for one in root.handlers if isinstance(one, _Here)]:
        root.removeHandler(known)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
