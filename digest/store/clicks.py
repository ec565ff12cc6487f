"""The links that editions print by way of us, and the sums of how often each was opened."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from digest.clicks import Kind
from digest.mail import routes
from digest.model import ArticleId, IssueContent, IssueId, Rendered
from digest.store import statements
from digest.store.tables import ClickRow, IssueRow, LinkRow, SendRow


@dataclass(frozen=True, slots=True)
class Leads:
    """Where an issue's links lead, by code. began: its send's beginning; None before that."""

    issue_id: IssueId
    targets: Mapping[str, str]
    began: dt.datetime | None


def keep_links(
    session: Session, issue_id: int, content: IssueContent, forms: Mapping[str, Rendered]
) -> None:
    """Write down where the links lead that an edition prints, in any of its forms."""
    codes = frozenset[str]().union(
        *(routes.printed(one, content.newsletter, content.period) for one in forms.values())
    )
    if not codes:
        return
    links = [one for one in routes.links_of(content).values() if one.code in codes]
    rows = [
        {"issue_id": issue_id, "code": one.code, "article_id": one.article_id, "url": one.url}
        for one in links
    ]
    session.execute(statements.insert(session, LinkRow).on_conflict_do_nothing(), rows)


def leads(session: Session, newsletter: str, period: str) -> Leads | None:
    """Where the links of one issue lead; None where there is none, or it printed none."""
    mine = (col(IssueRow.newsletter) == newsletter, col(IssueRow.period) == period)
    asked = (
        select(col(IssueRow.id), col(SendRow.started_at), col(LinkRow.code), col(LinkRow.url))
        .join(LinkRow, col(LinkRow.issue_id) == col(IssueRow.id))
        .outerjoin(SendRow, col(SendRow.issue_id) == col(IssueRow.id))
        .where(*mine)
    )
    found = session.execute(asked).all()
    if not found:
        return None
    issue_id, began, *_ = found[0]
    return Leads(IssueId(issue_id), {code: url for _, _, code, url in found}, began)


def add(session: Session, counts: Mapping[tuple[int, str, Kind], int]) -> None:
    """Add to the sums: a row for each issue, code and kind."""
    rows = [
        {"issue_id": issue_id, "code": code, "kind": kind.value, "count": count}
        for (issue_id, code, kind), count in sorted(counts.items())
    ]
    if not rows:
        return
    statement = statements.insert(session, ClickRow)
    summed = col(ClickRow.count) + statement.excluded.count
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["issue_id", "code", "kind"], set_={"count": summed}
        ),
        rows,
    )


def of_issues(
    session: Session, issue_ids: list[IssueId]
) -> dict[IssueId, dict[ArticleId, Counter[Kind]]]:
    """How often each article of these issues was opened, by kind; an issue without counted links is not there.

    An article whose link was printed and never opened has an empty count.
    """
    same = (
        col(ClickRow.issue_id) == col(LinkRow.issue_id),
        col(ClickRow.code) == col(LinkRow.code),
    )
    asked = (
        select(
            col(LinkRow.issue_id),
            col(LinkRow.article_id),
            col(ClickRow.kind),
            col(ClickRow.count),
        )
        .outerjoin(ClickRow, same[0] & same[1])
        .where(col(LinkRow.issue_id).in_(issue_ids))
    )
    found: dict[IssueId, dict[ArticleId, Counter[Kind]]] = {}
    for issue_id, article_id, kind, count in session.execute(asked):
        known = found.setdefault(IssueId(issue_id), {})
        counts = known.setdefault(ArticleId(article_id), Counter())
        if kind is not None:
            counts[Kind(kind)] += count
    return found
