"""Two browsers at one issue: what both do at once, whether anything is lost, and whether each sees the other.

    python bench/two_editors.py [--seconds 60] [--stories 30] [--seed 7] [--url URL]

Two real browsers, a real server. Each editor does what the dice say (moves, leads, leaves out, brings back,
writes, joins, splits, takes back), without waiting for the other. Then every change that was answered must be
in the history under its author's name, nothing else may be, both pages must show the same, and no answer may
have been an error of the server. Ends with 1 where something is wrong.

    --url  a database to do it on, empty and of our schema's version; else SQLite in a folder
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

from playwright.sync_api import Page, Request, Response, sync_playwright
from playwright.sync_api import TimeoutError as Late

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from digest import edit, logs  # noqa: E402
from digest.bootstrap import House  # noqa: E402
from digest.model import Drop, Edit, Join, Move, Redo, Split, Undo, Write, WriteMail  # noqa: E402
from digest.reconcile import reconcile  # noqa: E402
from digest.store import editors, issues, migrate, shapes  # noqa: E402
from digest.store.engine import Database  # noqa: E402
from tests.browser import PATIENCE, launched  # noqa: E402
from tests.houses import SUNDAY, make_house  # noqa: E402
from tests.test_reconcile import CUT_OFF, put  # noqa: E402
from tests.web.people import set_clock  # noqa: E402
from tests.web.served import served  # noqa: E402

PATH = f"/desk/sunday/{SUNDAY.isoformat()}"
#: A change as it is counted: its author, its kind, and what names it.
Deed = tuple[str, str, str]


@dataclass
class Seen:
    """What both asked for, and what the server answered. refused: changes that came second."""

    asked: Counter[Deed] = field(default_factory=Counter)
    done: Counter[Deed] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    from_the_other: int = 0


@dataclass
class Editor:
    """Somebody at a browser, who does what the dice say."""

    name: str
    page: Page
    dice: random.Random
    seen: Seen
    acts: int = 0

    def __post_init__(self) -> None:
        self.page.set_default_timeout(15_000)
        self.page.set_default_navigation_timeout(PATIENCE)
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)
        self.page.on("pageerror", lambda error: self.seen.broken.append(str(error)))
        self.page.goto(PATH)

    def act(self) -> None:
        """One thing of many. What is not on the page just now is left for another time."""
        self.acts += 1
        self.page.wait_for_timeout(self.dice.choice([0, 0, 50, 300]))
        acts: Sequence[Callable[[], None]] = (
            *(self._move, self._move, self._lead, self._leave_out, self._bring_back),
            *(self._words, self._words, self._write, self._join, self._split, self._take_back),
        )
        try:
            if not self.page.url.split("?")[0].split("#")[0].endswith(PATH):
                self.page.goto(PATH)
            self._note_the_other()
            self.dice.choice(acts)()
        except Late:
            self.page.goto(PATH)

    def settle(self) -> None:
        """Wait until what was asked for is answered."""
        self.page.wait_for_load_state("networkidle")
        self.page.locator(".issue[aria-busy]").wait_for(state="detached", timeout=PATIENCE)

    # ---------------------------------------------------------------- acts

    def _story(self) -> str:
        ids = self.page.locator("#outline [data-story]").evaluate_all(
            "all => all.map(one => one.dataset.story)"
        )
        return str(self.dice.choice(ids))

    def _press(self, key: str) -> None:
        """A key on a story that was chosen by a click."""
        self.page.evaluate(
            "id => document.querySelector(`[data-story='${id}']`)?.focus()", self._story()
        )
        self.page.keyboard.press(key)

    def _move(self) -> None:
        self._press(self.dice.choice(["Alt+ArrowUp", "Alt+ArrowDown"]))

    def _lead(self) -> None:
        self._press("l")

    def _leave_out(self) -> None:
        if self.page.locator("#outline [data-story]").count() > 6:
            self._press("x")

    def _bring_back(self) -> None:
        back = self.page.get_by_role("button", name="Bring back")
        if back.count():
            back.first.click()

    def _take_back(self) -> None:
        self.page.evaluate("document.activeElement?.blur()")
        self.page.keyboard.press(self.dice.choice(["u", "r"]))

    def _words(self) -> None:
        field_ = self.dice.choice(["Introduction", "Closing words", "Subject"])
        self.page.get_by_label(field_, exact=True).fill(f"{self.name} {self.acts} {field_}")
        self.page.get_by_role("button", name="Save these words").click()

    def _write(self) -> None:
        self.page.goto(f"{PATH}/story/{self._story()}")
        self.page.get_by_label("Headline").fill(f"{self.name} {self.acts} headline")
        self.page.get_by_role("button", name="Save").click()

    def _join(self) -> None:
        self.page.goto(f"{PATH}/story/{self._story()}")
        others = self.page.locator("#into option")
        if others.count():
            self.page.locator("#into").select_option(index=self.dice.randrange(others.count()))
            self.page.get_by_role("button", name="Put them together").click()

    def _split(self) -> None:
        threads = self.page.locator("#outline [data-story]:has(.thread)")
        if threads.count():
            story = threads.first.get_attribute("data-story")
            self.page.goto(f"{PATH}/story/{story}")
            self.page.get_by_role("button", name="Tell on its own").first.click()

    # ---------------------------------------------------------------- answers

    def _asked(self, request: Request) -> None:
        if request.method == "POST":
            self.seen.asked.update((self.name, *one) for one in _deeds(request))

    def _answered(self, response: Response) -> None:
        request = response.request
        if response.status >= 500:
            self.seen.broken.append(f"{response.status} {request.method} {response.url}")
        if request.method == "POST" and response.status in (200, 303):
            self.seen.done.update((self.name, *one) for one in _deeds(request))
        elif request.method == "POST":
            self.seen.refused.append(f"{self.name}: {response.status} {request.url}")

    def _note_the_other(self) -> None:
        said = self.page.locator("#said")
        if said.count() and "Somebody else" in (said.text_content() or ""):
            self.seen.from_the_other += 1
            said.evaluate("one => { one.textContent = ''; }")


def _deeds(request: Request) -> list[tuple[str, str]]:
    """What a form asks for, as it is known in the history; a step up or down may be none, and is not counted."""
    fields = {name: values[0] for name, values in parse_qs(request.post_data or "").items()}
    where = request.url.split("?")[0].partition(PATH)[2]
    if where == "/place":
        story, _, to = fields["do"].partition(" ")
        return [] if to in ("up", "down") else [(to, story)]
    if where == "/words":
        names = ("subject", "preheader", "intro", "outro")
        return [
            ("wrote", fields[name])
            for name in names
            if fields.get(name) and fields[name] != fields.get(f"was_{name}")
        ]
    if where in ("/undo", "/redo"):
        return [(where, "")]
    _, _, story, *act = where.split("/")
    if not act:
        return [("wrote", fields["title"])]
    return [(act[0], story)]


def _recorded(one: Edit) -> Deed | None:
    """A change of the history, as it is counted; None for steps."""
    match one.change:
        case Write(value=value) | WriteMail(value=value):
            return one.by, "wrote", value
        case Move(to="lead" | "briefs", before=None, section=False):
            return one.by, "back" if one.change.to == "briefs" else "lead", str(one.change.story)
        case Drop(story=story) | Join(story=story) | Split(story=story):
            return one.by, type(one.change).__name__.lower(), str(story)
        case Undo() | Redo():
            return one.by, f"/{type(one.change).__name__.lower()}", ""
    return None


def _lost(done: Counter[Deed], recorded: Counter[Deed]) -> list[Deed]:
    """What was answered and is not in the history. Words that are sent twice are one change."""
    words = [deed for deed in done if deed[1] == "wrote" and deed not in recorded]
    others = Counter({deed: n for deed, n in done.items() if deed[1] != "wrote"})
    return [*words, *(others - recorded)]


# ---------------------------------------------------------------- the whole


def a_house(folder: Path, database: Database, stories: int) -> House:
    """A house with a final draft."""
    house = make_house(database, folder)
    put(house, stories, when=CUT_OFF - dt.timedelta(days=2))
    reconcile(house, now=CUT_OFF)
    set_clock(house, CUT_OFF)
    return house


def seat(house: House, page: Page, name: str) -> None:
    """Log somebody in, as a publisher."""
    with house.database.write() as session:
        number = editors.add(
            session, f"{name}@example.net", name=name, role="publisher", now=house.clock()
        )
        secret, _ = editors.open_session(session, number, now=house.clock())
    page.context.add_cookies([{"name": "desk", "value": secret, "url": house.public_url}])


def at_once(both: Sequence[Editor], *, seconds: float, acts: int, seed: int) -> None:
    """So many acts in all, or for so long; whose turn it is say the dice, and nobody waits for the other."""
    dice, until = random.Random(seed), time.monotonic() + seconds
    while acts > 0 and time.monotonic() < until:
        dice.choice(both).act()
        acts -= 1
    for one in both:
        one.settle()
        one.page.goto(PATH)
        one.settle()


def wrong(house: House, both: Sequence[Editor], seen: Seen) -> list[str]:
    """What is not as it must be; empty where nothing was lost."""
    with house.database.read() as session:
        issue = issues.get(session, "sunday", SUNDAY.isoformat())
        assert issue is not None
        edits, week = shapes.edits_of(session, issue.id), shapes.week_of(session, issue.id)
    assert issue.content is not None
    assert issue.edition is not None
    assert week is not None
    found = list(seen.broken)
    recorded = Counter(deed for one in edits if (deed := _recorded(one)))
    steps = Counter({deed: n for deed, n in recorded.items() if deed[1] in ("back", "lead")})
    found += [f"lost: {deed}" for deed in _lost(seen.done, recorded)]
    found += [f"nobody asked for: {deed}" for deed in (recorded - seen.asked - steps)]
    if issue.content != edit.shaped(week, edit.shape_of(edits), house.schedule("sunday")):
        found.append("the stored draft is not what the history makes of the week")
    wanted = [str(story.article_id) for story in issue.content.stories]
    for one in both:
        ids = one.page.locator("#outline [data-story]").evaluate_all(
            "all => all.map(one => one.dataset.story)"
        )
        checksum = one.page.locator(".issue").get_attribute("data-checksum")
        if ids != wanted or checksum != issue.edition.checksum:
            found.append(f"{one.name} sees another issue than the one that is stored")
    return found


def main() -> int:
    options = _options()
    logs.set_up("ERROR")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        database = Database(options.url or f"sqlite:///{folder}/digest.db")
        migrate.upgrade(database)
        seen = Seen()
        with served(a_house(Path(folder), database, options.stories)) as house:
            both = []
            for number, name in enumerate(("Erin", "Frank")):
                chromium = launched(playwright)
                page = chromium.new_context(base_url=house.public_url).new_page()
                seat(house, page, name)
                both.append(Editor(name, page, random.Random(options.seed + number), seen))
            at_once(both, seconds=options.seconds, acts=10**6, seed=options.seed)
            found = wrong(house, both, seen)
            for one in both:
                one.page.context.browser.close()  # type: ignore[union-attr]
        database.close()
    return _tell(both, seen, found)


def _tell(both: Sequence[Editor], seen: Seen, found: Sequence[str]) -> int:
    print(f"{sum(one.acts for one in both)} acts, {sum(seen.done.values())} changes answered")
    print(f"{len(seen.refused)} came second and were told so")
    print(f"{seen.from_the_other} times a page showed what the other did, without a reload")
    for line in found:
        print(f"WRONG  {line}")
    print("nothing lost, no error of the server" if not found else f"{len(found)} wrong")
    return 1 if found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--stories", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--url", default="")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
