"""DNS once a day: what was right and is right no more. What never was is `digest doctor --dns`'s to tell.

A look that finds something gone is believed at the second look, an hour later: servers have bad minutes.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from digest.domains.records import Finding
from digest.store import heartbeats
from digest.store.engine import Database, Session
from digest.vigilance import Vigilance

_NAME = "dns"
DAILY, SOON = dt.timedelta(hours=24), dt.timedelta(hours=1)
#: What a look is called that found nobody who answers: it says nothing of our records.
_NOBODY = "dns"


@dataclass(frozen=True, slots=True)
class Seen:
    """fine: subjects that were ever right. suspect: missing at the last look alone. gone: missing at two in a row."""

    fine: list[str] = field(default_factory=list)
    suspect: list[str] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)


def look(database: Database, wanted: Vigilance, *, now: dt.datetime) -> bool:
    """Ask where it is time; True where it was asked."""
    if wanted.ask_dns is None:
        return False
    with database.read() as session:
        last, before = heartbeats.last(session, _NAME), _kept(session)
    pause = SOON if before.suspect or before.gone else DAILY
    if last is not None and now - last < pause:
        return False
    after = judged(before, list(wanted.ask_dns()))
    with database.write() as session:
        heartbeats.beat(session, _NAME, now=now, detail=json.dumps(asdict(after)))
    return True


def judged(before: Seen, findings: Iterable[Finding]) -> Seen:
    """What is known after another look."""
    found = {one.subject: one for one in findings}
    if _NOBODY in found:
        return before
    fine = {subject for subject, one in found.items() if one.fine}
    bad = {subject for subject in found.keys() - fine if subject in before.fine}
    known = {*before.suspect, *before.gone}
    return Seen(
        fine=sorted({*before.fine, *fine}),
        suspect=sorted(bad - known),
        gone={subject: found[subject].text for subject in sorted(bad & known)},
    )


def gone(session: Session) -> dict[str, str]:
    """What was right and is not, by its subject, with what is said of it now."""
    return _kept(session).gone


def _kept(session: Session) -> Seen:
    text = heartbeats.detail(session, _NAME)
    return Seen(**json.loads(text)) if text else Seen()
