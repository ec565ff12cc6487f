"""One reader at the desk: what is told of them, who may do what, and that it is done."""

from __future__ import annotations

import json

from digest.bootstrap import House
from digest.model import SubscriptionStatus
from digest.store import consents, events, subscribers, suppressions
from digest.web.errands import Errands
from tests.web.people import TestClient, later, seated
from tests.web.test_public import ALICE, add


def press(client: TestClient, path: str, **fields: str) -> tuple[int, str]:
    form = {"csrf": client.csrf, **fields}  # type: ignore[attr-defined]
    answer = client.post(path, data=form)
    if answer.status_code == 303:
        return 303, client.get(answer.headers["location"]).text
    return answer.status_code, answer.text


def status(house: House, reader: int) -> SubscriptionStatus | None:
    with house.database.read() as session:
        return subscribers.status(session, reader, "sunday")


def reasons(house: House, reader: int) -> list[str]:
    with house.database.read() as session:
        found = subscribers.by_id(session, reader)
        assert found is not None
        return suppressions.reasons(session, hash_of(house), at=house.clock())


def hash_of(house: House) -> str:
    from digest.audience import addresses, tokens

    return tokens.address_hash(house.key, addresses.parse(ALICE).key)


def newest(house: House) -> tuple[str, str, str]:
    with house.database.read() as session:
        one = events.recent(session, limit=1)[0]
    return one.actor.partition(":")[0], one.action, one.subject


def test_the_page_tells_standing_consent_and_history(house: House) -> None:
    alice = add(house, ALICE, confirmed=True)
    with house.database.write() as session:
        version = consents.words(session, "We mail <you> on Sundays.", now=house.clock())
        more = {"method": "page", "network": "203.0.113.0/24", "version": version}
        consents.note(session, alice, "sunday", "asked", at=house.clock(), **more)
    page = seated(house, "editor").get(f"/desk/readers/{alice}").text
    for words in (
        ALICE,
        "The Sunday Catchup",
        "Confirmed",
        "We mail &lt;you&gt; on Sundays.",
        "203.0.113.0/24",
        "Signed up: our own page",
        "Download as proof",
    ):
        assert words in page, words
    assert "What may be done" not in page, "an editor looks on"


def test_a_viewer_sees_no_address_no_network_and_no_button(sqlite_house: House) -> None:
    alice = add(sqlite_house, ALICE, confirmed=True)
    page = seated(sqlite_house, "viewer").get(f"/desk/readers/{alice}").text
    assert "a…@e….net" in page
    assert ALICE not in page
    assert page.count("<form") == 1, "the one to log out"


def test_a_number_of_nobody_is_not_found(sqlite_house: House) -> None:
    admin = seated(sqlite_house)
    for number in ("0", "-1", "999", "9" * 25):
        assert admin.get(f"/desk/readers/{number}").status_code == 404


def test_who_asked_an_editor_to_leave_has_left_and_the_history_says_how(house: House) -> None:
    alice = add(house, ALICE, confirmed=True)
    publisher = seated(house, "publisher")
    later(house, minutes=5)
    path = f"/desk/readers/{alice}/leave"
    assert press(publisher, path, newsletter="sunday")[0] == 400, "the box was not ticked"
    assert status(house, alice) is SubscriptionStatus.CONFIRMED
    code, page = press(publisher, path, newsletter="sunday", sure="yes")
    assert (code, status(house, alice)) == (303, SubscriptionStatus.UNSUBSCRIBED)
    assert "Left on request, at the desk" in page
    assert newest(house) == ("editor", "unsubscribed", f"subscriber:{alice}")
    assert press(publisher, path, newsletter="sunday", sure="yes")[0] == 409
    assert press(publisher, path, newsletter="nowhere", sure="yes")[0] == 409


def test_a_publisher_suppresses_and_only_an_admin_lifts_more_than_bounces(house: House) -> None:
    alice = add(house, ALICE, confirmed=True)
    publisher, path = seated(house, "publisher"), f"/desk/readers/{alice}"
    code, page = press(publisher, f"{path}/suppress", reason="manual", note="by <phone>")
    assert (code, reasons(house, alice)) == (303, ["manual"])
    assert "by &lt;phone&gt;" in page
    assert newest(house) == ("editor", "suppressed", f"subscriber:{alice}")
    assert press(publisher, f"{path}/suppress", reason="manual")[0] == 409
    assert press(publisher, f"{path}/suppress", reason="erased")[0] == 400
    assert press(publisher, f"{path}/lift", why="a mistake")[0] == 409
    assert reasons(house, alice) == ["manual"]
    later(house, minutes=1)
    assert press(seated(house), f"{path}/lift", why="a mistake")[0] == 303
    assert reasons(house, alice) == []
    assert press(seated(house), f"{path}/lift", why="a mistake")[0] == 409


def test_a_publisher_lifts_what_bounces_did(sqlite_house: House) -> None:
    alice = add(sqlite_house, ALICE, confirmed=True)
    with sqlite_house.database.write() as session:
        suppressions.add(
            session, hash_of(sqlite_house), reason="soft_bounce", now=sqlite_house.clock()
        )
    later(sqlite_house, minutes=1)
    publisher = seated(sqlite_house, "publisher")
    code, page = press(publisher, f"/desk/readers/{alice}/lift", why="the mailbox is emptied")
    assert (code, reasons(sqlite_house, alice)) == (303, [])
    assert "May be mailed again" in page


def test_proof_and_dossier_are_files_and_it_is_written_down_who_fetched_them(house: House) -> None:
    alice = add(house, ALICE, confirmed=True)
    for role, name, word, action in (
        ("editor", "proof", "evidence", "fetched a consent"),
        ("admin", "everything", "kept", "fetched a dossier"),
    ):
        client = seated(house, role)
        answer = client.post(f"/desk/readers/{alice}/{name}", data={"csrf": client.csrf})  # type: ignore[attr-defined]
        assert answer.headers["content-disposition"].startswith("attachment")
        found = json.loads(answer.text)
        assert found["address"] == ALICE
        assert found[word]
        assert newest(house) == ("editor", action, f"subscriber:{alice}")


def test_to_be_forgotten_takes_a_second_page_and_the_address_typed(house: House) -> None:
    alice = add(house, ALICE, confirmed=True)
    admin, path = seated(house), f"/desk/readers/{alice}/erase"
    assert "cannot be undone" in admin.get(path).text
    assert press(admin, path, address="bob@example.net")[0] == 422
    assert press(admin, path, address="no address")[0] == 422
    assert status(house, alice) is SubscriptionStatus.CONFIRMED
    code, _ = press(admin, path, address="Alice+x@Example.net")
    assert code == 303
    at_work: Errands = admin.app.state.errands  # type: ignore[attr-defined]
    at_work.wait()
    page = admin.get("/desk/house/errands/1").text
    assert "Forgotten" in page
    assert ALICE not in page
    assert admin.get(f"/desk/readers/{alice}").status_code == 404
    with house.database.read() as session:
        assert suppressions.reasons(session, hash_of(house), at=house.clock()) == ["erased"]
    assert newest(house)[1:] == ("erased", f"subscriber:{alice}")


def test_a_dossier_holds_no_errand_of_others(sqlite_house: House) -> None:
    alice = add(sqlite_house, ALICE, confirmed=True)
    client = seated(sqlite_house)
    answer = client.post(f"/desk/readers/{alice}/everything", data={"csrf": client.csrf})  # type: ignore[attr-defined]
    assert set(json.loads(answer.text)["kept"]) >= {"subscriber", "subscription", "consent"}
    assert "errand" not in answer.text
