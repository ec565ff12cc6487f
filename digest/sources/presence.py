"""Whether a page is still there: asked for and let go again, without its body."""

from __future__ import annotations

from digest.errors import FetchError
from digest.model import LinkState
from digest.sources.fetch import Limits, fetch

#: The head of an answer is enough.
HEAD = Limits(seconds=10, size=0)


def is_missing(url: str, allowed: tuple[str, ...] = ()) -> bool:
    """True only where the server itself says that there is nothing (404, 410)."""
    return answer_of(url, allowed)[0] is LinkState.MISSING


def answer_of(url: str, allowed: tuple[str, ...] = ()) -> tuple[LinkState, str]:
    """How a link stands, and what was said. allowed: networks (CIDR) that may be asked though they are not public."""
    try:
        fetch(url, allowed=allowed, limits=HEAD)
    except FetchError as error:
        return _state(error), error.reason
    return LinkState.THERE, ""


def _state(error: FetchError) -> LinkState:
    if error.missing:
        return LinkState.MISSING
    if error.status:
        return LinkState.FAILING if error.status >= 500 else LinkState.REFUSED
    return LinkState.BARRED if error.permanent else LinkState.SILENT
