"""A reminder's second link approves, after the login and by one button, exactly the draft that the mail named."""

from __future__ import annotations

import dataclasses

import pytest

from digest.bootstrap import House
from digest.model import IssueStatus
from digest.reconcile import reconcile
from digest.store import editors, issues
from tests.delivery.test_dkim import a_signer
from tests.queue_of import arrived, notices_of
from tests.test_reconcile import CUT_OFF, REMIND, put
from tests.web.people import (
    OWN_PAGE,
    PERIOD,
    TestClient,
    content_of,
    put_draft,
    rendered_of,
    seated,
    send,
    set_clock,
    the_issue,
    visitor,
)

PATH = f"/desk/sunday/{PERIOD}"


@pytest.fixture
def reminded(house: House) -> House:
    """Erin the publisher and Victor the viewer were reminded of a final draft."""
    with house.database.write() as session:
        for name, role in (("erin", "publisher"), ("victor", "viewer")):
            editors.add(session, f"{name}@example.net", name=name.title(), role=role, now=CUT_OFF)
    put(house, 6)
    reconcile(house, now=CUT_OFF)
    reconcile(house, now=REMIND)
    set_clock(house, REMIND)
    return house


def way(house: House, address: str) -> str:
    """The second link in the newest reminder to this address."""
    mine = [one for one in notices_of(house.database, "reminder") if one.address == address]
    return str(mine[-1].data["approve_url"]).removeprefix(house.public_url)


def named(house: House) -> str:
    edition = the_issue(house).edition
    assert edition is not None
    return f"{PATH}/approval/{edition.rendered.checksum}"


def press(client: TestClient, path: str, **form: str) -> object:
    return client.post(path, data={"csrf": client.csrf, **form})  # type: ignore[attr-defined]


def log_in(house: House, client: TestClient, address: str) -> str:
    """Where the login leads to."""
    client.post("/desk/login", data={"email": address}, headers=OWN_PAGE)
    link = str(arrived(house.database, "login").data["login_url"])
    answer = client.post(link.removeprefix(house.public_url), headers=OWN_PAGE)
    return str(answer.headers["location"])


