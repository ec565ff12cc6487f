"""docs/pace.md: what it tells an operator to write can be read, and what it says follows is true."""

from __future__ import annotations

import re
from itertools import accumulate
from pathlib import Path

import pytest

from digest import settings
from digest.limits import MAILBOXES, read_warm_up

TEXT = (Path(__file__).parents[2] / "docs" / "pace.md").read_text(encoding="utf-8")
IN_THE_TABLE = re.findall(r"^\| `(DIGEST_\w+)` \| `(.+?)` \|", TEXT, re.MULTILINE)
INDENTED = re.findall(r"^    (DIGEST_\w+)=(.+)$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("name", "value"), IN_THE_TABLE + INDENTED)
def test_an_example_of_the_page_is_a_setting(name: str, value: str) -> None:
    found = settings.load({name: value}, None)
    assert getattr(found, name.removeprefix("DIGEST_").lower()) == value


def test_the_page_has_an_example_of_each_setting() -> None:
    names = {"DIGEST_LIMITS", "DIGEST_DOMAIN_LIMITS", "DIGEST_WARM_UP", "DIGEST_SLOW_START"}
    assert {name for name, _ in IN_THE_TABLE} == names


def test_the_page_names_every_provider_that_we_know() -> None:
    assert not [name for name in MAILBOXES if f"`{name}`" not in TEXT]


def test_a_warm_up_takes_as_long_as_the_page_says() -> None:
    plan = read_warm_up(dict(INDENTED)["DIGEST_WARM_UP"])
    assert plan is not None
    caps = [plan.cap(day) for day in range(8)]
    assert caps[:4] == [500, 750, 1125, 1687]
    assert next(day for day, sent in enumerate(accumulate(caps), 1) if sent >= 5000) == 5
    assert caps[7] // caps[0] == 17
