"""Takes a picture of every page in every state, and one sheet with all of them.

    python bench/every_page.py FOLDER [--only WORDS ...]

At 375 and 1280 pixels, light and dark: `FOLDER/<page>-<width>-<scheme>.png`, then `FOLDER/sheet.png`, small ones of all.
The pages stand in tests/web/every_page.py. Red where a route is neither pictured nor left out with a reason there, where
a page is wider than its window, where words are covered or cut at 320 × 256 pixels (400 % zoom), or where a script fails.
"""

from __future__ import annotations

import argparse
import base64
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from digest import logs  # noqa: E402
from digest.bootstrap import House  # noqa: E402
from tests import browser  # noqa: E402
from tests.web import every_page, reflow  # noqa: E402
from tests.web.every_page import LOOKS, Look  # noqa: E402

WIDTHS = (375, 1280)
SCHEMES = ("light", "dark")
#: The longest picture, in pixels: of a page beyond that, the beginning.
TALLEST = 6000


def main() -> int:
    options = _options()
    logs.set_up("CRITICAL")
    options.folder.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with sync_playwright() as play:
        opened = browser.launched(play)
        with every_page.scenes(
            lambda look: any(one in look.name for one in options.only)
        ) as scenes:
            for house, looks in scenes:
                for look in looks:
                    faults += _taken(opened, look, house, options.folder)
                    print(f"{look.scene}: {look.name}", flush=True)
                faults += [f"{route}: no picture and no reason" for route in _bare()]
        _sheet(opened, options.folder)
        opened.close()
    print(*sorted(set(faults)), sep="\n")
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--only", nargs="+", default=[""], help="pages with one of these in their name"
    )
    return parser.parse_args()


def _bare() -> list[str]:
    return sorted(every_page.unpictured())


def file_of(look: Look, width: int, scheme: str) -> str:
    """The name of a picture."""
    plain = re.sub(r"[^a-z0-9]+", "-", look.name.lower()).strip("-")
    return f"{plain}-{width}-{scheme}.png"


def _taken(opened: Browser, look: Look, house: House, folder: Path) -> Iterator[str]:
    """Take a page's four pictures; what is wrong with it."""
    context = every_page.context_of(opened, look, house, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    complaints: list[str] = []
    try:
        every_page.visit(page, look, house)
    except Error as error:
        yield f"{look.name}: {error}"
    for width in WIDTHS:
        for scheme in SCHEMES:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(120)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                yield f"{look.name}: {wide} pixels wide in a window of {width}"
            _shot(page, folder / file_of(look, width, scheme), width)
    complaints += reflow.faults(page)
    context.close()
    yield from (f"{look.name}: {one}" for one in complaints)


#: Goes to the top, where what sticks stands in its place; how tall the page is.
_TOP = "() => { scrollTo(0, 0); return document.documentElement.scrollHeight; }"


def _shot(page: Page, path: Path, width: int) -> None:
    tall = min(page.evaluate(_TOP), TALLEST)
    page.screenshot(
        path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": max(tall, 300)}
    )


def _sheet(opened: Browser, folder: Path) -> None:
    """All pictures of the folder, small, a page a row; one after another, since they are large."""
    page = opened.new_page(viewport={"width": 1900, "height": 900})
    rows = "".join(filter(None, (_row(page, look, folder) for look in LOOKS)))
    page.set_content(f"{_STYLE}<main>{rows}</main>", wait_until="load")
    page.screenshot(path=folder / "sheet.png", full_page=True)
    page.close()
    print(folder / "sheet.png")


_STYLE = """<style>body{margin:12px;background:#777;font:12px sans-serif;color:#fff}
main{columns:2;column-gap:14px}figure{margin:0 0 10px;break-inside:avoid}div{display:flex;gap:4px;align-items:flex-start}
img{width:150px;height:300px;object-fit:cover;object-position:top left;background:#999}img.wide{width:300px}</style>"""

#: Makes a picture small: its beginning, as wide as it is told.
_SMALL = """async ([data, wide]) => {
  const whole = await createImageBitmap(await (await fetch(data)).blob());
  const canvas = document.createElement("canvas"), scale = wide / whole.width;
  canvas.width = wide; canvas.height = Math.min(600, Math.round(whole.height * scale));
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  brush.drawImage(whole, 0, 0, wide, whole.height * scale);
  whole.close();
  return canvas.toDataURL("image/jpeg", 0.8);
}"""


def _row(page: Page, look: Look, folder: Path) -> str:
    looks = [(width, scheme) for width in WIDTHS for scheme in SCHEMES]
    paths = [folder / file_of(look, width, scheme) for width, scheme in looks]
    if not all(path.exists() for path in paths):
        return ""
    shown = "".join(
        f"<img class='{'wide' if width > 700 else ''}' src='{page.evaluate(_SMALL, [_data(path), 600 if width > 700 else 300])}'>"
        for (width, _), path in zip(looks, paths, strict=True)
    )
    return f"<figure>{look.name}<div>{shown}</div></figure>"


def _data(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


if __name__ == "__main__":
    sys.exit(main())
