"""The child of bench/growth.py: `python -m bench.growing_week JOB`, JOB as JSON with `stories` and `weeks`.

One week of a made-up site, from its sources' answers to the stored draft, with as large weeks before it. Told
of each stage: seconds, processor seconds, and the most memory that the process held in it. What a child took
beside it belongs to `summarise`; its memory is told by itself, as its share (PSS) of what it holds.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import measure
from bench.made_up import Made, Site
from digest import drafting, intake, logs
from digest.bootstrap import House
from digest.compose import finish, lay
from digest.model import (
    Article,
    Issue,
    Moments,
    Ranked,
    Rendered,
    Selection,
    Storyline,
    Summary,
)
from digest.store import articles, issues, migrate
from digest.store.engine import Database
from tests.houses import SUNDAY, make_house

WEEK = dt.timedelta(days=7)


@dataclasses.dataclass
class Stages:
    """A Progress that notes what each stage took: all since the one before ended."""

    told: dict[str, dict[str, float]] = dataclasses.field(default_factory=dict)
    _wall: float = 0.0
    _cpu: float = 0.0

    def begin(self) -> None:
        measure.forget_peak()
        self._wall, self._cpu = time.perf_counter(), measure.cpu_s()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if done < total:
            return
        self.told[stage] = {
            "seconds": time.perf_counter() - self._wall,
            "cpu_s": measure.cpu_s() - self._cpu,
            "peak_mb": measure.peak_mb(),
        }
        self.begin()


def moments_of(house: House, weeks_ago: int) -> Moments:
    return house.schedule("sunday").calendar.moments(SUNDAY - weeks_ago * WEEK)


def put_past(house: House, site: Site, stories: int, weeks_ago: int) -> None:
    """A week gone by: its articles, and an issue that told each of them as a story of its own."""
    moments = moments_of(house, weeks_ago)
    made = site.week(stories, moments.window.start)
    with house.database.write() as session:
        for one in made:
            articles.save(session, one.article, now=one.at)
        found = articles.in_window(session, ["desk"], moments.window)
        issues.open_issue(session, "sunday", moments, now=moments.draft_at)
        issue = issues.get(session, "sunday", moments.period)
        assert issue is not None
        _tell(session, house, issue, found)


def _tell(session: Any, house: House, issue: Issue, found: list[Article]) -> None:
    ranked = [Ranked(Storyline(one, (one,), "one article"), 0.0, ()) for one in found]
    summaries = {one.id: Summary(one.text.split(".")[0] + ".") for one in found}
    chosen = Selection(window=issue.moments.window, kept=tuple(found), left_out=())
    schedule = house.schedule("sunday")
    week = lay(
        ranked, summaries, chosen, schedule=schedule, moments=issue.moments, number=issue.number
    )
    nothing = Rendered(subject="", preheader="", html="", text="", checksum=issue.period)
    content = finish(week, schedule)
    issues.save_draft(session, issue.id, content, nothing, now=issue.moments.draft_at)


def draft(house: House, made: list[Made], stages: Stages) -> dict[str, int]:
    """The week itself; what came of its articles."""
    moments = moments_of(house, 0)
    with house.database.write() as session:
        issues.open_issue(session, "sunday", moments, now=made[0].at)
        issue = issues.get(session, "sunday", moments.period)
    assert issue is not None
    stages.begin()
    stored = intake.store_all(
        house.database, [one.article for one in made], now=made[-1].at, progress=stages
    )
    if stored.errors:
        raise SystemExit(f"{len(stored.errors)} articles were refused: {stored.errors[0]}")
    made.clear()  # as a poll's answer is gone by then
    drafting.draft(house, issue, now=moments.draft_at, progress=stages)
    with house.database.read() as session:
        content = issues.by_id(session, issue.id).content
    assert content is not None
    assert content.coverage.adds_up
    return {
        "told": len(content.stories),
        "in storylines": content.coverage.storyline_members,
        "left out": content.coverage.left_out,
        "going on": sum(1 for story in content.stories if story.continues),
    }


def main(job: dict[str, Any]) -> None:
    logs.set_up("ERROR")
    site, stages = Site(), Stages()
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as name:
        house = make_house(Database(f"sqlite:///{name}/digest.db"), Path(name))
        migrate.upgrade(house.database)
        for weeks_ago in range(job["weeks"], 0, -1):
            put_past(house, site, job["stories"], weeks_ago)
        made = site.week(job["stories"], moments_of(house, 0).window.start)
        before, beside = measure.peak_mb(), measure.Children()
        beside.start()
        outcome = draft(house, made, stages)
        children_mb = beside.end()
        house.database.close()
    stages.told["summarise"]["cpu_s"] += measure.cpu_s(resource.RUSAGE_CHILDREN)
    told = {"stories": job["stories"], "weeks": job["weeks"], "before_mb": before}
    told |= {"children_mb": children_mb, "stages": stages.told, "outcome": outcome}
    print(json.dumps(told))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
