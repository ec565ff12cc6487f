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

#: In the order of the reference.
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
