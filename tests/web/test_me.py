"""An editor's own page: sessions, passkeys, codes of an app, recovery codes; and the doors that they open."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path

import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text

from digest.audience.tokens import hash_secret
from digest.bootstrap import House
from digest.model import EditorId
from digest.store import editors, events, factors, tokens
from digest.store.engine import Database
from digest.store.tables import SessionRow
from digest.web import second
from tests.houses import make_house
from tests.web import people
from tests.web.authenticator import PRESENT, Authenticator
from tests.web.people import OWN_PAGE, TestClient, later, visitor

PAGE = "/desk/me"


#: The first visitor of each house, whose application serves the others as well.
FIRST: dict[int, TestClient] = {}


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    FIRST.clear()
    return dataclasses.replace(make_house(sqlite, tmp_path), public_url="http://localhost:8000")


def first(house: House) -> TestClient:
    if id(house) not in FIRST:
        FIRST[id(house)] = visitor(house)
    return FIRST[id(house)]


def seated(house: House, role: str = "admin") -> TestClient:
    return people.seated(house, role, beside=first(house))


def at_the_door(house: House, **cookies: str) -> TestClient:
    client = visitor(house, beside=first(house))
    client.headers.update(OWN_PAGE)
    for name, value in cookies.items():
        client.cookies.set(name, value)
    return client


def press(client: TestClient, path: str, **fields: str) -> object:
    return client.post(f"{PAGE}/{path}", data={"csrf": client.csrf, **fields})  # type: ignore[attr-defined]


def erin(house: House, role: str = "admin") -> EditorId:
    with house.database.read() as session:
        found = editors.by_email(session, f"erin.{role}@example.net")
    assert found is not None
    return found.id


def last(house: House) -> tuple[str, object]:
    with house.database.read() as session:
        (event,) = events.find(session, events.Wanted(), limit=1)
    return event.action, dict(event.data)


# ---------------------------------------------------------------- sessions


def test_other_sessions_are_told_and_ended_one_or_all(house: House) -> None:
    here, phone, laptop = seated(house), seated(house), seated(house)
    assert here.get(PAGE).text.count("End this one") == 2
    handle = hash_secret(phone.cookies["desk"])[:24]
    press(here, "sessions/end", handle=handle)
    assert phone.get("/desk").status_code == 303
    assert laptop.get("/desk").status_code == 200
    press(here, "sessions/end-others")
    assert laptop.get("/desk").status_code == 303
    assert here.get("/desk").status_code == 200
    assert last(house) == ("ended a session", {"count": 1})


def test_nobody_ends_a_session_of_somebody_else(house: House) -> None:
    other = seated(house, "viewer")
    press(seated(house), "sessions/end", handle=hash_secret(other.cookies["desk"])[:24])
    assert other.get("/desk").status_code == 200
    assert press(seated(house), "sessions/end", handle="").status_code == 400


def test_a_session_tells_its_browser_and_network_for_its_owner_to_know_it(house: House) -> None:
    seated(house)
    client = at_the_door(house, browser="b")
    client.headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"
    client.post(link(house))
    page = client.get(PAGE).text
    assert "Firefox, Linux" in page
    assert "203.0.113.0/24" in page
    assert "203.0.113.9" not in page


def link(house: House) -> str:
    """Where a mailed link leads, for whoever has the cookie `browser=b`."""
    with house.database.write() as session:
        secret = tokens.issue(
            session,
            purpose="login",
            subject=erin(house),
            scope=hash_secret("b"),
            now=house.clock(),
            lifetime=dt.timedelta(minutes=10),
        )
    return f"/desk/login/{secret}"


def by_link(house: House) -> TestClient:
    """Somebody who reads Erin's mail, and pressed the button behind the link."""
    client = at_the_door(house, browser="b")
    client.post(link(house))
    return client


def test_a_login_ends_the_session_of_before_in_the_same_browser(house: House) -> None:
    client = seated(house)
    before = client.cookies["desk"]
    client.cookies.set("browser", "b")
    assert "desk=" in client.post(link(house)).headers["set-cookie"]
    assert at_the_door(house, desk=before).get("/desk").status_code == 303


# ---------------------------------------------------------------- passkeys


def registered(house: House) -> Authenticator:
    client, device = seated(house), Authenticator()
    asked = press(client, "passkeys/ask").text
    assert (
        press(client, "passkeys", credential=device.create(asked), name="A <key>").status_code
        == 303
    )
    return device


