"""A house with a past: eight issues that were read, a list that grew, seats, sources in trouble, imports, a contest."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pyotp

from digest import intake, schedule_files
from digest.audience import addresses, tokens
from digest.audience.unsubscribe import Why
from digest.bootstrap import House, open_house
from digest.clicks import Kind
from digest.delivery import contests as steps
from digest.delivery import finish, freeze, sender
from digest.delivery.pace import Pace
from digest.demo import readers as sample_readers
from digest.demo import run as demo
from digest.demo import site
from digest.limits import read_domain_limits, read_limits, read_warm_up
from digest.model import Arm, DeliveryState, EditorId, Issue, IssueContent, IssueId, SubscriberId
from digest.providers.postmark import PostmarkProvider
from digest.reconcile import reconcile
from digest.settings import Settings
from digest.store import (
    contests,
    deliveries,
    editors,
    factors,
    issues,
    leaving,
    migrate,
    polls,
    reports,
    rests,
    sends,
    subscribers,
    suppressions,
)
from digest.store.rests import Rest
from digest.web import second
from tests import sample_issue
from tests.houses import SUNDAY, SetClock
from tests.past_issues import WEEK, period_of, put_sent
from tests.web.people import PERIOD, seated, set_clock
from tests.web.test_importing import press, upload

#: Weeks with an issue before this one, and readers: as many as two subjects need to teach anything.
WEEKS, READERS = 8, 1400
#: Readers of the first week; so many more come every week.
_FIRST, _MORE = 1000, 50
_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)

#: What the schedule says beside the demo's.
_MORE_TABLES = """
[[sources]]
key = "council"
kind = "feed"
url = "https://council.example/news.xml"
every = "30m"

[[sources]]
key = "desk"
kind = "api"

