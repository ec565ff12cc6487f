"""What the database says of the work: the clock's beat, the workers, what waits too long, the desk, the sources, the risks."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import Session

from digest import remedies, risks, source_words
from digest.bootstrap import House
from digest.delivery import ledger
from digest.domains.records import Finding
from digest.model import SubscriptionStatus, Window
from digest.schedules import Schedule
from digest.store import (
    api_tokens,
    articles,
    editors,
    heartbeats,
    issues,
    newsletters,
    polls,
    sends,
    subscribers,
    watching,
)
from digest.store.sends import SendStatus

#: Reconcile runs every 30 s.
FRESH = dt.timedelta(minutes=2)
#: A notice or a reader that waits longer than this waits for nobody.
STUCK = dt.timedelta(minutes=15)
#: Sections are held against the stories of so long, where there are so many.
_MONTH, _ENOUGH = dt.timedelta(days=28), 20
#: Risks that are found here in other words: how their keys begin.
_SAID = ("disk", "send ", "reconcile", "dns ")


def examine(house: House) -> Iterator[Finding]:
    """Of a database that is up to date."""
    yield _editors(house)
    yield from _tokens(house)
    yield _beat(house)
    yield from _workers(house)
    yield from _stuck(house)
    yield from _sends(house)
    yield from _held_back(house)
    yield from _sources(house)
    yield from _orphans(house)
    for key, schedule in house.schedules.items():
        yield from _sections(house, key, schedule)
    yield from _risks(house)


def _editors(house: House) -> Finding:
    """Whether anybody may approve an issue: who may only read or edit cannot."""
    with house.database.read() as session:
        found = editors.all(session)
    approving = sum(one.role in editors.APPROVERS for one in found)
    if approving:
        return Finding("editors", True, f"{len(found)} with a seat, {approving} may approve")
    return Finding(
        "editors",
        False,
        f"{len(found)} with a seat and nobody may approve" if found else "nobody",
        where="the desk",
        why="no issue can be approved or held back by a person",
        remedy="`digest editor add you@example.org --role publisher`",
    )


def _tokens(house: House) -> Iterator[Finding]:
    """Tokens from a time when they did not end with their maker's seat, or with the role of admin."""
    with house.database.read() as session:
        admins = {f"editor:{one.id}" for one in editors.all(session) if one.role == "admin"}
        found = api_tokens.working(session, now=house.clock())
    for owner, tokens in found.items():
        if owner.startswith("editor:") and owner not in admins:
            numbers = ", ".join(f"{one.id} ({one.name})" for one in tokens)
            yield Finding(
                "tokens",
                True,
                f"made by somebody who is no admin any more: {numbers}",
                where="the desk, House, Tokens",
                why="who made a token knows its secret, and can do with it what it may do",
                remedy=f"make a new one for its program, and `digest token revoke {tokens[0].id}`",
                doubtful=True,
            )


def _beat(house: House) -> Finding:
    with house.database.read() as session:
        last = heartbeats.last(session, "reconcile")
    now = house.clock()
    if last is not None and now - last < FRESH:
        return Finding("schedule", True, f"last ran {last:%d %b %H:%M} UTC")
    text = "it never ran" if last is None else f"last ran {last:%d %b %H:%M} UTC"
    return Finding(
        "schedule",
        False,
        text,
        where="the process",
        why="nobody looks at the clock: no draft is made and nothing is sent",
        remedy="start `digest up` or `digest worker`; as a service, `systemctl status digest` says why it stopped",
    )


def _workers(house: House) -> Iterator[Finding]:
    wanted, now = house.vigilance.workers, house.clock()
    with house.database.read() as session:
        names = watching.worker_names(session, since=now - risks.STILL)
    alive = sum(not _has_ended(name, house.flight) for name in names)
    if alive > wanted:
        yield Finding(
            "workers",
            True,
            f"{alive} gave a sign of life within five minutes, and DIGEST_WORKERS says {wanted}",
            where="DIGEST_WORKERS",
            why="a second `digest up` or `digest worker` was started and forgotten",
            remedy=f"stop what is too many, or set DIGEST_WORKERS={alive}",
            doubtful=True,
        )


def _has_ended(name: str, flight: Path) -> bool:
    """Whether a worker of this very folder is surely gone: it was started anew since. Of others nobody here knows."""
    owner, _, process = name.partition(" ")
    file = flight / "owner"
    if not file.exists() or file.read_text(encoding="ascii") != owner or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)  # asks only whether it is there
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _stuck(house: House) -> Iterator[Finding]:
    now = house.clock()
    with house.database.read() as session:
        waits = (
            ("confirmations, logins and reports", watching.oldest_notice(session, now=now)),
            ("readers of a send", _unattended(session, now=now)),
        )
    for what, since in waits:
        if since is not None and now - since > STUCK:
            yield Finding(
                "queue",
                False,
                f"{what} have waited since {since:%d %b %H:%M} UTC",
                where="the queue",
                why="no worker takes them, or no provider does",
                remedy="start `digest up` or `digest worker`; `digest status` says what stops a send",
            )


def _unattended(session: Session, *, now: dt.datetime) -> dt.datetime | None:
    """Since when readers of a send have been due; None while somebody works: a large send takes hours."""
    beat = watching.oldest_beat(session)
    if beat is not None and now - beat <= STUCK:
        return None
    return watching.oldest_reader(session, now=now)


