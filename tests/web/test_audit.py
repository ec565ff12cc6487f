"""The audit log at the desk: a line for every act, and the page for admins."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from unittest import mock

import pyotp
import pytest

from digest import contests
from digest.audience.tokens import hash_secret
from digest.bootstrap import House
from digest.model import DeliveryState, EditorId
from digest.reconcile import reconcile
from digest.store import (
    articles,
    chain,
    editors,
    errands,
    events,
    factors,
    issues,
    subscribers,
    tokens,
)
from digest.store.engine import Database
from digest.store.errands import State
from digest.store.events import Event
from digest.web import sessions
from tests.articles import incoming
from tests.houses import MONDAY, SCHEDULE, make_house
from tests.test_reconcile import CUT_OFF, SEND, put
from tests.web.authenticator import Authenticator
from tests.web.people import (
    OWN_PAGE,
    PERIOD,
    TestClient,
    later,
    seated,
    set_clock,
    the_issue,
    visitor,
)
from tests.web.test_copies import TEXT
from tests.web.test_importing import LIST, wait
from tests.web.test_public import add
from tests.web.test_roles import listed
from tests.web.test_safe_methods import routes
from tests.web.test_sending import note
from tests.web.test_source_pages import FEED

ISSUE = f"/desk/sunday/{PERIOD}"

#: Unsafe routes of the desk that leave no line, and why.
NO_LINE = {
    "POST /desk/login": "a wish for a link changes nothing, and nobody knows yet whose it is",
    "POST /desk/login/passkey/ask": "a challenge changes nothing; its answer is told",
    "POST /desk/me/passkeys/ask": "a challenge changes nothing; its answer is told",
    "POST /desk/readers/search": "only looks; a POST so that no address stands in one",
    "POST /desk/house/suppressions/look": "only looks; a POST so that no address stands in one",
    "POST /desk/house/providers/{provider}/try": "asks for a connection; nothing is sent or changed",
}


def lines(house: House) -> list[Event]:
    with house.database.read() as session:
        return list(events.each(session, events.Wanted()))


class Walk:
    """Presses buttons, each of which must do something and leave a line of who did it."""

    def __init__(self, house: House) -> None:
        self.house, self.walked = house, set[str]()

    def press(self, route: str, client: TestClient, /, **fields: object) -> None:
        """Press the button of a route; `path` says which one where it has places in it."""
        path, files = str(fields.pop("path", route)), fields.pop("files", None)
        before = len(lines(self.house))
        given = {"csrf": client.csrf, **fields} if hasattr(client, "csrf") else fields
        answer = client.post(path, data=given, files=files)
        assert answer.status_code < 400, (route, answer.status_code, answer.text[-900:])
        assert "/desk/login" not in answer.headers.get("location", "") or "logout" in path, route
        new = lines(self.house)[before:]
        assert new, f"{route} left no line"
        who = [one.origin for one in new if one.actor.startswith("editor:")]
        assert set(who) == {"203.0.113.0/24"}, (route, new)
        self.walked.add(f"POST {route}")


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    (tmp_path / "feed.xml").write_bytes(FEED)
    source = f'\n[[sources]]\nkey = "site"\nkind = "feed"\npath = "{tmp_path / "feed.xml"}"\n'
    made = make_house(sqlite, tmp_path, schedule=SCHEDULE + source)
    return dataclasses.replace(made, public_url="http://localhost:8000")


def entering(walk: Walk) -> None:
    """Set up, in by a link, by a link with a code, by a passkey; and what a seat needs for it."""
    house = walk.house
    link = sessions.setup_link(house, house.clock())
    assert link is not None
    erin = visitor(house)
    erin.headers.update(OWN_PAGE)
    path = link.removeprefix(house.public_url)
    form = {"email": "erin.admin@example.net", "name": "Erin"}
    walk.press("/desk/setup/{token}", erin, path=path, **form)
    with house.database.write() as session:
        secret = tokens.issue(
            session,
            purpose="login",
            subject=1,
            scope=hash_secret("b"),
            now=house.clock(),
            lifetime=dt.timedelta(minutes=9),
        )
    erin.cookies.set("browser", "b")
    walk.press("/desk/login/{token}", erin, path=f"/desk/login/{secret}")
    erin = seated(house)
    device = Authenticator()
    asked = erin.post("/desk/me/passkeys/ask", data={"csrf": erin.csrf}).text
    walk.press("/desk/me/passkeys", erin, credential=device.create(asked), name="A key")
    stranger = visitor(house)
    stranger.headers.update(OWN_PAGE)
    asked = stranger.post("/desk/login/passkey/ask").text
    walk.press("/desk/login/passkey/show", stranger, credential=device.get(asked))
    walk_codes(walk)


def code(house: House) -> str:
    """What Erin's app shows now."""
    from digest.web import second

    with house.database.read() as session:
        app = factors.code_app(session, EditorId(1))
    assert app is not None
    later(house, seconds=30)
    return pyotp.TOTP(second._open(house, app.sealed)).at(house.clock())


