from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from digest.errors import BadInput
from digest.model import DateSource, IncomingArticle, Unit
from digest.sources import dumps
from tests import left_out

SEED = Path(__file__).parents[2] / ".." / "shared" / "seed" / "article.txt"

ENGLISH = """\
Ferry runs every hour again

12 3
November 24, 2026
By Ann Ferris and Bo Quay
Read Time:2 Minute, 5 Second

The ferry to Port Ellery runs every hour again, the harbour office said on Tuesday.

“We have waited for this since the spring,” said the harbour master, who had hoped for June.

PICTURED: The ferry at the quay. PC: Cy Lens.

Tickets

A ticket costs the same as before, and children under six travel without one.

The last boat leaves at ten in the evening, except on Sundays, when it leaves at nine. AF

\u00a0

Please support us: here are all the ways to help, with money and without.

Happy
Happy
40 %
Sad
Sad
10 %
Excited
Excited
20 %
Sleepy
Sleepy
0 %
Angry
Angry
5 %
Surprise
Surprise
25 %

Our letter brings every story of the week at eight on Sundays

Average Rating

5 Star
50%
4 Star
0%
3 Star
50%
2 Star
0%
1 Star
0%

Leave a Reply

Your email address will not be published. Required fields are marked *
"""

GERMAN = """\
Fähre fährt wieder jede Stunde
24. November 2026
Von Anna Fährmann
Lesezeit: 3 Minuten
Teilen
Drucken
Die Fähre nach Port Ellery fährt wieder jede Stunde, teilte das Hafenamt am Dienstag mit.
Darauf hatten die Leute an der Küste seit dem Frühjahr gewartet, sagte der Hafenmeister.
Bild: Die Fähre am Kai. Foto: Carl Linse
Eine Karte kostet so viel wie zuvor, und Kinder unter sechs Jahren fahren ohne Karte mit.
Mehr zum Thema
Hafen bekommt neue Lampen
Möwe stiehlt Brötchen
14 Kommentare
Schreibe einen Kommentar
Deine E-Mail-Adresse wird nicht veröffentlicht.
"""

SPANISH = """\
* Inicio
* Buscar
El ferry vuelve a salir cada hora
24 de noviembre de 2026 | Por Ana Puerto
Tiempo de lectura: 2 min
El ferry a Port Ellery vuelve a salir cada hora, dijo el martes la oficina del puerto.
La gente de la costa esperaba esta noticia desde la primavera, dijo el jefe del puerto.
Un billete de ferry cuesta lo mismo que antes, y los niños viajan sin billete.
Feliz 12
Te puede interesar
Una gaviota roba pan
Deja un comentario
"""

WRAPPED = """\
Ferry runs every hour again

The ferry to Port Ellery runs every hour again, and the harbour office
said on Tuesday that it will stay so until the end of the year, whatever
the weather does between now and then on the open water.

The people on the coast have waited for this news since the spring, and
the harbour master said that he had almost given up hope of hearing it
while he was still in office.
"""


def figures(article: IncomingArticle) -> dict[str, tuple[float, Unit]]:
    return {one.kind: (one.value, one.unit) for one in article.engagement}


def test_an_english_dump_gives_title_body_and_everything_round_it() -> None:
    found = dumps.read(ENGLISH)
    assert found.title == "Ferry runs every hour again"
    assert found.text.split("\n\n") == [
        "The ferry to Port Ellery runs every hour again, the harbour office said on Tuesday.",
        "“We have waited for this since the spring,” said the harbour master, who had hoped for June.",
        "Tickets",
        "A ticket costs the same as before, and children under six travel without one.",
        "The last boat leaves at ten in the evening, except on Sundays, when it leaves at nine.",
    ]
    assert [(one.text, one.credit) for one in found.captions] == [
        ("The ferry at the quay.", "Cy Lens")
    ]
    assert (found.authors, found.read_seconds) == (("Ann Ferris", "Bo Quay"), 125)
    assert found.published_at == dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
    assert found.date_source is DateSource.DATE_LINE


