"""Sources that have moved: believed when told twice in a row, forgotten when the schedule says another place.

What is remembered is "times declared to" (`PollState.moved`): how often in a row the declared address sent
us on for good, and where to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from digest.errors import FetchError
from digest.protocols import PollState
from digest.sources.fetch import Fetched

#: Told so often in a row, a move is believed.
BELIEVED = 2


def place_of(declared: str, moved: str | None) -> str:
    """Where to ask a source that is declared at an address."""
    times, known, place = _parts(moved)
    return place if known == declared and times >= BELIEVED else declared


def fetched(declared: str, state: PollState, get: Callable[[str, PollState], Fetched]) -> Fetched:
    """The answer of where the source is now, with what to remember of that in its state.

    Where the new place does not answer for good, the declared one is asked. Raises FetchError.
    """
    place = place_of(declared, state.moved)
    try:
        found = get(place, state)
    except FetchError as error:
        if place == declared or not error.permanent:
            raise
        place, found = declared, get(declared, PollState())
    return replace(found, state=replace(found.state, moved=_moved(declared, place, found, state)))


def _moved(declared: str, place: str, found: Fetched, state: PollState) -> str | None:
    if place != declared:
        return f"{BELIEVED} {declared} {found.moved_to or place}"
    if not found.moved_to or " " in found.moved_to:
        return None
    times, known, last = _parts(state.moved)
    again = known == declared and last == found.moved_to
    return f"{times + 1 if again else 1} {declared} {found.moved_to}"


def _parts(moved: str | None) -> tuple[int, str, str]:
    parts = (moved or "").split(" ")
    return (int(parts[0]), parts[1], parts[2]) if len(parts) == 3 else (0, "", "")
