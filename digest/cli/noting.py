"""What a person did by a command, for the audit log, where the doing itself writes no line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.bootstrap import House


def note(
    house: House, action: str, *, subject: str = "", by: str = "operator", **data: object
) -> None:
    """Write one line. by: who says so. data: counts and ids, no addresses."""
    from digest.store import events

    with house.database.write() as session:
        events.record(
            session, at=house.clock(), actor=by, action=action, subject=subject, data=data
        )