[clicks]
count = true
"""
#: Subjects of the weeks that went out, the newest first.
_SUBJECTS = (
    "The tram comes back to Quay Street",
    "Who pays for the new sea wall?",
    "The library opens on Sundays again",
    "Herring, after eleven lean years",
    "A vote on the market hall, and why it was close",
    "The night ferry floats again",
    "Nine schools, one kitchen",
    "The lighthouse is for sale",
)
_LIST = """Email Address,First Name,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME
greta.lindqvist@post.example,Greta,4,2024-02-11 09:12:00,2024-02-11 09:14:00
tomasz@poczta.example,Tomasz,3,2024-03-02 18:40:00,2024-03-02 18:41:00
noor.haddad@mail.example,Noor,5,2023-11-25 07:03:00,2023-11-25 07:05:00
no address at all,Sam,2,2023-11-25 07:03:00,2023-11-25 07:05:00
ishbel.quill@example.net,Ishbel,5,2022-01-09 10:00:00,2022-01-09 10:01:00
"""


def house(folder: Path) -> House:
    """The house on the Saturday evening of its ninth week."""
    place = site.materialise(folder / "site", week=demo.WEEK)
    begun = _at(WEEKS + 1) - 2 * _DAY
    settings = Settings(data=folder / "data", schedules=place.schedules, provider="outbox")
    made = open_house(settings, SetClock(begun))
    migrate.upgrade(made.database)
    with (place.schedules / "sunday.toml").open("a", encoding="utf-8") as file:
        file.write(_MORE_TABLES)
    read = {one.key: one for one in schedule_files.read_all(place.schedules)}
    counting = dataclasses.replace(made, schedules=read)
    for ago in range(WEEKS, 0, -1):
        _week(counting, ago)
    _drafted(made)
    counting = _with_ways_out(counting)
    for furnish in (_seats, _sources, _suppressed, _imports, _providers):
        furnish(counting)
    return counting


def _at(weeks_ago: int) -> dt.datetime:
    """The hour of a send."""
    return dt.datetime.combine(SUNDAY - weeks_ago * WEEK, dt.time(8), dt.UTC)


def _week(made: House, ago: int) -> None:
    """Readers come, the issue goes out, some mailboxes refuse it, some readers leave."""
    rows = list(sample_readers.readers(_FIRST + _MORE * (WEEKS - ago)))
    known = 0 if ago == WEEKS else _FIRST + _MORE * (WEEKS - ago - 1)
    people = [(addresses.parse(raw), name) for name, raw in rows[known:]]
    with made.database.write() as session:
        now = _at(ago) - 3 * _DAY
        subscribers.import_confirmed(session, "sunday", people, key=made.key, now=now)
    week = sample_issue.content(period=period_of(ago), number=WEEKS + 1 - ago)
    week = dataclasses.replace(week, subject=_SUBJECTS[ago - 1])
    _arrives(made, put_sent(made, ago, week, _clicks(week, ago)), ago)
    finish.finish(made, now=_at(ago) + _HOUR)


def _clicks(week: IssueContent, ago: int) -> dict[int, dict[Kind, int]]:
    found = {}
    for place, story in enumerate((*week.stories, *week.briefs)):
        people = (260 + 17 * ((ago * 5) % 7)) // (place + 1)
        found[int(story.article_id)] = {Kind.HUMAN: people, Kind.BURST: 12 + place}
    return found


def _arrives(made: House, issue_id: IssueId, ago: int) -> None:
    with made.database.write() as session:
        send = sends.of_issue(session, issue_id)
        numbers = range(1, READERS + 1)
        standing = [one for one in numbers if _is_confirmed(session, one)]
        deliveries.put(session, send.id, [_delivery(one, ago, _at(ago)) for one in standing])
        for place, number in enumerate(standing[ago * 40 : ago * 40 + 9]):
            if place == 3:
                reports.note_outcome(
                    session, send.id, number, "complaint", status="", at=_at(ago), lesser=()
                )
            elif place > 3:
                at = _at(ago) + place * _HOUR
                subscribers.leave(session, number, "sunday", now=at, method="page")
                why = (Why.TOO_MUCH, Why.TOO_LONG, Why.NOT_FOR_ME)[place % 3]
                leaving.explain(session, number, "sunday", why.value)


def _is_confirmed(session: subscribers.Session, number: int) -> bool:
    standing = subscribers.status(session, number, "sunday")
    return standing is not None and standing.value == "confirmed"


def _delivery(number: int, ago: int, at: dt.datetime) -> deliveries.Delivery:
    gone = (number * 7 + ago) % 210 == 0
    return deliveries.Delivery(
        subscriber_id=SubscriberId(number),
        state=DeliveryState.FAILED if gone else DeliveryState.ACCEPTED,
        attempts=1,
        reply="550 5.1.1 no such user" if gone else "250 2.0.0 Ok",
        at=at,
        due_at=None,
    )


def _drafted(made: House) -> None:
    """This week's articles come in and the draft is made; by the sources that are all well."""
    schedule = made.schedule("sunday")
    moments = schedule.calendar.moments(SUNDAY)
    reconcile(made, now=moments.draft_at - 2 * _DAY)
    every = {source.key: source.every for source in schedule.sources}
    now = moments.draft_at - _HOUR
    intake.poll(made.database, made.sources("sunday"), every, now=now, force=True)
    reconcile(made, now=moments.draft_at)
    set_clock(made, moments.draft_at + _HOUR)


def _seats(made: House) -> None:
    """Erin has a passkey, an app and recovery codes; others have their seats."""
    seated(made, "viewer")
    seated(made, "admin")
    now = made.clock()
    with made.database.write() as session:
        for name, role in (("Frank Tremlett", "publisher"), ("Grace Nwosu", "editor")):
            email = f"{name.partition(' ')[0].lower()}@gazette.example"
            editors.add(session, email, name=name, role=role, now=now - 30 * _DAY)
        erin = editor(session, "admin")
        for name in ("Erin’s telephone", "The key in the safe"):
            factors.add_passkey(
                session, erin, name, public_key="k", counter=3, name=name, now=now - 9 * _DAY
            )
        _with_an_app(made, session, erin)
        _with_an_app(made, session, editor(session, "viewer"))


def editor(session: editors.Session, role: str) -> EditorId:
    """Erin in one of her roles."""
    found = editors.by_email(session, f"erin.{role}@example.net")
    assert found is not None
    return found.id


def _with_an_app(made: House, session: editors.Session, who: EditorId) -> None:
    now = made.clock()
    factors.begin_code_app(session, who, second._seal(made, pyotp.random_base32()), now=now)
    factors.take_step(session, who, 1, now=now)
    second.new_codes(session, who, now=now)


