"""A Sunday with two subjects: an approved issue whose contest is held, and who got which."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from dataclasses import dataclass, field

import pytest

from digest import contests as rules
from digest.bootstrap import House
from digest.delivery import freeze
from digest.model import Arm, Contest, Issue, Measure, Message, Printed
from digest.protocols import Feed
from digest.store import contests, issues
from digest.store.contests import Held
from tests.delivery.sundays import PERIOD, Post, names, put_approved, put_readers, send_of

A, B = "The quay is approved", "Why the harbour will never look the same"
CONTEST = Contest(second=B, share=50, wait_s=7200, measure=Measure.CLICKS)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of a test are small: ten readers an arm are enough."""
    monkeypatch.setattr(rules, "least_an_arm", lambda measure: 10)


def put_contest(house: House, readers: int = 60, *, contest: Contest = CONTEST) -> Issue:
    """Readers, and an approved issue with two subjects."""
    put_readers(house, names(readers))
    issue = put_approved(house, subject=A)
    assert issue.content is not None
    assert issue.edition is not None
    content = dataclasses.replace(issue.content, contest=contest)
    first = issue.edition.rendered
    page = first.html.replace(A, B).replace(
        "<h1>", '<a href="http://127.0.0.1:8000/r/sunday/2026-11-29/7">x</a><h1>'
    )
    checksum = "c0" * 32
    rendered = dataclasses.replace(first, html=page.replace(B, A), checksum=checksum)
    second = dataclasses.replace(rendered, subject=B, html=page)
    moments = issue.moments
    with house.database.write() as session:
        issues.withdraw(session, issue.id, why="two subjects", now=moments.draft_at)
        issues.save_draft(
            session, issue.id, content, rendered, second=Printed(second, {}), now=moments.draft_at
        )
        issues.approve(session, issue.id, checksum, by="Erin", now=moments.deadline_at)
        found = issues.get(session, "sunday", PERIOD)
    assert found is not None
    return found


def put_on_its_way(house: House, readers: int = 60, *, contest: Contest = CONTEST) -> Issue:
    """The same, its audience frozen."""
    issue = put_contest(house, readers, contest=contest)
    freeze.freeze(house, issue, now=house.clock())
    return issue


def held(house: House, issue: Issue) -> Held:
    with house.database.read() as session:
        found = contests.of_send(session, send_of(house, issue).id)
    assert found is not None
    return found


def sizes(house: House, issue: Issue) -> dict[Arm | None, int]:
    with house.database.read() as session:
        return contests.sizes(session, send_of(house, issue).id)


def did(house: House, issue: Issue, arm: Arm, visitors: int) -> None:
    """So many readers of an arm opened a story."""
    with house.database.write() as session:
        send = send_of(house, issue)
        for number in range(visitors):
            contests.note_visit(session, send.id, arm, number.to_bytes(8, "big"))


@dataclass
class Postbox(Post):
    """A provider that keeps which subject each reader got, in how many copies, and what their links say.

    arms: what the links of a copy say; empty for the rest.
    """

    subjects: dict[str, list[str]] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    arms: dict[str, str] = field(default_factory=dict)

    async def _send(self, feed: Feed, message: Message) -> None:
        await super()._send(feed, message)
        rendered, reader = message.mail.rendered, message.recipient
        self.subjects.setdefault(reader, []).append(rendered.subject)
        spoken = re.search(r'<html lang="(\w+)"', rendered.html)
        linked = re.search(r"/r/sunday/[\d-]+/([ab])/", rendered.html)
        self.languages[reader] = spoken[1] if spoken else ""
        self.arms[reader] = linked[1] if linked else ""

    @property
    def told(self) -> Counter[str]:
        return Counter(one for got in self.subjects.values() for one in got)

    @property
    def copies(self) -> Counter[int]:
        """How many readers got how many copies."""
        return Counter(len(got) for got in self.subjects.values())
