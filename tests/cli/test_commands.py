"""The command line as an operator types it: in a folder of its own, with a schedule of its own."""

from __future__ import annotations

import datetime as dt
import errno
import json
import re
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import typer
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from digest import bootstrap, cli
from digest.cli import app, main
from digest.errors import ConfigError, NotFound
from tests import browser
from tests.cli.typed import typed
from tests.houses import MONDAY, SCHEDULE, SetClock

ROOT = Path(__file__).parents[2]


def digest(*words: str, given: str | None = None, status: int = 0) -> str:
    """One command; returns what it printed. Fails where the exit status is another one."""
    done = CliRunner().invoke(app, list(words), input=given)
    assert done.exit_code == status, done.output + repr(done.exception)
    return done.stdout


def test_help_and_the_readme_name_every_command() -> None:
    shown, readme = digest("--help"), (ROOT / "README.md").read_text("utf-8")
    table = readme.partition("## The command line")[2].partition("\n## ")[0]
    for name, command in typer.main.get_command(app).commands.items():
        assert re.search(rf"^  {name} ", shown, re.MULTILINE)
        listed = re.search(rf"`{name}\b([^`]*)`", table)
        assert listed is not None
        assert set(getattr(command, "commands", ())) <= set(re.findall(r"[a-z-]+", listed[1]))


def test_help_imports_nothing_that_it_does_not_need() -> None:
    code = "import sys, digest.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"sqlalchemy", "sqlmodel", "numpy", "lxml", "httpx", "fastapi", "pydantic", "mjml"}
    assert not heavy & set(done.stdout.split())


def test_check_lists_the_moments_and_sends_nothing(place: Path) -> None:
    shown = digest("check")
    assert "Saturday 18:00" in shown
    assert "Sunday 08:00" in shown
    assert not (place / "data" / "outbox").exists()


def test_check_lists_every_fault_of_every_file_at_once(place: Path) -> None:
    (place / "schedules" / "sunday.toml").write_text(
        SCHEDULE.replace('"Europe/London"', '"Mars/Olympus"').replace("https://gazette", "gazette"),
        encoding="utf-8",
    )
    done = typed(place, "check")
    assert done.returncode == 2
    assert b"sunday.toml:5: newsletter.timezone" in done.stderr
    assert b"newsletter.site_url" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_wrong_setting_is_named_with_its_line(place: Path) -> None:
    (place / ".env").write_text("DIGEST_PORT=8000\nDIGEST_PORTT=9\n", encoding="utf-8")
    done = typed(place, "status")
    assert done.returncode == 2
    assert b".env:2: DIGEST_PORTT" in done.stderr


