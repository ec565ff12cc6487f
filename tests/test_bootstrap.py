"""Parts are chosen from settings: what the operator allows reaches the source that needs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from digest.bootstrap import open_house
from digest.errors import ConfigError
from digest.providers.imap import ImapMailbox
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


def test_a_bounce_mailbox_is_read_only_where_one_is_named(tmp_path: Path) -> None:
    house = open_house(settings(tmp_path, ""))
    house.database.close()
    assert house.mailbox is None
    assert house.report_readers == {}
    named = Settings(
        data=tmp_path,
        schedules=SCHEDULE,
        bounce_imap_host="imap.gazette.example",
        bounce_imap_username="bounces",
        bounce_imap_password=SecretStr("hush"),
    )
    house = open_house(named)
    house.database.close()
    assert house.mailbox == ImapMailbox(
        host="imap.gazette.example", port=993, username="bounces", password="hush"
    )
    assert "hush" not in repr(house)
