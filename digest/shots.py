"""Pictures of a mail as readers see it: on a telephone and wide, light and dark, with and without images."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from digest import chromium
from digest.chromium import Source, View
from digest.protocols import Progress, silent

WIDTHS = (375, 680)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture to take."""

    width: int
    dark: bool
    images: bool

    def file_name(self, mail: str) -> str:
        """`digest-375-dark.png`, `digest-375-dark-images-off.png`."""
        scheme = "dark" if self.dark else "light"
        return f"{mail}-{self.width}-{scheme}{'' if self.images else '-images-off'}.png"


SHOTS = tuple(
    Shot(width, dark, images)
    for images, width, dark in itertools.product((True, False), WIDTHS, (False, True))
)


def take(
    mail: str,
    html: str,
    folder: Path,
    *,
    source: Source,
    program: str,
    shots: Sequence[Shot] = SHOTS,
    progress: Progress = silent,
) -> Iterator[Path]:
    """Each of `shots` as a PNG in `folder`, its path as soon as it is there. Raises RenderError.

    mail: what the files' names begin with. source: gives the images that the mail asks for; asked
    once for each address. program: the Chromium to take them with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = _Remembering(source)
    progress("pictures", 0, len(shots))
    with chromium.opened(program) as browser:
        for number, shot in enumerate(shots, 1):
            view = View(width=shot.width, dark=shot.dark)
            data = browser.picture(html, view, known if shot.images else _nothing)
            path = folder / shot.file_name(mail)
            path.write_bytes(data)
            progress("pictures", number, len(shots))
            yield path.resolve()


def _nothing(url: str) -> None:
    """Images are off."""


class _Remembering:
    """A source that asks another one once for each address."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[str, tuple[str, bytes] | None] = {}

    def __call__(self, url: str) -> tuple[str, bytes] | None:
        if url not in self._known:
            self._known[url] = self._source(url)
        return self._known[url]
