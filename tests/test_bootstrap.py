"""Parts are chosen from settings: what the operator allows reaches the source that needs it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from digest.bootstrap import PROVIDERS, open_house, provider_of, report_readers_of
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


@pytest.mark.parametrize("name", ["outbox", "postmark", "resend", "brevo"])
def test_the_provider_that_is_named_is_the_one_that_is_made(name: str, tmp_path: Path) -> None:
    tokens = {f"{one}_token": "t0ken" for one in ("postmark", "resend", "brevo")}
    found = provider_of(Settings.model_validate({"data": tmp_path, "provider": name, **tokens}))
    assert found.name == name
    assert set(PROVIDERS) == set(get_args(Settings.model_fields["provider"].annotation))


@pytest.mark.parametrize("name", ["smtp", "postmark", "resend", "brevo"])
def test_a_provider_without_what_it_needs_is_not_made(name: str) -> None:
    with pytest.raises(ConfigError, match=f"needed by DIGEST_PROVIDER={name}"):
        provider_of(Settings.model_validate({"provider": name}))


def test_only_webhooks_with_a_secret_are_open() -> None:
    assert report_readers_of(Settings()) == {}
    given = {f"{name}_webhook_secret": "hush" for name in ("postmark", "resend", "brevo")}
    found = report_readers_of(Settings.model_validate(given))
    assert {name: reader.name for name, reader in found.items()} == {
        "postmark": "postmark",
        "resend": "resend",
        "brevo": "brevo",
    }
