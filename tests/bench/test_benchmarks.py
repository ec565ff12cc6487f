"""The page of benchmarks: made of the commands' figures, with its pictures; what is missing is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import lxml.etree
import pytest

from bench import all as benchmarks
from bench import growing_week, growth, measure, page_of_figures, plots
from bench.plots import Ratio

MACHINE = measure.machine()
SIZES = (10, 100, 1000)


def line(power: float) -> dict[str, float]:
    return {"slope": power, "upper": power}


def week(stories: int) -> dict[str, Any]:
    stage = {"seconds": stories / 100, "cpu_s": stories / 200, "peak_mb": 140.0}
    whole = {"seconds": stories / 50, "cpu_s": stories / 100, "peak_mb": 150.0}
    return {"stories": stories, "stages": {"store": stage, "rank": stage}, **whole}


def figures() -> dict[str, dict[str, Any]]:
    """What the commands would have written."""
    names = ("store", "rank", "all of it", "by the clock", "most memory, MB")
    sends = [
        {"readers": n, "freeze_s": 0.1, "send_s": n / 9e3, "cpu_s": n / 1e4, "peak_mb": 98, "grown_mb": n / 3e4}
        for n in SIZES
    ]  # fmt: skip
    reads = ("freezing, s", "sending, s", "sending, CPU s", "sending, MB", "database, MB")
    run = {"messages": 10, "rate": 100.0, "cpu_per_1000": 0.1, "peak_mb": 60.0}
    blocks = [
        {
            "block": "fast@0",
            "runs": {"ours": [run]},
            "ratios": {"rate, ours / smtplib": [2.0, 4.0]},
        },
        {"block": "smtp-sink@20", "runs": {}, "ratios": {}},
    ]
    return {
        "delivery": {"asked": {"connections": 10, "size": 60_000, "runs": 2}, "blocks": blocks},
        "building": {"bytes": 6e4, "per_second": {"pieces": 9e4, "joined": 8e4, "chosen": 7e4, "EmailMessage": 100}},
        "signing": {"kinds": {"rsa": {"ours_us": 300, "dkimpy_us": 7500}}},
        "providers": {"us_a_reader": {"one POST a reader": 900.0, "mailgun": 9.0}},
        "engine": {"ours_ms": [9, 2, 2], "npm_ms": [90, 20, 30], "edition_ms": [50, 30, 31]},
        "pages": {"pages": 9, "made_up": True, "per_second": {"ours": 60, "trafilatura": 50}},
        "judgement": {"told": {"ours": [0, 130], "lead-3": [0, 2000]}},
        "growth": {
            "asked": {"weeks": 8},
            "stories": [week(n) for n in SIZES],
            "slopes": {name: line(1.0) for name in names},
            "readers": sends,
            "imports": [{"readers": n, "processor": n / 5e3, "megabytes": 90} for n in SIZES],
            "readers' slopes": {name: line(0.97) for name in (*reads, "import, CPU s", "import, MB")},
        },
    }  # fmt: skip


def test_every_part_is_on_the_page_with_ratios_first_and_what_is_missing_at_the_end(
    tmp_path: Path,
) -> None:
    kept = tmp_path / "figures"
    kept.mkdir()
    for part, one in figures().items():
        if part != "engine":
            (kept / f"{part}.json").write_text(json.dumps({"machine": MACHINE, **one}))
    broken = benchmarks.PARTS | {"engine": benchmarks.Part("-c 1/0", "", "")}
    page = tmp_path / "benchmarks.md"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchmarks, "PARTS", broken)
        assert benchmarks.main(["--figures", str(kept), "--page", str(page), "--quick"]) == 0
    text = page.read_text()
    heads = [one for one in text.splitlines() if one.startswith("## ")]
    assert heads[0] == "## Beside others"
    assert heads[1] == "## Growth"
    assert heads[-1] == "## Left out"
    assert "- engine: ZeroDivisionError: division by zero" in text
    assert "| messages/s beside smtplib, a fast sink | 3 × | 2 to 4 |" in text
    assert "| messages built beside EmailMessage | 800 × |  |" in text
    assert str(MACHINE["commit"]) in text
    for name in ("ratios", "stories", "readers"):
        assert f"pictures/bench-{name}.svg" in text
        assert (tmp_path / "pictures" / f"bench-{name}.svg").exists()


def test_the_same_figures_make_the_same_page() -> None:
    found = {part: {"machine": MACHINE, **one} for part, one in figures().items()}
    pages = [page_of_figures.page(found, {}, quick=False) for _ in range(2)]
    assert pages[0] == pages[1]
    assert "MJML beside npm's mjml | 12.5 ×" in pages[0].text


@pytest.mark.parametrize("values", [(1.0, 1.0, 1.0), (0.3, 0.2, 0.9), (900.0, 4.0, 12_000.0)])
def test_a_picture_is_a_whole_svg_and_all_of_it_lies_inside(
    values: tuple[float, float, float],
) -> None:
    found = plots.ratios("a & b", "c", [Ratio("x < y", *values)] * 3)
    drawn = plots.growth("a", "b", {"one": [(10, 0.0), (1e6, values[0])]}, unit="readers")
    for svg in (found, drawn):
        tree = lxml.etree.fromstring(svg)
        assert tree.tag == "{http://www.w3.org/2000/svg}svg"
        width, height = map(float, (tree.get("viewBox") or "").split()[2:])
        for spot in tree.iter("{*}circle", "{*}text"):
            x = float(spot.get("cx") or spot.get("x") or 0)
            y = float(spot.get("cy") or spot.get("y") or 0)
            assert 0 <= x <= width
            assert 0 <= y <= height


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_a_slope_is_the_power_that_a_cost_grows_with(power: float) -> None:
    assert measure.slope([(size, 3 * size**power) for size in SIZES]) == pytest.approx(power)


def test_a_made_up_week_goes_through_every_stage(capsys: pytest.CaptureFixture[str]) -> None:
    growing_week.main({"stories": 12, "weeks": 1})
    told = json.loads(capsys.readouterr().out)
    stages = "store collect storylines rank summarise compose render draft"
    assert list(told["stages"]) == stages.split()
    outcome = told["outcome"]
    assert outcome["told"] + outcome["in storylines"] + outcome["left out"] == 12


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(SystemExit):
        growth.main(["storys"])
    with pytest.raises(SystemExit):
        benchmarks.main(["delivry"])