def walk_codes(walk: Walk) -> None:
    house, erin = walk.house, seated(walk.house)
    walk.press("/desk/me/app", erin)
    walk.press("/desk/me/app/confirm", erin, code=code(house))
    walk.press("/desk/me/codes", erin)
    with house.database.write() as session:
        half = tokens.issue(
            session, purpose="half", subject=1, now=house.clock(), lifetime=dt.timedelta(minutes=9)
        )
    stranger = visitor(house)
    stranger.headers.update(OWN_PAGE)
    stranger.cookies.set("half", half)
    walk.press("/desk/login/code", stranger, code=code(house))
    walk.press("/desk/fresh", erin, code=code(house), then="/desk/me")
    walk.press("/desk/me/app/remove", erin)
    walk.press("/desk/me/passkeys/remove", erin, passkey="1")
    handle = hash_secret(seated(house).cookies["desk"])[:24]
    walk.press("/desk/me/sessions/end", erin, handle=handle)
    walk.press("/desk/me/sessions/end-others", erin)
    walk.press("/desk/logout", erin)


def seating(walk: Walk) -> None:
    """Somebody else gets a seat, another role, and loses it."""
    house, erin = walk.house, seated(walk.house)
    page = "/desk/house/editors"
    walk.press(page, erin, email="frank@example.net", name="Frank", role="editor")
    with house.database.read() as session:
        frank = editors.by_email(session, "frank@example.net")
    assert frank is not None
    for act, more in (
        ("role", {"role": "publisher"}),
        ("log-out", {}),
        ("unlock", {}),
        ("remove", {"sure": "yes"}),
    ):
        walk.press(f"{page}/{act}", erin, editor=frank.id, **more)


def shaping(walk: Walk) -> None:
    """A file is taken up, and Saturday's draft is shaped in every way."""
    house, erin = walk.house, seated(walk.house)
    note_of_goats = ("goats.md", b"---\ntitle: Goats\n---\nTwo goats came to the mole.\n")
    more = {"source": "desk", "base_url": "https://gazette.example"}
    walk.press("/desk/upload", erin, files={"file": note_of_goats}, **more)
    with house.database.write() as session:
        for title, words in (("One", TEXT), ("Two", f"{TEXT} more")):
            story = incoming(title, text=words, source="desk", published_at=MONDAY)
            articles.save(session, story, now=MONDAY)
    put(house, 8)
    reconcile(house, now=CUT_OFF)
    set_clock(house, CUT_OFF)
    erin = seated(house)
    content = the_issue(house).content
    assert content is not None
    copy = next(one for one in content.left_out if one.copy_of is not None)
    walk.press(
        "/desk/{newsletter}/{period}/apart", erin, path=f"{ISSUE}/apart", article=copy.article_id
    )
    stories = [one.article_id for one in content.stories]

    def shape(to: str, route: str, **fields: object) -> None:
        seen = erin.get(f"{ISSUE}/version").json()["version"]
        path = f"{ISSUE}/{to}"
        walk.press(f"/desk/{{newsletter}}/{{period}}/{route}", erin, path=path, seen=seen, **fields)

    shape("place", "place", do=f"{stories[2]} lead")
    shape(f"story/{stories[1]}", "story/{story}", title="Our own", summary="", alt="")
    shape(f"story/{stories[3]}/drop", "story/{story}/drop", reason="old")
    shape(f"story/{stories[4]}/join", "story/{story}/join", into=stories[2])
    shape(f"story/{stories[4]}/split", "story/{story}/split")
    shape("words", "words", subject="A subject of ours")
    shape("contest/off", "contest/off")
    shape("undo", "undo")
    shape("redo", "redo")


