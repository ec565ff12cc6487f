"""The sample week is whole, says what it claims, and is written the same way every time."""

from __future__ import annotations

import datetime as dt
import html.parser
import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import feedparser
import pytest
import trafilatura
import yaml

from digest import schedule_files
from digest.demo import pieces, site
from digest.demo.pieces import Piece
from digest.demo.site import DemoSite

SUNDAY = dt.date(2026, 11, 29)
STORYLINES = {
    "harbour levy": (
        "harbour-levy-proposed",
        "flotilla-against-levy",
        "harbour-levy-vote",
        "harbour-levy-questions",
    ),
    "Maid of Ellery": ("ferry-aground-cats-teeth", "ferry-refloated", "ferry-grounding-report"),
    "Beacon Cup": ("mariners-hessock-quarter-final", "beacon-cup-draw-osgood", "cup-tickets-queue"),
    "whalebone arch": ("whalebone-arch-gone", "whalebone-arch-found"),
}
#: Two events told in one manner: a reader sees two stories, a careless program one.
LOOK_ALIKES = (
    ("chip-shop-fire-tarbox-lane", "yacht-fire-marrow-bay"),
    ("cannery-homes-approved", "cinder-hill-homes-refused"),
    ("mariners-women-four-marrow-bay-nil", "mariners-hessock-quarter-final"),
)


@pytest.fixture(scope="module")
def week() -> dict[str, Piece]:
    return {piece.slug: piece for piece in pieces.read_all(site.WEEK_FOLDER)}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    return site.materialise(tmp_path_factory.mktemp("site"), week=SUNDAY)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + 3]) for at in range(len(words) - 2)}


def containment(one: Piece, other: Piece) -> float:
    first, second = shingles(one.body), shingles(other.body)
    return len(first & second) / min(len(first), len(second))


def written(week: dict[str, Piece]) -> list[Piece]:
    """The pieces that are articles of their own: no notice, no repeat, not the short one."""
    return [
        piece
        for piece in week.values()
        if piece.section != "Notices" and not piece.repeats and piece.slug != "tarbox-lane-closed"
    ]


# ---------------------------------------------------------------- what the week holds


def test_the_week_has_thirty_five_articles_of_a_newspaper_length(week: dict[str, Piece]) -> None:
    assert len(written(week)) == 35
    assert {p.slug: p.words for p in written(week) if not 180 <= p.words <= 600} == {}
    assert week["arabic-bread-and-stories"].words >= 150


def test_every_section_and_every_day_has_stories(week: dict[str, Piece]) -> None:
    sections = Counter(piece.section for piece in week.values())
    assert set(sections) == {*site.SECTIONS, "Notices"}
    assert min(sections[name] for name in site.SECTIONS) >= 5
    assert {piece.when.weekday for piece in week.values()} == set(range(7))


@pytest.mark.parametrize(("tag", "slugs"), STORYLINES.items())
def test_a_storyline_is_told_on_several_days_in_shared_rare_words(
    week: dict[str, Piece], tag: str, slugs: tuple[str, ...]
) -> None:
    assert {piece.slug for piece in week.values() if tag in piece.tags} == set(slugs)
    members = [week[slug] for slug in slugs]
    assert len({piece.when.weekday for piece in members}) == len(members)
    assert len(rare_names(members, week)) >= 3


def names_in(piece: Piece) -> set[str]:
    return set(re.findall(r"\b[A-Z][a-z]{3,}\b", piece.body))


def rare_names(members: list[Piece], week: dict[str, Piece]) -> set[str]:
    """The names that all of them share and that at most a sixth of the week mentions."""
    spread = Counter(word for piece in week.values() for word in names_in(piece))
    shared = set.intersection(*(names_in(piece) for piece in members))
    return {word for word in shared if spread[word] <= len(week) // 6}


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKES)
def test_look_alikes_are_different_events(week: dict[str, Piece], one: str, other: str) -> None:
    first, second = week[one], week[other]
    assert first.when.weekday != second.when.weekday
    assert containment(first, second) < 0.05
    assert len(rare_names([first, second], week)) < 3


