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
from digest.hooks import managing, signing
from digest.limits import read_domain_limits, read_limits, read_warm_up
from digest.model import (
    Arm,
    ArticleId,
    DeliveryState,
    EditorId,
    HookKind,
    Issue,
    IssueContent,
    IssueId,
    Scope,
    Story,
    SubscriberId,
)
from digest.providers.postmark import PostmarkProvider
from digest.reconcile import reconcile
from digest.settings import Settings
from digest.store import (
    api_tokens,
    chunks,
    contests,
    deliveries,
    editors,
    factors,
    hook_events,
    hooks,
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
from digest.store.hook_events import EventState
from digest.store.rests import Rest
from digest.web import second
from tests import sample_issue
from tests.houses import SUNDAY, SetClock
from tests.past_issues import WEEK, period_of, put_sent
from tests.web.people import PERIOD, seated, set_clock
from tests.web.test_importing import upload

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
#: Why readers left.
_REASONS = (Why.TOO_MUCH, Why.TOO_LONG, Why.NOT_FOR_ME)
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
    for furnish in (_seats, _programs, _sources, _suppressed, _imports, _providers):
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
    week = dataclasses.replace(_of_old(week), subject=_SUBJECTS[ago - 1])
    _arrives(made, put_sent(made, ago, week, _clicks(week, ago)), ago)
    finish.finish(made, now=_at(ago) + _HOUR)


def _of_old(week: IssueContent) -> IssueContent:
    """The week with articles that are not those of the demo's own."""
    sections = [
        dataclasses.replace(one, stories=tuple(map(_renumbered, one.stories)))
        for one in week.sections
    ]
    lead = _renumbered(week.lead) if week.lead else None
    briefs = tuple(map(_renumbered, week.briefs))
    return dataclasses.replace(week, lead=lead, sections=tuple(sections), briefs=briefs)


def _renumbered(story: Story) -> Story:
    return dataclasses.replace(story, article_id=ArticleId(story.article_id + 9000), thread=())


def _clicks(week: IssueContent, ago: int) -> dict[int, dict[Kind, int]]:
    found = {}
    for place, story in enumerate((*week.stories, *week.briefs)):
        people = (260 + 17 * ((ago * 5) % 7)) // (place + 1)
        found[int(story.article_id)] = {Kind.HUMAN: people, Kind.BURST: 12 + place}
    return found


def _arrives(made: House, issue_id: IssueId, ago: int) -> None:
    """Every copy is handed over; one reader complains, some leave."""
    with made.database.write() as session:
        send = sends.of_issue(session, issue_id)
        for chunk in chunks.left(session, send.id):
            readers = chunks.reader_ids(session, chunk)
            given = {"owner": "then", "ahead": 0, "now": _at(ago), "take_over": False, "born": ""}
            assert chunks.claim(session, chunk, **given)  # type: ignore[arg-type]
            deliveries.put(session, send.id, [_delivery(one, ago) for one in readers])
            assert chunks.settle_done(session, send.id, [chunk.no], owner="then")
    first = ago * 40 + 1
    with made.database.write() as session:
        note = {"status": "", "at": _at(ago), "lesser": ()}
        reports.note_outcome(session, send.id, first, "complaint", **note)  # type: ignore[arg-type]
        for place, number in enumerate(range(first + 1, first + 4 + ago % 3)):
            at = _at(ago) + (place + 1) * _HOUR
            subscribers.leave(session, number, "sunday", now=at, method="page")
            leaving.explain(session, number, "sunday", _REASONS[place % 3].value)


def _delivery(number: SubscriberId, ago: int) -> deliveries.Delivery:
    gone = (number * 11 + ago * 5) % 150 == 0
    return deliveries.Delivery(
        subscriber_id=number,
        state=DeliveryState.FAILED if gone else DeliveryState.ACCEPTED,
        attempts=1,
        reply="550 5.1.1 no such user" if gone else "250 2.0.0 Ok",
        at=_at(ago),
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


def _programs(made: House) -> None:
    """Tokens that work and that did, and webhooks: one that hears, one that was given up."""
    now = made.clock()
    with made.database.write() as session:
        erin = f"editor:{editor(session, 'admin')}"
        for name, scopes, ago in (
            ("The old shop", {Scope.READERS_WRITE}, 120),
            ("The site’s content system", {Scope.ARTICLES_WRITE, Scope.ARTICLES_READ}, 40),
            ("The newsroom’s big screen", {Scope.ISSUES_READ, Scope.NUMBERS_READ}, 12),
        ):
            api_tokens.make(session, name, scopes, by=erin, now=now - ago * _DAY)
        api_tokens.note_used(session, 2, now=now - 2 * _HOUR)
        for url, kinds in (
            ("https://hooks.gazette.example/digest", set(HookKind)),
            ("https://crm.example.org/webhooks/newsletter/in", {HookKind.READER_LEFT}),
        ):
            secret = managing.sealed(made.key, signing.new_secret())
            more = {"with_addresses": "crm" in url, "secret": secret, "by": erin}
            hooks.add(session, "sunday", url, kinds, now=now - 20 * _DAY, **more)
        for place, (kind, status) in enumerate(_TOLD):
            at = now - (len(_TOLD) - place) * 5 * _HOUR
            number = hooks.put(session, 1, "sunday", kind, now=at)
            state = EventState.DELIVERED if status < 300 else EventState.WAITING
            attempt = hook_events.Try(at, status, 84, f"answered {status}")
            due_at = now + dt.timedelta(minutes=22)
            hook_events.tried(session, number, attempt, state=state, due_at=due_at)
        hooks.failing(session, 2, now=now - 2 * _DAY)
        hooks.give_up(
            session, 2, "nothing has arrived since 26 Nov 07:00 UTC: answered 502", now=now
        )


_TOLD = (
    (HookKind.READER_CONFIRMED, 204),
    (HookKind.READER_LEFT, 204),
    (HookKind.ISSUE_DRAFTED, 200),
    (HookKind.ISSUE_APPROVED, 503),
)


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
        for place, (_, raw) in reversed(list(enumerate(rows))):
            reason, detail = _WHY[place % len(_WHY)]
            hashed = tokens.address_hash(made.key, addresses.parse(raw).key)
            now = made.clock() - place * _DAY
            suppressions.add(session, hashed, reason=reason, detail=detail, now=now)


def _imports(made: House) -> None:
    """What was taken up is no list of readers."""
    upload(seated(made), b"\x89PNG\r\n\x1a\nno table", "picture.csv")


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
