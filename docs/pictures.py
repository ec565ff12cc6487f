"""Takes the documentation's pictures: `python docs/pictures.py [folder]`.

Renders the tests' sample week and photographs it as `digest preview --shots` does, at 375 and 680 px,
light and dark, with images off too; then the beginning of each theme for themes.md; then serves the
demo's Saturday and photographs what readers and editors see, at 375 and 1280 px. Nothing is loaded from
outside: the pictures in the mail are drawn here. Fonts are those of the machine: with Georgia, Palatino
and Segoe UI it looks as readers see it.
"""

from __future__ import annotations

import dataclasses
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, FloatRect, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from digest import chromium, render, shots  # noqa: E402
from digest.chromium import View  # noqa: E402
from digest.demo import run as demo  # noqa: E402
from digest.looks import THEMES  # noqa: E402
from digest.schedules import RenderTable  # noqa: E402
from digest.web import sessions  # noqa: E402
from digest.web.app import create_app  # noqa: E402
from tests import browser, sample_issue  # noqa: E402

SCHEMES = ("light", "dark")

#: The README's own picture, `mail.png`: the beginning of the widest one.
FIRST_LOOK = View(width=680, height=1160)

#: The first look at a theme, wide and on a telephone, at one pixel a pixel so that the files stay small.
THEME_LOOK = View(width=720, height=1000, scale=1)
PHONE_LOOK = View(width=375, height=1000, scale=1)

#: What people open, by the name of its picture.
PAGES = {
    "sign-up": "/n/sunday",
    "login": "/desk/login",
    "desk": "/desk",
    "desk-issue": f"/desk/sunday/{demo.WEEK}",
    "desk-readers": "/desk/readers",
}
PAGE_WIDTHS = (375, 1280)

#: The README's picture of the desk: the beginning of an issue's page.
DESK_LOOK: FloatRect = {"x": 0, "y": 0, "width": 1280, "height": 900}

#: What stands in for the lead's photograph: a sea wall, the sea and a low sun.
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 900">
<defs>
<linearGradient id="sky" x2="0" y2="1"><stop stop-color="#27344f"/><stop offset=".6" stop-color="#c46b57"/>
<stop offset="1" stop-color="#f2c078"/></linearGradient>
<linearGradient id="sea" x2="0" y2="1"><stop stop-color="#6d6a7c"/><stop offset="1" stop-color="#16202f"/></linearGradient>
</defs>
<rect width="1600" height="900" fill="url(#sky)"/><circle cx="1130" cy="520" r="92" fill="#fbe3ae"/>
<rect y="545" width="1600" height="355" fill="url(#sea)"/>
<g fill="#fbe3ae" opacity=".5"><rect x="1040" y="562" width="180" height="7" rx="3"/><rect x="1070" y="592" width="150" height="7" rx="3"/>
<rect x="1020" y="628" width="190" height="8" rx="4"/><rect x="1085" y="672" width="120" height="8" rx="4"/></g>
<path d="M0 640 L690 575 L760 575 L760 610 L0 760Z" fill="#211d22"/><path d="M690 575h70v-22h-70z" fill="#151217"/>
<path d="M712 553l6-120h18l6 120z" fill="#e9e1d4"/><path d="M714 510h27l1 22h-29z" fill="#a4322b"/>
<rect x="710" y="414" width="34" height="20" fill="#fff3c9"/><path d="M706 414l21-20 21 20z" fill="#151217"/>
<path d="M0 800 Q120 770 240 800 T480 800 T720 800 T960 800 T1200 800 T1440 800 T1680 800 V900 H0Z" fill="#0f1722" opacity=".75"/>
<path d="M1240 560l90-6-16 22h-56zM1284 553v-86l44 80z" fill="#151217"/></svg>"""

#: And for the second one: a ferry at night, under a moon.
FERRY = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 900">
<defs><linearGradient id="night" x2="0" y2="1"><stop stop-color="#101b33"/><stop offset="1" stop-color="#3b5379"/></linearGradient></defs>
<rect width="900" height="900" fill="url(#night)"/><circle cx="680" cy="210" r="70" fill="#f6ecc9"/><circle cx="650" cy="195" r="70" fill="#1b2946"/>
<rect y="620" width="900" height="280" fill="#0b1322"/>
<path d="M120 560h660l-50 110H190z" fill="#d8dde6"/><path d="M130 585h640l-8 18H138z" fill="#a4322b"/><path d="M240 470h420v90H240z" fill="#eef1f5"/>
<path d="M300 400h220v70H300z" fill="#d8dde6"/><path d="M550 370h70v100h-70z" fill="#a4322b"/>
<g fill="#ffd98a"><rect x="270" y="495" width="46" height="32"/><rect x="346" y="495" width="46" height="32"/><rect x="422" y="495" width="46" height="32"/>
<rect x="498" y="495" width="46" height="32"/><rect x="574" y="495" width="46" height="32"/><rect x="322" y="422" width="30" height="24"/><rect x="372" y="422" width="30" height="24"/><rect x="422" y="422" width="30" height="24"/></g>
<g fill="#ffd98a" opacity=".35"><rect x="260" y="705" width="90" height="8"/><rect x="380" y="730" width="120" height="8"/><rect x="520" y="705" width="80" height="8"/><rect x="420" y="765" width="140" height="8"/></g></svg>"""


