"""`digest bounces read` as a mail server and a person call it."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from digest.audience import tokens
from digest.model import SubscriptionStatus
from digest.store import subscribers
from digest.store.engine import Database
from digest.store.tables import SendRow
from tests.audience.mails import notification, plain
from tests.cli.typed import Done, typed
from tests.delivery.weeks import Weeks
from tests.houses import make_house

ROOT = Path(__file__).parents[2]


@pytest.fixture
def weeks(sqlite: Database, tmp_path: Path) -> Weeks:
    begun = Weeks.begin(make_house(sqlite, tmp_path))
    begun.send(0)
    (tmp_path / "secret.key").write_text(begun.house.key.hex(), encoding="ascii")
    return begun


def environ_of(weeks: Weeks, **more: str) -> dict[str, str]:
    settings = {
        "DIGEST_DATABASE_URL": weeks.house.database.url,
        "DIGEST_DATA": str(weeks.house.data),
        "DIGEST_SCHEDULES": str(weeks.house.data / "schedules"),
        **more,
    }
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings}


def run(weeks: Weeks, *words: str, given: bytes = b"", **more: str) -> Done:
    """The command in a process of its own, a day after the issue was sent."""
    here, environ = weeks.house.data, environ_of(weeks, **more)
    return typed(here, "bounces", "read", *words, given=given, environ=environ, moment=weeks.now)


def mail(weeks: Weeks) -> bytes:
    return notification(to=f"bounce+{weeks.ref(0)}@gazette.example")


def test_a_mail_from_a_mail_server_is_taken_in_silently(weeks: Weeks) -> None:
    """Started as a mail server starts it, by the real clock."""
    with weeks.house.database.write() as session:
        session.execute(update(SendRow).values(started_at=dt.datetime.now(dt.UTC)))
    done = subprocess.run(
        [sys.executable, "-m", "digest", "bounces", "read", "--pipe"],
        cwd=weeks.house.data,
        env=environ_of(weeks),
        input=mail(weeks),
        capture_output=True,
        check=False,
        timeout=240,
    )
    assert (done.returncode, done.stdout) == (0, b"")
    assert weeks.after(0) == "hard 5.1.1"


def test_the_envelopes_recipient_says_whose_it_is(weeks: Weeks) -> None:
    to = f"bounce+{weeks.ref(0)}@gazette.example"
    given = notification(to="bounce@gazette.example", returned="")
    assert run(weeks, "--pipe", "--recipient", to, given=given).returncode == 0
    assert weeks.after(0) == "hard 5.1.1"


def test_who_leaves_by_mail_is_gone_when_the_mail_server_has_its_answer(weeks: Weeks) -> None:
    mailed = tokens.leave_tokens(weeks.house.key, "sunday", weeks.handle)[1]
    to = f"bounce+leave.{mailed}@gazette.example"
    given = plain(sender="alice@reader.example", subject="", text="", to="undisclosed:;")
    done = run(weeks, "--pipe", "--recipient", to, given=given)
    assert (done.returncode, done.stdout) == (0, b"")
    with weeks.house.database.read() as session:
        standing = subscribers.status(session, weeks.alice, "sunday")
    assert standing is SubscriptionStatus.UNSUBSCRIBED


def test_rubbish_is_taken_too_so_that_no_mail_server_returns_it(weeks: Weeks) -> None:
    assert run(weeks, "--pipe", given=b"\0\xff" * 500_000).returncode == 0
    assert run(weeks, "--pipe").returncode == 0


def test_whatever_goes_wrong_the_mail_server_keeps_the_mail(weeks: Weeks, tmp_path: Path) -> None:
    given = mail(weeks)
    assert run(weeks, "--pipe", given=given, DIGEST_PORT="none").returncode == 75
    path = tmp_path / "no-tables.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table alembic_version (version_num varchar(32))")
        other.execute("insert into alembic_version values ('9999')")
        other.commit()
    done = run(weeks, "--pipe", given=given, DIGEST_DATABASE_URL=f"sqlite:///{path}")
    assert done.returncode == 75
    assert b"newer program" in done.stderr
    assert b"alice" not in done.stderr


def test_a_folder_of_mails_is_read_and_what_came_of_it_is_told(
    weeks: Weeks, tmp_path: Path
) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    (folder / "1.eml").write_bytes(mail(weeks))
    (folder / "2.eml").write_bytes(b"Subject: hello\n\nx\n")
    done = run(weeks, str(folder))
    assert done.returncode == 0, done.stderr
    assert b"2 mail(s): 1 new report(s), 0 known" in done.stdout
    assert b"1 known" in run(weeks, str(folder)).stdout


def test_one_way_must_be_named_and_the_mailbox_must_be_set(weeks: Weeks) -> None:
    assert run(weeks).returncode == 2
    done = run(weeks, "--imap")
    assert done.returncode == 2
    assert b"DIGEST_BOUNCE_IMAP_HOST" in done.stderr
