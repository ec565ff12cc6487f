"""Issues of weeks gone by that were sent and read: by sums, as the store keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from digest import variants
from digest.bootstrap import House
from digest.clicks import Kind
from digest.delivery import finish, freeze
from digest.mail import routes
from digest.model import IssueContent, IssueId, IssueStatus
from digest.store import clicks, issues, shapes
from tests.houses import SUNDAY

WEEK = dt.timedelta(days=7)
#: Sums of an article's clicks.
Sums = Mapping[int, Mapping[Kind, int]]


def put_sent(house: House, weeks_ago: int, content: IssueContent, sums: Sums) -> IssueId:
    """An issue that went out at its hour, to whoever was confirmed then, and how often its stories were opened."""
    moments = house.schedule("sunday").calendar.moments(SUNDAY - weeks_ago * WEEK)
    made = variants.print_all(content, house.schedule("sunday"), public_url=house.public_url)
    with house.database.write() as session:
        issues.open_issue(session, "sunday", moments, now=moments.draft_at)
        issue = issues.get(session, "sunday", moments.period)
        assert issue is not None
        issues.save_draft(
            session, issue.id, content, made.rendered, made.variants, now=moments.draft_at
        )
        shapes.keep_week(session, issue.id, content)
        issues.approve(
            session, issue.id, made.rendered.checksum, by="Erin", now=moments.deadline_at
        )
        issue = issues.by_id(session, issue.id)
    freeze.freeze(house, issue, now=moments.send_at)
    finish.finish(house, now=moments.send_at + dt.timedelta(minutes=9))
    add_clicks(house, issue.id, content, sums)
    return issue.id


def add_clicks(house: House, issue_id: IssueId, content: IssueContent, sums: Sums) -> None:
    codes = {link.article_id: link.code for link in routes.links_of(content).values()}
    known = {one for one in codes if one in sums}
    counted = {
        (int(issue_id), codes[article], kind): count
        for article in known
        for kind, count in sums[article].items()
    }
    with house.database.write() as session:
        clicks.add(session, counted)


def period_of(weeks_ago: int) -> str:
    return (SUNDAY - weeks_ago * WEEK).isoformat()


def is_over(house: House, weeks_ago: int) -> bool:
    """Whether it stands as sent: an audience of nobody is through at once."""
    with house.database.read() as session:
        issue = issues.get(session, "sunday", period_of(weeks_ago))
    return issue is not None and issue.status is IssueStatus.SENT
