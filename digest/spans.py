"""Traces where an operator wants them (the extra `traces`): what took how long, told to a collector by OTLP over HTTP.

Nothing of OpenTelemetry is imported before `set_up`, and until then a span costs a look at one variable. Like a
line of the log, a span has a fixed name and ids: no address, no path, no words of an error but our own.
https://opentelemetry.io/docs/specs/otlp/
"""

from __future__ import annotations

import contextlib
import logging
import os
import platform
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

#: What a collector that is away may cost at the end of the program, in seconds.
PATIENCE_S = 5
#: How often the log says that it is away.
SELDOM_S = 3600
NEEDS = "pip install 'sunday-catchup[traces]'"
_GRAVE = ("error", "critical", "exception")


class Span(Protocol):
    """What is told of a piece of work while it goes on."""

    def set_attribute(self, key: str, value: str | int | float | bool) -> None: ...
    def update_name(self, name: str) -> None: ...


class _Seldom(logging.Filter):
    """Who tells spans says once an hour why they are not heard, and not a dozen times a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._until = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if record.created < self._until:
            return False
        self._until = record.created + SELDOM_S
        return True


class _Nothing:
    """The span of a house that is not traced."""

    def set_attribute(self, key: str, value: str | int | float | bool) -> None:
        """Told to nobody."""

    def update_name(self, name: str) -> None:
        """Told to nobody."""


_NOTHING = contextlib.nullcontext(_Nothing())
_tracer: Any = None


def set_up(url: str, *, version: str) -> Any:
    """Tell what happens from now on to the collector at `url`; returns who tells it. Raises ImportError without the extra.

    How many are kept, headers, more about this machine: by OpenTelemetry's own variables (OTEL_TRACES_SAMPLER,
    OTEL_EXPORTER_OTLP_HEADERS, OTEL_RESOURCE_ATTRIBUTES).
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    about = {
        "service.name": "sunday-catchup",
        "service.version": version,
        "service.instance.id": f"{platform.node()}:{os.getpid()}",
    }
    logging.getLogger(OTLPSpanExporter.__module__).addFilter(_Seldom())
    provider = TracerProvider(resource=Resource.create(about))
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=PATIENCE_S))
    )
    use(provider)
    return provider


def use(provider: Any) -> None:
    """Spans go to this provider from now on; None: to nobody."""
    global _tracer
    _tracer = provider.get_tracer("digest") if provider is not None else None


def are_told() -> bool:
    """Whether anybody is told of spans."""
    return _tracer is not None


def installed() -> bool:
    """Whether the extra is there."""
    from importlib.util import find_spec

    try:
        return find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:
        return False


def span(name: str, **ids: object) -> AbstractContextManager[Span]:
    """A piece of work, from here to the block's end, under the one that it is part of. ids: what it is about."""
    if _tracer is None:
        return _NOTHING
    return _begun(name, {key: _plain(value) for key, value in ids.items()})


def request(name: str, header: Mapping[str, str]) -> AbstractContextManager[Span]:
    """An answer to somebody. header: of one who is believed, where the trace may have begun (W3C Trace Context)."""
    if _tracer is None:
        return _NOTHING
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {key: header[key] for key in ("traceparent", "tracestate") if key in header}
    above = TraceContextTextMapPropagator().extract(carrier)
    return _begun(name, {}, context=above, kind=SpanKind.SERVER)


@contextlib.contextmanager
def _begun(name: str, attributes: Mapping[str, Any], **more: Any) -> Iterator[Span]:
    """What goes wrong inside is told by its class: an error's words may hold an address."""
    quiet = {"record_exception": False, "set_status_on_exception": False}
    with _tracer.start_as_current_span(name, attributes=attributes, **quiet, **more) as begun:
        try:
            yield begun
        except Exception as error:
            _failed(begun, type(error).__name__)
            raise


def _failed(begun: Any, why: str) -> None:
    from opentelemetry.trace import StatusCode

    begun.set_attribute("error.type", why)
    begun.set_status(StatusCode.ERROR)


def note(logger: object, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For structlog: a line says in which trace it was written, and one of an error says so of its span."""
    if _tracer is None:
        return line
    from opentelemetry import trace

    current = trace.get_current_span()
    context = current.get_span_context()
    if context.is_valid:
        line["trace"] = trace.format_trace_id(context.trace_id)
        line["span"] = trace.format_span_id(context.span_id)
        if method in _GRAVE:
            _failed(current, str(line.get("event", method)))
    return line


def _plain(value: object) -> str | int | float | bool:
    return value if isinstance(value, str | int | float | bool) else str(value)
