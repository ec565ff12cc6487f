"""Two subjects at the desk and at their doors: set, refused, approved with all their terms, counted, chosen between."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from digest.audience import tokens
from digest.bootstrap import House
from digest.delivery import freeze, sender
from digest.mail import routes
from digest.model import Arm, Contest, IssueStatus, Measure
from digest.reconcile import reconcile
from digest.store import contests, events, issues, sends, subscribers
from digest.store.contests import Held
from digest.store.engine import Database
from tests.delivery.subjects_tried import Postbox, few
from tests.delivery.sundays import names, put_readers
from tests.houses import make_house
from tests.test_reconcile import CUT_OFF, SEND, put
from tests.web.people import PERIOD, TestClient, seated, set_clock, the_issue, visitor

__all__ = ["few"]

PATH = f"/desk/sunday/{PERIOD}"
TERMS = {"second": "The other one", "share": "80", "wait": "120", "measure": "clicks"}
#: As a browser calls itself; the second one is Apple's, which loads every picture.
PERSON, APPLE = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "Mozilla/5.0"


@pytest.fixture
def house(sqlite: Database, tmp_path: Path, few: None) -> House:
    """A house with a final draft and readers enough for a contest."""
    made = make_house(sqlite, tmp_path)
    made = dataclasses.replace(made, provider=Postbox())
    put(made, 4)
    put_readers(made, names(60))
    reconcile(made, now=CUT_OFF)
    set_clock(made, CUT_OFF)
    return made


def press(client: TestClient, to: str, **fields: object) -> str:
    """Press a button of the page as it is now; the page that it leads to. `status` of it is at the client."""
    form = {"csrf": client.csrf, "seen": client.get(f"{PATH}/version").json()["version"]}  # type: ignore[attr-defined]
    answer = client.post(f"{PATH}/{to}", data={**form, **fields})
    client.status = answer.status_code  # type: ignore[attr-defined]
    return html.unescape(answer.text)


def contest_of(house: House) -> Contest | None:
    content = the_issue(house).content
    return content.contest if content else None


def held(house: House) -> Held:
    with house.database.read() as session:
        found = contests.of_send(session, sends.of_issue(session, the_issue(house).id).id)
    assert found is not None
    return found


def on_its_way(house: House, **terms: str) -> TestClient:
    """Both subjects are approved, the test is out; a publisher's browser."""
    erin = seated(house, "publisher")
    press(erin, "contest", **{**TERMS, **terms})
    issue = the_issue(house)
    assert issue.edition is not None
    with house.database.write() as session:
        issues.approve(session, issue.id, issue.edition.checksum, by="Erin", now=CUT_OFF)
    set_clock(house, SEND)
    freeze.freeze(house, the_issue(house), now=SEND)
    sender.drain(house)
    return seated(house, "publisher")


# ---------------------------------------------------------------- before the send


def test_an_editor_tries_two_subjects_and_sees_when_the_winner_goes(house: House) -> None:
    erin = seated(house, "editor")
    page = erin.get(PATH).text
    assert "at 10:00, after 2 hours" in page
    assert "at 14:00, after 6 hours" in page
    assert "20 %: 6 readers each (too few, it takes 10)" in page
    before = the_issue(house).edition
    press(erin, "contest", **TERMS)
    assert erin.status == 303  # type: ignore[attr-defined]
    assert contest_of(house) == Contest(
        second="The other one", share=80, wait_s=7200, measure=Measure.CLICKS
    )
    assert before != the_issue(house).edition
    page = html.unescape(erin.get(PATH).text)
    assert "Each subject goes to about 24 readers first." in page
    assert "Sunday 29 November, 10:00" in page
    assert "the share, the wait and what decides are approved with it" in page
    press(erin, "undo")
    assert contest_of(house) is None, "one press is taken back by one"
    assert "two subjects tried" not in erin.get(PATH).text
    press(erin, "redo")
    assert "two subjects tried" in erin.get(PATH).text
    press(erin, "contest/off")
    assert contest_of(house) is None


def test_a_change_of_any_term_takes_the_approval_back(house: House) -> None:
    erin = seated(house, "publisher")
    press(erin, "contest", **TERMS)
    for changed in ({"second": "A third"}, {"share": "79"}, {"wait": "60"}, {"measure": "hand"}):
        edition = the_issue(house).edition
        assert edition is not None
        press(erin, "approve", checksum=edition.checksum)
        form = {"csrf": erin.csrf, "checksum": edition.checksum}  # type: ignore[attr-defined]
        erin.post(f"{PATH}/approve", data=form)
        assert the_issue(house).status is IssueStatus.APPROVED
        press(erin, "contest", **{**TERMS, **changed})
        assert the_issue(house).status is IssueStatus.DRAFT
        assert the_issue(house).edition != edition


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"share": "20"}, "with a share of 20 % that is a list of 100 readers"),
        ({"wait": "361"}, "more than 6 h after the send's hour"),
        ({"wait": "10"}, "expected minutes"),
        ({"share": "95"}, "expected percent"),
        ({"measure": "luck"}, "expected one of clicks, opens, hand"),
    ],
)
def test_what_teaches_nothing_or_comes_too_late_is_refused_and_what_was_typed_stays(
    house: House, terms: dict[str, str], said: str
) -> None:
    erin = seated(house, "editor")
    page = press(erin, "contest", **{**TERMS, **terms})
    assert erin.status == 409  # type: ignore[attr-defined]
    assert said in page
    assert 'value="The other one"' in page
    assert contest_of(house) is None


