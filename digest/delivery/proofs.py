"""A proof: the mail as a reader gets it, for an editor, ahead of every send.

It goes as a notice that names an edition. Its body is every reader's own, with the values of somebody who
is not there in the slots: so its links lead to a page that says so, and nobody leaves by them. Of its
header only To, Message-ID, Date and a mark before the subject differ; the edition is as it was, and
nothing is counted as a delivery.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from digest.delivery.compile import compile_edition, compile_proof, envelope_of
from digest.delivery.house import DeliveryHouse
from digest.errors import Conflict, NotFound
from digest.model import Issue, Message
from digest.store import editions, issues, notices
from digest.store.editors import Editor
from digest.store.engine import Session
from digest.store.notices import Notice

#: The notice's kind.
KIND = "proof"
#: What stands before the subject, so that nobody takes it for the issue. Editors' words are English.
MARK = "[Proof] "


def queue(session: Session, issue: Issue, editor: Editor, *, now: dt.datetime) -> str:
    """Put a proof of an issue's draft in line for an editor; gives what the notice is known by.

    Pressed twice within a second it is one. Raises Conflict where there is no draft.
    """
    if issue.edition is None:
        raise Conflict(f"the issue {issue.period} has no draft yet; `digest build` makes one")
    about = f"{KIND}:{issue.newsletter}:{issue.period}:{issue.edition.checksum[:12]}"
    dedupe = f"{about}:{editor.id}:{now:%Y%m%dT%H%M%S}"
    notices.queue(
        session,
        kind=KIND,
        newsletter=issue.newsletter,
        address=editor.email,
        dedupe=dedupe,
        data={"issue": issue.id, "checksum": issue.edition.checksum, "name": editor.name},
        now=now,
    )
    return dedupe


def message(house: DeliveryHouse, notice: Notice) -> Message:
    """The mail of such a notice. Raises NotFound where its edition is gone."""
    with house.database.read() as session:
        issue = issues.by_id(session, notice.data["issue"])
        found = editions.of(session, issue.id, notice.data["checksum"])
    if found is None:
        raise NotFound(f"the issue {issue.period} has no edition {notice.data['checksum'][:12]}")
    schedule = house.schedules[notice.newsletter]
    planned = envelope_of(schedule, issue.moments.send_at, house.public_url, returns=house.returns)
    envelope = dataclasses.replace(planned, date=notice.created_at)
    marked = dataclasses.replace(found.rendered, subject=MARK + found.rendered.subject)
    compiled = compile_edition(marked, envelope, key=house.key, signer=house.signer)
    name = notice.data["name"]
    return compile_proof(compiled, notice.address, name, f"notice-{notice.id}")
