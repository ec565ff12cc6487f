"""How fast the desk is: an issue's page, and an edit until its preview is there again.

    python bench/desk.py [--stories 200] [--rounds 40]

In one process, without a network: what the server itself takes. Prints milliseconds, median and
95th percentile.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from digest import logs  # noqa: E402
from digest.bootstrap import House  # noqa: E402
from digest.delivery import collector  # noqa: E402
from digest.reconcile import reconcile  # noqa: E402
from digest.store import migrate  # noqa: E402
from digest.store.engine import Database  # noqa: E402
from tests.houses import make_house  # noqa: E402
from tests.test_reconcile import CUT_OFF, put  # noqa: E402
from tests.web.people import PERIOD, TestClient, seated, set_clock, the_issue  # noqa: E402

PATH = f"/desk/sunday/{PERIOD}"


def main() -> None:
    options = _options()
    logs.set_up("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        house = _drafted(Path(folder), options.stories)
        erin = seated(house)
        erin.get(PATH)
        collector.settle()  # as a server does
        pages = [_took(lambda: erin.get(PATH)) for _ in range(options.rounds)]
        edits = [_took(_edit(house, erin, n)) for n in range(options.rounds)]
    size = len(erin.get(PATH).content)
    print(f"{options.stories} stories, a page of {size / 1000:.0f} kB, {options.rounds} rounds")
    _tell("the page", pages)
    _tell("an edit, its page and its preview", edits)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stories", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=40)
    return parser.parse_args()


def _drafted(folder: Path, stories: int) -> House:
    """A house with a final draft of so many stories."""
    database = Database(f"sqlite:///{folder / 'digest.db'}")
    migrate.upgrade(database)
    house = make_house(database, folder)
    put(house, stories, when=CUT_OFF - dt.timedelta(days=2))
    reconcile(house, now=CUT_OFF)
    set_clock(house, CUT_OFF)
    return house


def _edit(house: House, erin: TestClient, number: int) -> Callable[[], object]:
    content = the_issue(house).content
    assert content is not None
    story = content.stories[1 + number % (len(content.stories) - 1)].article_id
    version = erin.get(f"{PATH}/version").json()["version"]
    form = {"csrf": erin.csrf, "seen": version, "do": f"{story} up"}  # type: ignore[attr-defined]

    def act() -> None:
        answer = erin.post(f"{PATH}/place", data=form, headers={"x-desk": "live"})
        assert answer.status_code == 200, answer.text[:500]
        assert erin.get(f"{PATH}/preview?scheme=light").status_code == 200

    return act


class Took(NamedTuple):
    """Milliseconds by the clock, and of the processor: the first alone is what a busy machine makes longer."""

    clock: float
    processor: float


def _took(act: Callable[[], object]) -> Took:
    begun, worked = time.perf_counter(), time.process_time()
    act()
    return Took(1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - worked))


def _tell(what: str, times: list[Took]) -> None:
    print(what)
    for name, each in zip(Took._fields, zip(*times, strict=True), strict=True):
        late = statistics.quantiles(each, n=20)[-1]
        print(f"  {name:10} median {statistics.median(each):6.0f} ms, p95 {late:6.0f} ms")


if __name__ == "__main__":
    main()
