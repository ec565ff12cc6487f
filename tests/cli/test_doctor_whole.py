"""`digest doctor` as it is typed, in a house that is right in every way: not a word, and then one mistake at a time."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from digest.cli import COMMANDS, doctor
from digest.store import heartbeats
from tests import left_out
from tests.checkup import place as places
from tests.checkup.place import Place
from tests.cli.test_doctor_dns import a_key
from tests.providers.fakes import Fake
from tests.providers.fakes import running as answering
from tests.providers.relay import Relay, running
from tests.providers.test_tried import Anything
from tests.zones import Zone, serving

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    with running(login=("sunday", "right")) as one:
        yield one


@pytest.fixture
def place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path, relay: Relay
) -> Place:
    made = places.at_work(places.made(tmp_path, monkeypatch), sqlite_template)
    made.set(SMTP_PORT=str(relay.port), SMTP_USERNAME="sunday", SMTP_PASSWORD="right")
    return made


def examined(place: Place, zone: Zone | None = None, *words: str) -> tuple[int, str]:
    with serving(zone or places.zone()) as address:
        return place.says("doctor", "--dns-server", address, *words)


def test_a_house_that_is_right_gets_not_a_single_warning(place: Place) -> None:
    status, told = examined(place, None, "--strict", "--integrity")
    assert status == 0, told
    assert "0 to mend, 0 to look at" in told
    assert "warn" not in told


def test_so_does_one_that_sends_by_a_provider_and_signs(place: Place) -> None:
    place.data.joinpath("outbox").mkdir()
    with answering(Fake(Anything({"Name": "Gazette"}))) as fake:
        place.set(
            PROVIDER="postmark",
            POSTMARK_TOKEN="a-real-one",
            POSTMARK_URL=fake.url,
            POSTMARK_WEBHOOK_SECRET="hook:of-the-house",
        )
        status, told = examined(place, None, "--strict")
    assert status == 0, told


@pytest.mark.parametrize("words", ["doctor", "check", "build", "token list", "migrate"])
def test_a_command_in_an_empty_folder_leaves_it_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    places.made(tmp_path, monkeypatch)
    told = CliRunner().invoke(places.COMMAND, words.split())
    assert told.exit_code != 0
    assert "no schedule here" in f"{told.stdout}{told.exception}"
    assert list(tmp_path.iterdir()) == []


def test_a_look_at_a_house_that_was_never_started_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = places.made(tmp_path, monkeypatch)
    status, told = place.says("doctor")
    assert (status, place.data.exists()) == (1, False)
    assert "data folder: data is not made yet; the first start makes it" in told
    assert "database: not made yet" in told
    place.data.mkdir(mode=0o700)
    assert "database: not made yet" in place.says("doctor")[1]
    assert list(place.data.iterdir()) == []


def test_who_may_not_look_into_the_data_folder_is_told_as_whom_to_type(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if os.geteuid() != 0:
        left_out.because("only root can be somebody else")
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as closed:
        Path(here).chmod(0o755)
        monkeypatch.chdir(here)
        monkeypatch.setenv("DIGEST_DATA", closed)
        os.seteuid(65534)
        try:
            found = doctor.look(doctor.Asked())
        finally:
            os.seteuid(0)
        monkeypatch.undo()
    (disk,) = [one.finding for one in found if one.part == "disk"]
    assert disk.remedy == "run every command as root: `sudo -u root digest …`"


def test_a_look_does_not_make_up_for_a_key_that_was_lost(place: Place) -> None:
    place.says("editor", "list")
    (place.data / "secret.key").unlink()
    status, told = place.says("doctor")
    assert (status, "copy secret.key" in told) == (1, True)
    assert not (place.data / "secret.key").exists()


def test_json_has_each_finding_with_its_place_reason_and_remedy(place: Place) -> None:
    place.data.chmod(0o755)
    place.unset("OPERATOR")
    status, told = place.says("doctor", "--json")
    found = json.loads(told)
    assert status == 1
    (bad,) = [one for one in found if one["weight"] == "bad"]
    assert (bad["part"], bad["subject"], bad["where"]) == ("disk", "rights", "DIGEST_DATA")
    assert bad["remedy"] == "chmod 700 data"
    (warned,) = [one for one in found if one["weight"] == "warn"]
    assert warned["subject"] == "operator"
    assert {"publish", "text", "why"} <= warned.keys()


def test_the_gravest_comes_first_and_a_warning_counts_only_where_it_is_asked_to(
    place: Place,
) -> None:
    place.unset("OPERATOR")
    assert place.says("doctor")[0] == 0
    assert place.says("doctor", "--strict")[0] == 1
    place.data.chmod(0o755)
    status, told = place.says("doctor")
    marks = [line[:4].strip() for line in told.splitlines() if not line.startswith(" ")][:-1]
    assert status == 1
    assert marks == sorted(marks, key=["BAD", "warn", "ok"].index)


class Mistake(NamedTuple):
    """make: what goes wrong. told: what the finding says, from its first line to its remedy."""

    make: Callable[[Place, Zone], object]
    told: tuple[str, ...]


def publish(*lines: str, without: str = "") -> Callable[[Place, Zone], None]:
    """Other records at a name than the right ones."""

    def make(place: Place, zone: Zone) -> None:
        for name, kind in list(zone.records):
            if without and f"{name} {kind}".startswith(without):
                del zone.records[name, kind]
        zone.publish(*lines)

    return make


def signs(*lines: str) -> Callable[[Place, Zone], None]:
    """A house that signs, and what is published of its key."""

    def make(place: Place, zone: Zone) -> None:
        pem = a_key(place.folder, "ed25519")
        pem.chmod(0o600)
        place.set(DKIM_KEY_FILE=str(pem))
        zone.publish(*lines)

    return make


def late(place: Place, zone: Zone) -> None:
    database = place.database()
    with database.write() as session:
        heartbeats.beat(session, "reconcile", now=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2))
    database.close()


_BOUNCE = "bounce.harbour-times.net"
_OTHER = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

MISTAKES = {
    "a wrong password": Mistake(lambda p, z: p.set(SMTP_PASSWORD="wrong"), ("provider smtp: 535", "SMTP_PASSWORD", "no mail leaves", "mend DIGEST_SMTP_USERNAME and DIGEST_SMTP_PASSWORD")),
    "a wrong port": Mistake(lambda p, z: p.set(SMTP_PORT="1"), ("provider smtp: no connection", "SMTP_PORT", "no mail leaves", "DIGEST_SMTP_HOST and DIGEST_SMTP_PORT")),
    "a relay that has no encryption": Mistake(lambda p, z: p.set(SMTP_SECURITY="starttls"), ("provider smtp", "no mail leaves", "DIGEST_SMTP_SECURITY")),
    "a data folder for everybody": Mistake(lambda p, z: p.data.chmod(0o755), ("rights: others can look into data", "DIGEST_DATA", "readers' addresses", "chmod 700 data")),
    "a clock that nobody looks at": Mistake(late, ("schedule: last ran", "nothing is sent", "start `digest up`")),
    "no SPF": Mistake(publish(without=f"{_BOUNCE} TXT"), (f"spf {_BOUNCE}: no record", f"DNS of {_BOUNCE}", "turn it away", "publish what stands below", "v=spf1")),
    "two SPF records": Mistake(publish(f'{_BOUNCE}. TXT "v=spf1 mx -all"'), (f"spf {_BOUNCE}", "turn it away", "docs/dns.md")),
    "an SPF record that leaves the relay out": Mistake(publish(f'{_BOUNCE}. TXT "v=spf1 include:lost.example ~all"', without=f"{_BOUNCE} TXT"), (f"spf {_BOUNCE}", "docs/dns.md")),
    "an SPF record for everybody": Mistake(publish(f'{_BOUNCE}. TXT "v=spf1 +all"', without=f"{_BOUNCE} TXT"), (f"spf {_BOUNCE}", "+all lets everybody send", "docs/dns.md")),
    "no DKIM": Mistake(signs(), ("dkim sunday._domainkey.harbour-times.net: not there", "believe no signature", "publish what stands below", "v=DKIM1")),
    "a DKIM key of another": Mistake(signs(f'sunday._domainkey.harbour-times.net. TXT "v=DKIM1; k=ed25519; p={_OTHER}"'), ("dkim sunday._domainkey", "publish what stands below")),
    "a DKIM key that was taken back": Mistake(signs('sunday._domainkey.harbour-times.net. TXT "v=DKIM1; k=ed25519; p="'), ("the key was taken back", "publish what stands below")),
    "no DMARC": Mistake(publish(without="_dmarc"), ("dmarc harbour-times.net", "want a policy", "publish what stands below", "v=DMARC1")),
    "no server for what comes back": Mistake(publish(without=f"{_BOUNCE} MX"), (f"mx {_BOUNCE}: takes no mail", "is lost", "publish what stands below")),
    "a server for what comes back that is not there": Mistake(publish(f"{_BOUNCE}. MX 5 lost.harbour-times.net.", without=f"{_BOUNCE} MX"), (f"mx {_BOUNCE}", "no such server", "docs/dns.md")),
    "readers' address not in DNS": Mistake(publish(without="sunday.harbour-times.net A"), ("address sunday.harbour-times.net: the name of DIGEST_PUBLIC_URL is not in DNS", "every link of a mail", "docs/dns.md")),
    "readers' address in a private network": Mistake(publish("sunday.harbour-times.net. A 10.0.0.5", without="sunday.harbour-times.net A"), ("leads to 10.0.0.5, which nobody outside reaches",)),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_one_mistake_is_one_finding_that_says_what_where_why_and_what_to_do(
    place: Place, name: str
) -> None:
    zone = places.zone()
    MISTAKES[name].make(place, zone)
    status, told = examined(place, zone, "--strict")
    assert status == 1, told
    (found,) = re.split(r"\n(?=BAD|warn|ok|\d)", told)[
        : len(re.findall("^(?:BAD|warn)", told, re.M))
    ]
    assert re.findall(r"^     (at|why|do) ", found, re.MULTILINE) == ["at", "why", "do"], found
    for word in MISTAKES[name].told:
        assert word in found


def test_every_command_that_a_text_names_is_one() -> None:
    """A remedy that cannot be typed is none."""
    known = {name for group in COMMANDS.values() for name in group}
    quoted = re.compile(r"`digest ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")
    texts = [*(ROOT / "digest").rglob("*.py"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    found = {
        (path.name, *match.groups())
        for path in texts
        for match in quoted.finditer(path.read_text(encoding="utf-8"))
    }
    assert len(found) > 60
    assert not [one for one in found if one[1] not in known]
    inner = {
        name: {command.name for command in one.registered_commands}
        for group in COMMANDS.values()
        for name, one in group.items()
        if hasattr(one, "registered_commands")
    }
    assert not [one for one in found if one[1] in inner and one[2] and one[2] not in inner[one[1]]]
