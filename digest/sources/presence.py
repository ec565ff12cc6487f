"""Whether a page is still there."""

from __future__ import annotations

from digest.errors import FetchError
from digest.sources.fetch import Limits, fetch


def is_missing(url: str, allowed: tuple[str, ...] = ()) -> bool:
    """True only where the server itself says that there is nothing (404, 410)."""
    try:
        fetch(url, allowed=allowed, limits=Limits(seconds=10))
    except FetchError as error:
        return error.missing
    return False
