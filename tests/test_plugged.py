"""A plug-in that fails costs what it was named for and nothing else, and is told with its package."""

from __future__ import annotations

import datetime as dt
import itertools
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest import intake, schedule_files, schedule_words, settings
from digest.bootstrap import sources_of, summariser_of
from digest.cli import app, doctor
from digest.errors import ConfigError
from digest.known_providers import provider_of, report_readers_of
from digest.protocols import SummaryLimits
from digest.schedules import Schedule
from digest.settings import Settings
from digest.store.engine import Database
from tests.houses import SCHEDULE, make_house
from tests.plugin_packages import written

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
TEXT = "The council of Port Ellery cut the harbour levy by a third on Tuesday. Nine voted for it."
ODD = '\n[[sources]]\nkey = "odd"\nkind = "odd"\n'
SOURCE = """
from pydantic import SecretStr
from digest.plugins import Options, SourcePlugin
class Given(Options):
    many: int = 1
    token: SecretStr = SecretStr("")
class Odd:
    def __init__(self, place):
        if place.options.many > 9:
            raise ValueError("more than nine cannot be had")
        self.key = place.key if place.options.many < 5 else "another"
PLUGIN = SourcePlugin(make=Odd, options=Given, needs=frozenset({"url"}))
"""
SUMMARISER = """
from digest.model import Summary
from digest.plugins import Options, SummariserPlugin
class Given(Options):
    says: str = "Nine voted for it."
class Odd:
    name = "odd"
    def __init__(self, given):
        self.says = given.says
    def summarise(self, title, text, limits):
        if self.says == "raise":
            raise RuntimeError("odd text")
        return None if self.says == "nothing" else Summary(self.says, (), "odd")
PLUGIN = SummariserPlugin(make=Odd, options=Given)
"""
PROVIDER = """
from pydantic import BaseModel, SecretStr
from digest.plugins import ProviderPlugin
class Given(BaseModel):
    token: SecretStr
    per_s: int = 5
class Odd:
    name, channels, in_flight, replays, replay_s = "odd", 1, 1, False, 0.0
    def __init__(self, given, connections):
        if given.per_s > 100:
            raise ValueError("more than a hundred a second is not allowed")
        self.token, self.channels = given.token.get_secret_value(), connections
class Reader:
    name = "odd"
PLUGIN = ProviderPlugin(make=Odd, settings=Given, reports=lambda given: Reader())
"""
LOST = "import nowhere_to_be_found"
NUMBERS = itertools.count()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages that Python looks into."""
    monkeypatch.syspath_prepend(tmp_path / "site")
    return tmp_path / "site"


def bring(site: Path, room: str, code: str) -> str:
    """A package with one plug-in called `odd`; each test's has a name of its own, since Python keeps modules."""
    name = f"odd-{next(NUMBERS)}"
    written(site, name, room, code=code, odd="PLUGIN")
    return name


def schedule(folder: Path, text: str) -> Schedule:
    (folder / "sunday.toml").write_text(SCHEDULE + text)
    return schedule_files.read(folder / "sunday.toml")


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        schedule(folder, text)
    return [f"{one.line}: {one.key}: {one.message}" for one in caught.value.faults]


# ---------------------------------------------------------------- the schedule file


def test_what_a_plug_in_does_not_know_is_told_with_its_line(site: Path, tmp_path: Path) -> None:
    bring(site, "sources", SOURCE)
    given = ODD + 'url = "https://a.example/"\n[sources.options]\nmany = "x"\nmanny = 2\n'
    assert faults(tmp_path, given) == [
        "24: sources[odd].options.many: expected a whole number",
        "25: sources[odd].options.manny: no such key",
    ]


def test_a_place_that_a_kind_needs_is_asked_for(site: Path, tmp_path: Path) -> None:
    bring(site, "sources", SOURCE)
    assert faults(tmp_path, ODD) == ["19: sources[odd]: a source of kind 'odd' needs a url"]


def test_a_kind_that_nobody_brings_is_a_fault_of_the_file(tmp_path: Path) -> None:
    (told,) = faults(tmp_path, ODD)
    assert "no kind of source is called 'odd'; there are feed" in told
    (told,) = faults(tmp_path, '\n[summarise]\nsummariser = "odd"\n')
    assert "no summariser is called 'odd'; there are extractive, chat" in told


