"""`digest send`: to the outbox, to a relay, again, and with words that it does not know."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.audience import addresses
from digest.bootstrap import House, open_house
from digest.cli import app
from digest.errors import BadInput, Conflict
from digest.reconcile import reconcile
from digest.settings import Settings
from digest.store import issues, migrate, subscribers
from tests.delivery.sundays import lines
from tests.houses import MONDAY, SCHEDULE, SUNDAY
from tests.providers.relay import Relay, running
from tests.test_reconcile import CUT_OFF, DEADLINE, put

PERIOD = SUNDAY.isoformat()
READERS = 12


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an approved issue and twelve readers."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DIGEST_")]:
        monkeypatch.delenv(name)
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "sunday.toml").write_text(SCHEDULE, encoding="utf-8")
    house = open_house(Settings(data=Path("data"), schedules=Path("schedules")))
    migrate.ensure(house.database)
    reconcile(house, now=MONDAY)
    put(house, 4)
    rows = [(addresses.parse(f"reader{n}@example.net"), "") for n in range(READERS)]
    with house.database.write() as session:
        subscribers.import_confirmed(session, "sunday", rows, key=house.key, now=MONDAY)
    reconcile(house, now=CUT_OFF)
    reconcile(house, now=DEADLINE)
    house.database.close()
    return tmp_path


@contextmanager
def opened() -> Iterator[House]:
    """The house of the place that we are in."""
    house = open_house(Settings(data=Path("data"), schedules=Path("schedules")))
    yield house
    house.database.close()


@pytest.fixture
def relay() -> Iterator[Relay]:
    with running() as one:
        yield one


def send(*words: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, ["send", *words])
    assert done.exit_code == status, done.output + repr(done.exception)
    return done.output


def test_an_approved_issue_goes_to_everybody_and_a_second_time_to_nobody(place: Path) -> None:
    assert f"{READERS} accepted" in send(PERIOD, "--now")
    mails = sorted((place / "data" / "outbox").rglob("*.eml"))
    assert len(mails) == READERS
    before = [mail.stat().st_mtime_ns for mail in mails]
    assert f"{READERS} accepted" in send("--edition", f"sunday/{PERIOD}")
    assert [mail.stat().st_mtime_ns for mail in mails] == before
    lines = CliRunner().invoke(app, ["ledger", PERIOD, "--tsv"]).stdout.splitlines()
    assert len(lines) == READERS
    assert {line.split("\t")[1] for line in lines} == {"accepted"}


def test_a_relay_gets_one_copy_a_reader(place: Path, relay: Relay) -> None:
    shown = send(PERIOD, "--now", "--smtp", f"127.0.0.1:{relay.port}")
    assert f"{READERS} accepted" in shown
    assert relay.copies == {f"reader{n}@example.net": 1 for n in range(READERS)}


def test_a_relay_that_refuses_us_stops_the_send_and_blames_nobody(
    place: Path, relay: Relay
) -> None:
    address = f"127.0.0.1:{relay.port}"
    relay.replies["mail", ""] = ["550 5.7.1 your address is on a list"] * 100
    shown = send(PERIOD, "--now", "--smtp", address, status=1)
    assert "stopped: 550 5.7.1" in shown
    assert "failed" not in shown
    relay.replies.clear()
    shown = send(PERIOD, "--smtp", address)
    assert "it had stopped" in shown
    assert f"{READERS} accepted" in shown
    assert relay.copies.total() == len(relay.copies) == READERS


def test_an_unknown_policy_is_answered_with_those_there_are(place: Path) -> None:
    done = CliRunner().invoke(app, ["send", PERIOD, "--now", "--in-doubt", "maybe"])
    assert isinstance(done.exception, BadInput)
    assert "hold, resend, replay" in str(done.exception)


def test_before_its_hour_it_waits_unless_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.bootstrap.utc_now", lambda: DEADLINE)
    done = CliRunner().invoke(app, ["send", PERIOD])
    assert isinstance(done.exception, Conflict)
    assert "--now sends it at once" in str(done.exception)


def test_f4_sigterm_finishes_what_is_on_the_wire_and_leaves_no_doubt(
    place: Path, relay: Relay
) -> None:
    with opened() as house:
        rows = [(addresses.parse(f"more{n}@example.net"), "") for n in range(300)]
        with house.database.write() as session:
            subscribers.import_confirmed(session, "sunday", rows, key=house.key, now=MONDAY)
    command = [sys.executable, "-m", "digest", "send", PERIOD, "--now", "--smtp"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [*command, f"127.0.0.1:{relay.port}"],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )

    def ask_to_stop(recipient: str) -> None:
        if len(relay.mails) == 40:
            process.terminate()
        time.sleep(0.005)

    relay.on_mail = ask_to_stop
    said = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 1, said
    sent = relay.copies
    assert 40 <= sent.total() < READERS + 300
    with opened() as house:
        with house.database.read() as session:
            issue = issues.get(session, "sunday", PERIOD)
        assert issue is not None
        found = lines(house, issue)
    assert {one for one, (state, _, _) in found.items() if state == "accepted"} == set(sent)
    assert {state for state, _, _ in found.values()} == {"accepted", "queued"}
    assert set(sent.values()) == {1}


def run(*words: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == status, done.output + repr(done.exception)
    return done.output


def test_what_a_relay_refuses_rightly_is_judged_at_once_shown_and_lifted(
    place: Path, relay: Relay
) -> None:
    relay.replies["rcpt", "reader3@example.net"] = ["550 5.1.1 no such user"] * 9
    assert "1 failed" in send(PERIOD, "--now", "--smtp", f"127.0.0.1:{relay.port}")
    assert f"{READERS} confirmed (1 of them suppressed)" in run("status")
    again = CliRunner().invoke(app, ["resend", PERIOD, "--undelivered"])
    assert "nobody of 2026-11-29 is undelivered but 1 suppressed" in str(again.exception)
    assert "1 readers may be mailed again" in run("subscribers", "unsuppress", "--send", PERIOD)
    assert f"{READERS} confirmed," in run("status")
    assert "1 failed and 0 uncertain are in line again" in run("resend", PERIOD, "--undelivered")


def test_a_relay_that_refuses_everybody_after_a_resume_suppresses_nobody(
    place: Path, relay: Relay
) -> None:
    address = f"127.0.0.1:{relay.port}"
    relay.replies["rcpt", ""] = ["550 5.1.1 no such user"] * 100
    assert "readers were refused: 550 5.1.1" in send(PERIOD, "--now", "--smtp", address, status=1)
    run("resume", PERIOD)
    assert f"{READERS} failed" in send(PERIOD, "--smtp", address)
    status = run("status")
    assert f"{READERS} confirmed," in status
    assert f"since then: {READERS} held" in status
    assert f"{READERS} are held back" in run("doctor", status=1)
    relay.replies.clear()
    assert f"{READERS} failed and 0 uncertain" in run("resend", PERIOD, "--undelivered")
    assert f"{READERS} accepted" in send(PERIOD, "--smtp", address)
    assert "are held back" not in run("doctor", status=1)


def test_what_was_held_back_may_be_believed_by_a_command(place: Path, relay: Relay) -> None:
    address = f"127.0.0.1:{relay.port}"
    relay.replies["rcpt", ""] = ["550 5.1.1 no such user"] * 100
    send(PERIOD, "--now", "--smtp", address, status=1)
    send(PERIOD, "--smtp", address)
    assert "12 refusals are believed, 12 readers suppressed" in run("bounces", "believe", PERIOD)
    assert "(12 of them suppressed)" in run("status")
    shown = run("subscribers", "unsuppress", "reader3@example.net")
    assert "reader3@example.net is mailed again: sunday" in shown
    assert "one of: an address, --send" in run("subscribers", "unsuppress", status=2)
