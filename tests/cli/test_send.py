"""`digest send`: to the outbox, to a relay, again, and with words that it does not know."""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from digest import bootstrap
from digest.audience import addresses
from digest.bootstrap import House, open_house
from digest.cli import app
from digest.delivery import freeze, sender
from digest.delivery.sender import Drained
from digest.errors import BadInput, Conflict, DigestError
from digest.model import Issue, IssueStatus
from digest.reconcile import reconcile
from digest.settings import Settings
from digest.store import issues, migrate, rests, sends, subscribers
from digest.store.rests import Rest
from digest.store.sends import Pause
from tests.delivery.sundays import lines
from tests.houses import MONDAY, SCHEDULE, SUNDAY
from tests.providers.relay import Relay, running
from tests.test_reconcile import CUT_OFF, DEADLINE, put

PERIOD = SUNDAY.isoformat()
READERS = 12
THE_HOUR = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)


@pytest.fixture
def place(place: Path, thursday: dt.datetime) -> Path:
    """A folder with an approved issue and twelve readers."""
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
    return place


def it_is(monkeypatch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    """The clock of every command."""
    at = functools.partial(open_house, clock=lambda: moment)
    monkeypatch.setattr("digest.bootstrap.open_house", at)


@contextmanager
def opened() -> Iterator[House]:
    """The house of the place that we are in."""
    house = bootstrap.open_house(Settings(data=Path("data"), schedules=Path("schedules")))
    yield house
    house.database.close()


@pytest.fixture
def relay() -> Iterator[Relay]:
    with running() as one:
        yield one


def the_issue(house: House) -> Issue:
    with house.database.read() as session:
        found = issues.get(session, "sunday", PERIOD)
    assert found is not None
    return found


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
    it_is(monkeypatch, DEADLINE)
    done = CliRunner().invoke(app, ["send", PERIOD])
    assert isinstance(done.exception, Conflict)
    assert "--now sends it at once" in str(done.exception)


def sending(place: Path, relay: Relay) -> subprocess.Popen[bytes]:
    """`digest send` in a process of its own."""
    command = [sys.executable, "-m", "digest", "send", PERIOD, "--now", "--smtp"]
    return subprocess.Popen(
        [*command, f"127.0.0.1:{relay.port}"],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # A shell's background job, as this may be, is deaf to Ctrl-C, and so would its children be.
        preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )


def test_f4_sigterm_finishes_what_is_on_the_wire_and_leaves_no_doubt(
    place: Path, relay: Relay
) -> None:
    with opened() as house:
        rows = [(addresses.parse(f"more{n}@example.net"), "") for n in range(300)]
        with house.database.write() as session:
            subscribers.import_confirmed(session, "sunday", rows, key=house.key, now=MONDAY)
    process = sending(place, relay)

    def ask_to_stop(recipient: str) -> None:
        if len(relay.mails) == 40:
            process.terminate()
        if len(relay.mails) >= 40:  # no machine is too slow to hear it before the end
            time.sleep(0.05)

    relay.on_mail = ask_to_stop
    said = process.communicate(timeout=180)[0].decode()
    assert process.returncode == 1, said
    sent = relay.copies
    assert 40 <= sent.total() < READERS + 300
    with opened() as house:
        found = lines(house, the_issue(house))
    assert {one for one, (state, _, _) in found.items() if state == "accepted"} == set(sent)
    assert {state for state, _, _ in found.values()} == {"accepted", "queued"}
    assert set(sent.values()) == {1}


def steer(*words: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == status, done.output + repr(done.exception)
    return done.output


def test_what_a_relay_refuses_rightly_is_judged_at_once_shown_and_lifted(
    place: Path, relay: Relay
) -> None:
    relay.replies["rcpt", "reader3@example.net"] = ["550 5.1.1 no such user"] * 9
    assert "1 failed" in send(PERIOD, "--now", "--smtp", f"127.0.0.1:{relay.port}")
    assert f"{READERS} confirmed (1 of them suppressed)" in steer("status")
    again = CliRunner().invoke(app, ["resend", PERIOD, "--undelivered"])
    assert "1 of them are suppressed and left out" in str(again.exception)
    assert "1 readers may be mailed again" in steer("subscribers", "unsuppress", "--send", PERIOD)
    assert f"{READERS} confirmed," in steer("status")
    assert "1 failed and 0 uncertain are in line again" in steer("resend", PERIOD, "--undelivered")


def test_a_relay_that_refuses_everybody_after_a_resume_suppresses_nobody(
    place: Path, relay: Relay
) -> None:
    address = f"127.0.0.1:{relay.port}"
    relay.replies["rcpt", ""] = ["550 5.1.1 no such user"] * 100
    assert "readers were refused: 550 5.1.1" in send(PERIOD, "--now", "--smtp", address, status=1)
    steer("resume", PERIOD)
    assert f"{READERS} failed" in send(PERIOD, "--smtp", address)
    status = steer("status")
    assert f"{READERS} confirmed," in status
    assert f"since then: {READERS} refused with so many others" in status
    assert f"{READERS} are held back" in steer("doctor", status=1)
    relay.replies.clear()
    assert f"{READERS} failed and 0 uncertain" in steer("resend", PERIOD, "--undelivered")
    assert f"{READERS} accepted" in send(PERIOD, "--smtp", address)
    assert "are held back" not in steer("doctor", status=1)


def test_what_was_held_back_may_be_believed_by_a_command(place: Path, relay: Relay) -> None:
    address = f"127.0.0.1:{relay.port}"
    relay.replies["rcpt", ""] = ["550 5.1.1 no such user"] * 100
    send(PERIOD, "--now", "--smtp", address, status=1)
    send(PERIOD, "--smtp", address)
    assert "12 refusals are believed, 12 readers suppressed" in steer("bounces", "believe", PERIOD)
    assert "(12 of them suppressed)" in steer("status")
    shown = steer("subscribers", "unsuppress", "reader3@example.net")
    assert "reader3@example.net is mailed again: sunday" in shown
    assert "one of: an address, --send" in steer("subscribers", "unsuppress", status=2)


def raised(*words: str) -> str:
    """What a command that cannot begin says."""
    done = CliRunner().invoke(app, list(words))
    assert isinstance(done.exception, DigestError), done.output
    return str(done.exception)


def test_what_the_program_stopped_goes_on_and_what_a_person_stopped_does_not(
    place: Path, relay: Relay
) -> None:
    address = f"127.0.0.1:{relay.port}"
    relay.replies["mail", ""] = ["550 5.7.1 your address is on a list"] * 100
    shown = send(PERIOD, "--now", "--smtp", address, status=1)
    assert "what to do: " in shown
    assert "PAUSED" in steer("status")
    assert "BAD  send sunday/2026-11-29: paused (550 5.7.1" in steer("doctor", status=1)
    steer("pause", PERIOD, "--by", "erin", "--why", "wrong headline")
    relay.replies.clear()
    told = raised("send", PERIOD, "--smtp", address)
    assert "wrong headline; only `digest resume` lets it go on" in told
    assert relay.copies.total() == 0
    steer("resume", PERIOD)
    assert f"{READERS} accepted" in send(PERIOD, "--smtp", address)


def test_who_did_not_get_it_is_pointed_to_and_has_an_exit_status_of_its_own(
    place: Path, relay: Relay
) -> None:
    address = f"127.0.0.1:{relay.port}"
    relay.replies["rcpt", "reader3@example.net"] = ["550 5.1.1 no such user"]
    shown = send(PERIOD, "--now", "--strict", "--smtp", address, status=3)
    assert "1 failed: `digest ledger` says why; `digest resend --undelivered`" in shown
    assert "1 failed: `digest ledger`" in send(PERIOD, "--smtp", address)


def test_a_limit_that_is_used_up_is_waited_for_and_said_each_time(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / ".env").write_text("DIGEST_LIMITS=5/d\n", encoding="utf-8")

    drain = sender.drain

    def until_it_waits(*given: Any, **how: Any) -> Drained:
        return drain(*given, **{**how, "until_empty": False})

    monkeypatch.setattr(sender, "drain", until_it_waits)
    shown = send(PERIOD, "--now", status=1)
    assert "as much as may leave has left: 5/d (DIGEST_LIMITS)" in shown
    again = send(PERIOD, status=1)
    assert again.count("it waits until ") == 2
    assert again.count("as much as may leave has left: 5/d") == 2
    assert f"{READERS - 5} queued, 5 accepted" in again


def test_a_cancelled_send_is_called_so_and_says_its_numbers(place: Path, relay: Relay) -> None:
    relay.replies["mail", ""] = ["550 5.7.1 your address is on a list"] * 100
    send(PERIOD, "--now", "--smtp", f"127.0.0.1:{relay.port}", status=1)
    done = CliRunner().invoke(app, ["cancel", PERIOD, "--by", "erin"], input="y\n")
    assert "0 of 12 are settled, 12 would be skipped. End it for good?" in done.output
    assert "cancelled by erin  12 skipped" in steer("status")
    found = json.loads(steer("status", "--json"))["newsletters"][0]["issues"][0]
    assert (found["status"], found["send"]["cancelled_by"]) == ("cancelled", "erin")
    assert "cancelled by erin: 12 skipped" in steer("ledger", PERIOD)
    assert "cancelled by erin: 12 skipped" in send(PERIOD)


def test_status_says_since_when_why_and_what_to_do(place: Path) -> None:
    with opened() as house:
        issue = the_issue(house)
        freeze.freeze(house, issue, now=house.clock())
        with house.database.write() as session:
            found = sends.of_issue(session, issue.id)
            why = Pause(reason="535 no", provider="smtp", at=CUT_OFF)
            sends.pause(session, found.id, why)
            rest = Rest(provider="smtp", until=house.clock() + dt.timedelta(hours=1), why="away")
            rests.begin(session, rest)
    shown = steer("status")
    assert "PAUSED since Sat 28 Nov 18:00 UTC with smtp, waits for a person: 535 no" in shown
    assert "what to do: DIGEST_SMTP_USERNAME and DIGEST_SMTP_PASSWORD; then `digest re" in shown
    assert "provider smtp rests until" in shown
    told = json.loads(steer("status", "--json"))
    stands = told["newsletters"][0]["issues"][0]["send"]
    assert stands["waits_for_a_person"]
    assert (stands["since"], stands["until"]) == ("2026-11-28T18:00+00:00", None)
    assert told["resting"][0]["why"] == "away"
    assert not re.search(r"\d\.\d{6}", shown + json.dumps(told))


def test_what_is_not_approved_is_not_sent_and_the_command_is_named(place: Path) -> None:
    with opened() as house:
        issue = the_issue(house)
        with house.database.write() as session:
            issues.move(session, issue.id, to=IssueStatus.HELD, now=DEADLINE, reason="wait")
    assert "it is held; `digest approve` lets it go" in raised("send", PERIOD, "--now")
    with opened() as house, house.database.write() as session:
        issues.move(session, issue.id, to=IssueStatus.SKIPPED, now=DEADLINE, reason="no")
    assert "it was skipped" in raised("send", PERIOD, "--now")
    assert "has no send: it is skipped" in raised("pause", PERIOD)


def test_a_decision_that_comes_too_late_says_what_was_decided(place: Path) -> None:
    steer("editor", "add", "erin@example.net", "--role", "publisher")
    erin = ("--by", "erin@example.net")
    assert raised("approve", PERIOD, *erin).endswith("is approved already, by deadline rule")
    told = raised("build", PERIOD)
    assert "is not built again: it is approved, by deadline rule; the desk can take" in told
    send(PERIOD, "--now")
    assert "is sent: it cannot be approved any more" in raised("approve", PERIOD, *erin)
    assert "is not built again: it is sent" in raised("build", PERIOD)
    assert "is sent: nobody waits for it" in raised("waves", PERIOD)


def test_waves_name_a_zone_once_and_no_hour_that_is_past(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = SCHEDULE + '\n[deliver]\ndeliver_at = "reader"\n'
    (place / "schedules" / "sunday.toml").write_text(toml, encoding="utf-8")
    with opened() as house, house.database.write() as session:
        zones = {"reader0@example.net": "Europe/London", "reader1@example.net": "Pacific/Honolulu"}
        subscribers.live_in(session, zones)
    it_is(monkeypatch, THE_HOUR + dt.timedelta(hours=1))
    first, last = steer("waves", PERIOD).splitlines()
    assert re.fullmatch(r"at once +11 readers  Europe/London", first)
    assert re.fullmatch(r"Sun 29 Nov 18:00 GMT +1 readers  Pacific/Honolulu", last)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--smtp", "foo"), "--smtp: expected host:port"),
        (("--smtp", "relay:0"), "--smtp: expected host:port"),
        (("--retry-base", "-1"), "--retry-base: expected seconds"),
        (("--retry-base", "nan"), "--retry-base: expected seconds"),
    ],
)
def test_an_option_that_cannot_be_is_blamed_itself(
    place: Path, words: tuple[str, ...], told: str
) -> None:
    assert told in raised("send", PERIOD, *words)


def test_readers_own_hours_are_shown_before_they_are_waited_for(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = SCHEDULE + '\n[deliver]\ndeliver_at = "reader"\n'
    (place / "schedules" / "sunday.toml").write_text(toml, encoding="utf-8")
    it_is(monkeypatch, DEADLINE)
    monkeypatch.setattr(sender, "drain", lambda *given, **how: Drained())
    shown = send(PERIOD, "--now", status=1)
    assert "--now freezes the audience now; each reader gets it at the own hour" in shown
    assert "Sun 29 Nov 08:00 GMT" in shown
    assert f"{READERS} readers  Europe/London" in shown


def test_ctrl_c_says_how_far_it_is_and_how_it_goes_on(place: Path, relay: Relay) -> None:
    with opened() as house:
        rows = [(addresses.parse(f"more{n}@example.net"), "") for n in range(300)]
        with house.database.write() as session:
            subscribers.import_confirmed(session, "sunday", rows, key=house.key, now=MONDAY)

    def press(recipient: str) -> None:
        if len(relay.mails) == 40:
            process.send_signal(signal.SIGINT)
        if len(relay.mails) >= 40:
            time.sleep(0.05)

    relay.on_mail = press
    process = sending(place, relay)
    said = process.communicate(timeout=180)[0].decode()
    assert process.returncode == 1, said
    assert f"{relay.copies.total()} accepted" in said
    assert "`digest send` or the worker goes on where it was" in said
    assert "Traceback" not in said
