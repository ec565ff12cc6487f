"""Backups of a working house and houses out of backups: what left once leaves no second time, and nothing is lost."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text

from digest import backup, backup_files, identity, restore
from digest.backup import Kept
from digest.backup_files import Manifest
from digest.bootstrap import House
from digest.cli import keeping
from digest.delivery import sender, steer
from digest.errors import BadInput, Conflict, NoRoom, NotFound
from digest.model import DeliveryState, IssueStatus, Message, SubscriptionStatus
from digest.protocols import Feed
from digest.reconcile import reconcile
from digest.restore import Done
from digest.store import (
    amounts,
    chain,
    consents,
    deliveries,
    events,
    heartbeats,
    issues,
    migrate,
    notices,
    sends,
    snapshots,
    subscribers,
)
from digest.store.engine import Database
from digest.store.sends import SendStatus
from digest.store.tables import Row
from tests.delivery.sundays import (
    PERIOD,
    Post,
    a_house,
    names,
    put_approved,
    put_frozen,
    put_readers,
    send_of,
    states,
)
from tests.houses import MONDAY, SCHEDULE, SetClock
from tests.test_reconcile import SEND

LATER = SEND + dt.timedelta(hours=1)

#: What does not depend on the kind of database.
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def elsewhere(database: Database, tmp_path: Path) -> Iterator[Kept]:
    """An empty house of the same kind of database."""
    data = tmp_path / "elsewhere" / "data"
    if database.is_sqlite:
        url = f"sqlite:///{data / 'digest.db'}"
    else:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
            admin.execute(text("DROP DATABASE IF EXISTS elsewhere"))
            admin.execute(text("CREATE DATABASE elsewhere"))
        url = database.engine.url.set(database="elsewhere").render_as_string(hide_password=False)
    made = Database(url)
    yield Kept(made, data, tmp_path / "elsewhere" / "schedules")
    made.close()


def kept(house: House) -> Kept:
    return Kept(house.database, house.data, house.data / "schedules")


def backed_up(house: House, folder: Path) -> Path:
    return backup.make(kept(house), folder, now=house.clock()).folder


def restored(
    elsewhere: Kept, folder: Path, *, now: dt.datetime = LATER, last_word: bool = False
) -> Done:
    return restore.restore(elsewhere, folder, key=b"k" * 32, now=now, last_word=last_word)


def opened(elsewhere: Kept, post: Post, *, now: dt.datetime = LATER) -> House:
    return dataclasses.replace(
        a_house(elsewhere.database, elsewhere.data, post), clock=SetClock(now)
    )


@dataclasses.dataclass
class Halting(Post):
    """Stops once after so many accepted copies until something is done beside the loop, where a tick may be writing."""

    after: int = 0
    act: Callable[[], None] = lambda: None
    gate: asyncio.Event | None = None
    done: bool = False

    async def _send(self, feed: Feed, message: Message) -> None:
        self.gate = self.gate or _open_gate()
        await self.gate.wait()
        await super()._send(feed, message)
        if self.accepted.total() >= self.after and not self.done:
            self.done = True
            self.gate.clear()
            await asyncio.to_thread(self.act)
            self.gate.set()


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


# ---------------------------------------------------------------- in the middle of a send


def test_a_backup_in_the_middle_of_a_send_is_whole_and_what_left_later_leaves_no_second_time(
    database: Database, tmp_path: Path, elsewhere: Kept
) -> None:
    made: list[Path] = []

    def back_up() -> None:
        made.append(backed_up(house, tmp_path / "backups"))

    first, second = Halting(after=1500, act=back_up, channels=8), Post()
    house = a_house(database, tmp_path, first)
    issue = put_frozen(house, names(3000))
    sender.drain(house)
    assert states(house, issue) == {"accepted": 3000}

    done = restored(elsewhere, made[0])
    again = opened(elsewhere, second)
    sender.drain(again)
    reconcile(again, now=LATER)
    sender.drain(again)
    assert second.asked.total() == 0
    send = send_of(again, issue)
    assert send.waits_for_a_person
    assert send.reason.startswith("restored from a backup of 29 Nov 2026 08:00")
    found = states(again, issue)
    assert sum(found.values()) == 3000
    assert 0 < found["accepted"] <= 1508, "what was written down when the copy was made"
    (held,) = done.settled.sends
    assert held.waiting == 0
    steer.resume(again, issue, by="erin", now=LATER)
    sender.drain(again, until_empty=True)
    assert second.asked.total() == 0
    assert (
        states(again, issue)
        == found
        == {"accepted": found["accepted"], "uncertain": found["uncertain"]}
    )
    assert send_of(again, issue).status is SendStatus.OPEN
    reconcile(again, now=LATER)
    assert send_of(again, issue).status is SendStatus.DONE


def test_where_the_old_house_died_at_its_backup_the_send_goes_on_and_each_reader_has_one_copy_or_is_named(
    database: Database, tmp_path: Path, elsewhere: Kept
) -> None:
    made: list[Path] = []
    over = False

    def die() -> None:
        nonlocal over
        made.append(backed_up(house, tmp_path / "backups"))
        over = True

    first, second = Halting(after=700, act=die, channels=8), Post()
    house = a_house(database, tmp_path, first)
    issue = put_frozen(house, names(2000))
    sender.drain(house, stop=lambda: over)
    restored(elsewhere, made[0], last_word=True)
    again = opened(elsewhere, second)
    identity.take(again.database, again.data, by="erin", now=LATER)
    steer.resume(again, issue, by="erin", now=LATER)
    sender.drain(again, until_empty=True)
    found = states(again, issue)
    twice = set(first.accepted) & set(second.accepted)
    assert len(twice) <= 8  # what was on the wire in the moment after the backup
    assert found["accepted"] + found.get("uncertain", 0) == 2000
    assert set(first.accepted) | set(second.accepted) >= set(names(2000)) - uncertain(again)


def uncertain(house: House) -> set[str]:
    with house.database.read() as session:
        issue = issues.get(session, "sunday", PERIOD)
        assert issue is not None
        send = sends.of_issue(session, issue.id)
        return {who for who, _ in deliveries.in_state(session, send.id, DeliveryState.UNCERTAIN)}


def test_a_chunk_in_hand_whose_map_is_gone_is_wholly_in_doubt(
    database: Database, tmp_path: Path, elsewhere: Kept
) -> None:
    made: list[Path] = []

    def back_up() -> None:
        made.append(backed_up(house, tmp_path / "backups"))

    first, second = Halting(after=60, act=back_up), Post()
    house = a_house(database, tmp_path, first)
    issue = put_frozen(house, names(200))
    sender.drain(house)
    for path in (made[0] / "data" / "flight").glob("*.map"):
        path.unlink()
    seal_again(made[0])
    restored(elsewhere, made[0], last_word=True)
    again = opened(elsewhere, second)
    found = states(again, issue)
    assert found["accepted"] + found["uncertain"] == 200
    identity.take(again.database, again.data, by="erin", now=LATER)
    steer.resume(again, issue, by="erin", now=LATER)
    sender.drain(again, until_empty=True)
    assert second.asked.total() == 0


def seal_again(folder: Path) -> None:
    """A backup whose files somebody changed and whose list fits again."""
    manifest = backup_files.read(folder)
    manifest = dataclasses.replace(manifest, files=backup_files.listed(folder))
    (folder / backup_files.MANIFEST).write_text(backup_files.text_of(manifest), encoding="utf-8")


# ---------------------------------------------------------------- before a send


@ON_SQLITE
def test_an_issue_that_the_old_house_sent_after_the_backup_is_held_within_the_catch_up_too(
    database: Database, tmp_path: Path, elsewhere: Kept
) -> None:
    first, second = Post(), Post()
    house = a_house(database, tmp_path, first)
    put_readers(house, names(20))
    put_approved(house)
    made = backed_up(house, tmp_path / "backups")
    reconcile(house, now=SEND)
    sender.drain(house)
    assert first.accepted.total() == 20
    restored(elsewhere, made)
    again = opened(elsewhere, second)
    identity.take(again.database, again.data, by="erin", now=LATER)
    told = [step.did for step in reconcile(again, now=LATER)]
    sender.drain(again)
    assert second.asked.total() == 0
    assert len(told) == 1
    assert told[0].startswith("held: this house was restored from a backup of")
    with again.database.read() as session:
        issue = issues.get(session, "sunday", PERIOD)
    assert issue is not None
    assert issue.status is IssueStatus.HELD


@ON_SQLITE
def test_an_issue_whose_hour_comes_after_the_restore_goes_out_as_ever(
    database: Database, tmp_path: Path, elsewhere: Kept
) -> None:
    second = Post()
    house = a_house(database, tmp_path, Post())
    put_readers(house, names(20))
    put_approved(house)
    made = backed_up(house, tmp_path / "backups")
    early = SEND - dt.timedelta(minutes=30)
    restored(elsewhere, made, now=early)
    again = opened(elsewhere, second, now=early)
    identity.take(again.database, again.data, by="erin", now=early)
    assert [step.did for step in reconcile(again, now=SEND)] == ["sending"]
    again = opened(elsewhere, second, now=SEND)
    sender.drain(again)
    assert second.accepted.total() == 20


@ON_SQLITE
def test_notices_and_wishes_of_the_backup_are_not_sent_again(
    database: Database, tmp_path: Path, elsewhere: Kept
) -> None:
    second = Post()
    house = a_house(database, tmp_path, Post())
    data = {"login_url": "https://gazette.example/x", "editor_name": "Erin"}
    with database.write() as session:
        given = {"newsletter": "sunday", "address": "erin@gazette.example"}
        notices.queue(session, kind="login", dedupe="a", data=data, now=SEND, **given)
    made = backed_up(house, tmp_path / "backups")
    done = restored(elsewhere, made)
    assert done.settled.notices == 1
    again = opened(elsewhere, second)
    sender.drain(again)
    assert second.asked.total() == 0
    with again.database.read() as session:
        assert notices.standing(session, "a")[0] == "uncertain"


# ---------------------------------------------------------------- what is in it


def test_all_that_was_there_is_there_again_and_new_rows_get_new_numbers(
    database: Database, tmp_path: Path, elsewhere: Kept
) -> None:
    house = a_house(database, tmp_path, Post())
    put_frozen(house, names(50))
    templates = tmp_path / "own"
    (templates / "digest").mkdir(parents=True)
    (templates / "digest" / "subject.txt").write_text("Own: {{ title }}", encoding="utf-8")
    schedule = f'{SCHEDULE}\n[render]\ntemplates = "{templates}"\n'
    (house.data / "schedules" / "sunday.toml").write_text(schedule, encoding="utf-8")
    (house.data / "secret.key").write_text("6b" * 32, encoding="ascii")
    made = backed_up(house, tmp_path / "backups")
    (templates / "digest" / "subject.txt").unlink()
    restored(elsewhere, made, last_word=True)
    with database.read() as old, elsewhere.database.read() as new:
        assert amounts.of_everything(new) == amounts.of_everything(old)
        assert consents.of(new, 1) == consents.of(old, 1)
    assert (elsewhere.schedules / "sunday.toml").read_text(encoding="utf-8") == schedule
    assert (templates / "digest" / "subject.txt").read_text(encoding="utf-8") == "Own: {{ title }}"
    assert (elsewhere.data / "secret.key").read_text(encoding="ascii") == "6b" * 32
    again = opened(elsewhere, Post())
    put_readers(again, ["late@example.net"])
    with again.database.read() as session:
        assert amounts.of_everything(session)["readers"] == 51


def test_a_backup_is_a_line_of_the_log_with_its_counts(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    put_readers(house, names(3))
    backed_up(house, tmp_path / "backups")
    with sqlite.read() as session:
        (line,) = [one for one in events.recent(session, limit=9) if one.action == "made a backup"]
    assert (line.actor, line.data["readers"]) == ("operator", 3)


def test_nobody_else_can_read_a_backup_and_an_unfinished_one_is_none(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    put_readers(house, names(3))
    made = backed_up(house, tmp_path / "backups")
    for path in [made, *made.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path

    def fails(*args: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_files, "text_of", fails)
    with pytest.raises(OSError):
        backed_up(house, tmp_path / "backups")
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [made.name]


def test_older_backups_go_and_the_newest_is_what_is_restored(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    folder = tmp_path / "backups"
    for hours in range(5):
        now = SEND + dt.timedelta(hours=hours)
        made = backup.make(kept(house), folder, now=now, keep=2)
    assert sorted(path.name for path in folder.iterdir()) == [
        "20261129T110000Z",
        "20261129T120000Z",
    ]
    assert [path.name for path in made.dropped] == ["20261129T100000Z"]
    assert backup_files.chosen(folder) == made.folder
    with sqlite.read() as session:
        assert heartbeats.last(session, "backup") == SEND + dt.timedelta(hours=4)


def test_a_backup_without_the_key_that_was_lost_says_so_and_takes_no_older_one_away(
    made: Path, sqlite: Database, tmp_path: Path
) -> None:
    """Else the last copy of the key goes with the oldest backup, a fortnight after it was lost."""
    house = dataclasses.replace(kept(a_house(sqlite, tmp_path, Post())), has_key=False)
    (house.data / "secret.key").unlink()
    again = backup.make(house, made.parent, now=LATER, keep=1)
    assert again.dropped == ()
    assert "secret.key is gone" in again.without[0]
    assert (made / "data" / "secret.key").exists()
    in_settings = dataclasses.replace(house, has_key=True)
    assert backup.make(in_settings, made.parent, now=LATER, keep=1).without == ()


def test_two_backups_of_one_second_stand_beside_each_other(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    first, second = (backed_up(house, tmp_path / "backups") for _ in range(2))
    assert second.name == f"{first.name}-2"


# ---------------------------------------------------------------- what is refused


@pytest.fixture
def made(sqlite: Database, tmp_path: Path) -> Path:
    house = a_house(sqlite, tmp_path, Post())
    put_readers(house, names(3))
    (house.data / "secret.key").write_text("6b" * 32, encoding="ascii")
    return backed_up(house, tmp_path / "backups")


def empty(tmp_path: Path) -> Kept:
    data = tmp_path / "new" / "data"
    return Kept(Database(f"sqlite:///{data / 'digest.db'}"), data, tmp_path / "new" / "schedules")


def refused(house: Kept, folder: Path, *, key: bytes | None = None) -> str:
    with pytest.raises((BadInput, Conflict, NotFound)) as caught:
        restore.restore(house, folder, key=key, now=LATER)
    house.database.close()
    return str(caught.value)


def test_a_changed_a_missing_and_a_strange_file_are_named(made: Path, tmp_path: Path) -> None:
    (made / "data" / "secret.key").write_text("00" * 32, encoding="ascii")
    (made / "schedules" / "sunday.toml").unlink()
    (made / "more").write_text("", encoding="ascii")
    told = refused(empty(tmp_path), made)
    assert "data/secret.key is not what was written" in told
    assert "schedules/sunday.toml is missing" in told
    assert "more is no part of this backup" in told
    assert not (tmp_path / "new" / "data" / "digest.db").exists()


def test_a_cut_off_file_is_told_by_its_size(made: Path, tmp_path: Path) -> None:
    path = made / "database.sqlite"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(size - 4096)
    assert f"has {size - 4096} bytes and should have {size}" in refused(empty(tmp_path), made)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"schema": "0001"}, "was changed since it was written"),
        ({"format": 9}, "was changed since it was written"),
    ],
    ids=["schema", "format"],
)
def test_a_list_that_somebody_edited_is_not_believed(
    made: Path, tmp_path: Path, change: dict[str, object], told: str
) -> None:
    path = made / "manifest.json"
    edited = json.loads(path.read_text(encoding="utf-8")) | change
    path.write_text(json.dumps(edited), encoding="utf-8")
    assert told in refused(empty(tmp_path), made)


def rewritten(folder: Path, **change: object) -> Manifest:
    manifest = dataclasses.replace(backup_files.read(folder), **change)  # type: ignore[arg-type]
    (folder / "manifest.json").write_text(backup_files.text_of(manifest), encoding="utf-8")
    return manifest


def test_a_backup_of_another_kind_or_of_a_newer_program_is_refused(
    made: Path, tmp_path: Path
) -> None:
    rewritten(made, dialect="postgresql")
    assert "set DIGEST_DATABASE_URL" in refused(empty(tmp_path), made)
    rewritten(made, dialect="sqlite", schema="9999")
    assert "of a newer program" in refused(empty(tmp_path), made)


def test_a_broken_database_is_found_though_its_checksum_is_right(
    made: Path, tmp_path: Path
) -> None:
    path = made / "database.sqlite"
    data = bytearray(path.read_bytes())
    data[8192:12288] = b"\xff" * 4096
    path.write_bytes(data)
    seal_again(made)
    assert "the database is broken" in refused(empty(tmp_path), made)
    assert not list((tmp_path / "new" / "data").glob("digest.db*"))


def test_no_house_is_overwritten(made: Path, tmp_path: Path, sqlite: Database) -> None:
    house = empty(tmp_path)
    restore.restore(house, made, key=None, now=LATER)
    told = refused(house, made)
    assert "this house is not empty" in told
    assert "digest.db" in told
    other = Kept(Database(f"sqlite:///{tmp_path / 'other.db'}"), tmp_path / "o", tmp_path / "s")
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "secret.key").write_text("11" * 32, encoding="ascii")
    assert "is another key" in refused(other, made)


@pytest.mark.parametrize("left", ["nothing", "an empty file", "a file without a table"])
def test_a_house_that_lost_its_database_is_restored_into_its_own_folder(
    sqlite: Database, tmp_path: Path, left: str
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    (house.data / "secret.key").write_text("6b" * 32, encoding="ascii")
    put_readers(house, names(3))
    identity.ensure(sqlite, house.data, now=MONDAY)
    made = backed_up(house, tmp_path / "backups")
    sqlite.close()
    path = snapshots.file_of(sqlite)
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()
    if left == "an empty file":
        path.touch()
    if left == "a file without a table":
        assert identity.is_blank(Database(sqlite.url))
        path.touch()
        assert identity.is_blank(Database(sqlite.url)), "and asked it makes a header"
        assert path.stat().st_size
    kept = Kept(Database(sqlite.url), house.data, house.schedules_folder)
    restore.restore(kept, made, key=None, now=LATER)
    assert "was restored from a backup" in identity.doubt(kept.database, house.data)
    with kept.database.read() as session:
        assert subscribers.counts(session, "sunday")[SubscriptionStatus.CONFIRMED] == 3
    kept.database.close()


@pytest.fixture
def grown(postgres: Database, tmp_path: Path) -> Iterator[Kept]:
    """An empty PostgreSQL."""
    with postgres.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text("DROP DATABASE IF EXISTS grown"))
        admin.execute(text("CREATE DATABASE grown"))
    url = postgres.engine.url.set(database="grown").render_as_string(hide_password=False)
    made = Database(url)
    yield Kept(made, tmp_path / "grown" / "data", tmp_path / "grown" / "schedules")
    made.close()


def test_a_house_on_sqlite_goes_on_on_postgresql(
    sqlite: Database, tmp_path: Path, grown: Kept
) -> None:
    """Every row is what it was, the audit log's chain holds, the send ends, and new rows have new numbers."""
    post = Post()
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(1200))
    sender.drain(house, stop=lambda: len(post.accepted) >= 400)
    with sqlite.write() as session:
        events.record(session, at=MONDAY, actor="erin", action="grew", data={"to": "ünïcode"})
    identity.ensure(sqlite, house.data, now=MONDAY)
    before = every_row(sqlite)
    made = backed_up(house, tmp_path / "backups")
    restore.restore(grown, made, key=None, now=LATER, last_word=True)
    after = every_row(grown.database)
    for table in ("subscriber", "membership", "consent", "delivery", "edition", "event", "article"):
        assert after[table][: len(before[table])] == before[table], table
        assert before[table] or table == "article"
    identity.take(grown.database, grown.data, by="erin", now=LATER)
    with grown.database.read() as session:
        assert chain.verify(session).broken is None
    new = opened(grown, post)
    steer.resume(new, issue, by="erin", now=LATER)
    sender.drain(new)
    assert set(post.accepted.values()) == {1}
    assert states(new, issue) == {"accepted": 1200}
    put_readers(new, ["another@example.net"])


