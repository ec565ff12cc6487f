"""The one door from a draft to a send: what it asks, and when it is shut."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from digest import approve
from digest.bootstrap import House
from digest.errors import Conflict
from digest.model import Issue, IssueStatus
from digest.store import issues
from tests.test_reconcile import DEADLINE
from tests.test_shaping import ERIN, LATER, house, the_issue

__all__ = ["house"]


def agree(house: House, issue: Issue, checksum: str = "") -> None:
    known = issue.edition.checksum if issue.edition else "0" * 64
    approve.approve(
        house.database,
        issue,
        checksum or known,
        by=ERIN.name,
        actor=ERIN.actor,
        now=LATER,
        public_url=house.public_url,
    )


def test_a_draft_is_approved_once(house: House) -> None:
    agree(house, the_issue(house))
    assert the_issue(house).status is IssueStatus.APPROVED
    with pytest.raises(Conflict, match="approved already, by Erin"):
        agree(house, the_issue(house))


def test_what_is_no_draft_yet_or_an_early_one_is_not_approved(house: House) -> None:
    issue = the_issue(house)
    empty = replace(issue, content=None, edition=None)
    assert approve.findings(house.database, empty, public_url=house.public_url) == ()
    assert approve.taken_off(house.database, empty) == ()
    with pytest.raises(Conflict, match="no draft yet"):
        agree(house, empty)
    with pytest.raises(Conflict, match="the week is not over"):
        agree(house, replace(issue, built_at=issue.moments.draft_at - dt.timedelta(hours=1)))


def test_a_skipped_issue_is_not_approved_any_more(house: House) -> None:
    with house.database.write() as session:
        issues.move(session, the_issue(house).id, to=IssueStatus.SKIPPED, now=DEADLINE)
    with pytest.raises(Conflict, match="cannot be approved any more"):
        agree(house, the_issue(house))


def test_another_checksum_than_the_drafts_is_refused(house: House) -> None:
    with pytest.raises(Conflict):
        agree(house, the_issue(house), "f" * 64)