def test_ours_take_no_options(tmp_path: Path) -> None:
    ours = '\n[[sources]]\nkey = "odd"\nkind = "feed"\nurl = "https://a.example/"\noptions = { a = 1 }\n'
    assert "takes no options" in faults(tmp_path, ours)[0]
    assert "takes no options" in faults(tmp_path, "\n[summarise]\noptions = { a = 1 }\n")[0]


def test_options_are_told_at_the_desk_by_their_names_alone(site: Path, tmp_path: Path) -> None:
    bring(site, "sources", SOURCE)
    bring(site, "summarisers", SUMMARISER)
    given = (
        ODD + 'url = "https://a.example/"\noptions = { token = "hush-hush" }\n'
        '[summarise]\nsummariser = "odd"\noptions = { says = "hush-hush" }\n'
    )
    lines = [
        one.words for group in schedule_words.told(schedule(tmp_path, given)) for one in group.lines
    ]
    assert (
        "the plug-in odd at https://a.example/, asked every hour; its options token, set and not shown"
        in lines
    )
    assert "says, set and not shown" in lines
    assert "hush-hush" not in " ".join(lines)


# ---------------------------------------------------------------- sources


@pytest.mark.parametrize(
    ("code", "many", "why"),
    [
        (LOST, 1, "cannot be loaded"),
        (SOURCE, 10, "more than nine cannot be had"),
        (SOURCE, 7, "calls itself 'another'"),
        (SOURCE, 1, "AttributeError"),
    ],
    ids=["lost", "its own word", "another name", "broken"],
)
def test_a_source_that_cannot_be_read_fails_alone(
    site: Path, sqlite: Database, tmp_path: Path, code: str, many: int, why: str
) -> None:
    name = bring(site, "sources", code)
    place = f'{ODD}url = "https://a.example/"\noptions = {{ many = {many} }}\n'
    (tmp_path / "feed.xml").write_text("<rss><channel><title>G</title></channel></rss>")
    feed = '\n[[sources]]\nkey = "feed"\nkind = "feed"\npath = "feed.xml"\n'.replace(
        "feed.xml", str(tmp_path / "feed.xml")
    )
    found = intake.poll(sqlite, sources_of(schedule(tmp_path, place + feed)), {}, now=NOW)
    odd, fine = found
    assert why in odd.error
    assert fine.error == ""
    assert name in odd.error or why == "AttributeError"


# ---------------------------------------------------------------- summarisers


def told(tmp_path: Path, options: str = "") -> tuple[str, str, str]:
    table = f'\n[summarise]\nsummariser = "odd"\n{options}'
    made = summariser_of(schedule(tmp_path, table), None, None)  # type: ignore[arg-type]
    found = made.summarise("Levy", TEXT, SummaryLimits(2, 20))
    return found.text, found.method, found.note


def test_a_plug_ins_summary_is_printed_where_the_article_says_it(
    site: Path, tmp_path: Path
) -> None:
    bring(site, "summarisers", SUMMARISER)
    assert told(tmp_path) == ("Nine voted for it.", "odd", "")


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ("raise", "it broke (RuntimeError)"),
        ("nothing", "its answer is no summary"),
        ("word " * 21, "longer than allowed"),
        ("Ten voted for it.", "the number “Ten” does not stand in the article"),
    ],
)
def test_where_it_cannot_stand_the_articles_own_sentences_do(
    site: Path, tmp_path: Path, says: str, why: str
) -> None:
    bring(site, "summarisers", SUMMARISER)
    text, method, note = told(tmp_path, f'options = {{ says = "{says}" }}')
    assert (text in TEXT, method) == (True, "extractive")
    assert note.startswith("not told by odd: ")
    assert why in note


def test_one_that_cannot_be_loaded_stops_no_draft(site: Path, tmp_path: Path) -> None:
    bring(site, "summarisers", LOST)
    text, method, note = told(tmp_path)
    assert (text in TEXT, method) == (True, "extractive")
    assert "digest doctor" in note


# ---------------------------------------------------------------- providers


def loaded(tmp_path: Path, **given: str) -> Settings:
    environ = {f"DIGEST_{key}": value for key, value in given.items()}
    return settings.load({"DIGEST_DATA": str(tmp_path), **environ}, None)


def refused(tmp_path: Path, **given: str) -> list[str]:
    found = loaded(tmp_path, **given)
    with pytest.raises(ConfigError) as caught:
        provider_of(found)
    return [f"{one.key}: {one.message}" for one in caught.value.faults]


