"""A growing draft and a model: what comes in by the next draft, and what a silent model costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from digest import writing
from digest.bootstrap import House, open_house
from digest.errors import ConfigError
from digest.model import IncomingArticle, Issue
from digest.protocols import Request, Told
from digest.reconcile import reconcile
from digest.settings import load
from digest.store import articles, issues
from digest.store.engine import Database
from tests.houses import MONDAY, SCHEDULE, SUNDAY, SetClock, make_house

CHAT = SCHEDULE + '\n[summarise]\nsummariser = "chat"\nbudget = 6\n'
STORIES = (
    "The ferry to Northport was moored all week after its propeller had been lost in a storm.",
    "Teachers of three schools went on strike for higher wages and smaller classes on Monday.",
    "A painting that hung in a barn for forty years was sold for a record price at auction.",
)
HOUR = dt.timedelta(hours=1)


@dataclass
class Model:
    """Tells every article by its first sentence, unless it is away or is not to be believed."""

    model: str = "small-model"
    per_minute: int = 20
    state: str = "accepted"
    asked: list[Request] = field(default_factory=list)

    def write(self, requests: Sequence[Request]) -> list[Told]:
        self.asked += requests
        if self.state == "accepted":
            return [Told("accepted", f"In short: {r.text[:20]}.") for r in requests]
        return [Told(self.state, why="it is so", requests=2) for _ in requests]  # type: ignore[arg-type]


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def house(database: Database, tmp_path: Path, model: Model) -> House:
    house = replace(make_house(database, tmp_path, schedule=CHAT), writer=model)
    with database.write() as session:
        for number, told in enumerate(STORIES):
            story = IncomingArticle(
                source="desk",
                source_id=str(number),
                title=told[:30],
                text=f"{told} " * 6,
                published_at=MONDAY + HOUR,
            )
            articles.save(session, story, now=MONDAY + HOUR)
    draft(house, MONDAY + 2 * HOUR)
    return house


def draft(house: House, now: dt.datetime) -> Issue:
    assert isinstance(house.clock, SetClock)
    house.clock.now = now
    reconcile(house, now=now)
    with house.database.read() as session:
        found = issues.get(session, "sunday", SUNDAY.isoformat())
    assert found is not None
    return found


def told(issue: Issue) -> list[tuple[str, str]]:
    assert issue.content is not None
    return [(s.summary.method, s.summary.note) for s in issue.content.stories]


def test_the_first_draft_has_the_articles_own_sentences_and_the_next_the_models(
    house: House, model: Model
) -> None:
    first = draft(house, MONDAY + 2 * HOUR)
    assert told(first) == [("extractive", "the model's summary has not come yet")] * 3
    assert writing.write(house, now=MONDAY + 2 * HOUR) == 3
    assert told(draft(house, MONDAY + 4 * HOUR)) == [("chat:small-model", "")] * 3


def test_nothing_is_asked_twice(house: House, model: Model) -> None:
    writing.write(house, now=MONDAY + 2 * HOUR)
    assert writing.write(house, now=MONDAY + 3 * HOUR) == 0
    assert len(model.asked) == 3


def test_what_is_not_believed_stays_out_and_the_desk_says_so(house: House, model: Model) -> None:
    model.state = "refused"
    writing.write(house, now=MONDAY + 2 * HOUR)
    method, note = told(draft(house, MONDAY + 4 * HOUR))[0]
    assert (method, note) == ("extractive", "the model's summary was not believed: it is so")


def test_who_is_away_is_asked_again_after_a_rest_within_the_budget(
    house: House, model: Model
) -> None:
    model.state = "later"
    writing.write(house, now=MONDAY + 2 * HOUR)
    assert len(model.asked) == 3
    writing.write(house, now=MONDAY + 2 * HOUR + dt.timedelta(seconds=30))
    assert len(model.asked) == 3
    writing.write(house, now=MONDAY + 3 * HOUR)
    assert len(model.asked) == 3  # six requests were the issue's budget
    assert told(draft(house, MONDAY + 4 * HOUR))[0][0] == "extractive"


def test_a_minute_has_its_limit(house: House, model: Model) -> None:
    model.per_minute = 4
    writing.write(house, now=MONDAY + 2 * HOUR)
    assert len(model.asked) == 2


def test_when_the_week_is_over_nothing_is_asked(house: House, model: Model) -> None:
    final = draft(house, dt.datetime(2026, 11, 28, 18, 1, tzinfo=dt.UTC))
    assert told(final)[0][0] == "extractive"
    assert writing.write(house, now=dt.datetime(2026, 11, 28, 18, 2, tzinfo=dt.UTC)) == 0
    assert model.asked == []


def test_a_schedule_that_wants_a_model_needs_its_address(tmp_path: Path) -> None:
    folder = tmp_path / "schedules"
    folder.mkdir()
    (folder / "sunday.toml").write_text(CHAT, encoding="utf-8")
    given = {"DIGEST_DATA": str(tmp_path / "d"), "DIGEST_SCHEDULES": str(folder)}
    with pytest.raises(ConfigError, match="DIGEST_CHAT_URL"):
        open_house(load(given, None))
    url = {"DIGEST_CHAT_URL": "http://127.0.0.1:9/v1", "DIGEST_CHAT_MODEL": "small"}
    assert open_house(load(given | url, None)).writer is not None