def test_only_the_republished_story_repeats_another(week: dict[str, Piece]) -> None:
    repeat, first = week["kelp-from-the-garage"], week["kelp-first-harvest"]
    assert repeat.title != first.title
    assert repeat.url != first.url
    assert repeat.paragraphs[:-1] == first.paragraphs
    assert repeat.paragraphs[-1] == "This story first appeared in Tuesday’s Gazette."
    others = [piece for piece in week.values() if piece.words >= 40]
    alike = [
        (one.slug, other.slug)
        for at, one in enumerate(others)
        for other in others[at + 1 :]
        if containment(one, other) > 0.1
    ]
    assert alike == [("kelp-first-harvest", "kelp-from-the-garage")]


def test_one_story_is_too_short_and_one_stands_in_notices(week: dict[str, Piece]) -> None:
    assert [p.slug for p in week.values() if p.words < 40] == ["tarbox-lane-closed"]
    assert [p.slug for p in week.values() if p.section == "Notices"] == ["public-notices-thursday"]


def test_titles_try_the_marks_that_break_mail(week: dict[str, Piece]) -> None:
    titles = "\n".join(piece.title for piece in week.values())
    for mark in ("“", "”", "’", "—", "–", "&", "📯", "«", "£"):
        assert mark in titles, mark
    assert len(set(titles.splitlines())) == len(week)


def test_engagement_comes_in_very_different_amounts(week: dict[str, Piece]) -> None:
    monday, saturday = week["harbour-levy-proposed"], week["goats-on-the-mole"]
    assert monday.comments == max(piece.comments or 0 for piece in week.values()) == 143
    assert monday.reactions
    assert saturday.reactions
    assert sum(monday.reactions.values()) > sum(saturday.reactions.values())
    hours = {"monday": 5 * 24 + 11, "saturday": 7}
    per_hour = sum(saturday.reactions.values()) / hours["saturday"]
    assert per_hour > 5 * sum(monday.reactions.values()) / hours["monday"]
    silent = [p for p in week.values() if p.comments is None and not p.reactions]
    assert silent


def test_a_third_of_the_articles_have_a_picture_with_a_text(week: dict[str, Piece]) -> None:
    pictured = [piece for piece in week.values() if piece.image]
    assert len(week) / 3 <= len(pictured) <= len(week) * 2 / 3
    assert all(len(piece.image.split()) >= 8 for piece in pictured)
    assert all(piece.image_url.startswith("https://gazette.example/img/") for piece in pictured)


def test_a_wrong_source_file_is_named(tmp_path: Path) -> None:
    odd, head = tmp_path / "odd.md", "title: O\nwhen: monday 01:00\nsection: Town\nauthor: A\n"
    for line, fault in (
        ("kind: poster", r"odd\.md: .* poster"),
        ("kind: page\ncolour: red", r"odd\.md: .* colour"),
        ("likes: 3 4", r"odd\.md: .* kind"),
        ("kind: page\nreactions: bored 3", "no such reaction"),
    ):
        odd.write_text(f"{head}{line}\n\nText", encoding="utf-8")
        with pytest.raises(ValueError, match=fault):
            pieces.read_all(tmp_path)


# ---------------------------------------------------------------- what is written


def test_the_same_week_in_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    site.materialise(tmp_path, week=SUNDAY)
    first = bytes_of(tmp_path)
    site.materialise(tmp_path, week=SUNDAY)
    assert bytes_of(tmp_path) == first


def test_every_article_is_offered_exactly_once(place: DemoSite, week: dict[str, Piece]) -> None:
    feed = feedparser.parse(place.feed.read_bytes())
    pages = list(place.pages.glob("*.html"))
    dumps = list(place.dumps.glob("*.txt"))
    notes = list(place.markdown.glob("*.md"))
    assert (len(dumps), len(notes)) == (2, 3)
    offered = len(feed.entries) + len(pages) + len(dumps) + len(notes)
    assert offered == place.article_count == len(week) == 38