def test_counters_are_kept_with_their_units() -> None:
    got = figures(dumps.read(ENGLISH))
    assert (got["likes"], got["dislikes"]) == ((12, Unit.COUNT), (3, Unit.COUNT))
    faces = {kind: value for kind, (value, _) in got.items() if kind.startswith("reaction:")}
    assert faces == {
        "reaction:happy": 40,
        "reaction:sad": 10,
        "reaction:excited": 20,
        "reaction:sleepy": 0,
        "reaction:angry": 5,
        "reaction:surprise": 25,
    }
    assert got["rating"] == (4.0, Unit.AVERAGE)
    assert all(one.n is None for one in dumps.read(ENGLISH).engagement)


def test_no_votes_are_no_rating() -> None:
    found = figures(dumps.read(ENGLISH.replace("50%", "0%")))
    assert not any(kind.startswith(("rating", "stars")) for kind in found)


def test_a_german_dump_gives_its_story_and_nothing_round_it() -> None:
    found = dumps.read(GERMAN)
    assert found.title == "Fähre fährt wieder jede Stunde"
    assert found.text.count("\n\n") == 2
    assert found.text.endswith("ohne Karte mit.")
    assert (found.authors, found.read_seconds) == (("Anna Fährmann",), 180)
    assert found.captions[0].credit == "Carl Linse"
    assert figures(found)["comments"] == (14, Unit.COUNT)


def test_a_spanish_dump_gives_its_story_and_nothing_round_it() -> None:
    found = dumps.read(SPANISH)
    assert found.title == "El ferry vuelve a salir cada hora"
    assert found.text.startswith("El ferry a Port Ellery")
    assert found.text.endswith("viajan sin billete.")
    assert found.published_at is not None
    assert found.read_seconds == 120


def test_lines_wrapped_by_hand_become_paragraphs() -> None:
    found = dumps.read(WRAPPED)
    assert len(found.text.split("\n\n")) == 2
    assert "harbour office said on Tuesday" in found.text


def test_a_long_title_is_still_one() -> None:
    title = "Who would have thought that the ferry to Port Ellery runs every hour again before the end of this year"
    found = dumps.read(ENGLISH.replace("Ferry runs every hour again\n", title + "\n", 1))
    assert found.title == title
    assert found.text.startswith("The ferry to Port Ellery runs every hour")


def test_a_date_without_a_year_is_none() -> None:
    found = dumps.read(ENGLISH.replace("November 24, 2026", "Tuesday, November 24th"))
    assert (found.published_at, found.date_source) == (None, DateSource.NONE)


def test_a_mark_of_the_end_in_the_middle_of_the_story_is_none() -> None:
    body = "\n\n".join(
        f"Sentence {n} about the ferry goes on for a good dozen words, as it should."
        for n in range(8)
    )
    lines = body.split("\n\n")
    found = dumps.read("The ferry\n\n" + "\n\n".join([*lines[:2], "Comments", *lines[2:]]))
    assert found.text.count("Sentence") == 8


@pytest.mark.parametrize("text", ["", "\n \u200b \n"])
def test_an_empty_dump_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="empty"):
        dumps.read(text)


def test_a_dump_without_prose_gives_a_title_and_no_text() -> None:
    found = dumps.read("Menu\nHome\nSport")
    assert found.text == ""


@pytest.mark.shared
def test_the_page_that_the_digest_is_made_of_is_read_whole() -> None:
    if not SEED.is_file():
        left_out.because("the sample page is not beside this checkout")
    text = SEED.read_text(encoding="utf-8")
    found = dumps.read(text)
    assert found.title == text.splitlines()[0].strip()
    paragraphs = found.text.split("\n\n")
    assert len(paragraphs) == 13
    assert "Tripwires" in paragraphs
    assert len(found.text.split()) == 530
    for furniture in (
        "Support",
        "Catchup",
        "PICTURED",
        "WaL",
        "Happy",
        "Star",
        "Reply",
        "email address",
    ):
        assert furniture not in found.text
    got = figures(found)
    faces = ("happy", "sad", "excited", "sleepy", "angry", "surprise")
    assert all(got[f"reaction:{face}"] == (0, Unit.PERCENT) for face in faces)
    assert (got["likes"], got["dislikes"]) == ((0, Unit.COUNT), (0, Unit.COUNT))
    assert "rating" not in got
    assert found.read_seconds == 187
    assert len(found.captions) == 2
    assert all(one.credit and one.text not in found.text for one in found.captions)
    assert found.published_at is None


