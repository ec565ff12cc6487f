"""A contest of two subjects on its way: how an audience is parted, when the winner is chosen, and by whom.

Part of the audience gets A or B at the send's hour; the chunks of all others are held. Some minutes before
the rest's hour the figures are looked at, once: that one change names the winner and lets the rest go. So a
crash before it leaves the rest held, a crash after it leaves them due, and there is nothing between.
"""

from __future__ import annotations

import datetime as dt
import functools

from digest import contests as rules
from digest import logs
from digest.audience import tokens
from digest.delivery import pauses, waves
from digest.delivery.house import DeliveryHouse
from digest.errors import Conflict, NotFound
from digest.model import Arm, Contest, Issue, IssueId
from digest.store import audiences, contests, events, issues, sends
from digest.store.chunks import Split
from digest.store.contests import Choice, Held
from digest.store.engine import Session
from digest.store.sends import Pause, Send, SendStatus

log = logs.get(__name__)

#: The winner is chosen so long before it goes: time to look, and to choose the other one.
LOOK = dt.timedelta(minutes=5)

#: Who chooses where no person does, in the audit log.
FIGURES = "the figures"


# ---------------------------------------------------------------- the beginning


def setting(
    session: Session, house: DeliveryHouse, issue: Issue, *, now: dt.datetime, big: bool = True
) -> rules.Setting:
    """Where the contest of an issue would be held, by the readers as they are now.

    Who is mailed at a later hour of the own morning is not asked. big: the issue has a big story.
    """
    schedule, send_at = house.schedules[issue.newsletter], issue.moments.send_at
    if schedule.deliver.deliver_at == "newsletter":
        readers = audiences.count(session, schedule.key, now, only=schedule.only, big=big)
    else:
        found = waves.planned(session, schedule, send_at, moment=now, big=big)
        readers = sum(wave.readers for wave in found if wave.at <= max(now, send_at))
    begins_at = max(now, send_at)
    return rules.Setting(schedule=schedule, send_at=send_at, begins_at=begins_at, readers=readers)


def split(contest: Contest, key: bytes, checksum: str, *, rest_at: dt.datetime) -> Split:
    """Each reader's arm by a lot that only the key draws: another one for each edition, the same on every try."""
    return Split(functools.partial(_arm_of, key, checksum, contest.share), rest_at)


def _arm_of(key: bytes, checksum: str, share: int, reader: int) -> Arm | None:
    lot = tokens.lot(key, checksum, reader, of=200)
    if lot < share:
        return Arm.A
    return Arm.B if lot < 2 * share else None


def begin(
    session: Session, send: Send, contest: Contest, why_not: str, *, rest_at: dt.datetime
) -> None:
    """Write a contest down with its send, in the freezing's own transaction. why_not: it is not held, A goes to all."""
    at = send.cut_off
    instead = Choice(winner=Arm.A, at=at, why=f"{_sentence(why_not)} So A goes.")
    contests.begin(
        session,
        send.id,
        contest,
        decide_at=rest_at - LOOK,
        rest_at=rest_at,
        instead=instead if why_not else None,
    )


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}."


# ---------------------------------------------------------------- the decision


def decide_due(house: DeliveryHouse, *, now: dt.datetime) -> list[IssueId]:
    """Choose the winner of every contest whose moment has come; the issues that this call did it for."""
    with house.database.read() as session:
        found = contests.undecided(session, now=now)
    return [issue for issue in map(IssueId, found) if _decided(house, issue, now=now)]


def any_due(session: Session, *, now: dt.datetime) -> bool:
    """True where a winner is to be chosen now."""
    return bool(contests.undecided(session, now=now))


def _decided(house: DeliveryHouse, issue_id: IssueId, *, now: dt.datetime) -> bool:
    """What fails here stops no other send; the next look tries again, and the rest stays held."""
    try:
        return _decide(house, issue_id, now=now)
    except Exception:
        log.exception("no subject could be chosen", issue=issue_id)
        return False


