"""The sample site: an invented newspaper's week, written out as a feed, pages, dumps and Markdown.

Same week, same folder: same bytes. Nothing here is read from the network or the clock.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from digest.demo import pieces
from digest.demo.pieces import BASE_URL, FACES, Piece
from digest.moments import instant

PAPER = "The Harbour Gazette"
SECTIONS = ("Town", "Sea & Trade", "Culture", "Sport")
ZONE = ZoneInfo("Europe/London")
WEEK_FOLDER = Path(__file__).parent / "week"

#: What such a site prints round every article.
PLEA = (
    "If the Gazette was worth a cup of tea to you this week, please support us: "
    "here are all the ways to help, with money and without."
)
STRAPLINE = "Every story of the week in one letter: The Sunday Catchup, at eight on Sundays"
COMMENT_NOTE = "Your email address will stay with us. Required fields are marked *"

#: The faces as the reading site shows them: the sleepy one, numbered last, stands fourth.
_SHOWN = ("happy", "sad", "excited", "sleepy", "angry", "surprise")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSite:
    """Where the week lies. `schedules`: the folder with `sunday.toml`, which names the others.

    article_count: every article that the sources offer, the ones that will be left out included.
    """

    feed: Path
    pages: Path
    dumps: Path
    markdown: Path
    schedules: Path
    base_url: str
    article_count: int


def materialise(folder: Path, *, week: dt.date, until: dt.datetime | None = None) -> DemoSite:
    """Write the week whose Sunday send is `week`; with `until` (aware) only what is out by then.

    Files of articles that are not out, left by an earlier run, are removed. Raises ValueError if
    `week` is no Sunday.
    """
    if week.weekday() != 6:
        raise ValueError(f"{week} is no Sunday")
    dated = [(piece, published(piece, week)) for piece in pieces.read_all(WEEK_FOLDER)]
    out = [(piece, at) for piece, at in dated if until is None or at <= until]
    root = folder.resolve()
    place = _place(root, len(out))
    texts = dict(_files(place, out, _templates()))
    _remove_stale(place, (piece for piece, _ in dated), texts)
    for made in (place.pages, place.dumps, place.markdown):
        made.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return place


def published(piece: Piece, week: dt.date) -> dt.datetime:
    """When an article is out, in the paper's own time zone."""
    day = week - dt.timedelta(days=7 - (piece.when.weekday + 1) % 7)
    return instant(day, piece.when.time, ZONE).astimezone(ZONE)


def _place(root: Path, count: int) -> DemoSite:
    return DemoSite(
        feed=root / "feed" / "feed.xml",
        pages=root / "pages",
        dumps=root / "dumps",
        markdown=root / "markdown",
        schedules=root / "schedules",
        base_url=BASE_URL,
        article_count=count,
    )


def _files(
    place: DemoSite, out: list[tuple[Piece, dt.datetime]], templates: Environment
) -> Iterator[tuple[Path, str]]:
    """Every file of the site with its text."""
    entries = [(piece, at) for piece, at in reversed(out) if piece.kind.startswith("feed")]
    yield place.feed, templates.get_template("shapes/feed.xml").render(entries=entries)
    for piece, at in out:
        path = _path(place, piece, at)
        if path is not None:
            yield path, templates.get_template(_shape(piece)).render(_facts(piece, at))
    schedule = templates.get_template("schedule.toml").render(place=place)
    yield place.schedules / "sunday.toml", schedule


def _path(place: DemoSite, piece: Piece, at: dt.datetime) -> Path | None:
    """An article's own file; None for one that is whole in the feed."""
    if piece.kind == "feed-excerpt":
        return place.feed.parent / f"{piece.slug}.html"
    if piece.kind in ("page", "broken"):
        return place.pages / f"{piece.slug}.html"
    if piece.kind == "dump":
        return place.dumps / f"{piece.slug}.txt"
    if piece.kind == "markdown":
        day = f"{at:%Y-%m-%d}-" if piece.front == "yaml" else ""
        return place.markdown / f"{day}{piece.slug}.md"
    return None


def _shape(piece: Piece) -> str:
    if piece.kind == "markdown":
        return f"shapes/{piece.front}.md"
    return {"dump": "shapes/dump.txt", "broken": "shapes/broken.html"}.get(
        piece.kind, "shapes/page.html"
    )


def _remove_stale(place: DemoSite, known: Iterable[Piece], texts: Mapping[Path, str]) -> None:
    """Files of this week's slugs that an earlier run wrote and this one does not."""
    folders = (place.feed.parent, place.pages, place.dumps, place.markdown)
    slugs = [piece.slug for piece in known]
    for folder in folders:
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            ours = any(path.stem.endswith(slug) for slug in slugs)
            if ours and path.is_file() and path not in texts:
                path.unlink()


def _facts(piece: Piece, at: dt.datetime) -> dict[str, object]:
    """What a page's template shows."""
    seconds = round(piece.words / 200 * 60)
    return {
        "piece": piece,
        "at": at,
        "shown_date": format_date(at.date(), "long", locale=_locale(piece)),
        "read_time": f"{seconds // 60} Minute, {seconds % 60} Second",
        "faces": tuple(_faces(piece)),
        "star_lines": tuple(_star_lines(piece)),
        "linked_data": _linked_data(piece, at),
    }


def _locale(piece: Piece) -> str:
    return "en_US" if piece.language == "en" else piece.language


def _faces(piece: Piece) -> Iterator[dict[str, object]]:
    counts = piece.reactions or dict.fromkeys(FACES, 0)
    for face in _SHOWN:
        yield {
            "number": FACES.index(face) + 1,
            "name": face.capitalize(),
            "count": counts[face],
            "percent": _percent(counts[face], sum(counts.values())),
        }


def _star_lines(piece: Piece) -> Iterator[dict[str, int]]:
    for stars, votes in zip((5, 4, 3, 2, 1), piece.stars or (0,) * 5, strict=True):
        yield {"stars": stars, "percent": _percent(votes, sum(piece.stars))}


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _linked_data(piece: Piece, at: dt.datetime) -> dict[str, object]:
    """The page's JSON-LD (schema.org/NewsArticle)."""
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": piece.title,
        "url": piece.url,
        "datePublished": at.isoformat(),
        "author": {"@type": "Person", "name": piece.author},
        "publisher": {"@type": "Organization", "name": PAPER},
        "articleSection": piece.section,
        "inLanguage": piece.language,
    }
    if piece.image:
        data["image"] = {"@type": "ImageObject", "url": piece.image_url, "caption": piece.image}
    if piece.comments is not None:
        data["commentCount"] = piece.comments
    if piece.stars:
        votes = sum(piece.stars)
        total = sum(n * stars for n, stars in zip(piece.stars, (5, 4, 3, 2, 1), strict=True))
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": round(total / votes, 2),
            "ratingCount": votes,
        }
    return data


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(WEEK_FOLDER),
        autoescape=select_autoescape(("html", "xml")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "quoted": _quoted,
        "slug": pieces.slug_of,
        "rfc822": format_datetime,
        "cut": lambda text, words: " ".join(text.split()[:words]),
    }
    environment.globals |= {
        "paper": PAPER,
        "base_url": BASE_URL,
        "sections": SECTIONS,
        "plea": PLEA,
        "strapline": STRAPLINE,
        "comment_note": COMMENT_NOTE,
    }
    return environment


def _quoted(value: str) -> str:
    """A string for YAML and TOML alike: both read JSON's."""
    return json.dumps(value, ensure_ascii=False)
