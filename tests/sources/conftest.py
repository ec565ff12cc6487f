"""The web server that tests of sources ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sources import web


@pytest.fixture
def site() -> Iterator[web.Site]:
    with web.served() as one:
        yield one
