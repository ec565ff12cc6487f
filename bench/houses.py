"""Houses to measure in: a database with many readers and an approved issue, made once and copied for each run.

The mail is a real edition, rendered by the templates, of about the size that is asked for. Its
readers are put in by two statements a table; a fifth of their names need encoding in a header.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import String, case, cast, create_engine, insert, literal, select, text
from sqlalchemy.engine import make_url
from sqlmodel import col

from digest import render
from digest.bootstrap import House
from digest.delivery import compile as compiling
from digest.delivery import freeze, ledger
from digest.model import Issue, Reader, Rendered, SubscriberId
from digest.protocols import Provider
from digest.store import issues, migrate
from digest.store.engine import Database
from digest.store.tables import MembershipRow, SubscriberRow, SubscriptionRow
from digest.store.tables.base import UtcDateTime
from tests import sample_issue
from tests.houses import MONDAY, SUNDAY, make_house

#: Names of readers, in turn.
NAMES = ("Alice Marlow", "Bob Tern", "José Ørsted", "Dave Hessock", "Erin Pargeter")

PERIOD = SUNDAY.isoformat()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a house is: its database and the folder for all else."""

    url: str
    folder: Path


def opened(place: Place, provider: Provider) -> House:
    """The house of a place, in whose view the send's hour has just come."""
    house = make_house(Database(place.url), place.folder)
    send_at = house.schedule("sunday").calendar.moments(SUNDAY).send_at
    ahead = send_at - dt.datetime.now(dt.UTC)
    return dataclasses.replace(
        house,
        provider=provider,
        clock=lambda: dt.datetime.now(dt.UTC) + ahead,
        retry_base_s=60.0,
        give_up_s=1e9,
    )


# ---------------------------------------------------------------- the mail


@cache
def edition(size: int) -> Rendered:
    """A rendered week whose message has about `size` bytes (within one in fifty, from 40,000 on)."""
    words, low, high = 60, 12, 400
    stories = 20 if size < 50_000 else 30
    while True:
        rendered = _rendered(stories, words)
        made = len(message(rendered))
        if abs(made - size) * 50 <= size or high - low <= 10:
            return rendered
        low, high = (words, high) if made < size else (low, words)
        words = (low + high) // 2


def _rendered(stories: int, words: int) -> Rendered:
    content = sample_issue.big(stories, words=words)
    return render.render(content, sample_issue.schedule(), public_url=sample_issue.PUBLIC_URL)


def message(rendered: Rendered) -> bytes:
    """One reader's copy: what senders without a ledger send again and again."""
    send_at = dt.datetime.combine(SUNDAY, dt.time(8), dt.UTC)
    envelope = compiling.envelope_of(sample_issue.schedule(), send_at, sample_issue.PUBLIC_URL)
    compiled = compiling.compile_edition(rendered, envelope, key=b"k" * 32)
    reader = Reader(SubscriberId(1), "reader1@example.net", "reader-handle100000001", NAMES[0])
    return compiled.message(reader).data


# ---------------------------------------------------------------- the database


def fill(place: Place, readers: int, size: int, *, frozen: bool) -> None:
    """Our schema, `readers` confirmed readers and the week's issue, approved or on its way to them."""
    database = Database(place.url)
    migrate.upgrade(database)
    put_readers(database, readers)
    house = opened(place, make_house(database, place.folder).provider)
    _put_approved(house, edition(size))
    if frozen:
        freeze_audience(house)
    house.database.close()
    if database.is_sqlite:
        _run(
            database.engine.url.render_as_string(hide_password=False),
            "PRAGMA wal_checkpoint(TRUNCATE)",
        )
    else:
        _run(place.url, "VACUUM ANALYZE")
    database.close()


def put_readers(database: Database, count: int) -> None:
    """`count` readers, confirmed since Monday; address, handle and hash tell their numbers."""
    start = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = start.union_all(select(start.c.n + 1).where(start.c.n < count))
    digits = cast(numbers.c.n + 100_000_000, String)
    since = literal(MONDAY, UtcDateTime())
    address = "reader" + digits + "@example.net"
    name = case(
        *((numbers.c.n % len(NAMES) == at, one) for at, one in enumerate(NAMES[:-1])),
        else_=NAMES[-1],
    )
    values = {
        "address": address,
        "address_key": address,
        "address_hash": literal("0" * 55) + digits,
        "handle": literal("reader-handle") + digits,
        "name": name,
        "language": literal(""),
        "created_at": since,
    }
    with database.write() as session:
        people = select(*values.values()).select_from(numbers)
        session.execute(insert(SubscriberRow).from_select(list(values), people))
        member = select(col(SubscriberRow.id), literal("sunday"), since)
        names = ["subscriber_id", "newsletter", "since"]
        session.execute(insert(MembershipRow).from_select(names, member))
        standing = select(
            col(SubscriberRow.id), literal("sunday"), literal("confirmed"), since, since
        )
        names = ["subscriber_id", "newsletter", "status", "asked_at", "changed_at"]
        session.execute(insert(SubscriptionRow).from_select(names, standing))


