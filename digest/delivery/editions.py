"""The edition that a send was frozen with, compiled for sending; or why there is none."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping

from digest import logs, story_links
from digest.delivery.choices import Arms, Choices, Made
from digest.delivery.compile import Maker, envelope_of
from digest.delivery.house import DeliveryHouse
from digest.errors import NotFound
from digest.model import Arm, Issue, Printed, Rendered
from digest.store import contests, editions, issues
from digest.store.sends import Send
from digest.story_links import Doorway

log = logs.get(__name__)


class NotMade(Exception):
    """A send whose mail cannot be made: for a person to look at."""


def compiled_of(house: DeliveryHouse, send: Send) -> Made | Arms:
    """The send's own edition, in every form that readers may choose. Raises NotMade."""
    with house.database.read() as session:
        issue = issues.by_id(session, send.issue_id)
        forms = editions.variants(session, send.edition_id)
        held = contests.of_send(session, send.id)
        second = editions.second(session, send.edition_id) if held and held.share else None
    if send.newsletter not in house.schedules:
        raise NotMade(f"the newsletter {send.newsletter} has no schedule any more")
    if held and held.share and second is None:
        raise NotMade("its second subject is gone")
    if issue.edition is None or issue.edition.id != send.edition_id:
        raise NotMade("the edition that was frozen is not the issue's any more")
    try:
        rendered = issue.edition.rendered
        if second is None:
            return made(house, issue, rendered, forms)
        return _arms(house, issue, {Arm.A: Printed(rendered, forms), Arm.B: second})
    except Exception as error:
        log.exception("an edition cannot be compiled", send=send.id)
        raise NotMade(repr(error)) from error


def made(
    house: DeliveryHouse,
    issue: Issue,
    rendered: Rendered,
    forms: Mapping[str, Rendered],
    *,
    date: dt.datetime | None = None,
) -> Made:
    """A mail of an issue, compiled. forms: its variants by key. date: other than the send's hour."""
    schedule, planned = house.schedules[issue.newsletter], issue.moments.send_at
    envelope = envelope_of(schedule, planned, house.public_url, returns=house.returns)
    envelope = dataclasses.replace(envelope, date=date or planned)
    maker = Maker(envelope, house.key, house.signer)
    plain = maker.whole(rendered)
    return Choices(plain, maker, forms) if forms else plain


def _arms(house: DeliveryHouse, issue: Issue, subjects: Mapping[Arm, Printed]) -> Arms:
    def compiled(printed: Printed) -> Made:
        return made(house, issue, printed.rendered, printed.variants)

    whole, url = dataclasses.replace(subjects[Arm.A], second=subjects[Arm.B]), house.public_url
    tests = {arm: of_arm(issue, whole, arm, public_url=url) for arm in Arm}
    return Arms(
        test={arm: compiled(one) for arm, one in tests.items()},
        rest={arm: compiled(one) for arm, one in subjects.items()},
    )


def of_arm(issue: Issue, printed: Printed, arm: Arm, *, public_url: str) -> Printed:
    """The mail of an arm as the readers of the test get it: what they do says which one they are of.

    printed: under both subjects. Raises NotFound where it has only one.
    """
    contest = issue.content.contest if issue.content else None
    if contest is None or printed.second is None:
        raise NotFound(f"the issue {issue.period} has one subject only")
    own = printed if arm is Arm.A else printed.second
    doorway = Doorway(public_url, issue.newsletter, issue.period)
    mark = functools.partial(story_links.of_arm, contest=contest, arm=arm, doorway=doorway)
    forms = {key: mark(one) for key, one in own.variants.items()}
    return Printed(mark(own.rendered), forms)