@pytest.mark.parametrize(
    "line",
    [
        "The mayor speaks at the quay. Photo by Ann Ferris/Harbour Press",
        "FILE - The mayor speaks at the quay, in the spring of that year, to everybody.",
        "Der Bürgermeister spricht am Kai. Foto: Anna Quai/imago",
        "The mayor at the quay. (Ann Ferris / AFP)",
        "We use cookies to show you this content. Allow cookies once",
        "Read next: Goats shut the ferry for the second time this week",
    ],
)
def test_lines_of_pictures_consent_and_other_articles_leave(line: str) -> None:
    found = dumps.read(ENGLISH.replace("Tickets\n", f"{line}\n\nTickets\n"))
    assert found.text == dumps.read(ENGLISH).text


def test_a_notice_that_stands_alone_ahead_of_the_title_is_not_where_the_prose_begins() -> None:
    notice = "Our recommendations are independent. We may make money when you follow a link.\n\nMenu\nHome\nSport\nSea\nTown\nMore\nAll\n\n"
    assert dumps.read(notice + ENGLISH).title == "Ferry runs every hour again"


def test_the_way_to_a_title_is_no_part_of_it() -> None:
    way = "Home Harbour Ferry runs every hour again\n\n"
    assert dumps.read(way + ENGLISH).title == "Ferry runs every hour again"


def test_a_dumps_language_is_told_by_its_words() -> None:
    assert dumps.read(ENGLISH).language == "en"


def test_the_sites_name_behind_a_title_is_no_part_of_it() -> None:
    first = "Ferry runs every hour again | The Harbour Times\n\n"
    assert dumps.read(first + ENGLISH).title == "Ferry runs every hour again"


def test_the_first_line_is_the_title_however_many_menus_stand_under_it() -> None:
    menus = "\n".join(f"Ferry of line {n}" for n in range(90))
    title = "The ferry to Port Ellery runs every hour again, says the harbour office"
    rest = ENGLISH.replace("Ferry runs every hour again\n", "")
    found = dumps.read(f"{title}\n\n{menus}\n\n{rest}")
    assert found.title == title
    assert found.text.startswith("The ferry to Port Ellery runs every hour again, the harbour")


def test_a_sites_name_above_long_menus_is_not_the_title() -> None:
    menus = "\n".join(f"Page {n}" for n in range(90))
    found = dumps.read(f"The Port Ellery Ferry\n\n{menus}\n\n{ENGLISH}")
    assert found.title == "Ferry runs every hour again"


def test_a_label_ahead_of_a_title_is_not_the_title() -> None:
    for label in ("CHEAT SHEET", "Port Ellery News"):
        assert dumps.read(f"{label}\n\n{ENGLISH}").title == "Ferry runs every hour again"


def test_what_ends_as_a_sentence_does_in_any_script_or_quotation_is_not_the_title() -> None:
    told = "The children of Port Ellery sing on the ferry in the play “The Last Boat.”"
    lead = (
        "The children of Port Ellery sing on the ferry in a play of their own, which the harbour office likes. "
        "The play is called The Last Boat and tells of a day on which no boat comes back to the port at all."
    )
    text = f"Harbour stage finds its voice\n\n{told}\n\n{lead}\n\n{lead}"
    assert dumps.read(text).title == "Harbour stage finds its voice"
    title, told = "県で震度5弱、津波注意報", "各地の震度は次のとおり。"
    lead = "気象庁は13日、午後9時ごろ、県で震度5弱の地震があったと発表した。各地の震度は次のとおり。県に津波注意報を出した。"
    assert dumps.read(f"{title}\n\n{told}\n\n{lead}\n\n{lead}県。").title == title


def test_a_line_that_stands_in_a_longer_one_and_ahead_of_a_byline_is_the_title() -> None:
    lead = "The ferry to Port Ellery runs every hour again, and the harbour office says that the boat is full."
    other = "Harbour boat costs money in the spring, says Ellery"
    title = "Nobody minds an hour on the boat"
    crumbs = f"News Harbour {title}"
    for ahead in (
        f"{other}\n\n{crumbs}\n\n{title}",
        f"{other}\n\nSea\n\nTown\n\n{title}\n\nBy Ann Ferris",
    ):
        assert dumps.read(f"Menu\n\n{ahead}\n\n{lead}\n\n{lead}").title == title
