"""A contest of two subjects as the desk shows it: what can be chosen before it, and how it stands once it runs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

from digest import contests as rules
from digest.bootstrap import House
from digest.delivery import contests as steps
from digest.model import Arm, Contest, Count, Issue, Measure
from digest.schedules import Schedule
from digest.store import contests, sends
from digest.store.contests import Held
from digest.store.sends import SendStatus
from digest.web import spoken
from digest.web.spoken import NextStep

#: What may be chosen, beside what the schedule says.
SHARES = (10, 20, 30, 40, 50, 80)
WAITS = (30, 60, 90, 120, 180, 240, 300, 360)

MEASURES = {
    Measure.CLICKS: "Clicks on stories",
    Measure.OPENS: "Opens",
    Measure.HAND: "A person, by the clicks",
}


#: What goes to the rest, in words.
_UNTOLD = "goes to all others, or A where no difference can be told"
_GOES = {
    Measure.CLICKS: f"the one with more clicks {_UNTOLD}",
    Measure.OPENS: f"the one that more readers opened {_UNTOLD}",
    Measure.HAND: "the one that a person chose goes to all others, or A where nobody did",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may be chosen. note: why it may not."""

    value: str
    words: str
    chosen: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One arm of a contest: its subject, its readers, and how it stands."""

    arm: Arm
    subject: str
    readers: int
    count: Count


def planned(house: House, issue: Issue, *, now: dt.datetime) -> dict[str, Any]:
    """For a draft: the shares and waits that can be chosen here, and what such a contest may show."""
    schedule = house.schedule(issue.newsletter)
    with house.database.read() as session:
        setting = steps.setting(session, house, issue, now=now)
    own = issue.content.contest if issue.content else None
    table = schedule.deliver.ab
    contest = own or Contest(second="", share=table.share, wait_s=table.wait, measure=table.measure)
    why_not = rules.obstacle(contest, setting)
    return {
        "own": own,
        "readers": setting.readers,
        "shares": _shares(contest, setting),
        "waits": _waits(contest, setting),
        "measures": [
            Option(one.value, words, one is contest.measure) for one, words in MEASURES.items()
        ],
        "why_not": why_not,
        "promise": "" if why_not else rules.promise(contest, setting.readers),
        "rest_at": rules.rest_at(contest, setting.begins_at),
        "look": int(steps.LOOK.total_seconds() // 60),
        "never": setting.readers * rules.SHARES[1] // 200 < rules.least_an_arm(contest.measure),
    }


def terms(contest: Contest) -> str:
    """What is approved beside the two subjects, in a sentence."""
    waited = _span(contest.wait_s // 60)
    first = f"{contest.share} % of the readers get one of them first"
    return f"{first}; {waited} later {_GOES[contest.measure]}."


def _large_enough(contest: Contest, readers: int) -> Contest:
    """With the share of the schedule, or the next one that can teach something."""
    least = rules.least_an_arm(contest.measure)
    for share in (contest.share, *SHARES):
        if share >= contest.share and readers * share // 200 >= least:
            return dataclasses.replace(contest, share=share)
    return contest


def _shares(contest: Contest, setting: rules.Setting) -> list[Option]:
    least = rules.least_an_arm(contest.measure)
    found = []
    for share in sorted({*SHARES, contest.share}):
        arm = setting.readers * share // 200
        note = f"too few, it takes {least}" if arm < least else ""
        words = f"{share} %: {arm:,} readers each"
        found.append(Option(str(share), words, share == contest.share, note))
    return found


def _waits(contest: Contest, setting: rules.Setting) -> list[Option]:
    """Each with the moment when the winner goes; those that end too late are left out."""
    zone = setting.schedule.calendar.zone
    found = []
    for minutes in sorted({*WAITS, contest.wait_s // 60}):
        one = dataclasses.replace(contest, wait_s=minutes * 60)
        chosen = one == contest
        if not chosen and rules.is_too_late(one, setting):
            continue
        at = rules.rest_at(one, setting.begins_at).astimezone(zone)
        words = f"at {at:%H:%M}, after {_span(minutes)}"
        found.append(Option(str(minutes), words, chosen))
    return found


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} minutes"
    return f"{hours}{'½' if rest == 30 else ''} hour{'' if (hours, rest) == (1, 0) else 's'}"


def running(house: House, issue: Issue) -> dict[str, Any] | None:
    """For a send: both arms as they stand, the decision, and what may still be chosen; None where there is one subject."""
    with house.database.read() as session:
        send = sends.if_begun(session, issue.id)
        held = contests.of_send(session, send.id) if send else None
        if send is None or held is None:
            return None
        counts = held.counts or contests.counts(session, send.id)
        sizes = contests.sizes(session, send.id) if held.share else {}
        changeable = held.winner is None or contests.can_change(session, send.id)
    open_ = send.status is not SendStatus.DONE and held.share
    return {
        "held": held,
        "lines": _lines(issue, counts, sizes),
        "rest": sizes.get(None, 0),
        "figures": _figures(held, counts),
        "did": rules.DID[held.measure],
        "choices": [arm for arm in Arm if arm is not held.winner] if open_ and changeable else [],
        "is_over": send.status is SendStatus.DONE,
        "waits": bool(open_ and changeable and send.status is SendStatus.OPEN),
    }


def waits(tried: dict[str, Any] | None, schedule: Schedule, *, now: dt.datetime) -> NextStep | None:
    """What happens next while the rest waits; None where nothing waits for a subject."""
    if tried is None or not tried["waits"]:
        return None
    at = tried["held"].rest_at
    moment = f"{spoken.moment(at, schedule.calendar.zone)} ({spoken.distance(at, now)})"
    why = "A part of the readers has one of two subjects; the better one goes to all others."
    return NextStep(f"The rest goes out {moment}", why)


def _lines(issue: Issue, counts: tuple[Count, Count], sizes: dict[Arm | None, int]) -> list[Line]:
    contest = issue.content.contest if issue.content else None
    first = issue.content.subject if issue.content else ""
    subjects = {Arm.A: first, Arm.B: contest.second if contest else ""}
    return [
        Line(arm, subjects[arm], sizes[arm], count)
        for arm, count in zip(Arm, counts, strict=True)
        if arm in sizes
    ]


def _figures(held: Held, counts: tuple[Count, Count]) -> str:
    """What the counts say so far; nothing while hardly a copy has arrived, or once the decision says it."""
    if held.winner or min(one.reached for one in counts) < 1:
        return ""
    return rules.figures(held.measure, *counts)


def word(house: House, issue: Issue) -> str:
    """Another word whenever something of a contest has moved; empty where there is none."""
    found = running(house, issue)
    if found is None:
        return ""
    hits = ".".join(str(line.count.hits) for line in found["lines"])
    return f"-{found['held'].winner or ''}{hits}{len(found['choices'])}"
