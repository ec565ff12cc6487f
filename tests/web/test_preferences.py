"""What readers choose: behind their own link, never silently, and nothing of it in a page that is passed on."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from digest.audience import tokens
from digest.audience.addresses import parse
from digest.bootstrap import House
from digest.model import Cadence, Preferences, SubscriberId
from digest.store import preferences, subscribers
from digest.store.engine import Database
from tests.houses import SCHEDULE, make_house
from tests.queue_of import notices_of
from tests.web.people import field, later, put_draft, send, visitor
from tests.web.test_public import add, leave_path

ALICE = "alice@example.net"
SECTIONS = f"""{SCHEDULE}section_order = ["Town", "Sport"]

[variants]
languages = ["de"]
themes = ["plain"]
sections = true
"""


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return make_house(database, tmp_path, schedule=SECTIONS)


@pytest.fixture
def alice(house: House) -> str:
    """Alice reads; the path of her page."""
    add(house, ALICE, confirmed=True)
    return preferences_path(house, ALICE)


def preferences_path(house: House, address: str) -> str:
    with house.database.read() as session:
        reader = subscribers.by_address(session, parse(address).key)
    assert reader is not None
    token = tokens.preferences_token(house.key, "sunday", reader.handle)
    return f"/preferences/sunday/{token}"


def chosen(house: House, address: str = ALICE) -> Preferences:
    with house.database.read() as session:
        reader = subscribers.by_address(session, parse(address).key)
        assert reader is not None
        return preferences.of(session, SubscriberId(reader.id), "sunday", now=house.clock())


def shown(page: str) -> dict[str, str]:
    """The form as a browser sends it when nothing is touched."""
    form = page[page.index('class="card choices"') : page.index("Keep this")]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    fields |= dict(re.findall(r'type="checkbox" name="([^"]+)" value="([^"]*)" checked', form))
    fields |= dict(re.findall(r'type="radio" name="([^"]+)" value="([^"]*)" checked', form))
    fields["name"] = re.findall(r'name="name".*value="([^"]*)"', form)[0]
    for name, options in re.findall(r'<select id="\w+" name="(\w+)">(.*?)</select>', form, re.S):
        picked = re.findall(r'value="([^"]*)"[^>]* selected', options)
        fields[name] = picked[0] if picked else ""
    return fields


def test_the_page_shows_what_is_and_keeps_what_was_chosen(house: House, alice: str) -> None:
    client = visitor(house)
    fields = shown(client.get(alice).text)
    del fields["section.2"]
    fields |= {"name": "Alice", "language": "de", "theme": "plain", "cadence": "big", "snooze": "2"}
    answer = client.post(alice, data=fields)
    assert answer.status_code == 200
    assert "Ihre Auswahl" in answer.text, "from now on in the language that she chose"
    assert chosen(house) == Preferences(
        name="Alice",
        language="de",
        theme="plain",
        unwanted=frozenset({"Sport"}),
        cadence=Cadence.BIG,
        snoozed_until=house.clock() + dt.timedelta(weeks=2),
    )
    kept = shown(client.get(alice).text.replace("Das behalten", "Keep this"))
    assert kept == {
        "shown.1": "Town",
        "shown.2": "Sport",
        "section.1": "Town",
        "name": "Alice",
        "language": "de",
        "theme": "plain",
        "cadence": "big",
        "snooze": "keep",
    }


def test_every_change_is_told_to_the_readers_own_address(house: House, alice: str) -> None:
    client = visitor(house)
    fields = shown(client.get(alice).text)
    client.post(alice, data={**fields, "cadence": "big"})
    (told,) = notices_of(house.database, "changed")
    assert told.address == ALICE
    assert told.data == {"preferences_url": f"{house.public_url}{alice}"}


def test_a_form_that_changes_nothing_tells_nobody(house: House, alice: str) -> None:
    client = visitor(house)
    answer = client.post(alice, data=shown(client.get(alice).text))
    assert "nothing was changed" in answer.text
    assert notices_of(house.database, "changed") == []


def test_who_changes_more_often_than_can_be_told_is_asked_to_wait(house: House, alice: str) -> None:
    client = visitor(house)
    fields = shown(client.get(alice).text)
    codes = [client.post(alice, data={**fields, "name": f"A{n}"}).status_code for n in range(8)]
    assert codes == [200] * 6 + [422] * 2
    assert chosen(house).name == "A5"
    assert len(notices_of(house.database, "changed")) == 6
    later(house, days=1)
    assert client.post(alice, data={**fields, "name": "B"}).status_code == 200


def test_the_page_tells_the_address_to_nobody_who_does_not_know_it(
    house: House, alice: str
) -> None:
    page = visitor(house).get(alice).text
    assert ALICE not in page
    assert "a…e@example.net" in page


def test_a_pause_can_be_ended(house: House, alice: str) -> None:
    client = visitor(house)
    client.post(alice, data={**shown(client.get(alice).text), "snooze": "4"})
    later(house, days=7)
    fields = shown(client.get(alice).text)
    assert fields["snooze"] == "keep"
    client.post(alice, data={**fields, "snooze": ""})
    assert chosen(house).snoozed_until is None


def test_a_section_that_the_form_did_not_show_stays_as_it_was(house: House, alice: str) -> None:
    client = visitor(house)
    fields = shown(client.get(alice).text)
    client.post(alice, data={n: v for n, v in fields.items() if n != "section.2"})
    less = {n: v for n, v in fields.items() if not n.endswith(".2")}
    client.post(alice, data={**less, "name": "Alice"})
    assert chosen(house).unwanted == {"Sport"}


def test_one_section_at_least_must_stay(house: House, alice: str) -> None:
    client = visitor(house)
    fields = shown(client.get(alice).text)
    answer = client.post(alice, data={n: v for n, v in fields.items() if "section" not in n})
    assert answer.status_code == 422
    assert chosen(house).unwanted == frozenset()


def test_sections_of_late_issues_are_offered(house: House) -> None:
    put_draft(house)
    send(house)
    add(house, ALICE, confirmed=True)
    page = visitor(house).get(preferences_path(house, ALICE)).text
    assert re.findall(r'name="shown.\d" value="(\w+)"', page) == ["Town", "Sport"]


def test_what_the_newsletter_does_not_offer_is_not_asked(
    database: Database, tmp_path: Path
) -> None:
    house = make_house(database, tmp_path)
    add(house, ALICE, confirmed=True)
    path, client = preferences_path(house, ALICE), visitor(house)
    assert set(shown(client.get(path).text)) == {"name", "cadence", "snooze"}
    assert client.post(path, data={"language": "de"}).status_code == 400


def test_a_time_zone_is_offered_only_where_it_counts(database: Database, tmp_path: Path) -> None:
    by_clock = f'{SECTIONS}\n[deliver]\ndeliver_at = "reader"\n'
    house = make_house(database, tmp_path, schedule=by_clock)
    add(house, ALICE, confirmed=True)
    path, client = preferences_path(house, ALICE), visitor(house)
    client.post(path, data={**shown(client.get(path).text), "zone": "Asia/Tokyo"})
    assert chosen(house).timezone == "Asia/Tokyo"
    assert shown(client.get(path).text)["zone"] == "Asia/Tokyo"


def test_without_readers_mornings_no_zone_is_asked(house: House, alice: str) -> None:
    assert 'name="zone"' not in visitor(house).get(alice).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "fr"},
        {"theme": "magazine"},
        {"cadence": "hourly"},
        {"snooze": "9999"},
        {"zone": "Mars/Olympus"},
        {"role": "admin"},
        {"section.9": "Not shown"},
        {"name": "a\0b"},
        {"name": "a" * 1000},
    ],
)
def test_a_form_that_is_not_ours_is_refused(
    house: House, alice: str, wrong: dict[str, str]
) -> None:
    assert visitor(house).post(alice, data=wrong).status_code == 400
    assert chosen(house) == Preferences()
    assert notices_of(house.database, "changed") == []


def test_the_link_to_leave_opens_no_preferences_and_the_other_way_round(
    house: House, alice: str
) -> None:
    client = visitor(house)
    leave = leave_path(house, ALICE)
    assert client.get(f"/preferences/sunday/{leave.rpartition('/')[2]}").status_code == 404
    client.post(f"/leave/sunday/{alice.rpartition('/')[2]}")
    assert client.get(alice).status_code == 200, "nobody left by it"


@pytest.mark.parametrize("why", ["left", "cut", "another newsletter", "none"])
def test_a_link_that_opens_nothing_says_where_to_get_one(
    house: House, alice: str, why: str
) -> None:
    client = visitor(house)
    if why == "left":
        client.post(leave_path(house, ALICE))
    path = {
        "left": alice,
        "cut": alice[:-1],
        "another newsletter": alice.replace("sunday", "monday"),
        "none": "/preferences/sunday/%00",
    }[why]
    for answer in (client.get(path), client.post(path, data={"name": "Mallory"})):
        assert answer.status_code == 404
        assert "no longer works" in answer.text
    assert client.post(f"{path}/address", data={"address": "m@example.org"}).status_code == 404
    assert notices_of(house.database, "moving") == []


def test_a_page_that_is_passed_on_carries_no_rights(house: House) -> None:
    put_draft(house)
    send(house)
    client = visitor(house)
    page = client.get("/archive/sunday/2026-11-29").text
    links = re.findall(r'href="([^"]*(?:choices|preferences|leave)[^"]*)"', page)
    assert links == [f"{house.public_url}/n/sunday/choices"]
    assert client.get("/n/sunday/choices").headers["location"] == "/preferences/sunday"


def test_an_issue_leads_to_a_button_that_mails_the_reader_the_link(
    house: House, alice: str
) -> None:
    client = visitor(house)
    path = f"{leave_path(house, ALICE)}/choices"
    page = client.get(path)
    assert page.status_code == 200
    assert ALICE not in page.text
    assert notices_of(house.database, "preferences") == []
    for _ in range(5):
        assert "Look in your inbox" in client.post(path).text
    mailed = notices_of(house.database, "preferences")
    assert len(mailed) == 3, "and no more in a day"
    assert mailed[0].address == ALICE
    assert mailed[0].data == {"preferences_url": f"{house.public_url}{alice}"}


def test_a_strangers_or_a_broken_link_is_answered_and_mails_nobody(
    house: House, alice: str
) -> None:
    client = visitor(house)
    stranger = tokens.leave_token(house.key, "sunday", tokens.new_secret())
    assert client.post(f"/leave/sunday/{stranger}/choices").status_code == 200
    assert client.post(f"{leave_path(house, ALICE)[:-1]}/choices").status_code == 404
    assert client.post(f"/leave/monday/{stranger}/choices").status_code == 404
    assert notices_of(house.database, "preferences") == []


def ask_link(house: House, address: str, *, peer: str = "203.0.113.9") -> object:
    client = visitor(house, peer=peer)
    stamp = field(client.get("/preferences/sunday").text)
    later(house, seconds=5)
    return client.post("/preferences/sunday", data={"address": address, "stamp": stamp})


def test_the_link_is_mailed_to_who_reads_and_to_nobody_else(house: House, alice: str) -> None:
    add(house, "bob@example.net", confirmed=False)
    asked = [ask_link(house, one) for one in ("Alice+x@example.net", "bob@example.net", "e@x.org")]
    assert len({answer.content for answer in asked}) == 1  # type: ignore[attr-defined]
    (mailed,) = notices_of(house.database, "preferences")
    assert mailed.address == ALICE, "where she is mailed, whatever was typed"
    assert mailed.data == {"preferences_url": f"{house.public_url}{alice}"}


def test_nobodys_inbox_is_filled_with_links(house: House, alice: str) -> None:
    for n in range(6):
        ask_link(house, ALICE, peer=f"198.51.100.{n}")
    assert len(notices_of(house.database, "preferences")) == 3


def test_a_network_asks_for_ten_links_an_hour(house: House) -> None:
    codes = [ask_link(house, f"r{n}@example.net").status_code for n in range(12)]  # type: ignore[attr-defined]
    assert codes == [200] * 10 + [429] * 2


@pytest.mark.parametrize("form", [{"address": "alice"}, {"address": ALICE, "stamp": "x"}])
def test_a_wish_for_a_link_that_is_none_is_told_so(house: House, form: dict[str, str]) -> None:
    client = visitor(house)
    stamp = field(client.get("/preferences/sunday").text)
    later(house, seconds=5)
    assert client.post("/preferences/sunday", data={"stamp": stamp, **form}).status_code == 422
    bot = {"address": ALICE, "stamp": stamp, "nothing": "x"}
    assert client.post("/preferences/sunday", data=bot).status_code == 200
    assert notices_of(house.database, "preferences") == []


def imported(house: House, language: str) -> None:
    """Alice is known to read a language, as by an import."""
    with house.database.write() as session:
        alice = subscribers.by_address(session, ALICE)
        assert alice is not None
        preferences.keep(
            session, alice.id, "sunday", Preferences(language=language), now=house.clock()
        )


@pytest.mark.parametrize("language", ["de-AT", "pt"])
def test_a_language_that_is_not_offered_stays_until_another_is_chosen(
    house: House, alice: str, language: str
) -> None:
    imported(house, language)
    client = visitor(house)
    page = client.get(alice).text.replace("Das behalten", "Keep this")
    assert client.post(alice, data={**shown(page), "name": "Alice"}).status_code == 200
    assert chosen(house) == Preferences(name="Alice", language=language)
    client.post(alice, data={**shown(page), "name": "Alice", "language": "de"})
    assert chosen(house).language == "de"
    client.post(alice, data={**shown(page), "name": "Alice", "language": ""})
    assert chosen(house).language == ""


def test_what_a_newsletter_does_not_ask_is_not_forgotten(sqlite: Database, tmp_path: Path) -> None:
    house = make_house(sqlite, tmp_path, schedule=SCHEDULE)
    add(house, ALICE, confirmed=True)
    imported(house, "pt")
    path = preferences_path(house, ALICE)
    client = visitor(house)
    client.post(path, data={**shown(client.get(path).text), "name": "Alice"})
    assert chosen(house) == Preferences(name="Alice", language="pt")
