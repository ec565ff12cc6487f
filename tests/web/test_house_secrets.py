"""No page of the House shows a secret: every one that there is carries a canary's name, and none sings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest import bootstrap, intake
from digest.bootstrap import House
from digest.protocols import PollState
from digest.settings import SECRETS, Settings
from digest.store import polls, rests
from digest.store.engine import Database
from digest.store.rests import Rest
from tests.houses import MONDAY, SCHEDULE, SetClock
from tests.web.people import seated

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
}


@pytest.fixture
def house(sqlite_url: str, sqlite: Database, tmp_path: Path) -> Iterator[House]:
    """A house made of settings, each secret among them told from all others."""
    folder = tmp_path / "schedules"
    folder.mkdir()
    (folder / "sunday.toml").write_text(SCHEDULE + SOURCES)
    secrets = {key: f"{CANARY}:{key}-" + "x" * 32 for key in SECRETS - SHAPED}
    settings = Settings.model_validate(
        {**NAMED, **secrets, "data": tmp_path, "schedules": folder, "database_url": sqlite_url}
    )
    made = bootstrap.open_house(settings, SetClock())
    yield made
    made.database.close()


def trouble(house: House) -> None:
    """All that is known of the sources and providers has gone wrong, and says so in its own words."""
    polled = intake.poll(house.database, house.sources("sunday"), {}, now=MONDAY)
    assert any(CANARY in one.error for one in polled)
    moved = f"2 https://gazette.example/ https://u:{CANARY}5@new.example/?t={CANARY}6"
    memory = f"https://blog.example/wp-json/?key={CANARY}7"
    until = MONDAY + dt.timedelta(hours=1)
    with house.database.write() as session:
        state = PollState(moved=moved, memory=memory)
        polls.record_success(session, "blog", state, now=MONDAY, next_poll_at=until)
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
