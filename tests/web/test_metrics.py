"""What Prometheus and Grafana get: true numbers out of the database, no names of people, and not for everybody."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from digest import backup, measures, worker
from digest.backup import Kept
from digest.bootstrap import House
from digest.delivery import sender
from digest.errors import Busy, Refused, TryLater
from digest.store import heartbeats, migrate, notices, polls, sends
from digest.store.sends import Pause
from digest.web import metrics
from tests.delivery.sundays import Post as Provider
from tests.delivery.sundays import a_house, names, put_frozen, send_of
from tests.web.people import later, visitor

GRAFANA = Path(__file__).parents[2] / "ops" / "grafana.json"
LOOPBACK = "127.0.0.1"

Samples = dict[tuple[str, ...], float]


def samples(house: House) -> Samples:
    """(name, values of its labels in their order) → value, as a Prometheus server reads it."""
    answer = visitor(house, peer=LOOPBACK).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found: Samples = {}
    for family in text_string_to_metric_families(answer.text):
        for one in family.samples:
            spec = metrics.SPECS[one.name]
            assert set(one.labels) == set(spec.labels), one
            found[one.name, *(one.labels[name] for name in spec.labels)] = one.value
    return found


@pytest.fixture
def sent(house: House) -> House:
    """A send of 30 readers: one is refused, two must wait, and it is paused then. Measured."""
    answers = {
        "reader3@example.net": [Refused("550 5.1.1 nobody")],
        **{f"reader{n}@example.net": [TryLater("451 later")] for n in (4, 5)},
    }
    sending = a_house(house.database, house.data, Provider(answers=answers))  # type: ignore[arg-type]
    issue = put_frozen(sending, names(30))
    sender.drain(sending)
    with sending.database.write() as session:
        heartbeats.beat(session, "reconcile", now=sending.clock())
        sends.pause(session, send_of(sending, issue).id, Pause(reason="535 no"))
        polls.record_failure(
            session, "desk", "away", now=sending.clock(), next_poll_at=sending.clock()
        )
        given = {"newsletter": "sunday", "address": "erin@gazette.example", "data": {}}
        notices.queue(session, kind="login", dedupe="a", now=sending.clock(), **given)
    worker.run_measuring(sending)
    return sending


def test_the_numbers_are_those_of_the_database(sent: House) -> None:
    later(sent, seconds=70)
    found = samples(sent)
    assert found["digest_up",] == 1
    assert found["digest_reconcile_age_seconds",] == 70
    assert found["digest_send_readers", "sunday", "accepted"] == 27
    assert found["digest_send_readers", "sunday", "failed"] == 1
    assert found["digest_send_readers", "sunday", "queued"] == 2
    assert found["digest_send_readers", "sunday", "waiting"] == 0
    assert found["digest_deliveries_total", "post", "accepted"] == 27
    assert found["digest_deliveries_total", "post", "queued"] == 2
    assert found["digest_sends_paused",] == 1
    assert found["digest_notices_waiting",] == 1
    assert found["digest_queue_age_seconds", "notices"] == 70
    assert found["digest_source_failures", "sunday", "desk"] == 1
    assert found["digest_issue_status", "sunday", "sending"] == 1
    assert found["digest_issue_status", "sunday", "sent"] == 0
    assert found["digest_subscriptions", "sunday", "confirmed"] == 30
    assert found["digest_database_bytes",] > 50_000
    assert found["digest_measures_age_seconds",] == 70
    assert found["digest_disk_free_bytes",] > 0
    kind = sent.database.engine.dialect.name
    assert found["digest_build_info", "0.1.0", migrate.newest(), kind] == 1


def test_every_metric_that_is_described_is_told(sent: House, tmp_path: Path) -> None:
    """Those of reports, outcomes and polls that went well have no rows in this house."""
    backup.make(
        Kept(sent.database, sent.data, sent.data / "schedules"), tmp_path / "b", now=sent.clock()
    )
    told = {name for name, *_ in samples(sent)}
    none = {"digest_reports", "digest_send_returned", "digest_source_age_seconds"}
    assert told == set(metrics.SPECS) - none


def test_no_metric_names_a_person_and_their_number_does_not_grow_with_readers(sent: House) -> None:
    text = visitor(sent, peer=LOOPBACK).get("/metrics").text
    assert "@" not in text
    assert "reader" not in re.sub(r"# .*|digest_send_readers|\"readers\"", "", text)
    assert len(text.splitlines()) < 120


def test_a_scrape_never_counts_a_ledger_or_the_readers(sent: House) -> None:
    asked: list[str] = []
    engine = sent.database.engine
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    samples(sent)
    heavy = re.compile(r"\bFROM (delivery|subscriber|subscription|membership|article|report)\b")
    assert asked
    assert not [one for one in asked if heavy.search(one)]
    assert len(asked) < 60


def test_an_answer_is_kept_for_some_seconds(sent: House) -> None:
    client = visitor(sent, peer=LOOPBACK)
    first = client.get("/metrics").text
    with sent.database.write() as session:
        heartbeats.beat(session, "backup", now=sent.clock())
    later(sent, seconds=4)
    assert client.get("/metrics").text == first
    later(sent, seconds=2)
    assert "digest_backup_age_seconds 6.0" in client.get("/metrics").text


def test_measures_are_taken_at_most_once_a_minute_and_a_done_send_is_counted_once(
    sent: House,
) -> None:
    again = {"database": sent.database, "newsletters": ["sunday"]}
    start = sent.clock()
    assert not measures.refresh(**again, now=start + dt.timedelta(seconds=50))  # type: ignore[arg-type]
    assert measures.refresh(**again, now=start + dt.timedelta(seconds=61))  # type: ignore[arg-type]


def test_a_worker_is_seen_for_two_minutes(sqlite_house: House) -> None:
    worker.run_reconcile(sqlite_house)
    assert samples(sqlite_house)["digest_workers",] == 1
    later(sqlite_house, seconds=121)
    assert samples(sqlite_house)["digest_workers",] == 0


# ---------------------------------------------------------------- who may see it


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.9", {}, 403),
        ("testclient", {}, 403),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, 403),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, 403),
        ("127.0.0.1", {"authorization": "Bearer "}, 200),
    ],
)
def test_without_a_token_this_machine_alone_may_ask_and_by_no_proxy(
    sqlite_house: House, peer: str, headers: dict[str, str], status: int
) -> None:
    assert visitor(sqlite_house, peer=peer).get("/metrics", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("given", "status"), [("Bearer right", 200), ("Bearer wrong", 401), ("right", 401), ("", 401)]
)
def test_with_a_token_whoever_has_it_may_ask_from_anywhere(
    sqlite_house: House, given: str, status: int
) -> None:
    house = dataclasses.replace(sqlite_house, metrics_token="right")
    answer = visitor(house).get("/metrics", headers={"authorization": given})
    assert answer.status_code == status
    assert visitor(house, peer=LOOPBACK).get("/metrics").status_code == 401


# ---------------------------------------------------------------- when all is not well


def test_a_database_that_is_away_is_told_as_a_number(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(database: object) -> str:
        raise Busy("away")

    monkeypatch.setattr(metrics.migrate, "current", away)
    found = samples(sqlite_house)
    assert found["digest_up",] == 0
    assert found["digest_disk_free_bytes",] > 0


def test_a_database_of_an_earlier_version_is_not_asked_for_what_it_has_not(
    sqlite_house: House,
) -> None:
    migrate.downgrade(sqlite_house.database, "0016")
    found = samples(sqlite_house)
    assert found["digest_build_info", "0.1.0", "0016", "sqlite"] == 1
    assert found["digest_up",] == 1


# ---------------------------------------------------------------- the dashboard

#: Names of our metrics in an expression, and the labels that it uses.
NAME = re.compile(r"\bdigest_\w+")
LABELS = re.compile(r"by \(([^)]*)\)|(\w+)=~|\{\{(\w+)\}\}")


def panels() -> list[dict[str, object]]:
    told = json.loads(GRAFANA.read_text(encoding="utf-8"))
    return [one for one in told["panels"] if one["type"] != "row"]


def targets() -> list[tuple[str, str]]:
    return [
        (one["expr"], one["legendFormat"])
        for panel in panels()
        for one in panel["targets"]  # type: ignore[attr-defined]
    ]


def test_the_dashboard_shows_every_metric_and_no_other_with_labels_that_it_has() -> None:
    shown: set[str] = set()
    for expression, legend in targets():
        (name,) = NAME.findall(expression)
        shown.add(name)
        used = {
            label.strip()
            for found in LABELS.findall(f"{expression} {legend}")
            for part in found
            for label in part.split(",")
            if label.strip()
        }
        assert used - {"job"} <= set(metrics.SPECS[name].labels), expression
        assert ("rate(" in expression) == metrics.SPECS[name].counts, expression
        assert expression.count("(") == expression.count(")")
    assert shown == set(metrics.SPECS)


def test_no_panel_of_the_dashboard_covers_another() -> None:
    told = json.loads(GRAFANA.read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in told["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    numbers = [panel["id"] for panel in told["panels"]]
    assert len(set(numbers)) == len(numbers)
