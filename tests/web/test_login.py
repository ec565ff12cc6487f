"""The first editor, login links, and sessions."""

from __future__ import annotations

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from digest.bootstrap import House
from digest.store import editors, events
from digest.store.engine import Database
from digest.web import sessions
from tests.houses import make_house
from tests.queue_of import notices_of
from tests.web.people import OWN_PAGE, TestClient, later, seated, visitor


def setup_path(house: House) -> str:
    link = sessions.setup_link(house, house.clock())
    assert link is not None
    return link.removeprefix(house.public_url)


def set_up(house: House) -> TestClient:
    client = visitor(house)
    form = {"email": "erin@example.net", "name": "Erin"}
    answer = client.post(setup_path(house), data=form, headers=OWN_PAGE)
    assert answer.status_code == 303
    return client


def login_path(house: House) -> str:
    """The link in the newest queued mail."""
    data = notices_of(house.database, "login")[-1].data
    return str(data["login_url"]).removeprefix(house.public_url)


def ask(client: TestClient, email: str = "erin@example.net") -> object:
    return client.post("/desk/login", data={"email": email}, headers=OWN_PAGE)


def queued(house: House) -> int:
    return len(notices_of(house.database, "login"))


def test_the_first_editor_is_made_by_the_printed_link_and_sits_down(house: House) -> None:
    path = setup_path(house)
    client = visitor(house)
    assert "You are the first editor" in client.get(path).text
    form = {"email": "erin@example.net", "name": "Erin"}
    answer = client.post(path, data=form, headers=OWN_PAGE)
    assert answer.headers["location"] == "/desk"
    assert client.get("/desk").status_code == 200
    with house.database.read() as session:
        erin = editors.by_email(session, "erin@example.net")
        assert erin is not None
        assert erin.role == "admin"
        assert [event.action for event in events.recent(session, limit=5)] == ["set up the desk"]


def test_the_set_up_link_works_once_and_while_there_is_no_editor(house: House) -> None:
    first, second = setup_path(house), setup_path(house)
    assert visitor(house).get(first).status_code == 410, "a newer link ends the one before"
    form = {"email": "erin@example.net", "name": "Erin"}
    assert visitor(house).post(first, data=form, headers=OWN_PAGE).status_code == 410
    assert visitor(house).post(second, data=form, headers=OWN_PAGE).status_code == 303
    mallory = {"email": "mallory@example.net", "name": "Mallory"}
    for path in (first, second, "/desk/setup/" + "x" * 22):
        assert visitor(house).get(path).status_code == 410
        assert visitor(house).post(path, data=mallory, headers=OWN_PAGE).status_code == 410
    with house.database.read() as session:
        assert editors.count(session) == 1
    assert sessions.setup_link(house, house.clock()) is None


def test_of_two_who_set_up_at_the_same_moment_one_gets_the_seat(
    postgres: Database, tmp_path: Path
) -> None:
    house = make_house(postgres, tmp_path)
    secret = setup_path(house).rpartition("/")[2]
    mallory = {"email": "mallory@example.net", "name": "Mallory"}
    with ThreadPoolExecutor(1) as pool:
        with postgres.write() as session:
            assert editors.add_first(session, "erin@example.net", name="Erin", now=house.clock())
            other = pool.submit(sessions.set_up, house, secret, **mallory)
            while not other.done() and not waiting(postgres):
                time.sleep(0.01)
        assert other.result() is None
    with postgres.read() as session:
        assert [editor.name for editor in editors.all(session)] == ["Erin"]


def waiting(database: Database) -> bool:
    """Somebody waits for a lock."""
    with database.read() as session:
        asked = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(session.connection().scalar(asked))


def test_the_set_up_link_ends_after_a_day(house: House) -> None:
    path = setup_path(house)
    later(house, hours=24, seconds=1)
    assert visitor(house).get(path).status_code == 410


def test_a_wrong_address_at_set_up_is_told_beside_the_field(sqlite_house: House) -> None:
    form = {"email": "erin@", "name": "Erin <b>"}
    answer = visitor(sqlite_house).post(setup_path(sqlite_house), data=form, headers=OWN_PAGE)
    assert answer.status_code == 422
    assert "no complete email address" in answer.text
    assert "Erin &lt;b&gt;" in answer.text
    nameless = visitor(sqlite_house).post(
        setup_path(sqlite_house), data={"email": "e@example.net", "name": " "}, headers=OWN_PAGE
    )
    assert nameless.status_code == 400


