"""The desk's search for readers: what each role finds, and that no address stands in the address of a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from digest.bootstrap import House
from digest.store.engine import Database
from digest.store.tables import SubscriberRow
from digest.web import finding
from tests.houses import SCHEDULE, make_house
from tests.web.people import TestClient, seated, visitor
from tests.web.test_public import ALICE, add

SEGMENTS = '[segments]\nenglish = { language = "en" }\ngerman = { language = "de" }\n'


def search(client: TestClient, **asked: str) -> str:
    """Fill in the form and follow it to its page."""
    form = {"csrf": client.csrf, **asked}  # type: ignore[attr-defined]
    answer = client.post(finding.PATH, data=form)
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"]).text


def test_an_editor_finds_a_reader_by_a_part_and_opens_their_page(house: House) -> None:
    alice = add(house, ALICE, confirmed=True)
    add(house, "bob@example.net", confirmed=False)
    page = search(seated(house, "editor"), words="ALI")
    assert f'<a href="/desk/readers/{alice}">{ALICE}</a>' in page
    assert "bob@" not in page
    assert "Not yet confirmed" in search(seated(house, "editor"), standing="pending")


def test_words_that_were_looked_for_stand_sealed_in_the_address(sqlite_house: House) -> None:
    client = seated(sqlite_house, "editor")
    form = {"csrf": client.csrf, "words": ALICE}  # type: ignore[attr-defined]
    location = client.post(finding.PATH, data=form).headers["location"]
    assert "alice" not in location
    assert "example" not in location
    assert f'value="{ALICE}"' in client.get(location).text


def test_a_viewer_sees_veiled_addresses_and_finds_nobody_by_a_part_of_one(
    sqlite_house: House,
) -> None:
    add(sqlite_house, ALICE, confirmed=True)
    viewer = seated(sqlite_house, "viewer")
    everybody = search(viewer)
    assert "a…@e….net" in everybody
    assert ALICE not in everybody
    assert "Nobody is like that" in search(viewer, words="alice")
    assert "Nobody is like that" in search(viewer, words="alice@example.nex")
    whole = search(viewer, words="Alice+news@Example.net")
    assert "a…@e….net" in whole


def test_a_viewer_finds_a_reader_by_name(sqlite_house: House) -> None:
    add(sqlite_house, ALICE, confirmed=True)
    with sqlite_house.database.write() as session:
        session.execute(update(SubscriberRow).values(name="Alice <Quay>"))
    page = search(seated(sqlite_house, "viewer"), words="quay")
    assert "a…@e….net" in page
    assert "Alice &lt;Quay&gt;" in page


def test_an_address_that_is_not_there_is_looked_for_as_a_part(sqlite_house: House) -> None:
    add(sqlite_house, "long.alice@example.net", confirmed=True)
    assert "long.alice@" in search(seated(sqlite_house, "editor"), words=ALICE)


def test_a_segment_brings_its_newsletter_along(sqlite: Database, tmp_path: Path) -> None:
    house = make_house(sqlite, tmp_path, schedule=SCHEDULE + SEGMENTS)
    add(house, ALICE, confirmed=True)
    editor = seated(house, "editor")
    assert ALICE in search(editor, segment="sunday/english")
    assert ALICE not in search(editor, segment="sunday/german")
    assert ALICE in search(editor, segment="sunday/nowhere"), "one that is gone asks nothing"


def test_odd_filters_are_no_statements(sqlite_house: House) -> None:
    add(sqlite_house, ALICE, confirmed=True)
    editor = seated(sqlite_house, "editor")
    assert ALICE in search(editor, came="form")
    assert ALICE not in search(editor, came="embed")
    for odd in ("'; drop table subscriber; --", "%", "form' or 'a'='a"):
        assert ALICE in search(editor, came=odd), "what is no way asks nothing"
        assert ALICE not in search(editor, words=odd)


def test_older_ones_are_a_link_away(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(52):
        add(sqlite_house, f"reader{number}@example.net", confirmed=True)
    editor = seated(sqlite_house, "editor")
    page = search(editor, words="reader")
    assert "The newest 50 readers" in page
    further = page.split('<a class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    rest = editor.get(further).text
    assert "Further 2 readers" in rest
    assert "reader0@example.net" in rest
    monkeypatch.setattr(finding, "PATIENCE_S", -1.0)
    monkeypatch.setattr("digest.store.reader_search.FIRST", 10)
    page = search(editor, words="reader0@example.net x")
    assert "None yet" in page
    assert "Look further" in page


def test_a_page_that_nobody_links_to_breaks_nothing(sqlite_house: House) -> None:
    admin = seated(sqlite_house)
    for before in ("0", "-1", "x", "9" * 30):
        assert admin.get(f"{finding.PATH}?before={before}").status_code == 422


def test_strangers_find_nobody(sqlite_house: House) -> None:
    assert visitor(sqlite_house).get(finding.PATH).status_code == 303
