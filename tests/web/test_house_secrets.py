"""Nothing that this house writes, shows or answers tells a secret: each is a canary by name, and none sings."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest

from digest import bootstrap, intake, logs
from digest.bootstrap import House
from digest.errors import FetchError
from digest.protocols import PollState
from digest.settings import SECRETS, Settings
from digest.store import polls, rests
from digest.store.engine import Database
from digest.store.rests import Rest
from tests.houses import MONDAY, SCHEDULE, SetClock
from tests.web.people import put_draft, seated, visitor
from tests.web.test_safe_methods import address_of, routes

GHOST_KEY = "c0ffee" * 4 + "ab"
#: In small letters, as keys of some providers must be.
CANARY = "canary"
SOURCES = f"""
[[sources]]
key = "blog"
kind = "ghost"
url = "https://blog.example/"
api_key = "{GHOST_KEY}"

[[sources]]
key = "site"
kind = "feed"
url = "https://reader:{CANARY}1@gazette.example/feed/?token={CANARY}2#{CANARY}3"

[[sources]]
key = "away"
kind = "feed"
url = "http://127.0.0.1:1/feed?key={CANARY}4"
"""
#: Those that are no text of ours: keys that must be real ones.
SHAPED = {"dkim_key", "dkim_second_key", "sendgrid_webhook_key", "resend_webhook_secret"}
NAMED = {
    "provider": "smtp, postmark, resend, brevo, ses, sendgrid, mailgun",
    "smtp_host": "127.0.0.1",
    "smtp_port": "1",
    "smtp_username": "sunday",
    "ses_region": "eu-west-1",
    "ses_access_key_id": "CANARYKEYID",
    "mailgun_domain": "gazette.example",
    "bounce_imap_host": "imap.gazette.example",
    "bounce_imap_username": "bounces",
    "limits": "10/s",
    "ping_url": f"https://127.0.0.1/{CANARY}-of-the-ping-{'x' * 16}",
}
#: What is a secret though its setting has another kind.
PING = NAMED["ping_url"].rpartition("/")[2]


#: Each secret told from all others.
SECRET = {key: f"{CANARY}:{key}-" + "x" * 32 for key in sorted(SECRETS - SHAPED)}


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    folder = tmp_path / "schedules"
    folder.mkdir()
    (folder / "sunday.toml").write_text(SCHEDULE + SOURCES)
    chat = {"chat_url": "http://127.0.0.1:1/v1", "chat_model": "small"}
    given = {**NAMED, **SECRET, **chat, "data": tmp_path, "schedules": folder}
    return Settings.model_validate({**given, "database_url": sqlite_url})


@pytest.fixture
def house(settings: Settings, sqlite: Database) -> Iterator[House]:
    made = bootstrap.open_house(settings, SetClock())
    yield made
    made.database.close()


def trouble(house: House) -> None:
    """All that is known of the sources and providers has gone wrong, and says so in its own words."""
    polled = intake.poll(house.database, house.sources("sunday"), {}, now=MONDAY)
    assert all(one.error and CANARY not in one.error for one in polled if one.source != "desk")
    moved = f"2 https://gazette.example/ https://u:{CANARY}5@new.example/?t={CANARY}6"
    memory = f"https://blog.example/wp-json/?key={CANARY}7"
    until = MONDAY + dt.timedelta(hours=1)
    with house.database.write() as session:
        state = PollState(moved=moved, memory=memory)
        polls.record_success(session, "blog", state, now=MONDAY, next_poll_at=until)
        told = f"https://u:{CANARY}0@gazette.example/feed?key={CANARY}0: of an older version"
        polls.record_failure(session, "site", told, now=MONDAY, next_poll_at=until)
        for provider in house.providers:
            why = f"no answer: https://api:{CANARY}8@api.example/?key={CANARY}9"
            rests.begin(session, Rest(provider=provider.name, until=until, why=why))


@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_no_page_shows_a_secret_whatever_went_wrong(house: House, role: str) -> None:
    trouble(house)
    client = seated(house, role)
    paths = ("/desk", "/desk/house", "/desk/house/sources", "/desk/house/providers")
    for path in paths:
        text = client.get(path).text
        assert "The desk" in text
        assert CANARY not in text.lower(), path
        assert GHOST_KEY not in text, path
    for provider in ("smtp", "postmark", "ses"):
        assert CANARY not in client.post(f"{paths[3]}/{provider}/try").text.lower()


def test_a_broken_file_is_told_without_what_stands_in_it(house: House) -> None:
    path = house.schedules_folder / "sunday.toml"
    path.write_text((SCHEDULE + SOURCES).replace(GHOST_KEY, f"{CANARY}-no-key"))
    text = seated(house).get("/desk/house").text
    assert "sources[blog].api_key" in text
    assert CANARY not in text.lower()


@pytest.mark.no_cover
def test_no_address_of_the_house_answers_with_a_secret(house: House) -> None:
    """Every GET there is, to nobody, to an admin, and to who has the tokens; found, refused, unknown or broken."""
    trouble(house)
    put_draft(house)
    admin = seated(house)
    stranger = visitor(house, beside=admin)
    tokens = [{"Authorization": f"Bearer {SECRET[key]}"} for key in ("api_token", "metrics_token")]
    asked = sorted({address_of(str(getattr(one, "path", "")), {}) for one in routes(admin)})
    assert len(asked) > 50
    seen: set[int] = set()
    for path in (*asked, f"/{CANARY.upper()}", "/metrics"):
        answers = [admin.get(path), *(stranger.get(path, headers=one) for one in ({}, *tokens))]
        for one in answers:
            seen.add(one.status_code)
            told = one.text + repr(one.headers)
            assert CANARY not in told.replace(CANARY.upper(), ""), path
            assert GHOST_KEY not in told, path
    assert {200, 401, 404} <= seen


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_line_of_a_log_tells_a_secret_whoever_says_it(
    house: House, capsys: pytest.CaptureFixture[str], form: Literal["json", "console"]
) -> None:
    """A provider's reply, a library's warning, a traceback, an address with a key in it, a value in a list."""
    logs.set_up("DEBUG", form)
    trouble(house)
    secrets = (*SECRET.values(), GHOST_KEY, PING)
    for secret in secrets:
        _told_by_everybody(secret)
    told = capsys.readouterr()
    assert told.err.count("a provider broke") == len(secrets)
    assert "RuntimeError" in told.err
    assert CANARY not in told.err.lower() + told.out.lower()
    assert GHOST_KEY not in told.err


def _told_by_everybody(secret: str) -> None:
    log = logs.get("room")
    log.warning("refused", why=f"535 {secret} is wrong", tried=[secret], at=quote(secret, safe=""))
    logging.getLogger("httpx").warning("GET https://api.example/?key=%s", secret)
    try:
        raise RuntimeError(f"401 for token={secret}")
    except RuntimeError:
        log.exception("a provider broke")
        logging.getLogger("uvicorn").exception("in the server")


def test_what_debuggers_and_tracebacks_print_of_the_house_holds_no_secret(
    house: House, settings: Settings
) -> None:
    with_a_password = settings.model_copy(
        update={"database_url": f"postgresql://u:{CANARY}@db.example/d"}
    )
    parts = (with_a_password, house, *house.providers, house.mailbox, house.writer)
    for part in (*parts, *house.report_readers.values()):
        shown = repr(part).lower()
        assert not [one for one in (*SECRET.values(), PING) if one in shown], type(part)
    assert f"{CANARY}@" not in repr(with_a_password)
    assert GHOST_KEY not in repr(house) + repr(house.sources("sunday"))
    assert set(with_a_password.secrets()) == {*SECRET.values(), CANARY}


def test_the_error_of_an_address_tells_which_one_and_no_secret_in_it() -> None:
    error = FetchError(f"https://u:{CANARY}@a.example/feed?key={CANARY}", f"http://{CANARY}@b/: no")
    assert str(error) == "https://a.example/feed?key=…: http://b/: no"