def test_the_feed_is_well_formed_and_newest_first(place: DemoSite, week: dict[str, Piece]) -> None:
    feed = feedparser.parse(place.feed.read_bytes())
    assert not feed.bozo
    dates = [entry.published_parsed for entry in feed.entries]
    assert dates == sorted(dates, reverse=True)
    by_slug = {entry.link.rstrip("/").rsplit("/", 1)[1]: entry for entry in feed.entries}
    assert len({entry.id for entry in feed.entries}) == len(feed.entries)
    for slug, entry in by_slug.items():
        assert entry.title == week[slug].title
        assert entry.tags[0].term == week[slug].section
        assert int(entry.get("slash_comments", -1)) == (
            -1 if week[slug].comments is None else week[slug].comments
        )


def test_an_excerpt_has_its_page_beside_the_feed(place: DemoSite, week: dict[str, Piece]) -> None:
    feed = feedparser.parse(place.feed.read_bytes())
    excerpts = [entry for entry in feed.entries if "content" not in entry]
    assert len(excerpts) == 9
    for entry in excerpts:
        slug = entry.link.rstrip("/").rsplit("/", 1)[1]
        page = place.feed.parent / f"{slug}.html"
        assert "[…]" in entry.summary
        assert week[slug].paragraphs[-1] in text_of(page)


def test_full_entries_carry_the_whole_text(place: DemoSite, week: dict[str, Piece]) -> None:
    feed = feedparser.parse(place.feed.read_bytes())
    for entry in feed.entries:
        slug = entry.link.rstrip("/").rsplit("/", 1)[1]
        if week[slug].kind == "feed-full":
            text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", entry.content[0].value))
            for paragraph in week[slug].paragraphs:
                assert re.sub(r"\s+", " ", paragraph.replace("&", "&amp;")) in text


def text_of(page: Path) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


def test_a_page_carries_reactions_comments_and_stars(place: DemoSite) -> None:
    page = (place.feed.parent / "harbour-levy-proposed.html").read_text(encoding="utf-8")
    counts = dict(
        re.findall(r'react-data="be-react-(\d)".*?twp-react-count">(\d+)<', page, re.DOTALL)
    )
    assert counts == {"1": "14", "2": "88", "3": "6", "4": "402", "5": "73", "6": "11"}
    assert '<span class="twp-like-count">61</span>' in page
    assert '<span class="twp-dislike-count">208</span>' in page
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert data["commentCount"] == 143
    assert data["aggregateRating"]["ratingCount"] == 166
    assert data["datePublished"] == "2026-11-23T06:40:00+00:00"


def test_the_arabic_page_says_its_language_and_direction(place: DemoSite) -> None:
    page = (place.pages / "arabic-bread-and-stories.html").read_text(encoding="utf-8")
    assert '<html lang="ar" dir="rtl">' in page


