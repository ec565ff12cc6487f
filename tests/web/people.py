"""People at the doors of a house, and an issue on its desk."""

from __future__ import annotations

import datetime as dt
import re
import warnings

from anyio.from_thread import BlockingPortal

from digest import render, variants
from digest.bootstrap import House
from digest.delivery import finish, freeze
from digest.model import (
    ArticleId,
    Coverage,
    Issue,
    IssueContent,
    Moments,
    Omission,
    Reason,
    Rendered,
    Section,
    Story,
    Summary,
    ThreadItem,
)
from digest.store import editors, issues
from digest.web.app import create_app
from tests.houses import MONDAY, SUNDAY, SetClock

with warnings.catch_warnings():
    # Starlette would rather have a newer client library than the one that we depend on.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

#: Where requests of visitors run; None: each starts a thread and a loop of its own, which takes longer than its answer.
LOOP: BlockingPortal | None = None

PERIOD = SUNDAY.isoformat()
URL = "http://127.0.0.1:8000"
#: What a browser says with a form of our own page.
OWN_PAGE = {"sec-fetch-site": "same-origin"}


def visitor(
    house: House, *, peer: str = "203.0.113.9", beside: TestClient | None = None
) -> TestClient:
    """Somebody at the door, from an address of their own, who follows no redirect.

    beside: another visitor of the same house, whose application serves this one too: to make one takes a while.
    """
    made = TestClient(
        beside.app if beside else create_app(house),
        base_url=URL,
        raise_server_exceptions=False,
        follow_redirects=False,
        client=(peer, 50_000),
    )
    made.portal = LOOP
    return made


def seated(house: House, role: str = "admin", *, beside: TestClient | None = None) -> TestClient:
    """Erin, logged in with this role; `client.csrf` is her session's token. beside: as of `visitor`."""
    with house.database.write() as session:
        known = editors.by_email(session, f"erin.{role}@example.net")
        erin = (
            known.id
            if known
            else editors.add(
                session, f"erin.{role}@example.net", name="Erin", role=role, now=house.clock()
            )
        )
        secret, csrf = editors.open_session(session, erin, now=house.clock())
    client = visitor(house, beside=beside)
    client.cookies.set("desk", secret)
    client.headers.update(OWN_PAGE)
    client.csrf = csrf  # type: ignore[attr-defined]
    return client


def set_clock(house: House, now: dt.datetime) -> None:
    clock = house.clock
    assert isinstance(clock, SetClock)
    clock.now = now


def later(house: House, **span: float) -> None:
    """Let time pass: `later(house, seconds=3)`."""
    set_clock(house, house.clock() + dt.timedelta(**span))


def a_story(number: int, title: str, **more: object) -> Story:
    fields: dict[str, object] = {
        "article_id": ArticleId(number),
        "title": title,
        "url": f"https://gazette.example/{number}",
        "summary": Summary(f"What happened in story {number}, told in a sentence."),
        "section": "Town",
        "published_at": MONDAY,
        "read_seconds": 180,
        "score": 2.5,
        "reasons": (Reason("comments", 1.5, "41 comments"), Reason("recency", 1.0, "of Monday")),
        **more,
    }
    return Story(**fields)  # type: ignore[arg-type]


def content_of(moments: Moments, *, lead: str = "The quay is approved") -> IssueContent:
    thread = ThreadItem(
        article_id=ArticleId(5),
        title="The vote is put off",
        url="https://gazette.example/5",
        published_at=MONDAY,
    )
    return IssueContent(
        newsletter="sunday",
        period=moments.period,
        number=1,
        window=moments.window,
        subject=lead,
        preheader="Also: the ferry strike ends",
        lead=a_story(1, lead, thread=(thread,), marks=("Most discussed",)),
        sections=(Section("Town", (a_story(2, "The ferry strike ends"),)),),
        briefs=(a_story(3, "A bakery <reopens> & sells rolls", reasons=()),),
        left_out=(
            Omission(
                article_id=ArticleId(4), title="A correction", url=None, reason="under 40 words"
            ),
        ),
        coverage=Coverage(5, 1, 1, 1, 1, 1),
        read_seconds=600,
    )


def rendered_of(house: House, content: IssueContent) -> Rendered:
    """The mail of this content, made as the pipeline makes it."""
    return render.render(content, house.schedule("sunday"), public_url=house.public_url)


def put_draft(house: House, *, lead: str = "The quay is approved") -> Issue:
    """The week is over and its draft is made; again with another lead, it is another edition."""
    schedule = house.schedule("sunday")
    moments = schedule.calendar.moments(SUNDAY)
    now = moments.draft_at
    content = content_of(moments, lead=lead)
    with house.database.write() as session:
        if issues.get(session, "sunday", PERIOD) is None:
            issues.open_issue(session, "sunday", moments, now=now)
        issue = issues.get(session, "sunday", PERIOD)
        assert issue is not None
        made = variants.print_all(content, schedule, public_url=house.public_url)
        issues.save_draft(session, issue.id, content, made.rendered, made.variants, now=now)
    if house.clock() < now:
        set_clock(house, now + dt.timedelta(minutes=5))
    return the_issue(house)


def the_issue(house: House) -> Issue:
    with house.database.read() as session:
        issue = issues.get(session, "sunday", PERIOD)
    assert issue is not None
    return issue


def freeze_draft(house: House) -> Issue:
    """Erin approves the draft and the audience is frozen now."""
    issue = the_issue(house)
    assert issue.edition is not None
    with house.database.write() as session:
        issues.approve(session, issue.id, issue.edition.checksum, by="Erin", now=house.clock())
    freeze.freeze(house, the_issue(house), now=house.clock())
    return the_issue(house)


def send(house: House) -> None:
    """Take the draft all the way, to an audience of nobody."""
    freeze_draft(house)
    assert finish.finish(house, now=house.clock())


def field(page: str, name: str = "stamp") -> str:
    """The value of a hidden field in a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]
