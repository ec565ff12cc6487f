"""A preview: of a draft as the schedule file would have it now, of what is decided as it is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from digest import samples
from digest.bootstrap import House
from digest.errors import NotFound
from digest.model import Issue
from digest.schedules import RenderTable
from digest.store.engine import Database
from tests.houses import make_house
from tests.web.people import freeze_draft, put_draft


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    return make_house(sqlite, tmp_path)


def in_magazine(house: House) -> House:
    """The same house after somebody edited the schedule file."""
    look = RenderTable(theme="magazine", accent="#5b2a86")
    schedule = house.schedule("sunday").model_copy(update={"render": look})
    return dataclasses.replace(house, schedules={"sunday": schedule})


def written(house: House, issue: Issue, folder: Path) -> dict[str, str]:
    paths = samples.write_sample(house, issue, folder)
    return {path.suffix: path.read_text(encoding="utf-8") for path in paths}


def test_an_edited_look_is_seen_at_once_in_the_preview_of_a_draft(
    house: House, tmp_path: Path
) -> None:
    issue = put_draft(house)
    before = written(house, issue, tmp_path)[".html"]
    after = written(in_magazine(house), issue, tmp_path)[".html"]
    assert "#5b2a86" not in before
    assert "#5b2a86" in after
    assert "/leave/sunday/" in after
    assert issue.edition is not None
    assert samples.printed_now(house, issue).rendered == issue.edition.rendered


def test_a_preview_that_is_not_what_an_approval_would_send_is_known_as_one(house: House) -> None:
    issue = put_draft(house)
    assert not samples.is_stale(house, issue)
    assert samples.is_stale(in_magazine(house), issue)
    assert not samples.is_stale(in_magazine(house), freeze_draft(house))


def test_what_is_on_its_way_is_shown_as_it_goes(house: House) -> None:
    put_draft(house)
    issue = freeze_draft(house)
    assert issue.edition is not None
    assert samples.printed_now(in_magazine(house), issue).rendered == issue.edition.rendered


def test_without_a_draft_there_is_nothing_to_show(house: House, tmp_path: Path) -> None:
    issue = dataclasses.replace(put_draft(house), edition=None)
    with pytest.raises(NotFound, match="has no draft yet"):
        list(samples.write_sample(house, issue, tmp_path))