def _sends(house: House) -> Iterator[Finding]:
    """Those that are paused: one that waits for a person is found bad."""
    with house.database.read() as session:
        for send in sends.unfinished(session):
            if send.status is not SendStatus.PAUSED:
                continue
            issue = issues.by_id(session, send.issue_id)
            waits = send.waits_for_a_person
            yield Finding(
                f"send {issue.newsletter}/{issue.period}",
                not waits,
                f"paused ({send.reason})" + ("" if waits else ", and goes on by itself"),
                where="`digest status`" if waits else "",
                why="readers wait for their issue" if waits else "",
                remedy=remedies.paused(send.reason, send.paused_with) if waits else "",
            )


def _held_back(house: House) -> Iterator[Finding]:
    """Refusals that nobody believes yet: a person says whose fault they are."""
    for key in house.schedules:
        with house.database.read() as session:
            for issue in issues.recent(session, key, limit=4):
                held = ledger.after(session, issue.id).get("held", 0)
                if held:
                    name = f"{key}/{issue.period}"
                    yield Finding(
                        f"refusals {name}",
                        False,
                        f"{held} are held back",
                        where=f"`digest ledger {name}`",
                        why="so many at once speak of us, or of a list that was bought",
                        remedy="where the relay was wrong, mend it and `digest resend --undelivered"
                        f" {name}`, or `digest subscribers unsuppress --send {name}`; where it was"
                        f" right, `digest bounces believe {name}`",
                    )


def _sources(house: House) -> Iterator[Finding]:
    for key, schedule in house.schedules.items():
        with house.database.read() as session:
            for one in polls.health(session, schedule.source_keys):
                subject = f"source {key}/{one.source}"
                when = (
                    f"last read {one.succeeded_at:%d %b %H:%M} UTC"
                    if one.succeeded_at
                    else "never read"
                )
                if not one.error:
                    yield Finding(subject, True, when)
                    continue
                told = source_words.ailment(one.error)
                yield Finding(
                    subject,
                    False,
                    f"{one.error} ({when})",
                    where=f"{house.schedules_folder / key}.toml sources[{one.source}]",
                    why=told.words,
                    remedy=told.remedy,
                )


def _orphans(house: House) -> Iterator[Finding]:
    """Newsletters with readers whose file is gone, or has another name now."""
    with house.database.read() as session:
        lost = [key for key in newsletters.known(session) if key not in house.schedules]
        counts = {
            key: subscribers.counts(session, key)[SubscriptionStatus.CONFIRMED] for key in lost
        }
    for key, readers in counts.items():
        if readers:
            yield Finding(
                f"newsletter {key}",
                False,
                f"has {readers} readers and no schedule",
                where=f"{house.schedules_folder / key}.toml",
                why="the file's name is the newsletter's key: they get no issue any more",
                remedy=f"give the file its name back, {key}.toml; `digest subscribers export` where it is over",
            )


def _sections(house: House, key: str, schedule: Schedule) -> Iterator[Finding]:
    """Names in the schedule that no story of the last weeks has: a slip of the pen, or the site calls it otherwise."""
    now = house.clock()
    with house.database.read() as session:
        found = articles.measured(session, schedule.source_keys, Window(now - _MONTH, now))
    if len(found) < _ENOUGH:
        return
    by_site = {(one.section or "").strip() for one in found} - {""}
    ours = {*schedule.collect.sections, *schedule.collect.topics}
    known = {one.casefold() for one in by_site | ours}
    listed = {
        "compose.section_order": schedule.compose.section_order,
        "collect.exclude_sections": schedule.collect.exclude_sections,
        "collect.sections": [old for olds in schedule.collect.sections.values() for old in olds],
        "rank.sections": list(schedule.rank.sections),
    }
    for place, names in listed.items():
        odd = [name for name in names if name.casefold() not in known]
        if odd:
            yield Finding(
                f"sections of {key}",
                True,
                f"no story of four weeks is in {', '.join(odd)}",
                where=f"{house.schedules_folder / key}.toml {place}",
                why="a name that nothing has does nothing",
                remedy=f"the site's are: {', '.join(sorted(by_site)[:12]) or 'none'}",
                doubtful=True,
            )


def _risks(house: House) -> Iterator[Finding]:
    """What an operator would be mailed about, as far as it does not stand above."""
    bad = [one for one in risks.standing(house, now=house.clock()) if not one.key.startswith(_SAID)]
    for one in bad:
        if not (one.key.startswith("source ") and one.subject.endswith("fails")):
            yield Finding(
                one.key,
                False,
                one.subject,
                why=one.text,
                where="the mail to DIGEST_OPERATOR says so too",
                remedy=_HOW.get(one.key.split()[0], "docs/operating.md#risks-told-by-mail"),
            )


#: What to do about a risk, by the first word of its key.
_HOW = {
    "draft": "`digest build` tries it again and says what is wrong",
    "source": "open the site: has it moved its stories, or its feed? `digest sources find` looks",
    "providers": "mend the first one: the findings on each provider say how",
    "certificate": "the relay's owner must renew it",
    "workers": "start them: `systemctl start digest-worker`, or set DIGEST_WORKERS to what there should be",
    "backup": "`digest backup FOLDER --keep 14`, daily, by cron or a timer",
    "complaints": "ask only those who asked for it: `digest consent` shows how each came in",
    "bounces": "`digest ledger` names them; an old list should be asked again before it is mailed",
}