def test_a_provider_is_made_of_its_own_settings_and_so_is_its_webhook(
    site: Path, tmp_path: Path
) -> None:
    bring(site, "providers", PROVIDER)
    (tmp_path / "token").write_text("t0ken-of-odd\n")
    found = loaded(
        tmp_path, PROVIDER="odd", PLUGIN_ODD_TOKEN_FILE=str(tmp_path / "token"), CONNECTIONS="3"
    )
    made = provider_of(found)
    assert (made.name, made.channels, made.token) == ("odd", 3, "t0ken-of-odd")  # type: ignore[attr-defined]
    assert list(report_readers_of(found)) == ["odd"]
    assert "t0ken-of-odd" in found.secrets(), "so that no log says it"
    assert "t0ken" not in repr(found)


def test_what_its_settings_lack_is_told_by_name(site: Path, tmp_path: Path) -> None:
    bring(site, "providers", PROVIDER)
    assert refused(tmp_path, PROVIDER="odd") == ["DIGEST_PLUGIN_ODD_TOKEN: is missing"]
    wrong = {"PLUGIN_ODD_TOKEN": "t", "PLUGIN_ODD_PER_S": "x", "PLUGIN_ODD_PERS": "1"}
    assert refused(tmp_path, PROVIDER="odd", **wrong) == [
        "DIGEST_PLUGIN_ODD_PERS: the provider 'odd' has no such setting",
        "DIGEST_PLUGIN_ODD_PER_S: expected a whole number",
    ]
    (told,) = refused(tmp_path, PROVIDER="odd", PLUGIN_ODD_TOKEN="t", PLUGIN_ODD_PER_S="500")
    assert told.endswith("cannot be used: more than a hundred a second is not allowed")


def test_one_that_cannot_be_loaded_is_told_and_another_still_sends(
    site: Path, tmp_path: Path
) -> None:
    name = bring(site, "providers", LOST)
    (told,) = refused(tmp_path, PROVIDER="odd")
    assert told.startswith("DIGEST_PROVIDER: ")
    assert f"'odd' of {name} 0.1 cannot be loaded" in told
    other = loaded(tmp_path, PROVIDER="outbox", PLUGIN_ODD_TOKEN="t")
    assert provider_of(other).name == "outbox"
    assert report_readers_of(other) == {}


def test_events_of_what_was_sent_before_are_still_read(site: Path, tmp_path: Path) -> None:
    bring(site, "providers", PROVIDER)
    found = loaded(tmp_path, PROVIDER="outbox", PLUGIN_ODD_TOKEN="t")
    assert list(report_readers_of(found)) == ["odd"]


def test_a_setting_of_no_plug_in_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="DIGEST_PLUGIN_ODD_TOKEN: no such setting"):
        loaded(tmp_path, PLUGIN_ODD_TOKEN="t")


# ---------------------------------------------------------------- doctor and check


def test_the_doctor_names_each_with_its_package_and_who_uses_it(
    site: Path, sqlite: Database, tmp_path: Path
) -> None:
    name = bring(site, "summarisers", SUMMARISER)
    lost = bring(site, "sources", LOST)
    house = make_house(sqlite, tmp_path, schedule=SCHEDULE + '\n[summarise]\nsummariser = "odd"\n')
    found = [
        one for one in doctor.examine(Settings(data=house.data), house) if "plug-in" in one.subject
    ]
    broken, fine = found
    assert (broken.fine, fine.fine) == (False, True)
    assert f"'odd' of {lost} 0.1 cannot be loaded" in broken.text
    assert fine.text == f"a summariser of {name} 0.1; used by sunday.toml summarise"


def checked() -> tuple[int, str]:
    done = CliRunner().invoke(app, ["check"])
    return done.exit_code, f"{done.output}{done.exception or ''}"


def test_check_refuses_what_is_used_and_warns_of_what_is_not(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = bring(site, "sources", LOST)
    monkeypatch.chdir(tmp_path)
    for key in [key for key in os.environ if key.startswith("DIGEST_")]:
        monkeypatch.delenv(key)
    (tmp_path / "schedules").mkdir()
    file = tmp_path / "schedules" / "sunday.toml"
    file.write_text(SCHEDULE)
    status, said = checked()
    assert status == 0
    assert f"warning   the kind of source 'odd' of {name} 0.1 cannot be loaded" in said
    file.write_text(SCHEDULE + ODD)
    status, said = checked()
    assert status == 1
    assert f"sunday.toml sources[odd]: the kind of source 'odd' of {name} 0.1" in said
