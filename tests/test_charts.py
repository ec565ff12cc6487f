"""Charts as SVG: they name themselves, say nothing that is not escaped, and stay inside their frame."""

from __future__ import annotations

import re

import lxml.etree
import pytest

from digest import charts
from digest.charts import Column

SPACE = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> lxml.etree._Element:
    return lxml.etree.fromstring(svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))


def test_a_chart_has_a_name_and_a_description_that_a_screen_reader_finds() -> None:
    tree = parsed(charts.columns("Clicks <by> place", "Many & more.", [Column("1", 3)], key="k"))
    assert tree.get("role") == "img"
    named = {
        tree.find(f"{SPACE}{tag}").get("id"): tree.findtext(f"{SPACE}{tag}")
        for tag in ("title", "desc")
    }  # type: ignore[union-attr]
    assert (tree.get("aria-labelledby") or "").split() == list(named)
    assert list(named.values()) == ["Clicks <by> place", "Many & more."]


def test_nothing_in_a_chart_runs_loads_or_styles_by_itself() -> None:
    svg = charts.columns("x", "y", [Column("<script>alert(1)</script>", 3, 2, 4)], key="k")
    tags = {element.tag for element in parsed(svg).iter()}
    assert tags == {f"{SPACE}{tag}" for tag in ("svg", "title", "desc", "path", "rect", "text")}
    assert "style=" not in svg
    assert "href" not in svg


@pytest.mark.parametrize("values", [[], [0], [0, 0], [1], [3, 900], [123_456, 7], [1e7, 2e7]])
@pytest.mark.parametrize("count", [1, 24, 26])
def test_whatever_the_numbers_all_of_it_lies_inside(values: list[float], count: int) -> None:
    of = [Column(str(n), value, value / 2, value * 1.2) for n, value in enumerate(values * count)]
    assert_inside(charts.columns("x", "y", of, key="k"))
    weeks = [("30 Nov", int(value), int(value / 3)) for value in values * count]
    assert_inside(charts.growth("x", "y", weeks, key="k"))


def assert_inside(svg: str) -> None:
    for label in parsed(svg).iter(f"{SPACE}text"):
        wide = 4 * len(label.text or "") if label.get("text-anchor") == "middle" else 0
        assert float(label.get("x") or 0) + wide <= charts.WIDTH
    for element in parsed(svg).iter(f"{SPACE}rect"):
        x, y, width, height = (
            float(element.get(name) or 0) for name in ("x", "y", "width", "height")
        )
        assert x >= 0
        assert x + width <= charts.WIDTH
        assert y >= 0
        assert y + height <= charts.HEIGHT


def test_a_column_is_as_high_as_its_number() -> None:
    svg = charts.columns("x", "y", [Column("1", 100), Column("2", 50)], key="k")
    tall, half = (float(one) for one in re.findall(r'class="bar".*?height="([\d.]+)"', svg))
    assert tall == pytest.approx(2 * half, abs=0.2)


def test_who_left_stands_below_the_line_and_the_dot_at_what_is_left_over() -> None:
    svg = charts.growth("x", "y", [("1", 30, 10)], key="k")
    ground = float(re.findall(r'class="ground" d="M\d+ ([\d.]+)', svg)[0])
    top = float(re.findall(r'class="gone"[^>]* y="([\d.]+)"', svg)[0])
    dot = float(re.findall(r'cy="([\d.]+)"', svg)[0])
    up = float(re.findall(r'class="bar"[^>]* y="([\d.]+)"', svg)[0])
    assert top == ground
    assert up < dot < ground


def test_the_axis_speaks_in_round_numbers() -> None:
    svg = charts.columns("x", "y", [Column("1", 2345)], key="k")
    assert re.findall(r'text-anchor="end">([^<]*)<', svg) == ["0", "1k", "2k", "3k"]
