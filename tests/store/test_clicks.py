"""Links that were printed and sums of clicks, on both databases."""

from __future__ import annotations

import dataclasses

from digest.clicks import Kind
from digest.mail import routes
from digest.model import ArticleId, IssueContent, IssueId, Rendered
from digest.store import clicks, issues
from digest.store.engine import Database
from tests.issues import content, moments, rendered
from tests.people import NEWSLETTER, NOW


def printed(week: IssueContent, *codes: str) -> Rendered:
    base = f"https://news.example/r/{week.newsletter}/{week.period}"
    return dataclasses.replace(rendered(), html=" ".join(f"{base}/{code}" for code in codes))


def an_issue(database: Database, *codes: str) -> IssueId:
    with database.write() as session:
        issues.open_issue(session, NEWSLETTER, moments(), now=NOW)
        issue = issues.get(session, NEWSLETTER, moments().period)
        assert issue is not None
        week = content()
        issues.save_draft(session, issue.id, week, printed(week, *codes), now=NOW)
        return issue.id


FERRY = routes.code_of(7, "https://gazette.example/ferry")


def test_only_what_was_printed_and_belongs_to_a_story_leads_anywhere(database: Database) -> None:
    issue_id = an_issue(database, FERRY, "a" * 12)
    with database.read() as session:
        leads = clicks.leads(session, NEWSLETTER, moments().period)
        assert clicks.leads(session, "monday", moments().period) is None
    assert leads == clicks.Leads(issue_id, {FERRY: "https://gazette.example/ferry"}, None)


def test_an_edition_without_links_of_ours_leaves_no_row(database: Database) -> None:
    an_issue(database)
    with database.read() as session:
        assert clicks.leads(session, NEWSLETTER, moments().period) is None


def test_sums_grow_by_kind_and_are_told_by_article(database: Database) -> None:
    issue_id = an_issue(database, FERRY)
    for _ in range(2):
        with database.write() as session:
            human, agent = (issue_id, FERRY, Kind.HUMAN), (issue_id, FERRY, Kind.AGENT)
            clicks.add(session, {human: 3, agent: 1})
            clicks.add(session, {})
    with database.read() as session:
        found = clicks.of_issues(session, [issue_id, IssueId(99)])
    assert found == {issue_id: {ArticleId(7): {Kind.HUMAN: 6, Kind.AGENT: 2}}}


def test_a_link_that_nobody_opened_counts_nothing_and_is_there(database: Database) -> None:
    issue_id = an_issue(database, FERRY)
    with database.read() as session:
        assert clicks.of_issues(session, [issue_id]) == {issue_id: {ArticleId(7): {}}}
