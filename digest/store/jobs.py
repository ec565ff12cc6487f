"""The queue that wakes workers on other machines: Procrastinate, on PostgreSQL only.

A job says "send N has work" and nothing else. Who gets which readers is decided by the chunks, so a
job that comes twice, late or never costs time and no mail: docs/growing.md. On SQLite, or where
Procrastinate is not installed, there is no queue, and workers find their work by looking.
https://procrastinate.readthedocs.io/
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from importlib import resources
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from digest import logs
from digest.errors import Busy
from digest.store.engine import Database, Session

if TYPE_CHECKING:
    import procrastinate

log = logs.get(__name__)

TASK, QUEUE = "digest.drain", "sends"

#: Jobs of one send at the most: each wakes one idle worker, and who drains takes chunk after chunk.
MOST_JOBS = 16

#: A worker shows that it is alive this often; one that did not for so long is dead. Seconds.
HEARTBEAT_S = 1.0
STALLED_S = 3.0

#: How long the goodbye to the queue may take, with the job that is under way; nothing is lost without it. Seconds.
GOODBYE_S = 15.0

#: How often somebody looks whether it should stop, in seconds.
_LOOK_S = 0.1

_FUNCTIONS = text("""
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = current_schema() AND p.proname LIKE 'procrastinate\\_%'
""")
_TYPES = text("""
SELECT t.oid::regtype::text FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE n.nspname = current_schema() AND t.typname LIKE 'procrastinate\\_%'
AND (t.typtype = 'e' OR c.relkind = 'c')
""")
_TABLES = ("events", "periodic_defers", "jobs", "workers")


def installed() -> bool:
    """True where Procrastinate can be imported."""
    return find_spec("procrastinate") is not None


# ---------------------------------------------------------------- its tables


def bring_up(connection: Connection) -> None:
    """Make Procrastinate's own tables, or bring them to the installed version's; nothing where it is not.

    Its scripts say no version of their own: the last one that was applied is noted as a comment.
    """
    if connection.dialect.name != "postgresql" or not installed():
        return
    scripts = _scripts()
    done = _last_script(connection) if is_there(connection) else None
    if done == max(scripts):
        return
    if done is None:
        wanted = [(resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8")]
    else:
        wanted = [scripts[name] for name in sorted(scripts) if name > done]
    for script in wanted:
        _run(connection, script)
    _run(connection, f"COMMENT ON TABLE procrastinate_jobs IS '{max(scripts)}'")
    log.info("the queue's tables are up to date", script=max(scripts))


def take_down(connection: Connection) -> None:
    """Remove everything that `bring_up` made."""
    if connection.dialect.name != "postgresql" or not is_there(connection):
        return
    for table in _TABLES:
        _run(connection, f"DROP TABLE IF EXISTS procrastinate_{table} CASCADE")
    for name in connection.scalars(_FUNCTIONS).all():
        _run(connection, f"DROP FUNCTION IF EXISTS {name} CASCADE")
    for name in connection.scalars(_TYPES).all():
        _run(connection, f"DROP TYPE IF EXISTS {name} CASCADE")


def is_there(connection: Connection) -> bool:
    """True where the queue's tables are."""
    return bool(connection.scalar(text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")))


def usable(database: Database) -> bool:
    """True where workers can be woken: PostgreSQL, Procrastinate installed, its tables made."""
    if database.is_sqlite or not installed():
        return False
    with database.read() as session:
        return is_there(session.connection())


def _scripts() -> dict[str, str]:
    folder = resources.files("procrastinate.sql") / "migrations"
    return {
        one.name: one.read_text(encoding="utf-8")
        for one in folder.iterdir()
        if one.name.endswith(".sql")
    }


def _last_script(connection: Connection) -> str:
    """The newest of Procrastinate's scripts that this database has."""
    asked = text("SELECT obj_description('procrastinate_jobs'::regclass)")
    return str(connection.scalar(asked) or "")


def _run(connection: Connection, script: str) -> None:
    """A script of several statements, as it is: without parameters the driver leaves its `%` alone."""
    driver: Any = connection.connection.driver_connection
    driver.execute(script)


# ---------------------------------------------------------------- putting jobs in


def announce(session: Session, send_id: int, *, chunks: int) -> int:
    """Jobs for a send, in the session's own transaction: with it they come about, or not. How many.

    A queue that cannot be written stops no send: workers look by themselves as well.
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql" or not installed() or not is_there(connection):
        return 0
    count = min(chunks, MOST_JOBS)
    try:
        with connection.begin_nested():
            _defer(connection, [{"send_id": send_id}] * count)
    except Exception as error:
        log.warning("no worker was woken", send=send_id, why=repr(error))
        return 0
    return count


def _defer(connection: Connection, given: list[dict[str, int]]) -> None:
    import procrastinate

    app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())
    driver = connection.connection.driver_connection
    app.configure_task(TASK, queue=QUEUE, connection=driver).batch_defer(*given)  # type: ignore[arg-type]


# ---------------------------------------------------------------- working


async def serve(
    database: Database, handle: Callable[[int], None], *, stop: Callable[[], bool]
) -> None:
    """Take jobs and give each one's send to `handle`, in a thread, one at a time, until `stop`.

    A job that is under way when `stop` comes is waited for. Jobs of a worker that died are put in
    line again by any other one. Raises Busy where the database is away.
    """
    try:
        async with _open(database, handle) as app:
            work = app.run_worker_async(
                queues=[QUEUE],
                concurrency=1,
                install_signal_handlers=False,
                delete_jobs="always",
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=STALLED_S,
            )
            await _first_of(work, _sweep(app), _until(stop))
    except _faults() as error:
        raise Busy("the queue cannot be reached") from error


@contextlib.asynccontextmanager
async def _open(
    database: Database, handle: Callable[[int], None]
) -> AsyncIterator[procrastinate.App]:
    import procrastinate

    from digest.store import postgres

    address = postgres.address_of(database.engine.url)
    connector = procrastinate.PsycopgConnector(conninfo=address, min_size=1, max_size=4)
    app = procrastinate.App(connector=connector)

    async def drain(send_id: int) -> None:
        await asyncio.to_thread(handle, send_id)

    app.task(name=TASK, queue=QUEUE)(drain)
    async with app.open_async():
        yield app


def _faults() -> tuple[type[Exception], ...]:
    """What says that the database is away, or that somebody was first."""
    import psycopg
    from procrastinate.exceptions import ProcrastinateException

    return psycopg.Error, ProcrastinateException, OSError


async def _first_of(*works: Any) -> None:
    """Until one ends; the others are ended and waited for, a while. Raises what the first one raised."""
    tasks = [asyncio.ensure_future(one) for one in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):  # which ends them once more
                await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _sweep(app: procrastinate.App) -> None:
    """Jobs of workers that died: Procrastinate knows them and leaves it to us to put them in line again."""
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        manager = app.job_manager
        stalled = await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED_S)
        for job in stalled:
            with contextlib.suppress(*_faults()):  # another worker was first
                await manager.retry_job(job)
                log.warning("a worker died; its job is in line again", job=job.id)


async def _until(stop: Callable[[], bool]) -> None:
    while not stop():  # noqa: ASYNC110  (it is asked, nobody tells)
        await asyncio.sleep(_LOOK_S)