def weeks() -> Iterator[tuple[str, str]]:
    """Name and HTML of each mail."""
    url = sample_issue.PUBLIC_URL
    mail = render.render(sample_issue.content(), sample_issue.schedule(), public_url=url)
    yield "mail", mail.html
    schedule = sample_issue.schedule(**sample_issue.ARABIC)
    yield "mail-arabic", render.render(sample_issue.arabic_content(), schedule, public_url=url).html
    data = {"confirm_url": f"{url}/confirm/kQ3v9sXb2mR7tYc1LhPz8w"}
    confirm = render.render_notice("confirm", data, sample_issue.schedule(), public_url=url)
    yield "confirm", confirm.html


def theme_looks() -> Iterator[tuple[str, str]]:
    """Name and HTML of each theme, from left to right and from right to left."""
    url = sample_issue.PUBLIC_URL
    weeks = {
        "ltr": (sample_issue.content(), sample_issue.schedule()),
        "rtl": (sample_issue.arabic_content(), sample_issue.schedule(**sample_issue.ARABIC)),
    }
    for theme in THEMES:
        for way, (content, plain) in weeks.items():
            look = RenderTable.model_validate({"theme": theme})
            schedule = plain.model_copy(update={"render": look})
            yield f"{theme}-{way}", render.render(content, schedule, public_url=url).html


def take_themes(folder: Path) -> Iterator[Path]:
    """The pictures of themes.md; of those from right to left no telephone's."""
    with chromium.opened(browser.program()) as camera:
        for name, html in theme_looks():
            views = (
                {"": THEME_LOOK} if name.endswith("rtl") else {"": THEME_LOOK, "-phone": PHONE_LOOK}
            )
            for scheme in SCHEMES:
                for suffix, look in views.items():
                    path = folder / f"{name}-{scheme}{suffix}.png"
                    seen = dataclasses.replace(look, dark=scheme == "dark")
                    path.write_bytes(camera.picture(html, seen, _image))
                    yield path


def take_mails(folder: Path) -> Iterator[Path]:
    """Every mail in pictures, and `mail.png` for the README: the first look at it."""
    program = browser.program()
    for name, html in weeks():
        yield from shots.take(name, html, folder, source=_image, program=program)
        if name == "mail":
            with chromium.opened(program) as camera:
                first = folder / "mail.png"
                first.write_bytes(camera.picture(html, FIRST_LOOK, _image))
            yield first


def _image(url: str) -> tuple[str, bytes] | None:
    """What stands in for the photographs of the sample week."""
    drawings = {sample_issue.PICTURE: DRAWING, sample_issue.SECOND_PICTURE: FERRY}
    return ("image/svg+xml", drawings[url].encode()) if url in drawings else None


def _answer(route: Route) -> None:
    if found := _image(route.request.url):
        route.fulfill(content_type=found[0], body=found[1])
    else:
        route.abort()


@contextmanager
def served() -> Iterator[tuple[str, str]]:
    """The demo's Saturday evening on a server of its own: its address and its set-up link."""
    with tempfile.TemporaryDirectory() as place, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        house = dataclasses.replace(demo.saturday(Path(place)), public_url=url)
        config = uvicorn.Config(create_app(house), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield url, sessions.setup_link(house, house.clock()) or ""
        finally:
            server.should_exit = True
            thread.join()
            house.database.close()


def take_pages(opened: Browser, folder: Path) -> None:
    """Every page that a reader or an editor opens first, and `desk.png` for the README."""
    with served() as (url, setup):
        context = opened.new_context(device_scale_factor=2)
        page = context.new_page()
        page.route("https://**", _answer)
        page.goto(setup)
        page.get_by_label("address").first.fill("erin@example.net")
        page.get_by_label("name").first.fill("Erin")
        page.get_by_role("button").last.click()
        for name, path in PAGES.items():
            for width in PAGE_WIDTHS:
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                    page.set_viewport_size({"width": width, "height": 900})
                    page.goto(url + path, wait_until="networkidle")
                    shot = folder / f"{name}-{width}-{scheme}.png"
                    page.screenshot(path=shot, full_page=True)
                    if shot.name == "desk-issue-1280-light.png":
                        page.screenshot(path=folder / "desk.png", clip=DESK_LOOK)
                    print(shot)
        context.close()


def main(folder: Path) -> None:
    for path in (*take_mails(folder), *take_themes(folder)):
        print(path)
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=browser.executable(), args=list(browser.ARGS))
        take_pages(opened, folder)
        opened.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures")