def deciding(walk: Walk) -> None:
    """The draft is proved, held, approved, taken back and approved; its send is steered; another week is skipped."""
    house, erin = walk.house, seated(walk.house)

    def decide(what: str, **fields: object) -> None:
        path = f"{ISSUE}/{what}"
        walk.press(f"/desk/{{newsletter}}/{{period}}/{what}", erin, path=path, **fields)

    def approve() -> None:
        edition = the_issue(house).edition
        assert edition is not None
        decide("approve", checksum=edition.checksum)

    decide("proof")
    seen = erin.get(f"{ISSUE}/version").json()["version"]
    terms = {"share": "80", "wait": "60", "measure": "hand"}
    with mock.patch.object(contests, "least_an_arm", return_value=0):
        decide("contest", seen=seen, second="Another", **terms)
    decide("reader", address="alice@one.example")
    decide("links")
    decide("hold", reason="wait")
    edition = the_issue(house).edition
    assert edition is not None
    route = "/desk/{newsletter}/{period}/approval/{checksum}"
    walk.press(route, erin, path=f"{ISSUE}/approval/{edition.checksum}")
    decide("withdraw")
    decide("skip", reason="a holiday")
    with house.database.write() as session:
        issues.revive(session, the_issue(house).id, now=house.clock())
    reconcile(house, now=house.clock())
    approve()
    set_clock(house, SEND)
    with mock.patch.object(contests, "least_an_arm", return_value=0):
        reconcile(house, now=SEND)
    erin = seated(house)
    decide("contest/choose", arm="b")
    decide("pause", reason="a typo")
    with house.database.read() as session:
        alice = subscribers.by_address(session, "alice@one.example")
    assert alice is not None
    note(house, alice.id, DeliveryState.FAILED, "550 no")
    decide("resend")
    decide("resume")
    decide("cancel", sure="yes")
    decide("unpublish", reason="a wrong name")
    decide("publish")


def bringing_in(walk: Walk) -> None:
    """Sources and providers are asked; a file of readers is looked at, taken over, undone; others are dropped."""
    house, erin, page = walk.house, seated(walk.house), "/desk/house/errands"
    walk.press("/desk/house/sources/{source}/read", erin, path="/desk/house/sources/site/read")
    walk.press("/desk/house/providers/again", erin)

    def press(what: str, number: int, **fields: object) -> None:
        walk.press(f"{page}/{{number}}/{what}", erin, path=f"{page}/{number}/{what}", **fields)
        wait(erin)

    for _ in range(3):
        walk.press(
            "/desk/house/imports", erin, files={"file": ("a.csv", LIST)}, newsletter="sunday"
        )
        wait(erin)
    press("columns", 1, columns="email=1")
    press("errors", 1)
    press("confirm", 1, sure="yes")
    undo = "/desk/house/imports/{number}/undo"
    walk.press(undo, erin, path="/desk/house/imports/1/undo", sure="yes")
    wait(erin)
    press("drop", 2)
    with house.database.write() as session:
        errands.move(session, errands.by_id(session, 3), State.RUNNING, now=house.clock())
    later(house, minutes=10)
    press("again", 3)


def readers(walk: Walk) -> None:
    """One reader is fetched, suppressed, lifted, let go and erased; an address as well."""
    house, erin = walk.house, seated(walk.house)
    with house.database.read() as session:
        alice = subscribers.by_address(session, "alice@one.example")
    assert alice is not None
    page, path = "/desk/readers/{number}", f"/desk/readers/{alice.id}"
    for what, fields in (
        ("proof", {}),
        ("everything", {}),
        ("suppress", {"reason": "manual"}),
        ("lift", {"why": "she asked"}),
        ("leave", {"newsletter": "sunday", "sure": "yes"}),
        ("erase", {"address": "alice@one.example"}),
    ):
        walk.press(f"{page}/{what}", erin, path=f"{path}/{what}", **fields)
    wait(erin)
    page = "/desk/house/suppressions"
    walk.press(f"{page}/add", erin, address="bob@one.example", reason="manual")
    walk.press(f"{page}/lift", erin, address="bob@one.example", why="he asked")
    walk.press(f"{page}/export", erin)


