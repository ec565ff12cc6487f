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
    if issue.edition is None or issue.edition.id != send.edition_id:
        raise NotMade("the edition that was frozen is not the issue's any more")
    try:
        first = Printed(issue.edition.rendered, forms)
        if second is None:
            return made(house, issue, first.rendered, first.variants)
        return _arms(house, issue, {Arm.A: first, Arm.B: second})
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

    return Arms(
        test={
            arm: compiled(of_arm(issue, one, arm, public_url=house.public_url))
            for arm, one in subjects.items()
        },
        rest={arm: compiled(one) for arm, one in subjects.items()},
    )


def of_arm(issue: Issue, printed: Printed, arm: Arm, *, public_url: str) -> Printed:
    """A subject's mail as the readers of the test get it: what they do says which arm they are of."""
    contest = issue.content.contest if issue.content else None
    if contest is None:
        return printed
    doorway = Doorway(public_url, issue.newsletter, issue.period)
    mark = functools.partial(story_links.of_arm, contest=contest, arm=arm, doorway=doorway)
    forms = {key: mark(one) for key, one in printed.variants.items()}
    return Printed(mark(printed.rendered), forms)
