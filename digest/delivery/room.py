"""Room on the disk of the state maps: none is sent that could not be written down."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from digest.errors import NoRoom

#: No send goes on where less is free on the disk of its maps, in bytes.
LEAST_FREE = 100 * 2**20


def look(flight: Path) -> None:
    """Raises NoRoom where so little is free that a send had better not begin."""
    try:
        flight.mkdir(parents=True, exist_ok=True, mode=0o700)
        free = shutil.disk_usage(flight).free
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise NoRoom(f"the disk is full: nothing can be written in {flight.parent}") from error
    if free < LEAST_FREE:
        told = f"the disk is full: {free // 2**20} MB are free in {flight.parent}"
        raise NoRoom(f"{told}, and a send begins with {LEAST_FREE // 2**20} MB at the least")
