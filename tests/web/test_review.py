"""One issue at the desk: what is in it, the mail as it goes out, and who may decide."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from digest import render
from digest.audience.tokens import NOBODY, leave_token
from digest.bootstrap import House
from digest.model import (
    ArticleId,
    Cadence,
    ComingDay,
    DeliveryState,
    IssueStatus,
    Preferences,
    SubscriberId,
)
from digest.store import articles, deliveries, events, issues, preferences, sends
from digest.store.sends import Pause, SendStatus
from tests.articles import incoming
from tests.web.people import (
    PERIOD,
    TestClient,
    content_of,
    field,
    freeze_draft,
    put_draft,
    rendered_of,
    seated,
    set_clock,
    the_issue,
)
from tests.web.test_public import add

PATH = f"/desk/sunday/{PERIOD}"


def approve(client: TestClient, page: str, note: str = "") -> object:
    """Press the button of a page that was loaded before."""
    form = {"csrf": field(page, "csrf"), "checksum": field(page, "checksum"), "note": note}
    return client.post(f"{PATH}/approve", data=form)


def actions(house: House) -> list[tuple[str, str]]:
    with house.database.read() as session:
        return [(event.action, event.subject) for event in events.recent(session, limit=9)]


def test_the_page_tells_the_whole_week(house: House) -> None:
    put_draft(house)
    page = seated(house).get(PATH).text
    for words in (
        "Waits for approval until Sunday 29 November, 07:30",
        "5 stories this week, every one accounted for",
        "The quay is approved",
        "The vote is put off",
        "Most discussed",
        "A bakery &lt;reopens&gt; &amp; sells rolls",
        "A correction",
        "under 40 words",
        "Why is this here?",
        "41 comments",
        "+1.50",
        "2.50",
    ):
        assert words in page, words


def test_a_week_too_long_for_a_mail_shows_what_stands_on_the_web_page_only(house: House) -> None:
    issue = put_draft(house)
    assert issue.content is not None
    assert "On the web page only" not in seated(house).get(PATH).text
    briefs = tuple(
        replace(issue.content.briefs[0], article_id=ArticleId(100 + n), title=f"Brief number {n}")
        for n in range(400)
    )
    content = replace(issue.content, briefs=briefs)
    with house.database.write() as session:
        rendered = rendered_of(house, content)
        issues.save_draft(session, issue.id, content, rendered, now=house.clock())
    page = seated(house).get(PATH).text
    told = int(re.search(r"(\d+) articles stand on the issue’s web page only", page)[1])  # type: ignore[index]
    assert page.count("On the web page only") == told
    assert f"And {told} more on the web" in rendered.text
    assert "On the web page only" in page.split("Brief number 399")[1]
    assert (
        "On the web page only" not in page.split("Brief number 1<")[1].split("Brief number 2<")[0]
    )


def test_the_outline_lists_the_days_that_stories_announce(sqlite_house: House) -> None:
    issue = put_draft(sqlite_house)
    assert issue.content
    assert issue.content.lead
    assert "In the days to come" not in seated(sqlite_house).get(PATH).text
    day = ComingDay(
        dt.date(2026, 12, 1), dt.time(19, 30), "The council will vote <again> on Tuesday."
    )
    content = replace(issue.content, lead=replace(issue.content.lead, coming=(day,)))
    with sqlite_house.database.write() as session:
        mail = rendered_of(sqlite_house, content)
        issues.save_draft(session, issue.id, content, mail, {}, now=sqlite_house.clock())
    page = seated(sqlite_house).get(PATH).text
    outline = page[page.index("In the days to come") :]
    assert "Tuesday 1 December 2026, 19:30" in outline
    assert "The council will vote &lt;again&gt; on Tuesday." in outline


def test_an_issue_without_a_draft_has_a_page(house: House) -> None:
    moments = house.schedule("sunday").calendar.moments(dt.date.fromisoformat(PERIOD))
    with house.database.write() as session:
        issues.open_issue(session, "sunday", moments, now=house.clock())
    client = seated(house)
    page = client.get(PATH).text
    assert "The draft is being made" in page
    assert "Approve this issue" not in page
    assert client.get(f"{PATH}/preview").status_code == 404


def test_an_early_draft_cannot_be_approved(house: House) -> None:
    moments = house.schedule("sunday").calendar.moments(dt.date.fromisoformat(PERIOD))
    content = content_of(moments)
    with house.database.write() as session:
        issues.open_issue(session, "sunday", moments, now=house.clock())
        issue = issues.get(session, "sunday", PERIOD)
        assert issue is not None
        issues.save_draft(
            session, issue.id, content, rendered_of(house, content), now=house.clock()
        )
    client = seated(house)
    page = client.get(PATH).text
    assert "An early draft" in page
    assert "Approve this issue" not in page
    form = {"csrf": client.csrf, "checksum": rendered_of(house, content).checksum}
    assert client.post(f"{PATH}/approve", data=form).status_code == 409
    assert the_issue(house).status is IssueStatus.DRAFT


def test_the_preview_is_the_edition_with_a_sample_readers_link(house: House) -> None:
    issue = put_draft(house)
    assert issue.edition is not None
    page = seated(house, "viewer").get(f"{PATH}/preview").text
    token = leave_token(house.key, "sunday", NOBODY)
    leave_url = f"{house.public_url}/leave/sunday/{token}"
    assert page == render.fill(issue.edition.rendered, {"leave_url": leave_url}).html
    assert leave_url in page


def test_the_preview_lives_in_a_box(house: House) -> None:
    put_draft(house)
    client = seated(house)
    assert '<iframe sandbox=""' in client.get(PATH).text
    headers = client.get(f"{PATH}/preview").headers
    policy = headers["content-security-policy"]
    for part in ("default-src 'none'", "img-src https:", "frame-ancestors 'self'", "sandbox"):
        assert part in policy
    assert "script-src" not in policy
    assert headers["x-frame-options"] == "SAMEORIGIN"


def test_the_text_part_is_plain_text(house: House) -> None:
    put_draft(house)
    answer = seated(house).get(f"{PATH}/text")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "The ferry strike ends" in answer.text
    assert "http://127.0.0.1:8000/leave/sunday/" in answer.text


def test_an_approval_binds_the_checksum_on_the_page(house: House) -> None:
    issue = put_draft(house)
    client = seated(house)
    answer = approve(client, client.get(PATH).text, note="Good week")
    assert answer.headers["location"] == PATH
    approved = the_issue(house)
    assert approved.status is IssueStatus.APPROVED
    assert approved.approval is not None
    assert issue.edition is not None
    assert approved.approval.checksum == issue.edition.checksum
    assert (approved.approval.by, approved.approval.note) == ("Erin", "Good week")
    page = client.get(PATH).text
    assert "Goes out Sunday 29 November, 08:00" in page
    assert "Approved by Erin" in page
    assert ("approved", f"sunday/{PERIOD}") in actions(house)


def test_a_draft_that_changed_meanwhile_is_shown_instead_of_approved(house: House) -> None:
    put_draft(house)
    client = seated(house)
    seen = client.get(PATH).text
    put_draft(house, lead="The quay is approved after all")
    answer = approve(client, seen, note="Good week")
    assert answer.status_code == 409
    assert "The draft has changed since you saw it" in answer.text
    assert "The quay is approved after all" in answer.text
    assert 'value="Good week"' in answer.text
    assert the_issue(house).status is IssueStatus.DRAFT
    assert approve(client, answer.text).status_code == 303
    assert the_issue(house).status is IssueStatus.APPROVED


def test_approving_twice_says_that_it_was_done(house: House) -> None:
    put_draft(house)
    client = seated(house)
    seen = client.get(PATH).text
    approve(client, seen)
    again = approve(client, seen)
    assert again.status_code == 409
    assert "That was not done" in again.text


def test_a_checksum_that_is_none_is_refused(house: House) -> None:
    put_draft(house)
    client = seated(house)
    for checksum in ("", "x" * 64, "ab12"):
        form = {"csrf": client.csrf, "checksum": checksum}
        assert client.post(f"{PATH}/approve", data=form).status_code == 400


def test_an_approval_can_be_taken_back(house: House) -> None:
    put_draft(house)
    client = seated(house)
    approve(client, client.get(PATH).text)
    assert "Take the approval back" in client.get(PATH).text
    answer = client.post(f"{PATH}/withdraw", data={"csrf": client.csrf})
    assert answer.status_code == 303
    issue = the_issue(house)
    assert issue.status is IssueStatus.DRAFT
    assert issue.approval is None
    assert "The approval was withdrawn by Erin." in client.get(PATH).text
    assert client.post(f"{PATH}/withdraw", data={"csrf": client.csrf}).status_code == 409


def test_taken_back_after_the_deadline_it_is_held_so_that_no_rule_sends_it(house: House) -> None:
    issue = put_draft(house)
    client = seated(house)
    approve(client, client.get(PATH).text)
    set_clock(house, issue.moments.deadline_at + dt.timedelta(minutes=1))
    client = seated(house)
    client.post(f"{PATH}/withdraw", data={"csrf": client.csrf})
    assert the_issue(house).status is IssueStatus.HELD


def test_hold_and_skip_want_a_reason_and_are_recorded(house: House) -> None:
    put_draft(house)
    client = seated(house)
    assert client.post(f"{PATH}/hold", data={"csrf": client.csrf}).status_code == 400
    form = {"csrf": client.csrf, "reason": "the lead is disputed"}
    assert client.post(f"{PATH}/hold", data=form).status_code == 303
    assert the_issue(house).status is IssueStatus.HELD
    assert "The lead is disputed." in client.get(PATH).text
    form["reason"] = "holidays"
    assert client.post(f"{PATH}/skip", data=form).status_code == 303
    assert the_issue(house).status is IssueStatus.SKIPPED
    assert [action for action, _ in actions(house)][:2] == ["skipped", "held"]
    assert client.post(f"{PATH}/hold", data=form).status_code == 409


def test_a_held_issue_can_be_approved(house: House) -> None:
    put_draft(house)
    client = seated(house)
    client.post(f"{PATH}/hold", data={"csrf": client.csrf, "reason": "wait"})
    assert approve(client, client.get(PATH).text).status_code == 303
    assert the_issue(house).status is IssueStatus.APPROVED


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_who_may_not_publish_sees_no_buttons(house: House, role: str) -> None:
    put_draft(house)
    page = seated(house, role).get(PATH).text
    for words in ("Approve this issue", "Skip this week", "Hold this issue"):
        assert words not in page


def test_an_issue_that_is_not_there_is_not_found(sqlite_house: House) -> None:
    client = seated(sqlite_house)
    assert client.get(f"/desk/sunday/{PERIOD}").status_code == 404
    assert client.get(f"/desk/monday/{PERIOD}").status_code == 404


def test_a_send_shows_its_numbers_names_the_uncertain_and_goes_on_after_a_stop(
    house: House,
) -> None:
    readers = {
        name: add(house, f"{name}@example.net", confirmed=True) for name in ("alice", "dave")
    }
    put_draft(house)
    issue = freeze_draft(house)
    now = house.clock()
    with house.database.write() as session:
        sent = sends.of_issue(session, issue.id)
        doubt = deliveries.Delivery(
            subscriber_id=SubscriberId(readers["dave"]),
            state=DeliveryState.UNCERTAIN,
            attempts=1,
            reply="lost after the dot",
            at=now,
            due_at=None,
        )
        deliveries.put(session, sent.id, [doubt])
        sends.pause(session, sent.id, Pause(reason="535 the password is wrong"))
    client = seated(house)
    page = client.get(PATH).text
    assert "<dt>Waiting</dt><dd>1</dd>" in page
    assert "<dt>Uncertain</dt><dd>1</dd>" in page
    assert "<dt>Audience</dt><dd>2</dd>" in page
    assert "dave@example.net" in page
    assert "lost after the dot" in page
    assert "alice@example.net" not in page
    assert "535 the password is wrong" in page
    assert "Go on sending" in page
    assert client.post(f"{PATH}/resume", data={"csrf": client.csrf}).status_code == 303
    with house.database.read() as session:
        assert sends.of_issue(session, issue.id).status is SendStatus.OPEN
    assert "Go on sending" not in client.get(PATH).text
    assert actions(house)[0] == ("resumed the send", f"sunday/{PERIOD}")


def test_an_issue_that_is_not_being_sent_cannot_be_resumed(house: House) -> None:
    put_draft(house)
    client = seated(house)
    assert client.post(f"{PATH}/resume", data={"csrf": client.csrf}).status_code == 409


@pytest.mark.parametrize("period", ["%00", "2026-11-29%00", "20261129"])
def test_a_period_that_is_no_date_is_not_found(house: House, period: str) -> None:
    client = seated(house)
    for path in ("", "/preview", "/text"):
        assert client.get(f"/desk/sunday/{period}{path}").status_code == 404
    hold = client.post(f"/desk/sunday/{period}/hold", data={"csrf": client.csrf, "reason": "Wait"})
    assert hold.status_code == 404


@pytest.mark.parametrize("reason", ["a\0b", "a\nb", "a\x1b[31mb", "a\x85b"])
def test_a_reason_with_control_characters_is_refused_and_nothing_held(
    house: House, reason: str
) -> None:
    put_draft(house)
    client = seated(house)
    answer = client.post(f"{PATH}/hold", data={"csrf": client.csrf, "reason": reason})
    assert answer.status_code == 400
    assert "reason (it holds control characters)" in answer.text
    assert the_issue(house).status is IssueStatus.DRAFT


def test_a_story_edited_after_the_draft_is_shown_with_its_difference(house: House) -> None:
    issue = put_draft(house)
    assert issue.content is not None
    with house.database.write() as session:
        for hour, text in ((-1, "The quay opens in May."), (1, "The quay opens in June <soon>.")):
            story = incoming(title="The quay is approved", text=text)
            saved = articles.save(session, story, now=house.clock() + dt.timedelta(hours=hour))
        lead = replace(issue.content.lead, article_id=saved.id)  # type: ignore[type-var]
        content = replace(issue.content, lead=lead)
        issues.save_draft(
            session, issue.id, content, rendered_of(house, content), now=house.clock()
        )
    page = seated(house).get(PATH).text
    assert "1 story edited since this draft" in page
    assert "<del>May.</del>" in page
    assert "<ins>June &lt;soon&gt;.</ins>" in page


def test_the_page_says_whom_a_small_week_spares(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    assert "waiting for" not in seated(sqlite_house).get(PATH).text
    alice = add(sqlite_house, "alice@example.net", confirmed=True)
    wanted = Preferences(cadence=Cadence.BIG)
    with sqlite_house.database.write() as session:
        preferences.keep(session, alice, "sunday", wanted, now=sqlite_house.clock())
    assert "A big week: the 1 reader waiting for such ones" in seated(sqlite_house).get(PATH).text