def _put_approved(house: House, rendered: Rendered) -> None:
    moments = house.schedule("sunday").calendar.moments(SUNDAY)
    content = dataclasses.replace(
        sample_issue.content(), period=moments.period, window=moments.window
    )
    with house.database.write() as session:
        issues.open_issue(session, "sunday", moments, now=moments.draft_at)
        issue = issues.get(session, "sunday", PERIOD)
        assert issue is not None
        issues.save_draft(session, issue.id, content, rendered, now=moments.draft_at)
        now = moments.deadline_at
        issues.approve(session, issue.id, rendered.checksum, by="erin@gazette.example", now=now)


def issue_of(house: House) -> Issue:
    with house.database.read() as session:
        issue = issues.get(session, "sunday", PERIOD)
    assert issue is not None
    return issue


def freeze_audience(house: House) -> None:
    """The issue becomes a send, with everybody in its audience."""
    freeze.freeze(house, issue_of(house), now=house.clock())


def standing(place: Place) -> dict[str, int]:
    """How many readers of the issue's send are in which state, zeros left out."""
    database = Database(place.url)
    with database.read() as session:
        issue = issues.get(session, "sunday", PERIOD)
        assert issue is not None
        found = {state: n for state, n in ledger.counts(session, issue.id).items() if n}
    database.close()
    return found


# ---------------------------------------------------------------- copies of it


class Templates:
    """Filled databases by their number of readers, and copies of them to use up.

    server: the URL of a PostgreSQL where databases may be made; None for SQLite files. frozen:
    whether the audience is.
    """

    def __init__(
        self, folder: Path, size: int, *, server: str | None = None, frozen: bool = True
    ) -> None:
        self._folder, self._size, self._server, self._frozen = folder, size, server, frozen
        self._made: dict[int, Place] = {}
        self._copies = 0

    @property
    def kind(self) -> str:
        return "PostgreSQL" if self._server else "SQLite"

    def template(self, readers: int) -> Place:
        """The filled database for so many readers, made when it is first asked for."""
        if readers not in self._made:
            place = self._place(f"digest_bench_{readers}")
            self._drop(place)
            if self._server:
                _run(self._server, f'CREATE DATABASE "{_name(place.url)}"')
            place.folder.mkdir(parents=True)
            fill(place, readers, self._size, frozen=self._frozen)
            self._made[readers] = place
        return self._made[readers]

    @contextmanager
    def copy(self, readers: int) -> Iterator[Place]:
        """A database of its own for one run; removed after it."""
        template = self.template(readers)
        self._copies += 1
        place = self._place(f"digest_bench_run{self._copies}")
        self._drop(place)
        place.folder.mkdir(parents=True)
        if self._server:
            names = f'"{_name(place.url)}" TEMPLATE "{_name(template.url)}"'
            _run(self._server, f"CREATE DATABASE {names}")
        else:
            shutil.copy(_file(template.url), _file(place.url))
        try:
            yield place
        finally:
            self._drop(place)

    def empty(self, name: str) -> Place:
        """A place with an empty folder and no tables."""
        place = self._place(name)
        self._drop(place)
        if self._server:
            _run(self._server, f'CREATE DATABASE "{_name(place.url)}"')
        return place

    def remove(self) -> None:
        """The templates go."""
        for place in self._made.values():
            self._drop(place)
        self._made.clear()

    def _place(self, name: str) -> Place:
        folder = self._folder / name
        if self._server is None:
            return Place(f"sqlite:///{folder / 'digest.db'}", folder)
        url = make_url(self._server).set(database=name)
        return Place(url.render_as_string(hide_password=False), folder)

    def _drop(self, place: Place) -> None:
        shutil.rmtree(place.folder, ignore_errors=True)
        if self._server:
            _run(self._server, f'DROP DATABASE IF EXISTS "{_name(place.url)}" WITH (FORCE)')


def _name(url: str) -> str:
    return make_url(url).database or ""


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _run(url: str, statement: str) -> None:
    """One statement outside any transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def megabytes(place: Place) -> float:
    """What the database takes on the disk; SQLite's log of writes included."""
    if place.url.startswith("sqlite"):
        file = _file(place.url)
        parts = [file, file.with_name(file.name + "-wal")]
        return sum(one.stat().st_size for one in parts if one.exists()) / 1e6
    engine = create_engine(place.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
        found = connection.execute(text("SELECT pg_database_size(current_database())"))
        size = float(found.scalar_one())
    engine.dispose()
    return size / 1e6
