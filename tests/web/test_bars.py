"""Rows of bars: the greatest is as high as the row, and what is not nothing can be seen."""

from __future__ import annotations

from digest.web import bars


def test_bars_stand_side_by_side_on_one_ground_and_only_the_last_is_the_present() -> None:
    row = bars.row([5, 10, 0], ["a", "b", "c"])
    assert [bar.x for bar in row] == [0, bars.WIDTH + bars.SPACE, 2 * (bars.WIDTH + bars.SPACE)]
    assert {bar.y + bar.height for bar in row} == {bars.HEIGHT}
    assert [bar.height for bar in row] == [bars.HEIGHT // 2, bars.HEIGHT, bars.LEAST]
    assert [bar.last for bar in row] == [False, False, True]
    assert [bar.label for bar in row] == ["a", "b", "c"]


def test_one_among_thousands_is_higher_than_nothing() -> None:
    little, most = bars.row([1, 9999], ["", ""])
    assert bars.LEAST < little.height < most.height == bars.HEIGHT


def test_rows_of_nothing_lie_flat() -> None:
    assert {bar.height for bar in bars.row([0, 0], ["", ""])} == {bars.LEAST}
    assert bars.row([], []) == ()
