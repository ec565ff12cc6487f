"""The edition that a send was frozen with, compiled for sending; or why there is none."""

from __future__ import annotations

from digest import logs
from digest.delivery.compile import Compiled, compile_edition, envelope_of
from digest.delivery.house import DeliveryHouse
from digest.store import issues
from digest.store.sends import Send

log = logs.get(__name__)


class NotMade(Exception):
    """A send whose mail cannot be made: for a person to look at."""


def compiled_of(house: DeliveryHouse, send: Send) -> Compiled:
    """The send's own edition. Raises NotMade."""
    with house.database.read() as session:
        issue = issues.by_id(session, send.issue_id)
    schedule = house.schedules.get(send.newsletter)
    if schedule is None:
        raise NotMade(f"the newsletter {send.newsletter} has no schedule any more")
    if issue.edition is None or issue.edition.id != send.edition_id:
        raise NotMade("the edition that was frozen is not the issue's any more")
    try:
        date = issue.moments.send_at
        envelope = envelope_of(schedule, date, house.public_url, returns=house.returns)
        rendered = issue.edition.rendered
        return compile_edition(rendered, envelope, key=house.key, signer=house.signer)
    except Exception as error:
        log.exception("an edition cannot be compiled", send=send.id)
        raise NotMade(repr(error)) from error