def approval_of(house: House) -> str:
    edition = the_issue(house).edition
    assert edition is not None
    return f"{PATH}/approval/{edition.checksum}"


def test_a_reminders_link_shows_both_subjects_and_their_terms_before_its_button(
    house: House,
) -> None:
    erin = seated(house, "publisher")
    press(erin, "contest", **{**TERMS, "measure": "hand"})
    first = approval_of(house)
    page = html.unescape(erin.get(first).text)
    assert "The other one" in page.partition("Approve exactly this draft")[0]
    assert "80 % of the readers get one of them first; 2 hours later the one that" in page
    press(erin, "contest", **{**TERMS, "second": "The third one"})
    page = html.unescape(erin.get(first).text)
    assert "Subject B" in page.partition("What is different")[2]
    assert "<del>other</del> <ins>third</ins>" in page
    press(erin, "contest/off")
    assert "<del>The other one</del>" in erin.get(first).text


def test_the_same_subject_twice_is_no_contest(house: House) -> None:
    erin = seated(house, "editor")
    content = the_issue(house).content
    assert content is not None
    assert "both subjects are the same" in press(
        erin, "contest", **{**TERMS, "second": content.subject}
    )


def test_a_list_that_is_too_small_is_told_how_many_readers_it_takes(
    sqlite: Database, tmp_path: Path
) -> None:
    house = make_house(sqlite, tmp_path)
    put(house, 4)
    put_readers(house, names(12))
    reconcile(house, now=CUT_OFF)
    set_clock(house, CUT_OFF)
    page = html.unescape(seated(house, "editor").get(PATH).text)
    assert "12 readers are too few to learn anything" in page
    assert "with 80 % one of 498" in page
    assert 'name="second"' not in page


def test_two_editors_who_write_the_second_subject_at_once_see_both(house: House) -> None:
    erin, frank = seated(house, "editor"), seated(house, "admin")
    seen = frank.get(f"{PATH}/version").json()["version"]
    press(erin, "contest", **TERMS)
    page = press(frank, "contest", **{**TERMS, "second": "Mine"}, seen=seen)
    assert frank.status == 409  # type: ignore[attr-defined]
    assert "changed the second subject meanwhile: “The other one”" in page
    assert 'value="Mine"' in page


def test_the_preview_of_each_arm_is_what_its_readers_get(house: House) -> None:
    erin = on_its_way(house)
    post = house.provider
    assert isinstance(post, Postbox)
    for arm, subject in (("a", held_subject(house)), ("b", "The other one")):
        raw = erin.get(f"{PATH}/source?arm={arm}").content
        assert message_from_bytes(raw, policy=default)["subject"] == subject
        assert f"/r/sunday/{PERIOD}/{arm}/".encode() in raw.replace(b"=\n", b"").replace(
            b"=\r\n", b""
        )
        page = erin.get(f"{PATH}/preview?arm={arm}").text
        assert f"/r/sunday/{PERIOD}/{arm}/" in page
    assert f"/r/sunday/{PERIOD}/a/" not in erin.get(f"{PATH}/preview").text
    assert set(post.told) == {held_subject(house), "The other one"}


def held_subject(house: House) -> str:
    content = the_issue(house).content
    assert content is not None
    return content.subject


@pytest.mark.parametrize(("arm", "other"), [("a", "The other one"), ("b", "")])
def test_the_archive_is_under_the_subject_that_most_readers_got(
    house: House, arm: str, other: str
) -> None:
    erin = on_its_way(house)
    erin.post(f"{PATH}/contest/choose", data={"csrf": erin.csrf, "arm": arm})  # type: ignore[attr-defined]
    sender.drain(house)
    reconcile(house, now=house.clock())
    own = held_subject(house)
    subject, left = (own, other) if arm == "a" else ("The other one", own)
    places = ("/archive/sunday", "/archive/sunday/feed.xml", f"/archive/sunday/{PERIOD}")
    for path in places:
        page = html.unescape(erin.get(path).text)
        assert subject in page, path
        if path.endswith(("sunday", ".xml")):
            assert left not in page, path
    shared = html.unescape(erin.get(f"/archive/sunday/{PERIOD}").text)
    assert f"<title>{subject}" in shared
    assert f'property="og:title" content="{subject}"' in shared


# ---------------------------------------------------------------- while it runs


