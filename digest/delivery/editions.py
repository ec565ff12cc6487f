"""The edition that a send was frozen with, compiled for sending; or why there is none."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

from digest import logs
from digest.delivery.choices import Choices, Made
from digest.delivery.compile import Maker, envelope_of
from digest.delivery.house import DeliveryHouse
from digest.model import Issue, Rendered
from digest.store import editions, issues
from digest.store.sends import Send

log = logs.get(__name__)


class NotMade(Exception):
    """A send whose mail cannot be made: for a person to look at."""


def compiled_of(house: DeliveryHouse, send: Send) -> Made:
    """The send's own edition, in every form that readers may choose. Raises NotMade."""
    with house.database.read() as session:
        issue = issues.by_id(session, send.issue_id)
        forms = editions.variants(session, send.edition_id)
    if send.newsletter not in house.schedules:
        raise NotMade(f"the newsletter {send.newsletter} has no schedule any more")
    if issue.edition is None or issue.edition.id != send.edition_id:
        raise NotMade("the edition that was frozen is not the issue's any more")
    try:
        return made(house, issue, issue.edition.rendered, forms)
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
