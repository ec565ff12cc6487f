"""/desk/house/suppressions: looked up by hash, added, lifted, taken along."""

from __future__ import annotations

import csv
import io

from digest.audience import addresses, tokens
from digest.bootstrap import House
from digest.store import events, suppressions
from digest.web.suppressing import PATH
from tests.web.people import TestClient, later, seated
from tests.web.test_public import ALICE, add

STRANGER = "stranger@elsewhere.example"


def press(client: TestClient, path: str, **fields: str) -> tuple[int, str]:
    form = {"csrf": client.csrf, **fields}  # type: ignore[attr-defined]
    answer = client.post(f"{PATH}/{path}", data=form)
    if answer.status_code == 303:
        location = answer.headers["location"]
        assert "@" not in location
        assert "elsewhere" not in location
        return 303, client.get(location).text
    return answer.status_code, answer.text


def suppress(house: House, address: str, reason: str, detail: str = "") -> None:
    hashed = tokens.address_hash(house.key, addresses.parse(address).key)
    with house.database.write() as session:
        suppressions.add(session, hashed, reason=reason, now=house.clock(), detail=detail)


def test_an_address_of_nobody_on_file_is_added_found_and_lifted(house: House) -> None:
    publisher = seated(house, "publisher")
    code, page = press(publisher, "add", address=STRANGER, reason="complaint", note="rang us")
    assert (code, "Called the mail junk" in page, "rang us" in page) == (303, True, True)
    assert press(publisher, "add", address=STRANGER, reason="complaint")[0] == 409
    assert "Suppressed" in press(publisher, "look", address="Stranger+x@Elsewhere.example")[1]
    assert "of nobody on file" in publisher.get(PATH).text
    assert press(publisher, "lift", address=STRANGER, why="a mistake")[0] == 409
    later(house, minutes=1)
    code, page = press(seated(house), "lift", address=STRANGER, why="a mistake")
    assert (code, "Not any more" in page) == (303, True)
    assert "It never was" in press(publisher, "look", address="never@elsewhere.example")[1]
    with house.database.read() as session:
        lifted = events.recent(session, limit=1)[0]
    assert (lifted.action, lifted.data["why"]) == ("lifted suppressions", "a mistake")
    assert "stranger" not in str(lifted.data)


def test_reasons_are_counted_and_lead_to_their_lists(sqlite_house: House) -> None:
    add(sqlite_house, ALICE, confirmed=True)
    suppress(sqlite_house, ALICE, "hard_bounce", "5.1.1 no such user")
    suppress(sqlite_house, STRANGER, "imported")
    editor = seated(sqlite_house, "editor")
    assert "5.1.1 no such user" in editor.get(PATH).text
    only = editor.get(f"{PATH}?reason=imported").text
    assert "5.1.1" not in only
    assert "of nobody on file" in only
    assert "The newest" in editor.get(f"{PATH}?reason=nonsense").text
    viewer = seated(sqlite_house, "viewer").get(PATH).text
    assert "a…@e….net" in viewer
    assert ALICE not in viewer
    assert "5.1.1" not in viewer


def test_who_was_forgotten_is_lifted_by_nobody(sqlite_house: House) -> None:
    suppress(sqlite_house, STRANGER, "erased")
    admin = seated(sqlite_house)
    page = press(admin, "look", address=STRANGER)[1]
    assert "comes back by signing up" in page
    assert f'action="{PATH}/lift"' not in page
    press(admin, "lift", address=STRANGER, why="they asked")
    assert "Suppressed" in press(admin, "look", address=STRANGER)[1]


def test_what_is_no_address_is_told_in_plain_words(sqlite_house: House) -> None:
    admin = seated(sqlite_house)
    for path, more in (("look", {}), ("add", {"reason": "manual"}), ("lift", {"why": "x"})):
        status, page = press(admin, path, address="no <address>", **more)
        assert (status, "@-sign" in page) == (422, True), path


def test_no_address_stands_in_what_outlives_it(sqlite_house: House) -> None:
    admin = seated(sqlite_house)
    for path, more in (("add", {"reason": "manual", "note": ALICE}), ("lift", {"why": ALICE})):
        assert press(admin, path, address=STRANGER, **more)[0] == 400, path


def test_lifting_what_is_not_suppressed_says_so(sqlite_house: House) -> None:
    status, page = press(seated(sqlite_house), "lift", address=STRANGER, why="x")
    assert (status, "is not suppressed" in page) == (409, True)


def test_the_list_is_taken_along_as_a_csv_that_no_spreadsheet_runs(house: House) -> None:
    add(house, ALICE, confirmed=True)
    suppress(house, ALICE, "manual", "=cmd|'/C calc'!A0")
    suppress(house, STRANGER, "imported")
    client = seated(house)
    answer = client.post(f"{PATH}/export", data={"csrf": client.csrf})  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["email"], row["reason"]) for row in rows] == [(ALICE, "manual"), ("", "imported")]
    assert rows[0]["note"].startswith("'=")
    hashed = tokens.address_hash(house.key, addresses.parse(STRANGER).key)
    assert hashed not in answer.text, "a hash tells of the key"


def test_older_suppressions_are_a_link_away(sqlite_house: House) -> None:
    for number in range(51):
        suppress(sqlite_house, f"a{number}@elsewhere.example", "manual", f"note {number}.")
    admin = seated(sqlite_house)
    page = admin.get(PATH).text
    assert "note 50." in page
    assert "note 0." not in page
    further = page.split('<a class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "note 0." in admin.get(further).text