def _decide(house: DeliveryHouse, issue_id: IssueId, *, now: dt.datetime) -> bool:
    with house.database.write() as session:
        send = sends.locked(session, issue_id)
        held = contests.of_send(session, send.id)
        if held is None or held.winner or send.status is not SendStatus.OPEN:
            return False
        if late := _too_late(house, send, held, now=now):
            asks = late
        else:
            asks = ""
            a, b = contests.counts(session, send.id)
            verdict = rules.judge(held.measure, a, b)
            choice = Choice(winner=verdict.winner, at=now, why=verdict.why, counts=(a, b))
            if not contests.decide(session, send.id, choice):
                return False
            _record(session, issue_id, choice, actor=FIGURES, why=choice.why)
    if asks:
        pauses.pause(house, send, Pause(reason=asks, at=now))
        return False
    log.info("subject chosen", send=send.id, winner=choice.winner.value, told=verdict.told)
    return True


def _too_late(house: DeliveryHouse, send: Send, held: Held, *, now: dt.datetime) -> str:
    """Why a person must say whether the rest is still to go; empty where it is not so late."""
    schedule = house.schedules.get(send.newsletter)
    since = max(held.rest_at, send.resumed_at or held.rest_at)
    if schedule is None or now - since <= dt.timedelta(seconds=schedule.deliver.catch_up):
        return ""
    hours = int((now - held.rest_at).total_seconds() // 3600)
    return f"the rest of the readers wait for their subject since {hours} h: is it still wanted?"


def choose(
    house: DeliveryHouse, issue: Issue, arm: Arm, *, by: str, actor: str, now: dt.datetime
) -> bool:
    """A person chooses: before the decision the rest goes at once, after it the other one goes in its place.

    True where it was still undecided. by: the name that the desk shows; actor: the one in the audit log. Raises NotFound where there is no contest, Conflict where the rest has
    begun, or this one goes anyway.
    """
    with house.database.write() as session:
        send, held = _standing(session, issue)
        if held.winner is None:
            counts = contests.counts(session, send.id)
            told = rules.figures(held.measure, *counts)
            why = f"{by} chose {arm.letter}. {told}"
            choice = Choice(winner=arm, at=now, why=why, by=by, counts=counts)
            contests.decide(session, send.id, choice, at_once=True)
        else:
            told = f"instead of {arm.other.letter}"
            why = f"{by} chose {arm.letter} instead. Before: {held.why}"
            choice = Choice(winner=arm, at=now, why=why, by=by, counts=held.counts)
            _turn(session, held, choice)
        _record(session, issue.id, choice, actor=actor, why=told)
    return held.winner is None


def _standing(session: Session, issue: Issue) -> tuple[Send, Held]:
    try:
        send = sends.locked(session, issue.id)
    except NotFound:
        raise NotFound(f"{issue.period} has no send: it is {issue.status}") from None
    held = contests.of_send(session, send.id)
    if held is None or not held.share:
        raise NotFound(f"{issue.period} has one subject only")
    if send.status is SendStatus.DONE:
        raise Conflict(f"the send of {issue.period} is over")
    return send, held


def _turn(session: Session, held: Held, choice: Choice) -> None:
    if held.winner is choice.winner:
        raise Conflict(f"{choice.winner.letter} goes to the rest already")
    if not contests.change(session, held.send_id, choice):
        raise Conflict("the rest has begun: its subject stays")


def _record(session: Session, issue_id: IssueId, choice: Choice, *, actor: str, why: str) -> None:
    """why: without the name of who chose, which the log never has."""
    issue = issues.by_id(session, issue_id)
    events.record(
        session,
        at=choice.at,
        actor=actor,
        action="chose the subject",
        subject=f"{issue.newsletter}/{issue.period}",
        data={"winner": choice.winner.value, "why": why},
    )