def test_the_mails_link_leads_by_the_login_to_one_button_that_approves_its_draft(
    reminded: House,
) -> None:
    path = way(reminded, "erin@example.net")
    assert path == named(reminded)
    erin = visitor(reminded)
    asked = erin.get(path)
    assert asked.headers["location"] == "/desk/login"
    assert the_issue(reminded).status is IssueStatus.DRAFT, (
        "a scanner that opens links decides nothing"
    )
    assert log_in(reminded, erin, "erin@example.net") == path
    page = erin.get(path).text
    assert page.count(f'action="{path}"') == 1
    assert page.count("<button") == 2, "the other one logs out"
    csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
    answer = erin.post(path, data={"csrf": csrf, "note": "read on the train"}, headers=OWN_PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    given = the_issue(reminded).approval
    assert given is not None
    assert (given.by, given.note) == ("Erin", "read on the train")
    assert path.endswith(given.checksum)
    assert "It is approved already" in erin.get(path).text


def test_only_who_may_approve_has_the_second_link_in_the_mail(reminded: House) -> None:
    assert way(reminded, "victor@example.net") == ""
    (victors,) = (n for n in notices_of(reminded.database, "reminder") if "victor" in n.address)
    assert victors.data["desk_url"].endswith(PATH)
    assert "A publisher approves it" in seated(reminded, "viewer").get(named(reminded)).text
    assert press(seated(reminded, "editor"), named(reminded)).status_code == 403
    assert the_issue(reminded).status is IssueStatus.DRAFT


def test_a_draft_that_changed_since_the_mail_is_shown_and_not_approved(house: House) -> None:
    put_draft(house)
    erin, path = seated(house, "publisher"), named(house)
    put_draft(house, lead="The quay is refused")
    page = erin.get(path).text
    assert "The draft has changed since that mail" in page
    assert "<del>approved</del> <ins>refused</ins>" in page
    assert f'action="{path}"' not in page
    answer = press(erin, path)
    assert answer.status_code == 409
    assert "Nothing was approved" in answer.text
    assert the_issue(house).status is IssueStatus.DRAFT
    assert the_issue(house).approval is None


def test_a_change_of_looks_alone_is_a_change_too(house: House) -> None:
    put_draft(house)
    path, issue = named(house), the_issue(house)
    content = content_of(issue.moments)
    mail = dataclasses.replace(
        rendered_of(house, content), html="<p>Other looks</p>", checksum="a" * 64
    )
    with house.database.write() as session:
        issues.save_draft(session, issue.id, content, mail, now=house.clock())
    page = press(seated(house, "publisher"), path)
    assert page.status_code == 409
    assert "The words are the same" in page.text


def test_an_obstacle_is_told_in_the_place_of_the_button(house: House) -> None:
    put_draft(house)
    set_clock(house, the_issue(house).moments.draft_at)
    issue = the_issue(house)
    with house.database.write() as session:
        issues.note_build(session, issue.id, now=issue.moments.window.start)
    erin = seated(house, "publisher")
    page = erin.get(named(house)).text
    assert "It cannot be approved yet" in page
    assert "Approve exactly this draft" not in page
    assert press(erin, named(house)).status_code == 409
    assert the_issue(house).status is IssueStatus.DRAFT


def test_a_fault_of_the_header_forbids_the_way_of_the_link_too(reminded: House) -> None:
    """As on the issue's page: the copy that a reader would get is looked over."""
    signed = dataclasses.replace(reminded, signer=a_signer(domain="elsewhere.example"))
    erin = seated(signed, "publisher")
    page = erin.get(named(signed)).text
    assert "is signed by elsewhere.example" in page
    answer = press(erin, named(signed))
    assert answer.status_code == 409
    assert the_issue(signed).status is IssueStatus.DRAFT


def test_who_comes_by_the_link_reads_why_it_is_held(reminded: House) -> None:
    with reminded.database.write() as session:
        mine = the_issue(reminded).id
        why = "The wire story is disputed"
        issues.move(session, mine, to=IssueStatus.HELD, now=REMIND, reason=why)
    assert (
        "It is held: The wire story is disputed"
        in seated(reminded, "publisher").get(named(reminded)).text
    )


def test_after_the_send_there_is_nothing_left_to_approve(house: House) -> None:
    put_draft(house)
    send(house)
    erin = seated(house, "publisher")
    assert "Nothing left to approve" in erin.get(named(house)).text
    assert press(erin, named(house)).status_code == 409


@pytest.mark.parametrize("checksum", ["0" * 64, "x", "%00", "a" * 300])
def test_a_draft_that_never_was_is_not_found(sqlite_house: House, checksum: str) -> None:
    put_draft(sqlite_house)
    assert seated(sqlite_house).get(f"{PATH}/approval/{checksum}").status_code == 404


@pytest.mark.parametrize(
    "way",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "/desk/../n/x?y",
        "",
    ],
)
def test_the_login_leads_nowhere_but_to_a_page_of_the_desk(sqlite_house: House, way: str) -> None:
    seated(sqlite_house, "publisher")
    stranger = visitor(sqlite_house)
    stranger.cookies.set("page", way)
    assert log_in(sqlite_house, stranger, "erin.publisher@example.net") == "/desk"


def test_a_frame_or_a_script_without_a_session_leaves_no_way_behind(sqlite_house: House) -> None:
    client = visitor(sqlite_house)
    for dest in ("iframe", "empty", "image"):
        answer = client.get(f"{PATH}/preview", headers={"sec-fetch-dest": dest})
        assert "page" not in answer.cookies
    assert "page" in client.get(PATH, headers={"sec-fetch-dest": "document"}).cookies
