"""`digest numbers`, on a screen and as JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

from digest import bootstrap, settings
from digest.clicks import Kind
from digest.store import migrate
from tests.cli.test_commands import digest
from tests.houses import SCHEDULE, SetClock
from tests.past_issues import period_of, put_sent
from tests.sample_issue import content


def test_numbers_tell_sums_of_issues_and_of_the_list(place: Path) -> None:
    counted = f"{SCHEDULE}\n[clicks]\ncount = true\n"
    (place / "schedules" / "sunday.toml").write_text(counted, encoding="utf-8")
    opened = bootstrap.open_house(settings.load())
    now = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    house = dataclasses.replace(opened, clock=SetClock(now))
    migrate.ensure(house.database)
    for ago in (3, 2, 1, 0):
        week = content(period=period_of(ago))
        assert week.lead is not None
        put_sent(house, ago, week, {week.lead.article_id: {Kind.HUMAN: 40 - ago, Kind.BURST: 5}})
    told = json.loads(digest("numbers", "--json", "--issues", "2"))["sunday"]
    newest, before = told["issues"]
    assert (newest["period"], before["period"]) == ("2026-11-29", "2026-11-22")
    lead = newest["stories"][0]
    assert (lead["human"], lead["machine"], lead["usual_here"]) == (40, 5, 38)
    assert {"name": "Lead", "stories": 1, "clicks": 40, "usual": 38.0} in newest["places"]
    assert before["stories"][0]["usual_here"] is None, "only two issues before it"
    assert [line["name"] for line in newest["totals"]][-1] == "Clicks by machines"
    assert len(told["weeks"]) == 26
    shown = digest("numbers", "sunday")
    assert "2026-11-08" in shown
    assert "0 confirmed readers" in shown


def test_where_no_issue_has_gone_out_there_is_no_empty_table(place: Path) -> None:
    shown = digest("numbers")
    assert "no issue has gone out yet" in shown
    assert "handed over" not in shown
