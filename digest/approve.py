"""Consent to one checksum: the only door from a draft to a send, for editors and for the deadline rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from digest import preflight
from digest.errors import Conflict
from digest.model import Issue, IssueStatus
from digest.preflight import Finding
from digest.store import editions, events, issues, withdrawn
from digest.store.engine import Database


def obstacles(
    issue: Issue, found: Sequence[Finding], *, gone: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Why this draft cannot be approved, in plain words; empty where it can.

    found: what `findings` says of it. gone: what `taken_off` says of it.
    """
    if issue.content is None or issue.edition is None:
        return ("there is no draft yet",)
    if issue.is_early:
        return (
            f"the week is not over: the draft is final after {issue.moments.draft_at:%d %b %H:%M} UTC",
        )
    wrong = tuple(finding.message for finding in found if finding.level == "error")
    return (*wrong, *gone)


def taken_off(database: Database, issue: Issue) -> tuple[str, ...]:
    """The stories of an issue that are not on their site any more, a sentence each."""
    told = issue.content.told_ids if issue.content else frozenset()
    if not told:
        return ()
    with database.read() as session:
        gone = withdrawn.among(session, told)
    return tuple(
        f"“{one.title[:80]}” was taken off its site. Leave it out, or build the draft again"
        " (`digest build`): it is left out then."
        for one in gone
    )


def findings(database: Database, issue: Issue, *, public_url: str) -> tuple[Finding, ...]:
    """What preflight says of the draft in all its forms; nothing where there is none."""
    if issue.content is None or issue.edition is None:
        return ()
    with database.read() as session:
        forms = editions.variants(session, issue.edition.id)
    return preflight.check(
        issue.content, issue.edition.rendered, variants=forms, public_url=public_url
    )


def _standing(issue: Issue, checksum: str) -> tuple[str, ...]:
    """Why it is too late to approve it, or no use."""
    if issue.edition and issue.edition.checksum != checksum:  # what was looked over is another one
        return (f"the draft is edition {issue.edition.checksum[:12]} by now: look at it again",)
    if issue.status in (IssueStatus.SKIPPED, IssueStatus.SENDING, IssueStatus.SENT):
        return (f"the issue {issue.period} is {issue.status}: it cannot be approved any more",)
    given = issue.approval if issue.status is IssueStatus.APPROVED else None
    if given and given.checksum == checksum:
        return (f"the issue {issue.period} is approved already, by {given.by}",)
    return ()


def approve(
    database: Database,
    issue: Issue,
    checksum: str,
    *,
    by: str,
    actor: str,
    now: dt.datetime,
    public_url: str,
    note: str = "",
) -> None:
    """Approve the edition with `checksum`. Raises Conflict with the reason where that is not possible.

    by: the name that the desk shows beside the consent. actor: the same person in the audit log,
    as `editor:7`, for a log names nobody.
    """
    found = findings(database, issue, public_url=public_url)
    gone = taken_off(database, issue)
    against = _standing(issue, checksum) or obstacles(issue, found, gone=gone)
    if against:
        raise Conflict(" ".join(against))
    with database.write() as session:
        issues.approve(session, issue.id, checksum, by=by, now=now, note=note)
        events.record(
            session,
            at=now,
            actor=actor,
            action="approved",
            subject=f"{issue.newsletter}/{issue.period}",
            data={"checksum": checksum},
        )
