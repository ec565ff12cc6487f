"""`digest embed` and `digest consent`: what a site pastes, and what proves a consent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import html
from typer.testing import CliRunner

from digest.audience import addresses, tokens
from digest.cli import app, start
from digest.errors import BadInput, NotFound
from digest.store import subscribers
from tests.houses import MONDAY


@pytest.fixture
def place(place: Path) -> Path:
    """A folder with a schedule, and its database."""
    run("migrate")
    return place


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=True)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_form_is_one_form_with_its_words_and_a_script_of_ours(place: Path) -> None:
    page = html.fromstring(f"<main>{run('embed')}</main>")
    (form,) = page.iter("form")
    assert (form.get("action"), form.get("method")) == (
        "http://127.0.0.1:8000/embed/sunday",
        "post",
    )
    assert [one.get("name") for one in form.iter("input")] == ["address", "nothing"]
    assert "With “Subscribe” you ask The Test Gazette" in form.text_content()
    assert page.xpath("//script/@src") == ["http://127.0.0.1:8000/static/js/sign-up.js"]
    assert not page.xpath("//@style | //@onsubmit | //style")


def test_a_consent_is_proven_with_the_words_that_were_shown(place: Path) -> None:
    sign_up("alice@example.net", words="Yes, every Sunday.")
    proof = json.loads(run("consent", "Alice+x@example.net"))
    asked, confirmed = proof["evidence"]
    assert proof["address"] == "alice@example.net"
    assert (asked["what"], asked["by"], asked["network"]) == ("asked", "embed", "192.0.2.0/24")
    assert asked["at"] == MONDAY.isoformat()
    assert confirmed["what"] == "confirmed"
    assert proof["wordings"] == {asked["wording"]: "Yes, every Sunday."}
    assert (
        json.loads(run("consent", "alice@example.net", "--newsletter", "other"))["evidence"] == []
    )


def sign_up(raw: str, *, words: str) -> None:
    _, house = start.opened()
    address = addresses.parse(raw)
    with house.database.write() as session:
        who = subscribers.ask(
            session,
            "sunday",
            address,
            address_hash=tokens.address_hash(house.key, address.key),
            now=MONDAY,
            method="embed",
            network="192.0.2.0/24",
            wording=words,
        ).subscriber_id
        subscribers.confirm(session, who, "sunday", now=MONDAY, method="form")
    house.database.close()


def test_of_a_stranger_and_of_no_address_there_is_no_proof(place: Path) -> None:
    with pytest.raises(NotFound, match="nobody signed up here"):
        run("consent", "nobody@example.net")
    with pytest.raises(BadInput):
        run("consent", "nobody")