def test_a_restore_that_finds_no_room_leaves_nothing_behind(
    made: Path, grown: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("digest.restore.shutil.copyfile", full)
        with pytest.raises(OSError, match="No space"):
            restore.restore(grown, made, key=None, now=LATER)
    assert not list(grown.data.glob("*.restoring")), "no half list of readers"
    monkeypatch.setattr("digest.restore.shutil.disk_usage", lambda path: SimpleNamespace(free=0))
    with pytest.raises(NoRoom, match="0 MB are free"):
        restore.restore(grown, made, key=None, now=LATER)


def every_row(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All that our tables hold, as the program reads it, in the order of their keys."""
    with database.engine.connect() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in Row.metadata.sorted_tables
        }


def test_back_from_postgresql_to_sqlite_there_is_no_way(postgres: Database, tmp_path: Path) -> None:
    house = a_house(postgres, tmp_path, Post())
    made = backed_up(house, tmp_path / "backups")
    assert "from SQLite to PostgreSQL there is a way, not back" in refused(empty(tmp_path), made)


def test_the_key_of_the_settings_must_be_that_of_the_backup(
    made: Path, tmp_path: Path, sqlite: Database
) -> None:
    rewritten(made, key="0" * 64)
    assert "DIGEST_SECRET_KEY is not the key" in refused(empty(tmp_path), made, key=b"x" * 32)


def test_schedules_that_are_there_stay_as_they_are(made: Path, tmp_path: Path) -> None:
    house = empty(tmp_path)
    house.schedules.mkdir(parents=True)
    (house.schedules / "sunday.toml").write_text("# mine", encoding="utf-8")
    done = restore.restore(house, made, key=None, now=LATER)
    house.database.close()
    assert (house.schedules / "sunday.toml").read_text(encoding="utf-8") == "# mine"
    assert any("left as it is" in told for told in done.told)


def test_a_folder_without_a_backup_says_so(tmp_path: Path) -> None:
    assert "holds no backup" in refused(empty(tmp_path), tmp_path)


def test_a_backup_of_an_earlier_version_is_brought_up(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    put_readers(house, names(3))
    migrate.downgrade(sqlite, "0016")
    made = backed_up(house, tmp_path / "backups")
    assert backup_files.read(made).schema == "0016"
    new = empty(tmp_path)
    restore.restore(new, made, key=None, now=LATER)
    assert migrate.current(new.database) == migrate.newest()
    new.database.close()


def test_a_backup_says_how_much_it_holds_as_people_say_it() -> None:
    told = [keeping._counted(*one) for one in (("issues", 1), ("deliveries", 1), ("readers", 2))]
    assert told == ["1 issue", "1 delivery", "2 readers"]
    assert keeping._counted("confirmed", 1) == "1 confirmed"


def test_integrity_is_what_sqlite_says(made: Path) -> None:
    assert snapshots.faults_of(made / "database.sqlite") == []
    with closing(sqlite3.connect(made / "database.sqlite")) as found:
        assert found.execute("PRAGMA journal_mode").fetchone() == ("delete",)


@ON_SQLITE
def test_a_send_that_was_paused_by_a_person_before_keeps_waiting(
    database: Database, tmp_path: Path, elsewhere: Kept
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(5))
    steer.pause(house, issue, by="erin", why="", now=SEND)
    made = backed_up(house, tmp_path / "backups")
    restored(elsewhere, made)
    assert send_of(opened(elsewhere, Post()), issue).status is SendStatus.PAUSED