class Balance(html.parser.HTMLParser):
    """Counts the tags that are opened and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: Counter[str] = Counter()
        self.closed: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        self.closed[tag] += 1


def test_the_broken_page_is_broken_and_still_holds_a_clean_article(
    place: DemoSite, week: dict[str, Piece]
) -> None:
    source = (place.pages / "swim-the-sound-at-71.html").read_text(encoding="utf-8")
    balance = Balance()
    balance.feed(source)
    assert balance.opened["p"] > balance.closed["p"] == 0
    assert balance.closed["i"] > balance.opened["i"] == 0
    assert balance.opened["font"] > balance.closed["font"] == 0
    assert "<meta charset=utf-8>" in source
    text = trafilatura.extract(source, favor_precision=True, include_comments=False)
    flat = re.sub(r"\s+", " ", text)
    for paragraph in week["swim-the-sound-at-71"].paragraphs:
        assert paragraph in flat
    assert "Visitor number" not in text


def test_a_dump_has_the_furniture_of_a_copied_page(place: DemoSite) -> None:
    text = (place.dumps / "crab-record-landing.txt").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert lines[:6] == [
        "Record crab landing leaves Fish Quay short of boxes and one buyer short of breath",
        "",
        "12 0",
        "November 26, 2026",
        "By Imran Sallis",
        "Read Time:1 Minute, 39 Second",
    ]
    assert lines.count("Surprise") == 2
    assert (
        "PICTURED ABOVE: Lettice Crabbe sells the last lot of the day. PC: Gazette staff." in lines
    )
    assert lines[lines.index("5 Star") + 1] == "67%"
    assert site.STRAPLINE in lines


def test_markdown_files_have_front_matter_of_both_kinds(place: DemoSite) -> None:
    dated = place.markdown / "2026-11-23-breakfast-club-eighty-eight.md"
    _, front, body = dated.read_text(encoding="utf-8").split("---\n", 2)
    data = yaml.safe_load(front)
    assert data["date"] == dt.datetime(2026, 11, 23, 15, tzinfo=dt.UTC)
    assert data["categories"] == ["Town"]
    assert body.strip().startswith("The porridge goes on")
    plain = place.markdown / "pilots-novel-shortlisted.md"
    _, front, body = plain.read_text(encoding="utf-8").split("+++\n", 2)
    table = tomllib.loads(front)
    assert table["title"].startswith("“I wrote it between ships”")
    assert table["date"] == dt.datetime(2026, 11, 26, 14, 20, tzinfo=dt.UTC)


# ---------------------------------------------------------------- dates


def test_dates_follow_the_week_and_the_clock_change() -> None:
    """Europe/London leaves summer time on Sunday 25 October 2026 at 02:00."""
    piece = next(p for p in pieces.read_all(site.WEEK_FOLDER) if p.when.weekday == 6)
    before = site.published(piece, dt.date(2026, 10, 25))
    after = site.published(piece, dt.date(2026, 11, 1))
    assert before.isoformat() == "2026-10-18T09:20:00+01:00"
    assert after.isoformat() == "2026-10-25T09:20:00+00:00"


def test_every_article_lies_in_the_window_of_its_schedule(
    place: DemoSite, week: dict[str, Piece]
) -> None:
    schedule = schedule_files.read(place.schedules / "sunday.toml")
    window = schedule.calendar.moments(SUNDAY).window
    assert all(site.published(piece, SUNDAY) in window for piece in week.values())


def test_the_schedule_names_the_folders_and_leaves_notices_out(place: DemoSite) -> None:
    schedule = schedule_files.read(place.schedules / "sunday.toml")
    assert schedule.key == "sunday"
    assert schedule.newsletter.name == "The Sunday Catchup"
    assert [(s.kind, s.path) for s in schedule.sources] == [
        ("feed", place.feed),
        ("pages", place.pages),
        ("pages", place.dumps),
        ("markdown", place.markdown),
    ]
    assert schedule.collect.exclude_sections == ("Notices",)
    assert str(schedule.deliver.at) == "sunday 08:00"


def test_a_folder_with_quotes_and_spaces_in_its_name_is_spelt_right(tmp_path: Path) -> None:
    odd = tmp_path / 'a "quay" \\ küste'
    place = site.materialise(odd, week=SUNDAY)
    assert schedule_files.read(place.schedules / "sunday.toml").sources[0].path == place.feed


def test_a_week_that_is_running_holds_only_what_is_out(tmp_path: Path) -> None:
    wednesday = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
    whole = site.materialise(tmp_path, week=SUNDAY)
    part = site.materialise(tmp_path, week=SUNDAY, until=wednesday)
    assert part.article_count == 17 < whole.article_count
    feed = feedparser.parse(part.feed.read_bytes())
    assert feed.entries[0].title.startswith("Say “ah” in the vault")
    assert not (part.feed.parent / "goats-on-the-mole.html").exists()
    assert [path.name for path in part.dumps.iterdir()] == ["tide-mill-turns-again.txt"]


def test_a_week_is_known_by_its_sunday(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2026-11-28 is no Sunday"):
        site.materialise(tmp_path, week=dt.date(2026, 11, 28))