def test_a_database_that_is_away_is_told_in_its_drivers_words(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIGEST_DATABASE_URL", "postgresql://digest:word@127.0.0.1:1/digest")
    monkeypatch.setattr("sys.argv", ["digest", "status"])
    with pytest.raises(SystemExit):
        main()
    told = capsys.readouterr().err
    assert "is busy or away (" in told
    assert "refused" in told.lower()
    assert "`digest doctor` says what to do" in told
    assert "word" not in told


def test_migrate_says_from_where_to_where(place: Path) -> None:
    assert "the database was empty and is now at" in digest("migrate")
    assert "the database was at" in digest("migrate")


def test_doctor_names_what_is_missing(place: Path) -> None:
    shown = digest("doctor", status=1)
    assert "BAD  database" in shown
    digest("migrate")
    shown = digest("doctor", status=1)
    assert "ok   database" in shown
    assert "BAD  editors" in shown


def test_status_of_a_new_house(place: Path) -> None:
    found = json.loads(digest("status", "--json"))
    assert found["newsletters"][0]["key"] == "sunday"
    assert found["newsletters"][0]["issues"] == []
    assert "The Sunday Catchup" in digest("status")


def test_an_unknown_issue_is_answered_with_those_there_are(place: Path) -> None:
    digest("migrate")
    done = typed(place, "ledger", "2026-01-04")
    assert done.returncode == 2
    assert b"no issue 2026-01-04; there are none yet" in done.stderr


def test_readers_come_in_and_go_out(place: Path) -> None:
    people = "email,name\nalice@example.net,Alice\nno-address,Nobody\n=cmd@example.net,=HYPERLINK\n"
    (place / "people.csv").write_text(people, encoding="utf-8")
    tried = json.loads(digest("subscribers", "import", "--dry-run", "--json", "people.csv"))
    assert tried["rows"][0]["email"] == "alice@example.net"
    assert tried["errors"]
    digest("subscribers", "import", "--confirmed", "people.csv", status=1)
    exported = digest("subscribers", "export")
    assert "alice@example.net" in exported
    assert not [line for line in exported.splitlines() if line.startswith("=")]
    assert "2 new  done" in digest("subscribers", "imports")
    assert "2 readers removed" in digest("subscribers", "undo-import", "1")
    assert "alice@example.net" not in digest("subscribers", "export", "--format", "jsonl")
    digest("subscribers", "undo-import", "1", status=1)


def test_columns_that_no_header_names_are_not_guessed_behind_a_persons_back(place: Path) -> None:
    (place / "people.csv").write_text("Ann;Lee;ann@example.net\n", encoding="utf-8")
    shown = digest("subscribers", "import", "--dry-run", "people.csv")
    assert "email = column 3" in shown
    digest("subscribers", "import", "--confirmed", "people.csv", status=1)
    named = ("--columns", "email=3,first=1,last=2", "people.csv")
    digest("subscribers", "import", "--confirmed", *named)
    assert "Ann Lee" in digest("subscribers", "export")


def test_a_reader_is_told_everything_and_forgotten(place: Path) -> None:
    (place / "people.csv").write_text("email\nalice@example.net\nbob@example.net\n")
    digest("subscribers", "import", "--confirmed", "people.csv")
    told = json.loads(digest("subscribers", "export", "Alice@example.net"))
    assert told["kept"]["subscriber"][0]["address"] == "alice@example.net"
    refused = CliRunner().invoke(app, ["subscribers", "erase", "alice@example.net"])
    assert refused.exit_code != 0, "without a yes"
    assert "erased: " in digest("subscribers", "erase", "alice@example.net", "--yes")
    exported = digest("subscribers", "export")
    assert "alice@example.net" not in exported
    assert "bob@example.net" in exported
    unknown = CliRunner().invoke(app, ["subscribers", "erase", "alice@example.net", "--yes"])
    assert unknown.exit_code != 0


def test_an_editor_gets_a_seat_once(place: Path) -> None:
    assert "can log in" in digest("editor", "add", "erin@example.net", "--name", "Erin")
    done = CliRunner().invoke(app, ["editor", "add", "erin@example.net"])
    assert done.exit_code != 0


def draft_of(place: Path, now: dt.datetime) -> None:
    """Three stories of this moment in a folder, collected and built."""
    digest("migrate")
    folder = place / "stories"
    folder.mkdir()
    for n in range(3):
        front = f"---\ntitle: Story {n} of the quay\ndate: {now:%Y-%m-%dT%H:%M:%SZ}\n---\n\n"
        body = f"The {n} quay of Port Ellery was opened by the mayor on Tuesday. " * 8
        (folder / f"story-{n}.md").write_text(front + body, encoding="utf-8")
    toml = SCHEDULE.replace('kind = "api"', 'kind = "markdown"\npath = "stories"')
    (place / "schedules" / "sunday.toml").write_text(toml, encoding="utf-8")
    assert "3 new" in digest("collect")
    assert "edition" in digest("build")


def test_a_proof_goes_to_an_editor_and_to_nobody_else(place: Path, thursday: dt.datetime) -> None:
    draft_of(place, thursday)
    digest("proof", "sunday", "--to", "erin@example.net", status=1)
    digest("editor", "add", "erin@example.net")
    for named in ((), ("sunday",), ("sunday", newest_of(place)), (f"sunday/{newest_of(place)}",)):
        assert "accepted" in digest("proof", *named, "--to", "Erin@example.net")
    mails = list((place / "data" / "outbox").rglob("*.eml"))
    assert mails  # within a second it is one
    assert all(b"\r\nSubject: [Proof] " in mail.read_bytes() for mail in mails)
    found = json.loads(digest("status", "--json"))["newsletters"][0]
    assert found["issues"][0]["status"] == "draft"


def test_a_newsletter_with_variants_is_previewed_proved_and_preferred_in_each(
    place: Path, thursday: dt.datetime
) -> None:
    draft_of(place, thursday)
    path = place / "schedules" / "sunday.toml"
    path.write_text(
        path.read_text(encoding="utf-8")
        + '[variants]\nlanguages = ["de"]\nthemes = ["plain"]\nsections = true\n',
        encoding="utf-8",
    )
    digest("build")
    digest("preview", "--variant", "de", "--to", "german")
    (german,) = (place / "german").glob("*.txt")
    assert "Diese Ausgabe im Netz lesen" in german.read_text(encoding="utf-8")
    told = typed(place, "preview", "--variant", "fr").stderr
    assert b"en.broadsheet, en.plain, de.broadsheet, de.plain" in told
    digest("editor", "add", "erin@example.net")
    assert "accepted" in digest("proof", "--to", "erin@example.net", "--variant", "de.plain")
    (proof,) = (place / "data" / "outbox").rglob("*.eml")
    assert b'<html lang=3D"de"' in proof.read_bytes()
    (place / "people.txt").write_text("alice@example.net\n", encoding="utf-8")
    digest("subscribers", "import", "--confirmed", "people.txt")
    wish = ("--variant", "plain", "--without", "Sport", "--first", "Town")
    digest("subscribers", "prefer", "alice@example.net", *wish)
    digest("subscribers", "prefer", "bob@example.net", status=1)


def newest_of(place: Path) -> str:
    return str(json.loads(digest("status", "--json"))["newsletters"][0]["issues"][0]["period"])


def test_articles_from_a_folder_become_a_draft_and_a_preview(
    place: Path, thursday: dt.datetime
) -> None:
    draft_of(place, thursday)
    printed = json.loads(digest("collect", "--from", "stories", "--json"))
    assert len(printed["articles"]) == 3
    paths = digest("preview", "--to", "shown").split()
    assert [Path(path).suffix for path in paths] == [".html", ".txt", ".eml"]
    assert list((place / "shown").iterdir())
    schedule = place / "schedules" / "sunday.toml"
    schedule.write_text(schedule.read_text() + '[render]\ntheme = "plain"\n')
    said = CliRunner().invoke(app, ["preview", "--to", "shown"]).stderr
    assert "`digest build sunday/2026-11-29` makes it so" in said
    words = ["preview", "--shots", "no", "--browser", "no-such-browser"]
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, NotFound)
    assert not (place / "preview").exists()


