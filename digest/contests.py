"""The rules of a contest of two subjects: its terms, whether it can teach anything, and what its figures say.

Pure. The test is made once, at a moment that was fixed before: who looks again and again until a
difference shows finds one by chance.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

from digest import proportions
from digest.errors import BadInput
from digest.mail import cleaning
from digest.model import Arm, Contest, Count, Measure, Words
from digest.schedules import ContestTable, Schedule

#: Of a usual mail so many do it, and of one with a subject that does very much better: who cannot tell
#: these two apart learns nothing.
_GREAT = {Measure.CLICKS: (0.10, 0.20), Measure.OPENS: (0.30, 0.45), Measure.HAND: (0.10, 0.20)}

#: No winner goes after this hour of the newsletter's own evening.
LATEST = dt.time(21, 0)

#: The bounds of a share in percent, and of a wait in seconds.
SHARES, WAITS = (2, 80), (1800, 48 * 3600)

#: What readers did, in words.
DID = {Measure.CLICKS: "clicked", Measure.OPENS: "opened", Measure.HAND: "clicked"}
_DO = {Measure.CLICKS: "click", Measure.OPENS: "open", Measure.HAND: "click"}


# ---------------------------------------------------------------- its terms


def wanted(written: Mapping[Words, str], table: ContestTable, subject: str) -> Contest | None:
    """The contest that editors asked for; None where there is no second subject, or it is the first one again.

    written: what they wrote; what they left empty, or what makes no sense, is the schedule's.
    """
    second = cleaning.line(written.get(Words.SECOND, ""))
    if not second or second == cleaning.line(subject):
        return None
    measure = written.get(Words.MEASURE, "")
    return Contest(
        second=second,
        share=_number(written.get(Words.SHARE, ""), SHARES, table.share),
        wait_s=_number(written.get(Words.WAIT, ""), WAITS, table.wait),
        measure=Measure(measure) if measure in set(Measure) else table.measure,
    )


def _number(written: str, bounds: tuple[int, int], otherwise: int) -> int:
    return int(written) if _is_between(written, bounds) else otherwise


def read_terms(share: str, wait_minutes: str, measure: str) -> dict[Words, str]:
    """Terms as a person gives them, as they are kept. Raises BadInput that says what was expected."""
    shares, waits = SHARES, tuple(one // 60 for one in WAITS)
    if not _is_between(share, shares):
        raise BadInput("share", f"expected percent, from {shares[0]} to {shares[1]}")
    if not _is_between(wait_minutes, waits):
        raise BadInput("wait", f"expected minutes, from {waits[0]} to {waits[1]}")
    if measure not in set(Measure):
        raise BadInput("measure", f"expected one of {', '.join(Measure)}")
    return {
        Words.SHARE: str(int(share)),
        Words.WAIT: str(int(wait_minutes) * 60),
        Words.MEASURE: measure,
    }


def _is_between(value: str, bounds: tuple[int, ...]) -> bool:
    return (
        value.isascii()
        and value.isdecimal()
        and bounds[0] <= int(value[:9]) <= bounds[1]
        and len(value) < 9
    )


# ---------------------------------------------------------------- can it be held?


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a contest is held. begins_at: when the first mails leave. readers: of whom a share is asked first."""

    schedule: Schedule
    send_at: dt.datetime
    begins_at: dt.datetime
    readers: int


def rest_at(contest: Contest, begins_at: dt.datetime) -> dt.datetime:
    """When the rest goes: an instant, whatever clocks do in between."""
    return begins_at + dt.timedelta(seconds=contest.wait_s)


def obstacle(contest: Contest, setting: Setting) -> str:
    """Why a contest is not held here, in plain words; empty where it is."""
    return _too_late(contest, setting) or _too_small(contest, setting.readers)


def is_too_late(contest: Contest, setting: Setting) -> bool:
    """True where the winner would go at an hour that nobody expects it at."""
    return bool(_too_late(contest, setting))


