"""`digest init`: six answers, and a house with the real site's week as a mail; nothing is overwritten."""

from __future__ import annotations

import datetime as dt
import stat
from functools import partial
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from digest import bootstrap, cli, identity, schedule_files, settings
from digest.cli import founding
from digest.errors import BadInput, Busy, Conflict
from digest.sources.discovery import Offer
from digest.store import editors
from digest.store.engine import Database
from digest.store.identities import Identity
from tests.houses import SetClock
from tests.sources.test_wordpress import Blog, post
from tests.sources.web import Site, served

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
#: Four stories of a week; each is long enough to be told.
WEEK = {
    "Berths stay open": "The harbour board said on Monday that the eastern berths stay open until the spring. "
    "Seven of nine members voted for it after an hour of talk about ice, insurance and the ferry. "
    "The dredger Maud comes in March, two months later than planned, and will need them all for a fortnight.",
    "A levy for small boats": "Owners of dinghies and punts pay eleven pounds a year from April, the council decided. "
    "The money mends the slipway at Tanner's Row, which has been closed since a lorry broke its edge. "
    "Rowing clubs are free of it if they teach children at least once in a month of summer.",
    "Two goats on the mole": "Nobody knows how two goats came to the lighthouse on Tuesday, nor how they opened its gate. "
    "Keeper Asta Lund gave them carrots and telephoned eleven farms before one of them counted its herd. "
    "They went home by bus, which the driver said is allowed for animals on a lead.",
    "Chess at noon": "Thirty children from four schools played in the library on Saturday, and a nine-year-old won. "
    "Noor Haddad learned the game from her grandmother last winter, who watched every round with a thermos. "
    "The next tournament is at Easter, and its prize is a board made by prisoners in Stranmoor.",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to found a house in, on a Thursday."""
    monkeypatch.chdir(tmp_path)
    clock = SetClock(NOW)
    monkeypatch.setattr(bootstrap, "open_house", partial(bootstrap.open_house, clock=clock))
    return tmp_path / "house"


def posts() -> list[dict[str, object]]:
    return [
        post(
            number,
            title={"rendered": title},
            content={"rendered": f"<p>{text}</p>", "protected": False},
        )
        for number, (title, text) in enumerate(WEEK.items(), 1)
    ]


def init(site: Site, folder: Path, *more: str, **changed: str) -> Result:
    said = {"site": site.url, "editor": "erin@gazette.example", "timezone": "Europe/London"}
    said |= {"sender": "sunday@gazette.example", "name": "Harbour Sunday"} | changed
    options = [part for key, value in said.items() for part in (f"--{key}", value)]
    return CliRunner().invoke(cli.app, ["init", "--folder", str(folder), *options, *more])


def test_a_wordpress_site_becomes_a_house_with_a_preview_of_its_week(folder: Path) -> None:
    with served() as site:
        Blog(site, posts(), [])
        done = init(site, folder)
    assert done.exit_code == 0, done.output
    schedule = schedule_files.read(folder / "schedules" / "sunday.toml")
    assert schedule.newsletter.name == "Harbour Sunday"
    assert schedule.newsletter.timezone == "Europe/London"
    assert [(one.key, one.kind) for one in schedule.sources] == [
        ("site", "wordpress"),
        ("desk", "api"),
    ]
    look = (folder / "preview" / "first-look.html").read_text()
    assert all(title in look for title in WEEK)
    assert "Harbour Sunday" in look
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600


def test_who_says_a_time_zone_is_told_nothing_of_the_machines(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    with served() as site:
        Blog(site, posts(), [])
        assert "counts in UTC" not in init(site, folder).output


def test_the_first_editor_has_a_seat_and_nobody_else(folder: Path) -> None:
    with served() as site:
        Blog(site, posts(), [])
        init(site, folder)
    database = Database(f"sqlite:///{folder / 'data' / 'digest.db'}")
    with database.read() as session:
        (erin,) = editors.all(session)
    database.close()
    assert (erin.email, erin.role) == ("erin@gazette.example", "admin")


def test_the_settings_that_it_writes_can_be_read_and_keep_their_explanations(folder: Path) -> None:
    with served() as site:
        Blog(site, posts(), [])
        init(site, folder)
    text = (folder / ".env").read_text()
    found = settings.load({}, folder / ".env")
    assert found.provider == "outbox"
    assert found.operator == "erin@gazette.example", "whoever founds it hears of what goes wrong"
    assert found.fetch_allow == "127.0.0.1/32", (
        "the site is on this machine, and its owner named it"
    )
    assert "# Where readers reach this server." in text


def test_a_house_is_never_overwritten(folder: Path) -> None:
    (folder / "schedules").mkdir(parents=True)
    with served() as site:
        Blog(site, posts(), [])
        done = init(site, folder)
    assert isinstance(done.exception, Exception)
    assert "take another folder" in str(done.exception)
    assert not (folder / ".env").exists()


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("timezone", "Mars/Phobos", "like Europe/Berlin"),
        ("provider", "pigeon", "one of outbox, smtp"),
        ("sender", "nobody", "--sender"),
        ("editor", "@", "--editor"),
    ],
)
def test_an_answer_that_cannot_be_used_is_told_and_nothing_is_written(
    folder: Path, option: str, value: str, told: str
) -> None:
    with served() as site:
        Blog(site, posts(), [])
        done = init(site, folder, **{option: value})
    assert told in str(done.exception)
    assert not folder.exists()


def test_a_site_without_anything_to_read_is_told(folder: Path) -> None:
    with served() as site:
        site.give("/", b"<html></html>")
        done = init(site, folder)
    assert "offers neither feed, API nor sitemap" in str(done.exception)
    assert not folder.exists()


def test_what_is_not_said_is_needed_where_nobody_can_be_asked(folder: Path) -> None:
    done = CliRunner().invoke(cli.app, ["init", "--folder", str(folder)])
    assert "--site" in str(done.exception)


def test_a_week_without_a_story_still_makes_a_house(folder: Path) -> None:
    with served() as site:
        Blog(site, [post(1, date_gmt="2026-11-13T10:00:00", date="2026-11-13T11:00:00")], [])
        done = init(site, folder)
    assert done.exit_code == 0, done.output
    assert "no preview yet: no story of the last seven days" in done.output


@pytest.mark.parametrize(
    "site", ["http://", "ftp://gazette.example", "https://[::1", "http://a:0/"]
)
def test_what_is_no_address_of_a_site_is_told(folder: Path, site: str) -> None:
    done = CliRunner().invoke(cli.app, ["init", "--folder", str(folder), "--site", site])
    assert isinstance(done.exception, BadInput)
    assert done.exception.item == "--site"
    assert not folder.exists()


def test_a_data_folder_with_a_database_is_a_house(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "digest.db").touch()
    with served() as site:
        Blog(site, posts(), [])
        done = init(site, folder)
    assert isinstance(done.exception, Conflict)
    assert "digest.db: here is a house already" in str(done.exception)


def test_a_house_that_cannot_be_opened_leaves_no_files_and_can_be_founded_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGEST_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with served() as site:
        Blog(site, posts(), [])
        failed = init(site, folder)
        assert isinstance(failed.exception, Busy)
        assert not (folder / ".env").exists()
        monkeypatch.delenv("DIGEST_DATABASE_URL")
        monkeypatch.chdir(folder.parent)
        assert init(site, folder).exit_code == 0


def test_a_data_folder_elsewhere_that_has_lost_its_database_is_no_place_for_a_new_house(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "volume"
    data.mkdir()
    (data / "secret.key").write_text("6b" * 32, encoding="ascii")
    identity.write(data, Identity("0123456789abcdef", 1), own=True)
    monkeypatch.setenv("DIGEST_DATA", str(data))
    with served() as site:
        Blog(site, posts(), [])
        done = init(site, folder)
    assert "a house has worked here (house.json)" in str(done.exception)
    assert not (folder / ".env").exists()
    assert not (data / "digest.db").exists()


def test_it_says_how_the_first_editor_gets_in(folder: Path) -> None:
    with served() as site:
        Blog(site, posts(), [])
        done = init(site, folder)
    assert "digest editor link erin@gazette.example" in done.output


def test_a_person_is_asked_again_where_a_site_is_down(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with served() as down, served() as site:
        down.give("/", b"", status=503)
        Blog(site, posts(), [])
        answers = iter(["http://", down.url, site.url])
        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr(typer, "prompt", lambda question, default: next(answers))
        url, _, offers = founding._looked_at(None)
    assert (url, offers[0].kind) == (site.url, "wordpress")
    told = capsys.readouterr().err
    assert "is no web address" in told
    assert "503" in told


@pytest.mark.parametrize(
    ("site", "machine", "offered", "told"),
    [
        ("Europe/Berlin", "UTC", "Europe/Berlin", False),
        ("Europe/Berlin", "America/New_York", "Europe/Berlin", False),
        ("", "America/New_York", "America/New_York", False),
        ("", "UTC", "UTC", True),
    ],
)
def test_the_sites_own_zone_is_offered_and_a_machine_in_utc_is_told(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    site: str,
    machine: str,
    offered: str,
    told: bool,
) -> None:
    monkeypatch.setenv("TZ", machine)
    offers = [Offer("wordpress", "https://gazette.example/", zone=site)]
    assert founding._offered_zone(offers) == offered
    assert ("name the place of your readers" in capsys.readouterr().err) is told


def test_a_slip_in_an_answer_is_told_with_the_word_that_was_meant(folder: Path) -> None:
    with served() as site:
        Blog(site, posts(), [])
        for option, slip, meant in (
            ("timezone", "Europe/Berln", "did you mean Europe/Berlin?"),
            ("provider", "postmrk", "did you mean postmark?"),
        ):
            assert meant in str(init(site, folder, **{option: slip}).exception)


def test_who_stops_while_the_house_is_made_can_begin_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*given: object, **more: object) -> None:
        raise KeyboardInterrupt

    with served() as site:
        Blog(site, posts(), [])
        with monkeypatch.context() as patched:
            patched.setattr(founding.editors, "add", stopped)
            init(site, folder)
        assert list(folder.iterdir()) == []
        monkeypatch.chdir(folder.parent)
        assert init(site, folder).exit_code == 0


def test_who_stops_while_the_site_is_read_has_a_house_and_hears_how_to_go_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*given: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(founding.intake, "poll", stopped)
    with served() as site:
        Blog(site, posts(), [])
        done = init(site, folder)
    assert done.exit_code == 0
    assert "`digest collect` reads on" in done.output
    assert (folder / "data" / "digest.db").exists()