@pytest.mark.browser
def test_a_preview_in_pictures(place: Path, thursday: dt.datetime) -> None:
    draft_of(place, thursday)
    words = ["preview", "--shots", "shots", "--offline", "--browser", browser.program()]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    paths = [Path(line) for line in done.stdout.split()]
    assert len(paths) == 8
    assert {path.parent for path in paths} == {(place / "shots").resolve()}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
    assert "pictures     8 of 8" in done.stderr
    assert not (place / "preview").exists()


def test_an_image_is_asked_for_by_https_in_public_places_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from digest.cli.picturing import image

    assert image("http://gazette.example/a.png") is None
    assert capsys.readouterr().err == ""
    assert image("https://127.0.0.1:9/a.png") is None
    assert "without an image: https://127.0.0.1:9/a.png" in capsys.readouterr().err


def test_a_heavy_image_is_named_as_it_is_pictured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from digest.cli import picturing
    from digest.sources.fetch import Fetched

    for size in (1_000_001, 1_000_000):
        answer = Fetched(url="https://a.example/a.png", body=b"x" * size, content_type="image/png")
        monkeypatch.setattr(picturing, "fetch", lambda url, accept, answer=answer: answer)
        assert picturing.image("https://a.example/a.png") == ("image/png", answer.body)
    told = capsys.readouterr().err.splitlines()
    assert told == ["a heavy image: https://a.example/a.png: 1.0 MB, slow on a telephone"]


def test_only_an_approved_issue_is_sent(place: Path) -> None:
    """Started as an operator starts it."""
    digest("migrate")
    code = [sys.executable, "-m", "digest", "send"]
    done = subprocess.run(code, capture_output=True, text=True, check=False, cwd=place)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (["summarise"], {"id": "a", "title": "T", "text": "One sentence. Another one."}),
        (["cluster"], {"id": "a", "title": "T", "text": "One sentence. Another one."}),
        (["rank"], {"id": "a", "published": "2026-11-24T08:00:00Z"}),
    ],
)
def test_a_stage_answers_each_object_and_a_bad_line_with_its_error(
    command: list[str], line: dict[str, str]
) -> None:
    shown = digest(*command, "--jsonl", given=json.dumps(line) + "\nno json\n")
    answers = [json.loads(one) for one in shown.splitlines()]
    assert {"a", None} == {answer["id"] for answer in answers}
    assert [answer for answer in answers if "error" in answer]


