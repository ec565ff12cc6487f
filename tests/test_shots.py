"""The pictures of a mail: which there are, how they are called, and what each shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import render, shots
from tests import browser, png, sample_issue

pytestmark = pytest.mark.browser

ROUND = b'<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><path fill="#0f0" d="M0 0h800v600H0z"/></svg>'


def test_eight_pictures_of_the_whole_mail(tmp_path: Path) -> None:
    mail = render.render(
        sample_issue.content(), sample_issue.schedule(), public_url=sample_issue.PUBLIC_URL
    )
    asked: list[str] = []
    told: list[tuple[str, int, int]] = []

    def source(url: str) -> tuple[str, bytes]:
        asked.append(url)
        return "image/svg+xml", ROUND

    paths = shots.take(
        "digest",
        mail.html,
        tmp_path / "made",
        source=source,
        program=browser.program(),
        progress=lambda *step: told.append(step),
    )
    found = {path.name: path.read_bytes() for path in paths}
    assert sorted(found) == [
        "digest-375-dark-images-off.png",
        "digest-375-dark.png",
        "digest-375-light-images-off.png",
        "digest-375-light.png",
        "digest-680-dark-images-off.png",
        "digest-680-dark.png",
        "digest-680-light-images-off.png",
        "digest-680-light.png",
    ]
    assert asked == [sample_issue.PICTURE]
    assert told == [("pictures", number, 8) for number in range(9)]
    assert len(set(found.values())) == 8
    sizes = {name: _size(data) for name, data in found.items()}
    assert {name.split("-")[1]: width for name, (width, _) in sizes.items()} == {
        "375": 750,
        "680": 1360,
    }
    assert all(height > 4_000 for _, height in sizes.values())


def test_light_is_light_and_dark_is_dark(tmp_path: Path) -> None:
    data = {"confirm_url": f"{sample_issue.PUBLIC_URL}/confirm/abc"}
    mail = render.render_notice(
        "confirm", data, sample_issue.schedule(), public_url=sample_issue.PUBLIC_URL
    )
    wanted = [shot for shot in shots.SHOTS if shot.images and shot.width == 375]
    paths = shots.take(
        "confirm",
        mail.html,
        tmp_path,
        source=lambda url: None,
        program=browser.program(),
        shots=wanted,
    )
    corners = [int(png.read(path.read_bytes(), most=3).colour(2, 2)[1:], 16) for path in paths]
    assert corners[0] > 0xE00000
    assert corners[1] < 0x300000


def _size(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
