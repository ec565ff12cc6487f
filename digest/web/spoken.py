"""Times, counts and states in the words of the desk and the readers' pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel import Locale

from digest.model import DeliveryState, Issue, IssueStatus, SubscriptionStatus
from digest.moments import WEEKDAYS, WeekTime
from digest.schedules import Schedule
from digest.store.sends import Send, SendStatus

STATUS = {
    IssueStatus.DUE: "Being made",
    IssueStatus.DRAFT: "Draft",
    IssueStatus.HELD: "On hold",
    IssueStatus.APPROVED: "Approved",
    IssueStatus.SENDING: "Going out",
    IssueStatus.SENT: "Sent",
    IssueStatus.SKIPPED: "Skipped",
}

DELIVERY = {
    "waiting": "Waiting",
    DeliveryState.QUEUED: "To be tried again",
    DeliveryState.ACCEPTED: "Accepted",
    DeliveryState.FAILED: "Failed",
    DeliveryState.SKIPPED: "Left since",
    DeliveryState.UNCERTAIN: "Uncertain",
}

SUBSCRIPTION = {
    SubscriptionStatus.CONFIRMED: "Confirmed",
    SubscriptionStatus.PENDING: "Not yet confirmed",
    SubscriptionStatus.UNSUBSCRIBED: "Left",
}


def moment(at: dt.datetime, zone: ZoneInfo) -> str:
    """`Sunday 29 November, 08:00`, in the newsletter's own time."""
    local = at.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"


def short_day(at: dt.datetime, zone: ZoneInfo) -> str:
    """`Mon 23 Nov`."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}"


def distance(at: dt.datetime, now: dt.datetime) -> str:
    """`in 3 hours 20 minutes`, `5 minutes ago`, `now`: whole minutes, as `left` has them beside it."""
    seconds = (at - now).total_seconds()
    minutes = int(abs(seconds) // 60)
    if minutes == 0:
        return "now"
    spoken = _span(minutes)
    return f"in {spoken}" if seconds > 0 else f"{spoken} ago"


def left(until: dt.datetime, now: dt.datetime) -> str:
    """`3 hours 20 minutes`: what a countdown shows; under ten minutes the page itself counts seconds."""
    return _span(max(0, int((until - now).total_seconds() // 60)))


def _span(minutes: int) -> str:
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        parts = [(days, "day"), (hours, "hour")]
    elif hours:
        parts = [(hours, "hour"), (rest, "minute")]
    else:
        parts = [(rest, "minute")]
    return " ".join(plural(n, word) for n, word in parts if n) or "less than a minute"


def plural(number: int, word: str, words: str = "") -> str:
    """`1 story`, `1,204 stories`."""
    return f"{number:,} {word if number == 1 else words or word + 's'}"


def weekly(time: WeekTime) -> str:
    """`Sunday at 08:00`."""
    return f"{WEEKDAYS[time.weekday].capitalize()} at {time.time:%H:%M}"


def reading(seconds: int) -> str:
    """`4 min read`; never less than one minute."""
    return f"{max(1, round(seconds / 60))} min read"


#: What the templates may use of this.
FILTERS: Mapping[str, Callable[..., str]] = {
    "moment": moment,
    "short_day": short_day,
    "distance": distance,
    "left": left,
    "plural": plural,
    "weekly": weekly,
    "reading": reading,
}
WORDS = {
    "delivery_words": DELIVERY,
    "subscription_words": SUBSCRIPTION,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """An issue's status in a word or two. mood: how it looks, a class of `desk.css`."""

    word: str
    mood: str


def standing(issue: Issue, send: Send | None = None) -> Standing:
    """Where an issue stands. send: the issue's, once it began."""
    if send and send.status is SendStatus.PAUSED:
        return Standing("Resting", "held") if send.resume_at else Standing("Stopped", "bad")
    if issue.status is IssueStatus.SENT and send and send.cancelled_by:
        return Standing("Cancelled", "skipped")
    return Standing(STATUS[issue.status], issue.status.value)


def variant(key: str) -> str:
    """`German, plain` for the key `de.plain`."""
    language, _, theme = key.rpartition(".")
    name = Locale.parse(language, sep="-").get_display_name("en") or language
    return f"{name}, {theme}"


def progress(send: Send, counts: Mapping[str, int]) -> str:
    """Another word whenever something of a send has moved: an open page looks again then."""
    return "-".join([send.status, *(str(counts[state]) for state in sorted(counts))])


