"""Traces: what a collector hears by OTLP, that it hears ids and nobody's address, and that without one nothing is told."""

from __future__ import annotations

import dataclasses
import gzip
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from digest import intake, logs, spans, worker
from digest.checkup import faults
from digest.delivery import sender
from digest.errors import FetchError
from digest.store.engine import Database
from tests.delivery.sundays import Post, a_house, put_frozen
from tests.houses import make_house
from tests.test_intake import FakeSource, fails
from tests.web.people import visitor

ROOT = Path(__file__).parents[1]
ABOVE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def told() -> Iterator[InMemorySpanExporter]:
    """What is told, span by span as they end."""
    heard = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(heard))
    spans.use(provider)
    yield heard
    spans.use(None)
    provider.shutdown()


def one(told: InMemorySpanExporter, name: str) -> ReadableSpan:
    (found,) = [span for span in told.get_finished_spans() if span.name == name]
    return found


def about(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_an_answer_is_told_by_its_route_and_never_by_its_path(
    sqlite: Database, tmp_path: Path, told: InMemorySpanExporter
) -> None:
    house = make_house(sqlite, tmp_path)
    answer = visitor(house).get("/leave/sunday/a-secret?to=alice@example.net")
    span = one(told, "GET /leave/{newsletter}/{token}")
    assert about(span)["http.response.status_code"] == answer.status_code
    assert about(span)["newsletter"] == "sunday"
    assert about(span)["request"] == answer.headers["x-request-id"]
    assert "secret" not in span.to_json()
    assert "alice" not in span.to_json()


def test_only_a_known_proxy_may_say_to_what_an_answer_belongs(
    sqlite: Database, tmp_path: Path, told: InMemorySpanExporter
) -> None:
    house = dataclasses.replace(make_house(sqlite, tmp_path), trusted_proxies=("10.0.0.1",))
    for peer in ("10.0.0.1", "203.0.113.9"):
        visitor(house, peer=peer).get("/healthz", headers={"traceparent": ABOVE})
    known, stranger = told.get_finished_spans()
    assert f"{known.context.trace_id:032x}" == ABOVE.split("-")[1]
    assert known.parent is not None
    assert stranger.parent is None


def test_a_send_is_told_and_nobody_who_gets_it(
    sqlite: Database, tmp_path: Path, told: InMemorySpanExporter
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, ["alice@example.net"])
    sender.drain(house)
    assert about(one(told, "send"))["issue"] == issue.id
    assert "alice" not in "".join(span.to_json() for span in told.get_finished_spans())


def test_a_source_is_read_as_a_part_of_the_polls(
    sqlite: Database, tmp_path: Path, told: InMemorySpanExporter
) -> None:
    away = FakeSource("site", fails(FetchError("site", "no answer from alice@example.net")))
    with spans.span("polls"):
        intake.poll(sqlite, [away], {}, now=make_house(sqlite, tmp_path).clock())
    read, polls = one(told, "read a source"), one(told, "polls")
    assert read.parent is not None
    assert read.parent.span_id == polls.context.span_id
    assert about(read) == {"source": "site", "error.type": "FetchError"}
    assert not read.status.is_ok
    assert "alice" not in read.to_json()


def test_what_a_source_says_in_the_log_is_about_its_newsletter(
    sqlite: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = FakeSource("site", fails(ZeroDivisionError("by zero")))
    logs.set_up("INFO", "json")
    with logs.about(newsletter="sunday"):
        intake.poll(sqlite, [broken], {}, now=make_house(sqlite, tmp_path).clock())
    (line,) = [one for one in capsys.readouterr().err.splitlines() if "a source broke" in one]
    assert json.loads(line)["newsletter"] == "sunday"


def test_a_line_of_the_log_says_in_which_trace_and_an_error_marks_its_span(
    told: InMemorySpanExporter, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("INFO", "json")
    with spans.span("reconcile"):
        logs.get("digest.worker").error("reconcile failed", why="of alice@example.net")
    logs.get("digest.worker").info("outside")
    inside, outside = map(json.loads, capsys.readouterr().err.splitlines())
    span = one(told, "reconcile")
    assert inside["trace"] == f"{span.context.trace_id:032x}"
    assert "trace" not in outside
    assert about(span) == {"error.type": "reconcile failed"}


def test_each_job_of_the_clock_is_one_piece_of_work(
    sqlite: Database, tmp_path: Path, told: InMemorySpanExporter
) -> None:
    house = make_house(sqlite, tmp_path)
    for job in worker.alarm_clock(house).get_jobs():
        if job.id in ("run_measuring", "run_links"):
            job.func(*job.args)
    assert {span.name for span in told.get_finished_spans()} == {"measuring", "links"}


# ---------------------------------------------------------------- by the wire


class _Collector(BaseHTTPRequestHandler):
    """The other side: OTLP over HTTP in protobuf."""

    heard: list[ExportTraceServiceRequest]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.heard.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    heard: list[ExportTraceServiceRequest] = []
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), type("Collector", (_Collector,), {"heard": heard})
    )
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", heard
    server.shutdown()
    server.server_close()


def test_a_collector_hears_it(
    collector: tuple[str, list[ExportTraceServiceRequest]],
) -> None:
    url, heard = collector
    provider = spans.set_up(url, version="9.9")
    try:
        with spans.span("make a draft", newsletter="sunday", issue=7):
            pass
    finally:
        spans.use(None)
        provider.shutdown()
    (resource,) = heard[0].resource_spans
    by = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert (by["service.name"], by["service.version"]) == ("sunday-catchup", "9.9")
    (span,) = resource.scope_spans[0].spans
    assert span.name == "make a draft"
    assert {each.key for each in span.attributes} == {"newsletter", "issue"}


def test_a_collector_that_is_away_is_told_once_an_hour(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spans, "PATIENCE_S", 0.2)
    provider = spans.set_up("http://127.0.0.1:9/v1/traces", version="9.9")
    try:
        for _ in range(3):
            with spans.span("polls"):
                pass
            provider.force_flush()
    finally:
        spans.use(None)
        provider.shutdown()
    (line,) = [one for one in caplog.records if one.name.startswith("opentelemetry")]
    filters = logging.getLogger(line.name).filters
    assert not filters[-1].filter(line), "not again"  # type: ignore[union-attr]
    line.created += spans.SELDOM_S + 1
    assert filters[-1].filter(line), "an hour later"  # type: ignore[union-attr]


def test_without_the_setting_nothing_of_it_is_imported() -> None:
    code = (
        "import sys; from digest import bootstrap, spans, worker\n"
        "with spans.span('x', issue=1) as one: one.set_attribute('a', 1); one.update_name('y')\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_who_wants_traces_without_the_extra_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIGEST_TRACES_URL", "http://127.0.0.1:4318/v1/traces")
    assert "DIGEST_TRACES_URL" not in {one.key for one in faults.read().faults}
    monkeypatch.setattr(spans, "installed", lambda: False)
    (fault,) = [one for one in faults.read().faults if one.key == "DIGEST_TRACES_URL"]
    assert "pip install 'sunday-catchup[traces]'" in fault.message
