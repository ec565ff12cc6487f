"""The commands that measure the engine run, with small numbers; our mails look as npm's mjml makes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import engine
from tests import left_out, npm

OFFICIAL = """<mjml><mj-body><mj-section><mj-column width="66.66666666666666%">
  <mj-image src="https://a.example/a.png" width="900px" /><mj-text>1 &lt; 2<br>three</mj-text>
  <mj-button href="https://a.example/">Go &amp; see</mj-button></mj-column></mj-section></mj-body></mjml>"""


@pytest.fixture(autouse=True)
def peer() -> None:
    try:
        npm.modules("mjml", engine.VERSION)
    except npm.CannotInstall as error:
        left_out.because(str(error))


@pytest.mark.browser
def test_our_own_mails_look_as_npms_mjml_makes_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert engine.own({"a week in Arabic", "confirm"}), capsys.readouterr().out


@pytest.mark.browser
def test_templates_of_a_folder_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.mjml").write_text(OFFICIAL)
    assert engine.main("official", str(tmp_path))
    assert "1 of 1 compile, 1 look alike" in capsys.readouterr().out


def test_hostile_documents_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert engine.main("fuzz", "50")
    assert "50: " in capsys.readouterr().out


def test_speed_is_told_as_a_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    engine.speed(rounds=2)
    assert "npm mjml" in capsys.readouterr().out
