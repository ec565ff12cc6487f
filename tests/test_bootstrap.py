"""Parts are chosen from settings: what the operator allows reaches the source that needs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.bootstrap import open_house
from digest.errors import ConfigError
from digest.settings import Settings
from digest.sources.feeds import FeedSource

SCHEDULE = Path(__file__).parents[1] / "schedules"


def settings(folder: Path, fetch_allow: str) -> Settings:
    return Settings(data=folder, schedules=SCHEDULE, fetch_allow=fetch_allow)


def test_allowed_networks_reach_the_feeds(tmp_path: Path) -> None:
    house = open_house(settings(tmp_path, "10.1.0.0/16, fd00::/8,"))
    feeds = [one for one in house.sources("sunday") if isinstance(one, FeedSource)]
    house.database.close()
    assert [one.allowed for one in feeds] == [("10.1.0.0/16", "fd00::/8")]


def test_a_network_that_is_none_is_a_fault_of_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="DIGEST_FETCH_ALLOW"):
        open_house(settings(tmp_path, "home"))
