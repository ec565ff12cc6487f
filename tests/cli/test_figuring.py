"""`digest numbers`, on a screen and as JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest

from digest import bootstrap, settings
from digest.cli import figuring
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


def test_the_table_of_a_million_readers_fits_into_80_columns_with_no_word_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    issue = {"period": "2026-11-29", "accepted": 1_198_412, "audience": 1_204_000, "failed": 5_588}
    issue |= {"bounced": 1_204, "complaints": 311, "left": 902, "counted": True}
    issue["stories"] = [{"human": 204_117, "machine": 88_310}]
    figuring._show("sunday", {"readers": 1_204_000, "weeks": [], "issues": [issue]})
    shown = capsys.readouterr().out
    assert "…" not in shown
    for word in ("complaints", "machines", "1,198,412", "1,204,000", "204,117"):
        assert word in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_where_no_issue_has_gone_out_there_is_no_empty_table(place: Path) -> None:
    shown = digest("numbers")
    assert "no issue has gone out yet" in shown
    assert "handed" not in shown
