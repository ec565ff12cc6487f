"""The rooms of `/api/v1` in one place."""

from __future__ import annotations

from digest.web.v1 import (
    articles,
    hooks,
    issues,
    joining,
    newsletters,
    numbers,
    problems,
    readers,
    sources,
    suppressions,
)

#: The rooms of the API, in the order in which they are asked: fixed words before numbers.
ROOMS = (
    problems,
    newsletters,
    sources,
    articles,
    numbers,
    issues,
    joining,
    readers,
    suppressions,
    hooks,
)