def _sources(made: House) -> None:
    gone = "https://council.example/news.xml: answered 404 Not Found"
    with made.database.write() as session:
        for hours in (6, 5, 2):
            now = made.clock() - hours * _HOUR
            polls.record_failure(session, "council", gone, now=now, next_poll_at=now + _DAY)


_WHY = (
    ("hard_bounce", "5.1.1 no such user"),
    ("complaint", "called it junk"),
    ("manual", "asked by telephone"),
    ("soft_bounce", "the mailbox was full for five weeks"),
    ("imported", ""),
)


def _suppressed(made: House) -> None:
    rows = list(sample_readers.readers(WEEKS * len(_WHY)))
    with made.database.write() as session:
        for place, (_, raw) in enumerate(rows):
            reason, detail = _WHY[place % len(_WHY)]
            hashed = tokens.address_hash(made.key, addresses.parse(raw).key)
            now = made.clock() - place * _DAY
            suppressions.add(session, hashed, reason=reason, detail=detail, now=now)


def _imports(made: House) -> None:
    """One is taken over, one waits for a yes, one could not be read."""
    admin = seated(made)
    done = upload(admin, _LIST, "subscribed_members_export.csv")
    press(admin, f"{done}/confirm", sure="yes")
    more = _LIST.replace("@post.", "@brief.").replace("tomasz@", "ela@")
    upload(admin, more, "members-of-the-old-list.csv")
    upload(admin, b"\x89PNG\r\n\x1a\nno table", "picture.csv")


def _with_ways_out(made: House) -> House:
    pace = Pace(
        "outbox",
        read_limits("20000/h, 100000/d"),
        read_domain_limits("google=6000/h"),
        read_warm_up("20000 x1.5 for gazette.example"),
    )
    others = (PostmarkProvider(token="t", channels=4),)
    return dataclasses.replace(made, others=others, paces={"outbox": pace}, connections_in_all=6)


def _providers(made: House) -> None:
    now = made.clock()
    with made.database.write() as session:
        made.paces["outbox"].grant(session, wanted=14_300, now=now)
        made.paces["outbox"].grant_domains(session, {"gmail.com": 5400}, now=now)
        why = "401 the server token is not known"
        rests.begin(session, Rest(provider="postmark", until=now + 20 * _HOUR, why=why))


# ---------------------------------------------------------------- two subjects


TERMS = {
    "second": "Why the harbour will never look the same",
    "share": "50",
    "wait": "120",
    "measure": "clicks",
}


def _pressed(made: House, to: str, **fields: object) -> None:
    client = seated(made, "publisher")
    path = f"/desk/sunday/{PERIOD}"
    form = {"csrf": client.csrf, "seen": client.get(f"{path}/version").json()["version"]}  # type: ignore[attr-defined]
    answer = client.post(f"{path}/{to}", data={**form, **fields})
    assert answer.status_code == 303, answer.text


def _issue(made: House) -> Issue:
    with made.database.read() as session:
        found = issues.get(session, "sunday", PERIOD)
    assert found is not None
    return found


def two_subjects(made: House) -> None:
    """A second subject is asked for."""
    _pressed(made, "contest", **TERMS)


def on_its_way(made: House) -> None:
    """Both subjects are with their readers, who have begun to click."""
    issue = _issue(made)
    assert issue.edition is not None
    with made.database.write() as session:
        issues.approve(session, issue.id, issue.edition.checksum, by="Erin", now=made.clock())
    set_clock(made, issue.moments.send_at)
    freeze.freeze(made, _issue(made), now=made.clock())
    sender.drain(made)
    set_clock(made, issue.moments.send_at + _HOUR)
    with made.database.write() as session:
        send = sends.of_issue(session, issue.id)
        for number in range(90):
            arm = Arm.A if number % 3 else Arm.B
            contests.note_visit(session, send.id, arm, number.to_bytes(8, "big"))


def decided(made: House) -> None:
    """Its moment has come; the rest has not gone yet."""
    with made.database.read() as session:
        held = contests.of_send(session, sends.of_issue(session, _issue(made).id).id)
    assert held is not None
    set_clock(made, held.decide_at + dt.timedelta(seconds=1))
    steps.decide_due(made, now=made.clock())