@dataclass(frozen=True, slots=True)
class NextStep:
    """What happens next with an issue: one line, and one that explains it.

    until: the moment that is waited for, which the page counts down to; towards: its name.
    """

    line: str
    why: str = ""
    until: dt.datetime | None = None
    towards: str = ""


#: What the deadline's rule does, by its name. {send}: the send's moment.
_IF_NOBODY = {
    "send": "If nobody decides by then, it goes out as it is, {send}.",
    "hold": "If nobody decides by then, it is held until somebody does.",
    "remind": "If nobody decides by then, nothing goes out, and editors hear of it every hour.",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """One issue at one moment; a method for each status says what comes next."""

    issue: Issue
    schedule: Schedule
    now: dt.datetime
    send: Send | None

    def local(self, at: dt.datetime) -> str:
        return moment(at, self.schedule.calendar.zone)

    def when(self, at: dt.datetime) -> str:
        return f"{self.local(at)} ({distance(at, self.now)})"

    def counted(self, at: dt.datetime, towards: str) -> tuple[dt.datetime | None, str]:
        """What the page counts down to; nothing once it is past."""
        return (at, towards) if at > self.now else (None, "")

    def due(self) -> NextStep:
        return NextStep("The draft is being made", "It will be here in a moment.")

    def draft(self) -> NextStep:
        moments = self.issue.moments
        if self.issue.is_early:
            return NextStep(
                f"An early draft: the week ends {self.local(moments.draft_at)}",
                "It will be made again then, with everything published until the cut-off.",
                *self.counted(moments.draft_at, "until the week ends"),
            )
        rule, send = self.schedule.approve.if_nobody, self.local(moments.send_at)
        if rule == "remind" and self.now >= moments.deadline_at:
            line = f"Waits for approval since {self.when(moments.deadline_at)}"
            then = f"Nothing goes out until somebody approves it; editors hear of it every hour. Its hour: {send}."
            return NextStep(line, " ".join(filter(None, (self._reason(), then))))
        then = _IF_NOBODY[rule].format(send=send)
        return NextStep(
            f"Waits for approval until {self.local(moments.deadline_at)}",
            " ".join(filter(None, (self._reason(), then))),
            *self.counted(moments.deadline_at, "until the deadline"),
        )

    def held(self) -> NextStep:
        why = self._reason() or "It waits for you."
        return NextStep("Nothing goes out until somebody approves", why)

    def approved(self) -> NextStep:
        send = self.issue.moments.send_at
        counted = self.counted(send, "until it goes out")
        return NextStep(f"Goes out {self.local(send)}", self._approval(), *counted)

    def sending(self) -> NextStep:
        send = self.send
        if send is None or send.status is not SendStatus.PAUSED:
            return NextStep("Going out now", self._approval())
        if send.resume_at is None:
            return NextStep("The sending stands until somebody lets it go on", self._approval())
        return NextStep(f"The sending rests until {self.when(send.resume_at)}", self._approval())

    def sent(self) -> NextStep:
        if self.send and self.send.cancelled_by:
            line = f"The sending was cancelled by {self.send.cancelled_by}"
            return NextStep(line, "Who had no mail until then gets none.")
        return NextStep("It has gone out", self._approval())

    def skipped(self) -> NextStep:
        return NextStep("No mail goes out this week", self._reason())

    def _reason(self) -> str:
        """The reason as a sentence."""
        said = self.issue.reason.rstrip(".")
        return f"{said[:1].upper()}{said[1:]}." if said else ""

    def _approval(self) -> str:
        given = self.issue.approval
        if given is None:
            return ""
        note = f" Note: {given.note}" if given.note else ""
        at = moment(given.at, self.schedule.calendar.zone)
        return f"Approved by {given.by}, {at}.{note}"


def next_step(
    issue: Issue, schedule: Schedule, *, now: dt.datetime, send: Send | None = None
) -> NextStep:
    """What the program will do next with an issue if nobody does anything. send: the issue's, once it began."""
    told = _Told(issue, schedule, now, send)
    steps: dict[IssueStatus, Callable[[], NextStep]] = {
        IssueStatus.DUE: told.due,
        IssueStatus.DRAFT: told.draft,
        IssueStatus.HELD: told.held,
        IssueStatus.APPROVED: told.approved,
        IssueStatus.SENDING: told.sending,
        IssueStatus.SENT: told.sent,
        IssueStatus.SKIPPED: told.skipped,
    }
    return steps[issue.status]()
