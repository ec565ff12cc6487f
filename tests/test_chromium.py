"""The camera: the whole page in both schemes, no script, and not a word to anybody."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest import chromium
from digest.chromium import Chromium, View
from digest.errors import NotFound, RenderError
from tests import browser, png

pytestmark = pytest.mark.browser

RED = b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><path fill="red" d="M0 0h20v20H0z"/></svg>'


@pytest.fixture(scope="module")
def camera() -> Iterator[Chromium]:
    with chromium.opened(browser.program()) as opened:
        yield opened


def nothing(url: str) -> None:
    """A source without images."""


def seen(camera: Chromium, html: str, view: View | None = None) -> png.Picture:
    view = view or View(width=100, scale=1)
    return png.read(camera.picture(f"<!doctype html><body style='margin:0'>{html}", view, nothing))


def tower(height: int) -> str:
    """Blue, and red for its last ten pixels."""
    return (
        f"<div style='height:{height - 10}px;background:#00f'></div>"
        "<div style='height:10px;background:#f00'></div>"
    )


@pytest.mark.parametrize("height", [30, 3_000, 20_000])
def test_the_whole_page_is_in_the_picture_however_long_it_is(camera: Chromium, height: int) -> None:
    found = seen(camera, tower(height))
    assert (found.width, found.height) == (100, max(height, 800))
    assert found.colour(50, height - 11) == "#0000ff"
    assert found.colour(50, height - 1) == "#ff0000"


def test_two_device_pixels_to_a_pixel_unless_the_picture_would_get_too_high(
    camera: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = seen(camera, tower(1_000), View(width=100))
    assert (fine.width, fine.height) == (200, 2_000)
    monkeypatch.setattr(chromium, "HIGHEST", 500)
    coarse = seen(camera, tower(1_000), View(width=100))
    assert (coarse.width, coarse.height) == (50, 500)
    assert coarse.colour(25, -1) == "#ff0000"


def test_only_the_top_where_that_is_asked_for(camera: Chromium) -> None:
    assert seen(camera, tower(3_000), View(width=100, height=40, scale=1)).height == 40


def test_each_scheme_is_the_one_that_was_asked_for(camera: Chromium) -> None:
    html = "<style>@media (prefers-color-scheme: dark) { body { background: #102030 } }</style>"
    views = [View(width=100, dark=dark, scale=1) for dark in (True, False, True)]
    colours = [seen(camera, html, view).colour(5, 5) for view in views]
    assert colours == ["#102030", "#ffffff", "#102030"]


def test_the_width_is_the_one_that_style_sheets_see(camera: Chromium) -> None:
    html = "<style>@media (max-width: 480px) { body { background: #0f0 } }</style>"
    assert seen(camera, html, View(width=375, scale=1)).colour(5, 5) == "#00ff00"
    assert seen(camera, html, View(width=680, scale=1)).colour(5, 5) == "#ffffff"


def test_images_come_from_the_source_alone(camera: Chromium) -> None:
    asked: list[str] = []

    def source(url: str) -> tuple[str, bytes] | None:
        asked.append(url)
        return ("image/svg+xml", RED) if url.endswith("red.svg") else None

    html = (
        "<!doctype html><body style='margin:0'><img src='https://a.example/red.svg'>"
        "<img src='https://a.example/gone.png'>"
    )
    picture = camera.picture(html, View(width=100, scale=1), source)
    assert png.read(picture).colour(5, 5) == "#ff0000"
    assert sorted(asked) == ["https://a.example/gone.png", "https://a.example/red.svg"]


def test_no_script_runs_and_nobody_hears_of_the_page(camera: Chromium) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = f"http://127.0.0.1:{listener.getsockname()[1]}"
        html = (
            f"<link rel='stylesheet' href='{here}/a.css'><link rel='preconnect' href='{here}'>"
            f"<style>@import '{here}/b.css'; @font-face {{ font-family: F; src: url({here}/f) }}"
            f" p {{ font-family: F; background: url({here}/c.png) }}</style><p>Words</p>"
            f"<iframe src='{here}/d'></iframe><object data='{here}/e'></object><img src='{here}/g'>"
            "<script>document.body.style.background = '#f00'</script>"
        )
        assert seen(camera, html).colour(-1, -1) == "#ffffff"
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(chromium, "END_S", 240.0)  # one that is killed may leave files
    with chromium.opened(browser.program()) as opened:
        assert seen(opened, "").height == 800
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.glob("digest-chromium-*"))


def test_a_machine_without_chromium_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotFound, match="apt install chromium"):
        chromium.executable()
    with pytest.raises(NotFound, match="'no-such-browser'"):
        chromium.executable("no-such-browser")


def test_the_first_name_on_the_path_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = script(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.executable() == program
    assert chromium.executable(program) == program


def script(folder: Path, *lines: str) -> str:
    """A program that is no Chromium."""
    path = folder / "chromium"
    path.write_text("\n".join(("#!/bin/sh", *lines)))
    path.chmod(0o755)
    return str(path)


def test_a_browser_that_ends_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    program = script(tmp_path, "echo starting >&2", "echo no usable sandbox >&2")
    with (
        pytest.raises(RenderError, match=r"ended before its picture was taken: no usable sandbox$"),
        chromium.opened(program) as opened,
    ):
        opened.picture("", View(width=100), nothing)


def test_a_browser_that_falls_silent_is_an_error_and_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(chromium, "PATIENCE_S", 0.2)
    monkeypatch.setattr(chromium, "END_S", 0.1)
    with (
        pytest.raises(RenderError, match="said nothing"),
        chromium.opened(script(tmp_path, "exec sleep 600")) as opened,
    ):
        opened.picture("", View(width=100), nothing)


def test_a_program_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="cannot be started"), chromium.opened(str(tmp_path)):
        pass