def programs(walk: Walk) -> None:
    """A token is given and taken back; a webhook is made, tried, told again, put off and removed."""
    erin, page = seated(walk.house), "/desk/house/tokens"
    walk.press(page, erin, name="The site", days="90", articles_write="yes")
    walk.press(f"{page}/revoke", erin, token="1", sure="yes")
    page, one = "/desk/house/webhooks", "/desk/house/webhooks/{number}"
    walk.press(page, erin, newsletter="sunday", url="https://x.example/in", issue_sent="yes")
    for what, fields in (
        ("test", {}),
        ("again", {"delivery": 1}),
        ("secret", {}),
        ("state", {"state": "off"}),
        ("remove", {"sure": "yes"}),
    ):
        walk.press(f"{one}/{what}", erin, path=f"{page}/1/{what}", **fields)


def test_every_unsafe_route_of_the_desk_leaves_a_line_of_who_did_it(house: House) -> None:
    walk = Walk(house)
    add(house, "alice@one.example", confirmed=True)
    entering(walk)
    seating(walk)
    shaping(walk)
    deciding(walk)
    bringing_in(walk)
    readers(walk)
    programs(walk)
    every = {one for route in routes(visitor(house)) for one in listed(route)}
    unsafe = {one for one in every if one.startswith("POST /desk")}
    assert walk.walked | NO_LINE.keys() == unsafe
    assert not walk.walked & NO_LINE.keys()
    with house.database.read() as session:
        assert chain.verify(session).broken is None
    assert "@" not in repr(lines(house))


def test_a_failed_login_is_a_line_and_a_flood_of_them_is_not(house: House) -> None:
    seated(house)
    stranger = visitor(house)
    for _ in range(sessions.NOTED_PER_NETWORK + 5):
        assert stranger.post("/desk/login/made-up", headers=OWN_PAGE).status_code == 410
    failed = [one for one in lines(house) if one.action == "failed login"]
    assert len(failed) == sessions.NOTED_PER_NETWORK
    assert (failed[0].actor, failed[0].data, failed[0].origin) == (
        "somebody",
        {"why": "a link: gone"},
        "203.0.113.0/24",
    )


def test_the_page_tells_who_did_what_and_is_filtered_and_paged(house: House) -> None:
    erin = seated(house)
    with house.database.write() as session:
        gone = editors.add(session, "gone@example.net", now=house.clock())
        editors.remove(session, gone, now=house.clock())
        for n in range(60):
            subject, data = f"sunday/{PERIOD}", {"checksum": "ab" * 32, "n": n}
            at = house.clock() + dt.timedelta(days=n)
            events.record(
                session, at=at, actor="editor:1", action="approved", subject=subject, data=data
            )
        events.record(session, at=house.clock(), actor=f"editor:{gone}", action="held <b>")
        events.record(session, at=house.clock(), actor="subscriber:7", action="confirmed")
    page = erin.get("/desk/house/audit").text
    for words in (
        "Erin",
        f"Editor {gone}, who has no seat now",
        "Held &lt;b&gt;",
        "Subscriber 7",
        "abababababab…",
    ):
        assert words in page
    assert page.count('<tr id="line-') == 50
    older = erin.get("/desk/house/audit?below=13").text
    assert older.count('<tr id="line-') == 12
    assert "Older lines" not in older
    assert "Older lines" in page
    for query, count in (
        ("what=confirmed", 1),
        ("who=editor:1&since=2026-11-24&until=2026-11-26", 3),
        ("on=sunday&since=2027-01-01", 21),
        ("on=somewhere", 0),
    ):
        assert erin.get(f"/desk/house/audit?{query}").text.count('<tr id="line-') == count, query
    for query in ("since=yesterday", "below=x", "below=" + "9" * 30, "until=2026-13-01"):
        assert erin.get(f"/desk/house/audit?{query}").status_code == 422
    newest = lines(house)[-1]
    assert f"{newest.number}:{newest.hash}" in page
