"""Consent to one checksum: the only door from a draft to a send, for editors and for the deadline rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from digest import preflight, render
from digest.audience import tokens
from digest.delivery import compile
from digest.delivery import editions as compiled
from digest.delivery.house import DeliveryHouse
from digest.errors import Conflict
from digest.model import Issue, IssueStatus, Reader, Rendered, SubscriberId
from digest.preflight import Finding
from digest.store import editions, events, issues, withdrawn
from digest.store.engine import Database

#: Whose copy is looked over: that of nobody.
_NOBODY = Reader(SubscriberId(0), "reader@example.net", tokens.NOBODY, "A Reader")


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
    return tuple(found.message for found in gone_stories(database, issue))


def gone_stories(database: Database, issue: Issue) -> tuple[Finding, ...]:
    """The same, each with the story that tells it."""
    told = issue.content.told_ids if issue.content else frozenset()
    if not told:
        return ()
    with database.read() as session:
        gone = withdrawn.among(session, told)
    return tuple(
        preflight.error(
            f"“{one.title[:80]}” was taken off its site.",
            "Leave it out, or build the draft again (`digest build`): it is left out then.",
            one.id,
        )
        for one in gone
    )


def findings(
    database: Database, issue: Issue, *, public_url: str, house: DeliveryHouse | None = None
) -> tuple[Finding, ...]:
    """What preflight says of the draft in all its forms; nothing where there is none.

    house: where it is given, a copy is made as readers get it and looked over as well.
    """
    if issue.content is None or issue.edition is None:
        return ()
    with database.read() as session:
        forms = editions.variants(session, issue.edition.id)
    found = preflight.check(
        issue.content, issue.edition.rendered, variants=forms, public_url=public_url
    )
    of_copy = of_a_copy(house, issue, issue.edition.rendered) if house else ()
    return tuple(sorted((*found, *of_copy), key=lambda finding: finding.level))


def of_a_copy(house: DeliveryHouse, issue: Issue, rendered: Rendered) -> Iterator[Finding]:
    """What is wrong with the message that a reader gets."""
    copy = compiled.made(house, issue, rendered, {}).message(_NOBODY)
    filled = render.fill(rendered, {"leave_url": copy.values["leave_url"]})
    schedule = house.schedules[issue.newsletter]
    yield from preflight.message.check(
        copy.data,
        filled,
        public_url=house.public_url,
        domain=compile.envelope_of(schedule, issue.moments.send_at, house.public_url).domain,
        signed_by=house.signer.domain if house.signer else "",
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
    house: DeliveryHouse | None = None,
) -> None:
    """Approve the edition with `checksum`. Raises Conflict with the reason where that is not possible.

    by: the name that the desk shows beside the consent. actor: the same person in the audit log,
    as `editor:7`, for a log names nobody.
    """
    found = findings(database, issue, public_url=public_url, house=house)
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
