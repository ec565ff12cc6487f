"""The House: newsletters as their files tell them now, and the moments that lie ahead."""

from __future__ import annotations

import datetime as dt
import html
import re

from digest.bootstrap import House
from tests.houses import SCHEDULE
from tests.web.people import PERIOD, put_draft, seated, set_clock

PATH = "/desk/house"


def page(house: House, role: str = "viewer") -> str:
    """The page's words, each space once and without tags."""
    answer = seated(house, role).get(PATH)
    assert answer.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def write(house: House, text: str, name: str = "sunday.toml") -> None:
    (house.schedules_folder / name).write_text(text, encoding="utf-8")


def test_a_newsletter_is_told_in_words_with_its_file_and_its_next_ten_moments(
    house: House,
) -> None:
    told = page(house)
    assert "sunday.toml In force" in told
    assert "It goes out on Sunday at 08:00 (Europe/London)" in told
    assert "A week is thin below compose.minimum_stories 2 stories" in told
    assert "Saturday 28 November, 18:00 in 5 days 12 hours UTC The week ends" in told
    assert told.count("Editors are reminded") == 4  # of ten moments, of the sentence, of the table
    assert seated(house).get(PATH).text.count('<th scope="row">') == 10


def test_where_clocks_change_the_moments_say_so(sqlite_house: House) -> None:
    set_clock(sqlite_house, dt.datetime(2026, 10, 20, tzinfo=dt.UTC))
    told = page(sqlite_house)
    assert "Saturday 24 October, 18:00 in 4 days 17 hours UTC+1" in told
    assert "Clocks go back by an hour on Sunday 25 October at 02:00" in told
    assert told.count("Moved by the same change of clocks.") == 2
    assert "the week has 169 hours" in told


def test_moments_of_an_issue_that_is_open_lead_to_it(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    assert f'href="/desk/sunday/{PERIOD}"' in seated(sqlite_house).get(PATH).text


def test_a_file_that_is_broken_now_is_told_with_its_line_and_the_program_goes_on(
    sqlite_house: House,
) -> None:
    write(sqlite_house, SCHEDULE.replace("minimum_stories = 2", "minimum_stories = 0"))
    told = page(sqlite_house)
    assert "sunday.toml:17: compose.minimum_stories: expected 1 or more" in told
    assert "The program goes on by what it read when it started" in told
    assert "What the file said when the program started" in told
    assert "2 stories" in told
    write(sqlite_house, "[newsletter\n")
    assert "sunday.toml:1: is no valid TOML" in page(sqlite_house)


def test_a_file_that_was_changed_says_what_the_program_still_goes_by(sqlite_house: House) -> None:
    write(sqlite_house, SCHEDULE.replace("minimum_stories = 2", "minimum_stories = 5"))
    told = page(sqlite_house)
    assert "sunday.toml Changed" in told
    assert "5 stories The program still goes by: 2 stories" in told
    assert "1 thing is marked below" in told


def test_a_file_that_is_new_or_gone_is_told_so(sqlite_house: House) -> None:
    write(sqlite_house, SCHEDULE.replace("The Sunday Catchup", "The <Other> One"), "other.toml")
    (sqlite_house.schedules_folder / "sunday.toml").unlink()
    told = page(sqlite_house)
    assert "The <Other> One" in told
    assert "<Other>" not in seated(sqlite_house).get(PATH).text
    assert "other.toml New" in told
    assert "sunday.toml Gone" in told
    assert "with the next start the newsletter ends" in told


def test_a_broken_file_of_a_newsletter_that_nobody_knows_is_told_alone(sqlite_house: House) -> None:
    write(sqlite_house, "name = 1\n", "wrong.toml")
    told = page(sqlite_house)
    assert "wrong.toml Broken" in told
    assert "No newsletter is made of it" in told


def test_a_path_that_is_not_there_is_a_warning(sqlite_house: House) -> None:
    source = '\n[[sources]]\nkey = "old"\nkind = "export"\npath = "/nowhere/old.zip"\n'
    write(sqlite_house, SCHEDULE + source)
    assert "sources[old].path: /nowhere/old.zip does not exist" in page(sqlite_house)


def test_the_house_stands_in_the_bar_and_has_a_row_of_its_own(sqlite_house: House) -> None:
    text = seated(sqlite_house, "viewer").get(PATH).text
    assert '<a href="/desk/house" aria-current="page">House</a>' in text
    assert '<a href="/desk/house" aria-current="page">Newsletters</a>' in text
    assert '<a href="/desk/house/sources">Sources</a>' in text