def _too_late(contest: Contest, setting: Setting) -> str:
    zone, deliver = setting.schedule.calendar.zone, setting.schedule.deliver
    rest = rest_at(contest, setting.begins_at)
    local, begins = rest.astimezone(zone), setting.begins_at.astimezone(zone)
    if rest - setting.send_at > dt.timedelta(seconds=deliver.catch_up):
        hours = deliver.catch_up / 3600
        return (
            f"the winner would go at {local:%H:%M}, more than {hours:g} h after the send's hour"
            " (catch_up): wait less long"
        )
    if local.date() != begins.date() or local.time() > LATEST:
        return f"the winner would go at {local:%H:%M}, after {LATEST:%H:%M}: wait less long"
    return ""


def _too_small(contest: Contest, readers: int) -> str:
    least, have = least_an_arm(contest.measure), readers * contest.share // 200
    if have >= least:
        return ""
    usual, great = _GREAT[contest.measure]
    takes, most = readers_for(contest), math.ceil(200 * least / SHARES[1])
    return (
        f"each subject would go to {have:,} readers, and it takes {least:,} to tell {percent(usual, 0)} who"
        f" {_DO[contest.measure]} from {percent(great, 0)}: with a share of {contest.share} % that is a list of"
        f" {takes:,} readers, with {SHARES[1]} % one of {most:,}; this one has {readers:,}"
    )


def least_an_arm(measure: Measure) -> int:
    """Readers an arm below which not even a great difference shows."""
    return proportions.needed(*_GREAT[measure])


def readers_for(contest: Contest) -> int:
    """How many readers a list needs for this contest."""
    return math.ceil(200 * least_an_arm(contest.measure) / contest.share)


def promise(contest: Contest, readers: int) -> str:
    """What a contest on a list of so many readers may show, in words."""
    arm, (usual, _) = readers * contest.share // 200, _GREAT[contest.measure]
    seen = proportions.tellable(arm, usual)
    return (
        f"Each subject goes to about {arm:,} readers first. Where {percent(usual, 0)} {_DO[contest.measure]}"
        f" under one, it takes {percent(seen)} under the other to tell them apart."
    )


# ---------------------------------------------------------------- what the figures say


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What goes to the rest, and why. told: a difference was seen; else A goes, whatever it was."""

    winner: Arm
    told: bool
    why: str


def judge(measure: Measure, a: Count, b: Count) -> Verdict:
    """The decision on these figures. A goes wherever none is to be had."""
    if measure is Measure.HAND:
        return Verdict(winner=Arm.A, told=False, why="Nobody chose one in time, so A goes.")
    if min(a.reached, b.reached) < least_an_arm(measure) // 2:
        why = f"Too few copies had arrived to tell anything: {a.reached:,} of A and {b.reached:,} of B. So A goes."
        return Verdict(winner=Arm.A, told=False, why=why)
    told = proportions.chance(a, b) < proportions.LEVEL
    winner = Arm.B if told and b.rate > a.rate else Arm.A
    says = figures(measure, a, b)
    if told:
        return Verdict(winner=winner, told=True, why=f"{winner.letter} did better. {says}")
    return Verdict(
        winner=Arm.A, told=False, why=f"No difference that can be told. {says} So A goes."
    )


def percent(rate: float, places: int = 1) -> str:
    """`7.9 %`."""
    return f"{100 * rate:.{places}f} %"


def figures(measure: Measure, a: Count, b: Count) -> str:
    """Both arms in a line: rates, their difference with its interval, and what chance alone would do."""
    did = DID[measure]
    low, high = (f"{100 * one:+.1f}" for one in proportions.interval(a, b))
    p = proportions.chance(a, b)
    by_chance = "less than 0.1 %" if p < 0.001 else percent(p)
    arms = ", ".join(
        f"{arm.letter}: {one.hits:,} of {one.reached:,} {did} ({percent(one.rate)})"
        for arm, one in ((Arm.A, a), (Arm.B, b))
    )
    return (
        f"{arms}. B less A is {100 * (b.rate - a.rate):+.1f} points, between {low} and {high} (95 %);"
        f" chance alone parts them so far in {by_chance} of all contests."
    )
