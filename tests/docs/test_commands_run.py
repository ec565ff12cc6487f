"""What the documentation tells people to type is typed, line by line, in a house where it makes sense, and goes well."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import typer.main
from sqlalchemy import update
from sqlmodel import col
from typer.testing import CliRunner

from digest import bootstrap, cli, identity, settings
from digest.audience import tokens
from digest.demo import run as demo
from digest.reconcile import reconcile
from digest.store import suppressions
from digest.store.identities import Identity
from digest.store.tables import DeliveryRow
from tests.docs.test_commands import CASES, ROOT
from tests.houses import SetClock
from tests.sources.test_exports import SUBSTACK, ghost
from tests.sources.test_wxr import HEAD

SATURDAY = dt.datetime(2026, 11, 28, 19, tzinfo=dt.UTC)
SUNDAY = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)

#: What runs until it is stopped, asks the net, starts a browser or wants a past: typed by other tests.
ELSEWHERE = {
    "up": "tests/cli/test_up.py",
    "worker": "tests/test_identity.py",
    "init": "tests/cli/test_founding.py",
    "sources find": "tests/cli/test_offering.py",
    "doctor --dns": "tests/cli/test_doctor_dns.py",
    "doctor --dns-server": "tests/cli/test_doctor_dns.py",
    "bounces believe": "tests/delivery/test_refusals.py",
    "webhook test": "tests/cli/test_hooking.py",
    "preview --shots": "tests/cli/test_commands.py",
    "ab choose": "tests/cli/test_contests.py",
    "build --revive": "tests/cli/test_commands.py",
    "identity --join": "tests/test_identity.py",
    "learn": "tests/cli/test_judging.py",
    "rekey": "tests/test_secret_key.py",
    "subscribers erase": "tests/cli/test_commands.py",
}
#: When a line is typed, where that is not on Saturday evening before a draft.
HOURS = {
    "ab show": "trying",
    "ab off": "trying",
    "preview --arm": "trying",
    "pause": "sending",
    "cancel": "sending",
    "send": "sending",
    "resume": "paused",
    "ledger": "sent",
    "resend": "sent",
    "subscribers unsuppress": "sent",
}
#: What stands for something in the documentation → what it is here.
MEANT = {
    "editor add ADDRESS": "editor add nora@gazette.example",
    "editor remove ADDRESS": "editor remove otto@gazette.example",
    "ADDRESS": "erin@gazette.example",
    "subscribers unsuppress erin@gazette.example": "subscribers unsuppress alice@example.net",
    "/data/backups": "backups",
    "/var/backups/digest": "backups",
    "PATH": "returned.eml",
    "FILE": "export.json",
    "NAME": "loyal",
    "ARTICLE": "1",
}
#: Begun, but not to be typed so.
MENTIONED = ("resend",)
#: Says what is wrong by its exit status as well, and this house has nobody at work.
MAY_FIND = ("doctor",)

_MORE = """
[clicks]
count = true

[variants]
languages = ["de", "ar"]
themes = ["plain"]
sections = true