def test_another_secret_key_is_refused_at_the_start_and_by_doctor(place: Path) -> None:
    digest("status")
    (place / "data" / "secret.key").write_text("6b" * 32, encoding="ascii")
    done = CliRunner().invoke(app, ["status"])
    assert isinstance(done.exception, ConfigError)
    assert "DIGEST_SECRET_KEY: is not the key of this database" in str(done.exception)
    assert "BAD  key of the database: is not the key" in digest("doctor", status=1)
    assert "0 readers" in digest("rekey", "--yes")
    digest("status")
    assert "ok   key of the database" in digest("doctor", status=1)


def test_a_skipped_issue_says_how_it_comes_back(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SetClock(MONDAY)
    monkeypatch.setattr(bootstrap, "open_house", partial(bootstrap.open_house, clock=clock))
    done = CliRunner().invoke(app, ["build"])  # the newsletter is first seen
    assert isinstance(done.exception, NotFound)
    digest("editor", "add", "erin@example.net", "--role", "publisher")
    clock.now = dt.datetime(2026, 11, 28, 19, tzinfo=dt.UTC)
    done = CliRunner().invoke(app, ["build"])
    told = "is skipped (no story came this week): `digest build sunday/2026-11-29 --revive`"
    assert told in str(done.exception)
    done = CliRunner().invoke(app, ["approve", "--by", "erin@example.net"])
    assert told in str(done.exception)
    assert "no story came this week" in digest("build", "--revive")
    digest("build", status=1)  # it was skipped again, for nothing has come
    clock.now = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
    done = CliRunner().invoke(app, ["build", "2026-11-29", "--revive"])
    assert "its hour is past" in str(done.exception)


def test_a_seat_is_given_changed_listed_and_taken_away(place: Path) -> None:
    assert "is editor and can log in" in digest("editor", "add", "erin@example.net")
    shown = digest("doctor", status=1)
    assert "BAD  editors: 1 with a seat and nobody may approve" in shown
    assert "`digest editor add you@example.org --role publisher`" in shown
    done = CliRunner().invoke(app, ["approve", "--by", "erin@example.net"])
    assert isinstance(done.exception, NotFound)  # there is no issue yet
    shown = digest("editor", "add", "Erin@example.net", "--role", "publisher")
    assert shown == "erin@example.net was editor and is publisher now\n"
    assert "ok   editors: 1 with a seat, 1 may approve" in digest("doctor", status=1)
    digest("editor", "add", "frank@example.net", "--name", "Frank", "--role", "viewer")
    assert (
        digest("editor", "list")
        == "erin@example.net\tpublisher\nfrank@example.net\tviewer\tFrank\n"
    )
    assert "has no seat any more" in digest("editor", "remove", "erin@example.net")
    assert digest("editor", "list") == "frank@example.net\tviewer\tFrank\n"
    done = CliRunner().invoke(app, ["editor", "remove", "erin@example.net"])
    assert "has no seat" in str(done.exception)
    done = CliRunner().invoke(app, ["editor", "add", "frank@example.net", "--role", "king"])
    assert "one of viewer, editor, publisher, admin" in str(done.exception)


def test_check_and_doctor_tell_of_a_limit_that_holds_for_nobody(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGEST_LIMITS", "postmark: 1/s")
    assert "warning   DIGEST_LIMITS speaks of postmark" in digest("check")
    assert "BAD  pace: DIGEST_LIMITS speaks of postmark" in digest("doctor", status=1)


def test_a_time_zone_that_is_none_is_told_by_the_import_tried_or_done(place: Path) -> None:
    (place / "people.csv").write_text("email,timezone\nalice@example.net,CEST\n", encoding="utf-8")
    told = "'CEST' is no time zone such as Europe/London: taken without one"
    tried = digest("subscribers", "import", "--dry-run", "people.csv")
    assert "1 are taken without a time zone" in tried
    assert f"2\t{told}\talice@example.net" in tried
    found = json.loads(digest("subscribers", "import", "--json", "people.csv"))
    assert found["warnings"] == [{"line": 2, "text": "alice@example.net", "reason": told}]
    assert "people.errors.csv" in digest("subscribers", "import", "--confirmed", "people.csv")
    assert told in (place / "people.errors.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "data/digest.db"),
        OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
    ],
)
def test_a_full_disk_is_called_one(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit):
        cli.main()
    assert "the disk is full: free some of it" in capsys.readouterr().err