def test_a_login_link_opens_the_desk_by_its_button_only(house: House) -> None:
    set_up(house)
    client = visitor(house)
    assert ask(client).status_code == 200
    path = login_path(house)
    assert f'action="{path}"' in client.get(path).text
    assert client.get("/desk").status_code == 303
    answer = client.post(path, headers=OWN_PAGE)
    assert answer.headers["location"] == "/desk"
    assert client.get("/desk").status_code == 200


def test_a_login_link_works_once(house: House) -> None:
    set_up(house)
    client = visitor(house)
    ask(client)
    path, browser = login_path(house), client.cookies["browser"]
    client.post(path, headers=OWN_PAGE)
    client.cookies.set("browser", browser)
    assert client.get(path).status_code == 410
    assert client.post(path, headers=OWN_PAGE).status_code == 410


def test_a_login_link_works_only_in_the_browser_that_asked(house: House) -> None:
    set_up(house)
    client, thief = visitor(house), visitor(house)
    ask(client)
    ask(thief, "nobody@example.net")
    path = login_path(house)
    assert thief.get(path).status_code == 403
    assert thief.post(path, headers=OWN_PAGE).status_code == 403
    assert "Another browser" in visitor(house).get(path).text
    assert client.post(path, headers=OWN_PAGE).status_code == 303, "and was not used up"


def test_a_login_link_ends_after_ten_minutes(house: House) -> None:
    set_up(house)
    client = visitor(house)
    ask(client)
    later(house, minutes=10, seconds=1)
    assert client.post(login_path(house), headers=OWN_PAGE).status_code == 410


def test_both_of_two_links_asked_for_in_one_browser_work(house: House) -> None:
    set_up(house)
    client = visitor(house)
    ask(client)
    first = login_path(house)
    ask(client)
    assert client.get(first).status_code == 200


def test_asking_tells_nobody_who_has_a_seat(house: House) -> None:
    set_up(house)
    known, unknown = ask(visitor(house)), ask(visitor(house), "nobody@example.net")
    assert known.content == unknown.content
    assert known.status_code == unknown.status_code
    names = [{name for name, _ in answer.headers.items()} for answer in (known, unknown)]
    assert names[0] == names[1]
    assert queued(house) == 1


def test_a_network_and_an_editor_get_only_so_many_links(house: House) -> None:
    set_up(house)
    codes = [ask(visitor(house)).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]
    assert queued(house) == sessions.LINKS_PER_EDITOR
    assert ask(visitor(house, peer="198.51.100.1"), "e@").status_code == 422


def test_the_session_is_a_cookie_that_no_script_and_no_other_site_can_use(house: House) -> None:
    form = {"email": "erin@example.net", "name": "Erin"}
    answer = visitor(house).post(setup_path(house), data=form, headers=OWN_PAGE)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("desk=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_is_secure_and_of_this_host_alone(house: House) -> None:
    secure = dataclasses.replace(house, public_url="https://mail.gazette.example")
    form = {"email": "erin@example.net", "name": "Erin"}
    answer = visitor(secure).post(setup_path(secure), data=form, headers=OWN_PAGE)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-desk=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert part in cookie
    assert "Domain" not in cookie


def test_logging_out_closes_the_session_on_the_server(house: House) -> None:
    client = seated(house)
    secret = client.cookies["desk"]
    assert client.post("/desk/logout", data={"csrf": client.csrf}).status_code == 303
    client.cookies.set("desk", secret)
    assert client.get("/desk").headers["location"] == "/desk/login"


@pytest.mark.parametrize("hours", [12, 24 * 7])
def test_a_session_ends_when_idle_or_old(house: House, hours: int) -> None:
    client = seated(house)
    for _ in range(hours // 11):
        later(house, hours=11)
        assert client.get("/desk").status_code == 200
    later(house, hours=12, seconds=1)
    assert client.get("/desk").status_code == 303


def test_a_made_up_cookie_opens_nothing(sqlite_house: House) -> None:
    client = visitor(sqlite_house)
    client.cookies.set("desk", "x" * 22)
    assert client.get("/desk").status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://127.0.0.1:8000"}, 200),
        ({"origin": "http://127.0.0.1:8000", "sec-fetch-site": "cross-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_a_form_from_elsewhere_is_refused(
    sqlite_house: House, headers: dict[str, str], status: int
) -> None:
    form = {"email": "nobody@example.net"}
    answer = visitor(sqlite_house).post("/desk/login", data=form, headers=headers)
    assert answer.status_code == status


def test_a_form_of_another_session_is_refused(house: House) -> None:
    client, other = seated(house), seated(house)
    for csrf in (other.csrf, "", "ü"):
        assert client.post("/desk/logout", data={"csrf": csrf}).status_code == 403
    assert client.post("/desk/logout").status_code == 403