[segments.loyal]
engaged = 90
"""


def line_of(typed: str) -> str:
    for there, here in MEANT.items():
        typed = typed.replace(there, here)
    return typed


_COMMAND: Any = typer.main.get_command(cli.app)


def longest(typed: str, table: dict[str, str]) -> str:
    """What the table says of the longest beginning of a line."""
    fitting = [one for one in table if f"{typed} ".startswith(f"{one} ")]
    return table[max(fitting, key=len)] if fitting else ""


def is_whole(typed: str) -> bool:
    """False for a command that is only mentioned: it wants words that are not there."""
    if typed in MENTIONED:
        return False
    words, command = shlex.split(typed), _COMMAND
    while hasattr(command, "commands"):
        if not words or words[0] not in command.commands:
            return bool(getattr(command, "invoke_without_command", False))
        command = command.commands[words.pop(0)]
    wanted = sum(one.required for one in command.params if one.param_type_name == "argument")
    return len([word for word in words if not word.startswith("--")]) >= wanted


LINES = sorted({line for _, line in CASES})
OURS = [
    one
    for one in LINES
    if (is_whole(one) or one.startswith("restore")) and not longest(one, ELSEWHERE)
]


def shape(typed: str) -> tuple[str, ...]:
    """What is the same in two lines that say the same of other things: the command and its options."""
    words, command = shlex.split(typed), _COMMAND
    said = []
    while hasattr(command, "commands") and words and words[0] in command.commands:
        said.append(words.pop(0))
        command = command.commands[said[-1]]
    return *said, str(bool(words)), *sorted(one for one in words if one.startswith("--"))


#: Each shape once.
TYPED = list({shape(one): one for one in OURS}.values())


@dataclass
class Week:
    """A house in a folder, and what its database held at some hours of the week."""

    folder: Path
    clock: SetClock
    hours: dict[str, tuple[Path, dt.datetime]] = field(default_factory=dict)
    last: tuple[str, int] = ("", 0)
    watching: sqlite3.Connection | None = None

    def typed(self, *words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli.app, list(words), input="y\ny\n")
        told = "" if done.exception is None else repr(done.exception)
        return done.exit_code, done.output + told

    def must(self, line: str) -> str:
        status, told = self.typed(*shlex.split(line))
        assert status == 0, f"digest {line}: {told}"
        return told

    def remember(self, hour: str) -> None:
        kept = self.folder / f"{hour}.db"
        _copy(self.folder / "data" / "digest.db", kept)
        self.hours[hour] = (kept, self.clock.now)

    def go_to(self, hour: str) -> None:
        """The database as it was then; left alone where nothing has been written since."""
        kept, self.clock.now = self.hours[hour]
        known = identity.read(self.folder / "data")
        assert known is not None
        if known.generation > 1:  # a line said that another one is the real house
            first = Identity(known.id, 1)
            identity.write(self.folder / "data", first, own=True)
        if (hour, self._version()) != self.last:
            _copy(kept, self.folder / "data" / "digest.db")
            self.last = hour, self._version()

    def _version(self) -> int:
        """Another one after each commit of somebody else."""
        if self.watching is None:
            self.watching = sqlite3.connect(self.folder / "data" / "digest.db")
        (found,) = self.watching.execute("PRAGMA data_version").fetchone()
        return int(found)


def _copy(source: Path, to: Path) -> None:
    """Also under connections that are open."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(to)) as other:
        other.execute("PRAGMA synchronous=OFF")
        one.backup(other)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    """The sample site's week, from Saturday's draft to a send that is over."""
    folder, clock = tmp_path_factory.mktemp("week"), SetClock(SATURDAY)
    made = demo.site.materialise(folder / "site", week=demo.WEEK).schedules
    shutil.copytree(made, folder / "schedules")
    with (folder / "schedules" / "sunday.toml").open("a", encoding="utf-8") as file:
        file.write(_MORE)
    shutil.copy(ROOT / ".env.example", folder / ".env")
    _files(folder)
    found = Week(folder, clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(bootstrap, "open_house", partial(bootstrap.open_house, clock=clock))
        _lived(found)
        yield found
    if found.watching:
        found.watching.close()


def _lived(week: Week) -> None:
    for line in (
        "migrate",
        "collect",
        "subscribers import people.csv --confirmed",
        "subscribers import two.csv --confirmed",
        "subscribers import three.csv --confirmed",
        "editor add erin@gazette.example --role admin",
        "editor add otto@gazette.example --role admin",
        "webhook add sunday https://hooks.gazette.example/digest --event issue.sent",
        *("token new 'A program' --scope issues:read" for _ in range(3)),
        "build",
        "backup backups",
    ):
        week.must(line)
    week.remember("saturday")
    week.must("ab set --subject 'Another one' --share 50 --wait 2h --measure clicks")
    week.remember("trying")
    week.go_to("saturday")
    week.clock.now = SUNDAY
    house = bootstrap.open_house(settings.load())
    reconcile(house, now=SUNDAY)
    week.remember("sending")
    week.must("pause")
    week.remember("paused")
    week.go_to("sending")
    week.must("send")
    shutil.rmtree(week.folder / "data" / "outbox")  # of 800 mails an erasure would read each
    with house.database.write() as session:
        some = col(DeliveryRow.subscriber_id).in_((2, 3))
        failed = update(DeliveryRow).where(some, col(DeliveryRow.state) == "accepted")
        session.execute(failed.values(state="failed"))
        alice = tokens.address_hash(house.key, "alice@example.net")
        suppressions.add(session, alice, reason="hard_bounce", now=SUNDAY)
    week.remember("sent")


def _files(folder: Path) -> None:
    """What the lines name."""
    rows = "".join(f"r{number}@example.net\n" for number in range(800))
    texts = {
        "people.csv": f"email\nalice@example.net\n{rows}",
        "two.csv": "email\ntwo@example.net\n",
        "three.csv": "email\nthree@example.net\n",
        "figures.csv": "url,views\nhttps://gazette.example/quay,12\n",
        "export.json": ghost({"published_at": "2026-11-24T10:00:00.000Z"}),
        "export.xml": f"{HEAD}</channel></rss>",
        "returned.eml": "From: a@example.net\nTo: b@example.net\nSubject: Hello\n\nNo bounce.\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    with zipfile.ZipFile(folder / "export.zip", "w") as archive:
        archive.writestr("posts.csv", SUBSTACK)


@pytest.mark.parametrize("typed", TYPED)
def test_a_line_of_the_documentation_goes_well(
    week: Week, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    week.go_to(longest(typed, HOURS) or "saturday")
    line = line_of(typed)
    if "$(tail -1 anchors.txt)" in line:
        line = line.replace("$(tail -1 anchors.txt)", week.must("audit verify").splitlines()[-1])
    if line.startswith("restore"):
        shutil.rmtree(week.folder / "elsewhere", ignore_errors=True)
        monkeypatch.setenv("DIGEST_DATA", str(week.folder / "elsewhere"))
        line += "" if "backups" in line else " backups"
    status, told = week.typed(*shlex.split(line))
    assert status == 0 or (status == 1 and typed in MAY_FIND), told
    assert "Traceback" not in told


def test_nearly_all_lines_are_typed_and_the_others_have_tests_of_their_own() -> None:
    left = [one for one in LINES if one not in OURS and is_whole(one)]
    assert len(TYPED) > 45
    assert not [one for one in left if not longest(one, ELSEWHERE)]
    for path in ELSEWHERE.values():
        assert (ROOT / path).is_file()
    for begins, path in ELSEWHERE.items():
        word = re.split(r"\s", begins)[0]
        assert word in (ROOT / path).read_text(encoding="utf-8"), f"{path} types no {begins}"