def test_the_send_page_shows_both_arms_and_a_publisher_chooses(house: House) -> None:
    erin = on_its_way(house)
    page = html.unescape(erin.get(PATH).text)
    assert "The better one is chosen in 1 hour 55 minutes" in page
    assert "Send A to the rest now" in page
    assert "The rest goes out Sunday 29 November, 10:00 (in 2 hours)" in page
    assert page.index('id="contest"') < page.index('id="deliveries-title"'), "it waits for somebody"
    before = erin.get(f"{PATH}/version").json()["progress"]
    press_link(house, Arm.B)
    assert erin.get(f"{PATH}/version").json()["progress"] != before
    erin.post(f"{PATH}/contest/choose", data={"csrf": erin.csrf, "arm": "b"})  # type: ignore[attr-defined]
    assert (held(house).winner, held(house).decided_by) == (Arm.B, "Erin")
    page = html.unescape(erin.get(PATH).text)
    assert "B goes to the rest" in page
    assert "Erin chose B." in page
    assert "Send A instead" in page
    assert page.index('id="contest"') > page.index('id="deliveries-title"')
    with house.database.read() as session:
        (line,) = [e for e in events.recent(session, limit=9) if e.action == "chose the subject"]
    assert line.actor.startswith("editor:")
    assert "Erin" not in str(line.data), "the log names nobody"
    sender.drain(house)
    answer = erin.post(f"{PATH}/contest/choose", data={"csrf": erin.csrf, "arm": "a"})  # type: ignore[attr-defined]
    assert answer.status_code == 409
    assert "the rest has begun" in answer.text


def press_link(house: House, arm: Arm, *, agent: str = PERSON, peer: str = "203.0.113.9") -> int:
    content = the_issue(house).content
    assert content is not None
    assert content.lead is not None
    code = routes.code_of(content.lead.article_id, content.lead.url or "")
    path = f"/r/sunday/{PERIOD}/{arm}/{code}"
    answer = visitor(house, peer=peer).get(path, headers={"user-agent": agent})
    assert answer.headers["location"] == content.lead.url
    return answer.status_code


def hits(house: House, arm: Arm) -> int:
    with house.database.read() as session:
        return contests.hits(session, held(house).send_id, arm)


def test_a_story_link_leads_on_and_counts_each_visitor_once(house: House) -> None:
    on_its_way(house)
    assert press_link(house, Arm.A) == 302
    press_link(house, Arm.A)
    press_link(house, Arm.A, peer="203.0.113.10")
    press_link(house, Arm.B)
    for machine in (
        "",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "curl/8.0",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    ):
        press_link(house, Arm.B, agent=machine, peer="203.0.113.77")
    assert (hits(house, Arm.A), hits(house, Arm.B)) == (2, 1)
    assert visitor(house).get(f"/r/sunday/{PERIOD}/a/{'a' * 12}").status_code == 404
    assert visitor(house).get(f"/r/sunday/{PERIOD}/c/{'a' * 12}").status_code == 404
    assert (hits(house, Arm.A), hits(house, Arm.B)) == (2, 1)


def test_opens_are_counted_by_reader_and_not_those_of_apples_proxy(house: House) -> None:
    on_its_way(house, measure="opens")
    with house.database.read() as session:
        reader = subscribers.by_address(session, names(1)[0])
    assert reader is not None
    token = tokens.leave_token(house.key, "sunday", reader.handle)
    nobody = tokens.leave_token(house.key, "sunday", tokens.NOBODY)
    for one, agent in (
        (token, PERSON),
        (token, PERSON),
        (token, APPLE),
        (nobody, PERSON),
        ("x" * 44, PERSON),
    ):
        answer = visitor(house).get(f"/leave/sunday/{one}/seen/a", headers={"user-agent": agent})
        assert answer.headers["content-type"] == "image/gif"
        assert answer.content.startswith(b"GIF89a")
    assert (hits(house, Arm.A), hits(house, Arm.B)) == (1, 0)


def test_a_copy_of_a_test_by_opens_has_its_point_and_its_own_links_to_the_site(
    house: House,
) -> None:
    erin = on_its_way(house, measure="opens")
    page = erin.get(f"{PATH}/preview?arm=b").text
    assert "/seen/b" in page
    assert "/r/sunday/" not in page
    assert "/seen/" not in erin.get(f"{PATH}/preview").text


def test_the_page_says_why_a_contest_was_not_held(house: House) -> None:
    erin = seated(house, "publisher")
    press(erin, "contest", **TERMS)
    issue = the_issue(house)
    assert issue.edition is not None
    with house.database.write() as session:
        issues.approve(session, issue.id, issue.edition.checksum, by="Erin", now=CUT_OFF)
    late = SEND + dt.timedelta(hours=5)
    set_clock(house, late)
    freeze.freeze(house, the_issue(house), now=late)
    page = html.unescape(seated(house, "publisher").get(PATH).text)
    assert "A went to all" in page
    assert "more than 6 h after the send's hour" in page