def asked(client: TestClient) -> str:
    told: str = client.post("/desk/login/passkey/ask").text
    return told


def show(client: TestClient, credential: str, **more: str) -> object:
    return client.post("/desk/login/passkey/show", data={"credential": credential, **more})


def test_a_passkey_is_added_and_opens_the_desk_alone(house: House) -> None:
    device, client = registered(house), at_the_door(house)
    answer = show(client, device.get(asked(client)), then="/desk/house/editors")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/house/editors")
    page = client.get(PAGE).text
    assert "A &lt;key&gt;" in page
    assert "by passkey" in page
    assert last(house) == ("logged in", {"by": "passkey"})


def test_where_to_go_on_is_a_page_of_the_desk_and_nothing_else(house: House) -> None:
    device = registered(house)
    for then in (
        "//evil.example",
        "https://evil.example",
        "/desk/../leave",
        "/desk//x",
        "/n/sunday",
    ):
        client = at_the_door(house)
        assert show(client, device.get(asked(client)), then=then).headers["location"] == "/desk"


def test_an_answer_that_is_not_quite_right_opens_nothing(house: House) -> None:
    device, stranger = registered(house), ec.generate_private_key(ec.SECP256R1())
    for wrong in (
        {"origin": "http://localhost:8001"},
        {"origin": "https://evil.example"},
        {"party": "evil.example"},
        {"flags": PRESENT},  # the device did not ask for finger, face or PIN
        {"flags": 0},
        {"handle": ""},
        {"handle": "b3RoZXI"},
        {"key": stranger},
    ):
        client = at_the_door(house)
        answer = show(client, device.get(asked(client), **wrong))
        assert answer.status_code == 422, wrong
        assert "That passkey opened nothing" in answer.text
        assert client.get("/desk").status_code == 303, wrong
    assert last(house)[0] == "failed login"


def test_a_challenge_is_good_once_for_five_minutes_and_one_browser(house: House) -> None:
    device, client = registered(house), at_the_door(house)
    options = asked(client)
    good = device.get(options)
    assert show(at_the_door(house, browser="other"), good).status_code == 422, "another browser"
    assert show(client, good).status_code == 422, "and it is used up by that"
    good = device.get(asked(client))
    browser = client.cookies["browser"]
    assert show(client, good).status_code == 303
    assert show(at_the_door(house, browser=browser), good).status_code == 422, "replayed"
    client = at_the_door(house)
    good = device.get(asked(client))
    later(house, minutes=5, seconds=1)
    assert show(client, good).status_code == 422, "too late"


def test_a_challenge_of_a_login_adds_no_passkey_and_the_other_way_round(house: House) -> None:
    device, client = registered(house), seated(house)
    mine = press(client, "passkeys/ask").text
    as_login = mine.replace('"rp":', '"rpId": "localhost", "rp":')
    assert show(client, device.get(as_login)).status_code == 422
    other = Authenticator(credential=b"another")
    options = asked(client).replace(
        '"rpId"', '"user": {"id": "eA"}, "rp": {"id": "localhost"}, "rpId"'
    )
    answer = press(client, "passkeys", credential=other.create(options))
    assert answer.status_code == 422


def test_a_counter_that_goes_back_is_a_copied_key(house: House) -> None:
    device, client = registered(house), at_the_door(house)
    device.counter = 41
    assert show(client, device.get(asked(client))).status_code == 303
    device.counter = 7
    client = at_the_door(house)
    assert show(client, device.get(asked(client))).status_code == 422


def test_what_is_no_answer_of_a_browser_is_refused(house: House) -> None:
    registered(house)
    client = at_the_door(house)
    for nonsense in (
        "",
        "{",
        "[]",
        "1",
        '{"response": 1}',
        '{"response": {"clientDataJSON": "e30"}}',
        "[" * 9000,
    ):
        assert show(client, nonsense).status_code in (400, 422), nonsense[:20]


def test_a_passkey_that_was_removed_opens_nothing(house: House) -> None:
    device = registered(house)
    assert press(seated(house), "passkeys/remove", passkey="1").status_code == 303
    client = at_the_door(house)
    assert show(client, device.get(asked(client))).status_code == 422


def test_a_device_that_did_not_verify_its_user_is_not_added(house: House) -> None:
    client = seated(house)
    told = press(client, "passkeys/ask").text
    answer = press(client, "passkeys", credential=Authenticator().create(told, flags=PRESENT))
    assert answer.status_code == 422
    told = press(client, "passkeys/ask").text
    answer = press(
        client, "passkeys", credential=Authenticator().create(told, origin="https://evil.example")
    )
    assert "No passkey was added" in answer.text


