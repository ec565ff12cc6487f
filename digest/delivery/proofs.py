"""A proof: the mail as a reader gets it, for an editor, ahead of every send.

It goes as a notice that names an edition. Its body is every reader's own, with the values of somebody who
is not there in the slots: so its links lead to a page that says so, and nobody leaves by them. Of its
header only To, Message-ID, Date and a mark before the subject differ; the edition is as it was, and
nothing is counted as a delivery.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from digest.audience import tokens
from digest.delivery import editions
from digest.delivery.compile import as_proof
from digest.delivery.house import DeliveryHouse
from digest.errors import Conflict, NotFound
from digest.model import AS_IT_COMES, Arm, Choice, Issue, Message, Reader, Rendered, SubscriberId
from digest.store import editions as stored
from digest.store import issues, notices
from digest.store.editors import Editor
from digest.store.engine import Session
from digest.store.notices import Notice

#: The notice's kind.
KIND = "proof"
#: What stands before the subject, so that nobody takes it for the issue. Editors' words are English.
MARK = "[Proof] "


def queue(
    session: Session,
    issue: Issue,
    editor: Editor,
    *,
    choice: Choice = AS_IT_COMES,
    arm: str = "",
    now: dt.datetime,
) -> str:
    """Put a proof of an issue's draft in line for an editor; gives what the notice is known by.

    choice: as a reader with it gets the mail. arm: of a contest, as its test gets it. Pressed twice within a second it is one. Raises Conflict where
    there is no draft.
    """
    if issue.edition is None:
        raise Conflict(f"the issue {issue.period} has no draft yet; `digest build` makes one")
    about = f"{KIND}:{issue.newsletter}:{issue.period}:{issue.edition.checksum[:12]}"
    dedupe = f"{about}{arm}:{editor.id}:{now:%Y%m%dT%H%M%S}"
    data = {
        "issue": issue.id,
        "checksum": issue.edition.checksum,
        "name": editor.name,
        "choice": choice.text,
        "arm": arm,
    }
    notices.queue(
        session,
        kind=KIND,
        newsletter=issue.newsletter,
        address=editor.email,
        dedupe=dedupe,
        data=data,
        now=now,
    )
    return dedupe


def message(house: DeliveryHouse, notice: Notice) -> Message:
    """The mail of such a notice. Raises NotFound where its edition is gone."""
    asked = notice.data
    with house.database.read() as session:
        issue = issues.by_id(session, asked["issue"])
        found = stored.of(session, issue.id, asked["checksum"])
        printed = stored.printed(session, found) if found else None
    if printed is None:
        raise NotFound(f"the issue {issue.period} has no edition {asked['checksum'][:12]}")
    if arm := asked.get("arm"):
        printed = editions.of_arm(issue, printed, Arm(arm), public_url=house.public_url)
    marked = {key: _marked(form) for key, form in printed.variants.items()}
    made = editions.made(house, issue, _marked(printed.rendered), marked, date=notice.created_at)
    reader = Reader(SubscriberId(0), notice.address, tokens.NOBODY, asked["name"], asked["choice"])
    return as_proof(made.message(reader), f"notice-{notice.id}")


def _marked(rendered: Rendered) -> Rendered:
    return dataclasses.replace(rendered, subject=MARK + rendered.subject)
