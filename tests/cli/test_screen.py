"""A stage on the screen: how far, how fast, how long still; one line where there is no terminal."""

from __future__ import annotations

import io

from rich.console import Console

from digest.cli.screen import Stages


def drawn(*, terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=120)
    with Stages(console) as stages:
        for done in (0, 500, 1000):
            stages("deliver", done, 1000)
    return out.getvalue()


def test_a_terminal_sees_how_far_how_fast_and_how_long_still() -> None:
    out = drawn(terminal=True)
    assert "1000/1000" in out
    assert "/s" in out
    assert "0:00:00" in out


def test_elsewhere_a_stage_is_one_line_at_its_end() -> None:
    assert drawn(terminal=False).split() == ["deliver", "1000", "of", "1000"]
