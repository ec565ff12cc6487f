"""The queue: jobs come with the transaction that makes their work, are handed out, and are harmless."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from importlib.util import find_spec as really

import pytest
from sqlalchemy import text

from digest.store import jobs, migrate
from digest.store.engine import Database
from tests.queue_of import jobs_waiting, workers_listening


def announced(database: Database, chunks: int, send_id: int = 7) -> int:
    with database.write() as session:
        return jobs.announce(session, send_id, chunks=chunks)


def served(database: Database, enough: int, handle: Callable[[int], None] = lambda _: None) -> int:
    """Jobs that a worker in this process took until it had `enough`."""
    taken: list[int] = []

    def one(send_id: int) -> None:
        handle(send_id)
        taken.append(send_id)

    async def serve() -> None:
        async with asyncio.timeout(60):  # where no job comes
            await jobs.serve(database, one, stop=lambda: len(taken) >= enough)

    asyncio.run(serve())
    return len(taken)


def test_a_transaction_that_is_rolled_back_leaves_no_job(postgres: Database) -> None:
    with postgres.write() as session:
        assert jobs.announce(session, 7, chunks=3) == 3
        session.rollback()
    assert jobs_waiting(postgres) == 0
    assert announced(postgres, 3) == 3
    assert jobs_waiting(postgres) == 3


def test_many_chunks_make_no_more_jobs_than_wake_the_workers(postgres: Database) -> None:
    assert announced(postgres, 2000) == jobs_waiting(postgres) == jobs.MOST_JOBS


def test_a_send_without_chunks_makes_no_job(postgres: Database) -> None:
    assert announced(postgres, 0) == jobs_waiting(postgres) == 0


def test_every_job_is_handled_once_and_then_gone(postgres: Database) -> None:
    announced(postgres, 3)
    assert served(postgres, 3) == 3
    assert jobs_waiting(postgres) == 0


def test_a_worker_that_waits_hears_of_a_job_at_once(postgres: Database) -> None:
    heard: list[int] = []
    done = threading.Event()

    def handle(send_id: int) -> None:
        heard.append(send_id)
        done.set()

    def listen() -> None:
        asyncio.run(jobs.serve(postgres, handle, stop=done.is_set))

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        while not workers_listening(postgres):
            done.wait(0.05)
        announced(postgres, 1, send_id=11)
        assert done.wait(60)
    finally:
        done.set()
        thread.join()
    assert heard == [11]


def test_the_job_of_a_worker_that_died_goes_to_another_one(postgres: Database) -> None:
    announced(postgres, 1)
    with postgres.write() as session:
        session.execute(
            text(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '9s')"
            )
        )
        session.execute(
            text(
                "UPDATE procrastinate_jobs SET status = 'doing',"
                " worker_id = (SELECT max(id) FROM procrastinate_workers)"
            )
        )
    assert served(postgres, 1) == 1
    assert jobs_waiting(postgres) == 0


def test_a_job_whose_handling_raises_is_not_repeated_for_ever(postgres: Database) -> None:
    announced(postgres, 2)
    calls: list[int] = []

    def fails(send_id: int) -> None:
        calls.append(send_id)
        if len(calls) == 1:
            raise RuntimeError("a defect")

    assert served(postgres, 1, fails) == 1
    assert len(calls) == 2
    assert jobs_waiting(postgres) == 0


def test_sqlite_has_no_queue_and_misses_none(sqlite: Database) -> None:
    assert announced(sqlite, 3) == 0
    assert not jobs.usable(sqlite)


def test_without_procrastinate_nothing_is_put_in_line(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert jobs.usable(postgres)
    without_procrastinate(monkeypatch)
    assert not jobs.usable(postgres)
    assert announced(postgres, 3) == 0


def without_procrastinate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "find_spec", lambda name: None if name == "procrastinate" else really)


def test_it_may_be_installed_after_the_database_was_made(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.write() as session:
        jobs.take_down(session.connection())
    assert not jobs.usable(postgres)
    assert announced(postgres, 3) == 0
    migrate.upgrade(postgres)
    assert jobs.usable(postgres)
    assert announced(postgres, 3) == 3


def test_a_newer_script_of_procrastinate_is_applied_once(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = jobs._scripts() | {"99.00.00_01_newer.sql": "CREATE TABLE newer (id int); SELECT '%'"}
    monkeypatch.setattr(jobs, "_scripts", lambda: scripts)
    with postgres.write() as session:
        connection = session.connection()
        for _ in range(2):
            jobs.bring_up(connection)
        assert connection.scalar(text("SELECT to_regclass('newer') IS NOT NULL"))
        session.rollback()


def test_a_queue_that_cannot_be_written_stops_no_transaction(postgres: Database) -> None:
    with postgres.write() as session:
        session.execute(text("ALTER TABLE procrastinate_jobs RENAME COLUMN args TO other"))
        assert jobs.announce(session, 7, chunks=3) == 0
        assert session.execute(text("SELECT 1")).scalar_one() == 1
        session.rollback()