def test_passkeys_are_offered_where_browsers_know_them() -> None:
    for url in (
        "https://desk.gazette.example",
        "http://localhost:8000",
        "https://desk.gazette.example:444",
    ):
        assert second.passkeys_work(url)
    for url in (
        "http://127.0.0.1:8000",
        "https://192.0.2.1",
        "http://desk.gazette.example",
        "https://[2001:db8::1]",
    ):
        assert not second.passkeys_work(url)


# ---------------------------------------------------------------- codes


def app_of(house: House) -> pyotp.TOTP:
    with house.database.read() as session:
        app = factors.code_app(session, erin(house))
    assert app is not None
    return pyotp.TOTP(second._open(house, app.sealed))


def with_app(house: House) -> list[str]:
    """Erin has an app; her recovery codes."""
    client = seated(house)
    page = press(client, "app").text
    assert "<svg" in page
    typed = re.search(r'class="typed">([A-Z2-7 ]+)<', page)
    assert typed is not None
    made = pyotp.TOTP(typed[1].replace(" ", ""))
    shown = press(client, "app/confirm", code=made.at(house.clock())).text
    codes = re.findall(r"<li>((?:[a-z0-9]{5}-){4}[a-z0-9]{5})</li>", shown)
    assert len(codes) == second.CODES
    later(house, seconds=30)
    return codes


def test_with_an_app_a_link_alone_opens_nothing(house: House) -> None:
    seated(house)
    with_app(house)
    client = by_link(house)
    assert client.get("/desk").status_code == 303
    assert "The code that your app shows" in client.get("/desk/login/code").text
    code = app_of(house).at(house.clock())
    answer = client.post("/desk/login/code", data={"code": f"{code[:3]} {code[3:]}"})
    assert answer.headers["location"] == "/desk"
    assert client.get("/desk").status_code == 200
    assert last(house) == ("logged in", {"by": "link+code"})


def test_a_code_is_taken_once_and_an_older_one_never(house: House) -> None:
    seated(house)
    with_app(house)
    code, before = (
        app_of(house).at(house.clock()),
        app_of(house).at(house.clock() - dt.timedelta(seconds=30)),
    )
    assert by_link(house).post("/desk/login/code", data={"code": code}).status_code == 303
    for used in (code, before):
        client = by_link(house)
        assert client.post("/desk/login/code", data={"code": used}).status_code == 422
    later(house, seconds=30)
    fresh = app_of(house).at(house.clock() + dt.timedelta(seconds=30))
    assert by_link(house).post("/desk/login/code", data={"code": fresh}).status_code == 303, (
        "clocks differ"
    )
    far = app_of(house).at(house.clock() + dt.timedelta(minutes=2))
    assert by_link(house).post("/desk/login/code", data={"code": far}).status_code == 422


def test_ten_codes_in_a_quarter_of_an_hour_and_then_not_even_the_right_one(house: House) -> None:
    """Counted for the person: another link, and another door, begin no new count."""
    seated(house)
    with_app(house)
    client = seated(house)
    wrong = [
        by_link(house).post("/desk/login/code", data={"code": "000000"}).status_code
        for _ in range(5)
    ]
    wrong += [
        client.post("/desk/fresh", data={"csrf": client.csrf, "code": "000000"}).status_code
        for _ in range(4)
    ]
    assert wrong == [422] * 9, "the one that confirmed the app counts as well"
    right = {"code": app_of(house).at(house.clock())}
    assert by_link(house).post("/desk/login/code", data=right).status_code == 429
    assert client.post("/desk/fresh", data={"csrf": client.csrf, **right}).status_code == 429
    later(house, minutes=15, seconds=1)
    right = {"code": app_of(house).at(house.clock())}
    assert by_link(house).post("/desk/login/code", data=right).status_code == 303


def test_a_recovery_code_opens_once_and_is_kept_as_a_hash(house: House) -> None:
    seated(house)
    lost, *_ = with_app(house)
    for written, status in ((lost.upper().replace("-", " "), 303), (lost, 422)):
        client = by_link(house)
        assert client.post("/desk/login/code", data={"code": written}).status_code == status
    with house.database.read() as session:
        assert factors.held(session, erin(house)).codes == second.CODES - 1
        rows = session.connection().execute(text("SELECT * FROM recovery_code")).all()
        sealed = session.connection().execute(text("SELECT sealed FROM code_app")).scalar_one()
    assert lost.replace("-", "") not in repr(rows)
    assert app_of(house).secret not in sealed


