"""Who moved to another address while a send is on its way: the copy goes after them, once.

The audience names a reader who has left for a new address since. That copy is theirs, so it goes to the new
one, under the old one's line in the ledger. Not where the new one is in the audience as well, or has had
this issue by way of somebody else; nor where it is not known whether the old one has it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from digest.delivery.verdicts import Job
from digest.model import DeliveryState, Reader, SubscriberId
from digest.store import audiences, chunks, deliveries, leaving
from digest.store.engine import Session
from digest.store.sends import Send

#: A copy is there, or may be.
_HAD = frozenset({DeliveryState.ACCEPTED, DeliveryState.UNCERTAIN})
#: A copy is still to come.
_COMES = frozenset({None, DeliveryState.QUEUED})


def readers(
    session: Session,
    send: Send,
    jobs: Sequence[Job],
    here: Mapping[SubscriberId, Reader],
    *,
    now: dt.datetime,
    choices: bool,
) -> dict[SubscriberId, Reader]:
    """Those of the jobs who are not `here` since they moved, each under the address that is theirs now."""
    gone = [job.id for job in jobs if job.id not in here and not job.in_doubt]
    found = {}
    for old in leaving.of_those_who_moved(session, gone, send.newsletter):
        new = leaving.now_at(session, old, send.newsletter)
        if new == old or not _is_the_one(session, send, old, new):
            continue
        at = audiences.readers(session, send.newsletter, [new], now=now, choices=choices)
        if new in at:
            found[old] = at[new]._replace(id=old)
    return found


def _is_the_one(session: Session, send: Send, old: SubscriberId, new: SubscriberId) -> bool:
    """Whether the copy at the new address is this reader's: one of all who moved there, and none of its own."""
    if chunks.holds(session, send.id, new):
        return False
    came = leaving.who_moved_to(session, new, send.newsletter)
    if old not in came:  # it went on to somebody else while we looked
        return False
    for other in came.keys() - {old}:
        if chunks.holds(session, send.id, other) and _comes_first(session, send, other, old, came):
            return False
    return True


def _comes_first(
    session: Session,
    send: Send,
    other: SubscriberId,
    mine: SubscriberId,
    came: Mapping[SubscriberId, int],
) -> bool:
    """Another one of the audience who moved to the same address has had a copy, or gets it before us.

    Who came there first: that one's copy may be on the wire already, which no row tells yet.
    """
    row = deliveries.of_range(session, send.id, other, other).get(other)
    state = row.state if row else None
    is_earlier = (came[other], other) < (came[mine], mine)
    return state in _HAD or (is_earlier and state in _COMES)
