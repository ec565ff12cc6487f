"""The worked examples of docs/extending.md: each is installed, does its part in a whole week, and keeps its contract."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parseaddr
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest import bootstrap, cli, settings
from digest.audience import addresses
from digest.contracts import Arrived
from digest.reconcile import reconcile
from digest.store import subscribers
from tests.houses import SCHEDULE, SetClock
from tests.plugin_packages import EXAMPLES, installed
from tests.providers.fakes import Answered, Fake, Posted, running
from tests.sources import web

NAMES = ("minutes", "opening", "pigeon")
THURSDAY, SATURDAY = (dt.datetime(2026, 11, day, 19, tzinfo=dt.UTC) for day in (26, 28))
SUNDAY_MORNING, SUNDAY = (dt.datetime(2026, 11, 29, hour, 45, tzinfo=dt.UTC) for hour in (7, 8))
ENV = """
DIGEST_PROVIDER=pigeon
DIGEST_PLUGIN_PIGEON_URL={url}
DIGEST_PLUGIN_PIGEON_TOKEN_FILE=token
DIGEST_FETCH_ALLOW=127.0.0.0/8
DIGEST_LIMITS=pigeon: 100/s
"""
PLUGGED = """
[[sources]]
key = "council"
kind = "minutes"
url = "{url}/meetings.json"
options = {{ committee = "harbour" }}

[summarise]
summariser = "opening"
options = {{ paragraphs = 2 }}
"""
STORIES = {
    "levy": "The committee cut the levy by a third. Nine of fourteen voted for it.",
    "crane": "The old crane comes down in March. It has stood for ninety years.",
    "fog": "The fog signal is silent. Nobody knows who has the key to the hut.",
}
MORE = {
    "levy": "Skippers had asked for the lower price since spring, when fuel became dear and the berths stood empty. "
    "The treasurer warned of a hole in the purse, and wants to raise the fee for parking behind the fish hall.",
    "crane": "Engineers found rust in the foot of the boom and will not sign for another winter. A film club would like "
    "to keep the cabin as a museum, and two schools have offered to paint its panels in bright colours.",
    "fog": "Pilots heard nothing on three nights of thick weather and came in by radar alone. The keeper retired in June; "
    "his successor says that batteries were ordered twice and that a parcel went missing at the depot.",
}


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the three examples are installed."""
    folder = tmp_path_factory.mktemp("plugins")
    for name in NAMES:
        installed(EXAMPLES / name, folder)
    return folder


@pytest.fixture
def here(target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of an operator who has installed them."""
    monkeypatch.syspath_prepend(target)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DIGEST_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def council() -> Iterator[web.Site]:
    with web.served() as site:
        meetings = [
            {
                "id": name,
                "title": f"On the {name}",
                "held": "2026-11-25T18:00:00+01:00",
                "committee": committee,
                "link": f"https://council.example/{name}",
                "minutes": f"{text}\n\n{MORE[name]}",
            }
            for committee in ("harbour", "schools")
            for name, text in STORIES.items()
        ]
        site.give("/meetings.json", json.dumps({"meetings": meetings}).encode())
        yield site


def digest(*words: str) -> str:
    done = CliRunner().invoke(cli.app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


class PigeonShape:
    """The Pigeon API as docs/examples/pigeon says it."""

    def read(self, posted: Posted) -> list[Arrived]:
        assert posted.path == "/messages"
        assert posted.headers["authorization"] == "Bearer t0ken-for-pigeons"
        return [
            Arrived(parseaddr(one["to"])[1], one["subject"], one["html"], one["text"])
            for one in posted.json
        ]

    def taken(self, copies: Sequence[Arrived], refused: Mapping[int, str]) -> Answered:
        return Answered(200, [{"taken": True} for _ in copies])

    def wrong(self, words: str) -> Answered:
        return Answered(400, {"message": words})

    def key(self, posted: Posted) -> str:
        return posted.headers["idempotency-key"]

    def again(self, before: Answered) -> Answered:
        return before


def test_a_week_comes_by_one_is_told_by_another_and_leaves_by_the_third(
    here: Path, council: web.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SetClock(THURSDAY)
    monkeypatch.setattr(bootstrap, "open_house", partial(bootstrap.open_house, clock=clock))
    (here / "schedules").mkdir()
    (here / "schedules" / "sunday.toml").write_text(SCHEDULE + PLUGGED.format(url=council.url))
    (here / "token").write_text("t0ken-for-pigeons\n")
    with running(Fake(PigeonShape(), keyed=True)) as pigeons:
        (here / ".env").write_text(ENV.format(url=pigeons.url))
        assert not re.search(rf"(BAD|warning) .*({'|'.join(NAMES)})", digest_found("check"))
        digest("migrate")
        assert "3 new" in digest("collect")
        house = bootstrap.open_house(settings.load())
        with house.database.write() as session:
            rows = [(addresses.parse(f"{who}@example.net"), "") for who in ("alice", "bob")]
            subscribers.import_confirmed(session, "sunday", rows, key=house.key, now=THURSDAY)
        for clock.now in (THURSDAY, SATURDAY, SUNDAY_MORNING):
            reconcile(house, now=clock.now)
        house.database.close()
        clock.now = SUNDAY
        digest("send")
        told = digest_found("doctor")
    assert sorted(pigeons.copies) == ["alice@example.net", "bob@example.net"]
    assert STORIES["levy"] in pigeons.got[0].text.replace("\n", " ")
    for name in NAMES:
        assert re.search(
            rf"^ok   plug-in {name}: .*sunday-catchup-{name} 1\.0; used by", told, re.M
        )
    assert "t0ken" not in told


def digest_found(*words: str) -> str:
    """What a command says that may find something wrong."""
    return CliRunner().invoke(cli.app, list(words)).output


def test_each_keeps_the_contract_of_its_room(target: Path) -> None:
    """By their own tests, run as their authors would, all in one process."""
    tests = [str(EXAMPLES / name / "tests") for name in NAMES]
    root = EXAMPLES.parents[1]
    path = os.pathsep.join((str(target), str(EXAMPLES / "pigeon" / "tests"), str(root)))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-W",
            "error",
            "-p",
            "no:cacheprovider",
            "-c",
            os.devnull,
            *tests,
        ],
        env={**os.environ, "PYTHONPATH": path},
        cwd=target,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