def test_an_app_that_was_begun_and_never_confirmed_asks_for_nothing(house: House) -> None:
    press(seated(house), "app")
    assert by_link(house).get("/desk").status_code == 200
    code = app_of(house).at(house.clock())
    client = seated(house)
    answer = client.post("/desk/fresh", data={"csrf": client.csrf, "code": code})
    assert answer.status_code == 422, "and proves nothing"
    assert press(client, "app/confirm", code="000000").status_code == 422


def test_a_link_that_was_opened_is_half_a_login_for_ten_minutes_and_once(house: House) -> None:
    seated(house)
    with_app(house)
    client = by_link(house)
    half = client.cookies["half"]
    code = {"code": app_of(house).at(house.clock())}
    assert client.post("/desk/login/code", data=code).status_code == 303
    thief = at_the_door(house, half=half)
    assert thief.get("/desk/login/code").status_code == 303, "used up"
    client = by_link(house)
    later(house, minutes=10, seconds=1)
    assert client.post("/desk/login/code", data=code).headers["location"] == "/desk/login"
    assert (
        at_the_door(house).post("/desk/login/code", data=code).headers["location"] == "/desk/login"
    )


def test_another_secret_key_makes_an_apps_codes_worthless_and_recovery_codes_still_open(
    house: House,
) -> None:
    seated(house)
    lost, *_ = with_app(house)
    code = {"code": app_of(house).at(house.clock())}
    other = dataclasses.replace(house, key=b"x" * 32)
    assert by_link(other).post("/desk/login/code", data=code).status_code == 422
    assert by_link(other).post("/desk/login/code", data={"code": lost}).status_code == 303


# ---------------------------------------------------------------- freshness and the settings' wish


def test_what_lets_somebody_in_is_changed_right_after_a_login_only(house: House) -> None:
    client = seated(house)
    later(house, minutes=15, seconds=1)
    for path in (
        "passkeys/ask",
        "passkeys",
        "passkeys/remove",
        "app",
        "app/confirm",
        "app/remove",
        "codes",
    ):
        assert press(client, path).headers["location"] == f"/desk/fresh?then={PAGE}", path
    assert "Send me a link" in client.get(f"/desk/fresh?then={PAGE}").text
    assert press(client, "sessions/end-others").headers["location"] == PAGE


def test_a_code_makes_a_login_fresh_again(house: House) -> None:
    seated(house)
    with_app(house)
    client = seated(house)
    later(house, minutes=16)
    code = app_of(house).at(house.clock())
    form = {"csrf": client.csrf, "code": code, "then": "/desk/house/editors"}
    assert client.post("/desk/fresh", data=form).headers["location"] == "/desk/house/editors"
    assert press(client, "codes").status_code == 200


def test_who_must_have_more_than_a_link_sets_it_up_before_anything_else(house: House) -> None:
    house = dataclasses.replace(house, second_factor="admins")
    client = seated(house)
    assert client.get("/desk").headers["location"] == PAGE
    assert client.post("/desk/upload", data={"csrf": client.csrf}).headers["location"] == PAGE
    page = client.get(PAGE).text
    assert "Your seat needs more than a mailed link" in page
    assert seated(house, "publisher").get("/desk").status_code == 200
    told = press(client, "passkeys/ask").text
    press(client, "passkeys", credential=Authenticator().create(told))
    assert client.get("/desk").status_code == 200, "who added one has shown it"
    client = by_link(house)
    assert client.get("/desk").status_code == 303
    assert "Your seat wants your passkey" in client.get("/desk/login/code").text
    everybody = dataclasses.replace(house, second_factor="everybody")
    assert seated(everybody, "viewer").get("/desk").headers["location"] == PAGE


def test_the_last_of_what_the_settings_want_cannot_be_removed(house: House) -> None:
    registered(house)
    strict = dataclasses.replace(house, second_factor="admins")
    client = seated(strict)
    with house.database.write() as session:
        from sqlalchemy import update

        session.execute(update(SessionRow).values(strong=True))
    refused = press(client, "passkeys/remove", passkey="1")
    assert (refused.status_code, "add another one first" in refused.text) == (409, True)
    assert press(seated(house), "passkeys/remove", passkey="1").status_code == 303
