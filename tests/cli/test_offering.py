"""`digest sources`: offers and lists as lines for a schedule file."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import schedule_files
from digest.cli import offering
from digest.errors import BadInput
from digest.sources.discovery import Offer
from tests.houses import SCHEDULE

OPML = """<opml version="2.0"><body><outline text="The Mole" xmlUrl="https://mole.example/feed"/>
<outline text="The Mole" xmlUrl="https://other.example/feed"/></body></opml>"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "list.opml").write_text(OPML)
    (tmp_path / "sunday.toml").write_text(SCHEDULE)
    monkeypatch.setenv("DIGEST_SCHEDULES", str(tmp_path))
    monkeypatch.setenv("DIGEST_PUBLIC_URL", "http://127.0.0.1:8000")
    monkeypatch.setenv("DIGEST_PROVIDER", "outbox")
    return tmp_path


def test_a_list_becomes_sources_with_keys_of_their_own(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offering.take_list(folder / "list.opml", add=None)
    told = capsys.readouterr().out
    assert 'key = "the-mole"\nkind = "feed"\nurl = "https://mole.example/feed"' in told
    assert 'key = "the-mole-2"' in told


def test_a_list_is_added_to_a_schedule_once(folder: Path) -> None:
    for _ in range(2):
        offering.take_list(folder / "list.opml", add="sunday")
    keys = schedule_files.read(folder / "sunday.toml").source_keys
    assert keys == ("desk", "the-mole", "the-mole-2")


def test_a_list_without_a_feed_is_told(folder: Path) -> None:
    (folder / "list.opml").write_text("<opml><body/></opml>")
    with pytest.raises(BadInput, match="holds no feed"):
        offering.take_list(folder / "list.opml", add=None)


def test_what_a_site_offers_is_told_as_a_source_that_a_schedule_takes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = (Offer("ghost", "https://g.example/", "Ghost\n[[x]]", whole=True, api_key="0" * 26),)
    monkeypatch.setattr(offering.discovery, "offers", lambda url, allowed: found)
    offering.find("g.example", as_json=False)
    told = capsys.readouterr().out
    assert told.startswith("# ghost: Ghost [[x]] · full text\n[[sources]]\n")
    (folder / "sunday.toml").write_text(SCHEDULE + "\n" + told)
    assert schedule_files.read(folder / "sunday.toml").sources[-1].api_key == "0" * 26
    offering.find("g.example", as_json=True)
    assert '"kind": "ghost"' in capsys.readouterr().out
