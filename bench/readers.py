"""How fast the desk finds readers: `python bench/readers.py [READERS] [--postgres] [--whole] [--rounds 5]`.

Makes a house of so many readers of two newsletters and opens pages of the desk's search in one process: what the
server itself takes, without a network. Prints milliseconds by the clock, the median and the most of the rounds, and
the least of this process's own work (all of it on SQLite). A `+` behind the readers found: patience ended before the
list did, and a link looks further; --whole looks on.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from digest.audience.tokens import address_hash, new_secret  # noqa: E402
from digest.model import SubscriptionStatus  # noqa: E402
from digest.segments import Engaged, Slice, Tag  # noqa: E402
from digest.store import bulk, histories, migrate, reader_search, suppression_list  # noqa: E402
from digest.store.engine import Database, Session  # noqa: E402
from digest.store.reader_search import Page, Wanted  # noqa: E402
from digest.store.tables import (  # noqa: E402
    ConsentRow,
    MembershipRow,
    SubscriberRow,
    SubscriptionRow,
    SuppressionRow,
)
from digest.web import finding  # noqa: E402

KEY = b"k" * 32
NOW = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)
#: What is promised of any page, in milliseconds: the desk's patience, and one window more.
BAR_MS = 1500
#: Whether each look goes to the end of the list.
WHOLE = False


def main() -> None:
    global WHOLE
    options = _options()
    WHOLE = options.whole
    with _database(postgres=options.postgres) as database:
        began = time.perf_counter()
        fill(database, options.readers)
        print(f"{options.readers:,} readers made in {time.perf_counter() - began:.0f} s")
        worst = max(
            _tell(database, name, look, options.rounds) for name, look in looks(options.readers)
        )
    print(f"the slowest {worst:.0f} ms; {BAR_MS} ms are promised")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("readers", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--whole", action="store_true", help="look on, however long it takes")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


@contextmanager
def _database(*, postgres: bool) -> Iterator[Database]:
    if postgres:
        from bench import postgres as server

        with server.started() as url:
            database = Database(url)
            migrate.upgrade(database)
            yield database
            database.close()
        return
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/digest.db")
        migrate.upgrade(database)
        yield database
        database.close()


def fill(database: Database, readers: int) -> None:
    """Readers of 500 domains: one in fifty asked and never confirmed, one in ten left, one in a hundred bounced."""
    for first in range(1, readers + 1, 20_000):
        with database.write() as session:
            bulk.make_room(session)
            _put(session, range(first, min(first + 20_000, readers + 1)))


def _put(session: Session, numbers: range) -> None:
    at = bulk.stored(session)(NOW - dt.timedelta(days=30))
    people = [(n, f"reader{n}.{n % 97}@mail{n % 500}.example") for n in numbers]
    hashes = {n: address_hash(KEY, address) for n, address in people}
    bulk.put(
        session,
        SubscriberRow,
        (
            "id",
            "address",
            "address_key",
            "address_hash",
            "handle",
            "name",
            "language",
            "created_at",
        ),
        [(n, a, a, hashes[n], new_secret(), f"Réader No {n}", "", at) for n, a in people],
    )
    columns = ("subscriber_id", "newsletter", "status", "asked_at", "changed_at", "tags")
    rows = [(n, "sunday", _status(n), at, at, "early" if n % 5000 == 7 else "") for n in numbers]
    other = [(n, "sport", "confirmed", at, at, "") for n in numbers if n % 4 == 0]
    bulk.put(session, SubscriptionRow, columns, rows + other)
    members = [(n, "sunday", at) for n in numbers if _status(n) == "confirmed"]
    bulk.put(session, MembershipRow, ("subscriber_id", "newsletter", "since"), members)
    said = ("subscriber_id", "newsletter", "kind", "at", "method", "network", "wording_version")
    lines = [(n, "sunday", kind, at, how, "", "") for n in numbers for kind, how in [_came(n)]]
    bulk.put(session, ConsentRow, said, lines)
    bounced = [(hashes[n], "hard_bounce", at, "") for n in numbers if n % 100 == 13]
    bulk.put(session, SuppressionRow, ("address_hash", "reason", "since", "detail"), bounced)


def _status(number: int) -> str:
    if number % 50 == 3:
        return SubscriptionStatus.PENDING.value
    return (
        SubscriptionStatus.UNSUBSCRIBED if number % 10 == 5 else SubscriptionStatus.CONFIRMED
    ).value


def _came(number: int) -> tuple[str, str]:
    return ("asked", "embed") if number % 20_000 == 11 else ("imported", "import")


def looks(readers: int) -> list[tuple[str, Callable[[Session], object]]]:
    """What is looked for, by its name: what many have, what hardly anybody has, what nobody has."""
    middle = readers // 2
    early, acted = (Slice(one, "Europe/London", "en") for one in (Tag("early"), Engaged(60)))
    searches: dict[str, tuple[Wanted, int | None]] = {
        "the newest": (Wanted(), None),
        "from the middle on": (Wanted(), middle),
        "one whole address": (Wanted(key=f"reader{middle}.{middle % 97}@mail{middle % 500}.example"), None),
        "part of an address that many have": (Wanted(words=("mail7",)), None),
        "part of an address that one early reader has": (Wanted(words=("reader17.",)), None),
        "part that nobody has": (Wanted(words=("qqq",)), None),
        "a name in capitals with an accent": (Wanted(words=("RÉADER NO 21",)), None),
        "not confirmed": (Wanted(newsletter="sunday", status=SubscriptionStatus.PENDING), None),
        "left, from the middle on": (Wanted(newsletter="sunday", status=SubscriptionStatus.UNSUBSCRIBED), middle),
        "suppressed": (Wanted(suppressed=True), None),
        "came by a form elsewhere (50 in a million)": (Wanted(method="embed"), None),
        "came so, by name as well": (Wanted(method="embed", words=("No 7",), newsletter="sunday"), None),
        "a segment of a tag that few have": (Wanted(newsletter="sunday", only=early), None),
        "a segment of the engaged (hardly any)": (Wanted(newsletter="sunday", only=acted), None),
    }  # fmt: skip
    found: list[tuple[str, Callable[[Session], object]]] = [
        (name, _search(wanted, before)) for name, (wanted, before) in searches.items()
    ]
    found.append(("one reader's history", lambda session: histories.of(session, middle)))
    found.append(("suppressions counted", lambda s: suppression_list.counts(s, at=NOW)))
    found.append(("suppressions, a page", lambda s: suppression_list.page(s, at=NOW)))
    return found


def _search(wanted: Wanted, before: int | None) -> Callable[[Session], Page]:
    """A page as the desk makes it, with its patience; or, with `whole`, however long it takes."""

    def look(session: Session) -> Page:
        until = time.monotonic() + finding.PATIENCE_S
        patient = reader_search.endless if WHOLE else lambda: time.monotonic() < until
        return reader_search.page(session, wanted, at=NOW, before=before, patient=patient)

    return look


def _tell(database: Database, name: str, look: Callable[[Session], object], rounds: int) -> float:
    times, work, made = [], [], None
    for _ in range(rounds):
        began, worked = time.perf_counter(), time.process_time()
        with database.read() as session:
            made = look(session)
        times.append(1000 * (time.perf_counter() - began))
        work.append(1000 * (time.process_time() - worked))
    found = (
        f"{len(made.readers):3}{'+' if made.short else ' '}" if isinstance(made, Page) else "    "
    )
    clock = f"median {statistics.median(times):5.0f} ms, most {max(times):5.0f} ms"
    print(f"  {name:46} {found} {clock}; processor {min(work):4.0f} ms", flush=True)
    return max(times)


if __name__ == "__main__":
    main()
