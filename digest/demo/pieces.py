"""The week's source files: a header of `key: value` lines, a blank line, a body in Markdown."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from markdown_it import MarkdownIt

from digest.moments import WeekTime

BASE_URL = "https://gazette.example"
KINDS = frozenset({"feed-full", "feed-excerpt", "page", "broken", "dump", "markdown"})
#: Their names in the header; the reading site numbers them in this order from 1.
FACES = ("happy", "sad", "excited", "angry", "surprise", "sleepy")

_FIRST_NUMBER = 4101
_MARKDOWN = MarkdownIt("commonmark")
_NEEDED = frozenset({"title", "kind", "when", "section", "author"})
_MAY = frozenset({"language", "tags", "image", "front", "repeats"})
_COUNTED = frozenset({"reactions", "likes", "stars", "comments"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article of the sample week, without its date: `when` is a moment of any week.

    image: the picture's alternative text. likes: for and against. stars: votes from five to one.
    comments: None = the site counts none. number: the site's own id, in the week's order.
    """

    slug: str
    title: str
    kind: str
    when: WeekTime
    section: str
    author: str
    body: str
    language: str = "en"
    tags: tuple[str, ...] = ()
    image: str = ""
    front: str = "yaml"
    repeats: str = ""
    reactions: Mapping[str, int] | None = None
    likes: tuple[int, ...] = ()
    stars: tuple[int, ...] = ()
    comments: int | None = None
    number: int = 0

    @property
    def url(self) -> str:
        return f"{BASE_URL}/{slug_of(self.section)}/{self.slug}/"

    @property
    def image_url(self) -> str:
        return f"{BASE_URL}/img/{self.slug}.jpg"

    @property
    def direction(self) -> str:
        return "rtl" if self.language == "ar" else "ltr"

    @property
    def html(self) -> str:
        return str(_MARKDOWN.render(self.body))

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The body's blocks as plain text."""
        blocks = re.split(r"\n{2,}", self.body)
        return tuple(_plain(block) for block in blocks)

    @property
    def teaser(self) -> str:
        return self.paragraphs[0]

    @property
    def words(self) -> int:
        return sum(len(paragraph.split()) for paragraph in self.paragraphs)


def slug_of(name: str) -> str:
    """`Sea & Trade` becomes `sea-trade`."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


def read_all(folder: Path) -> tuple[Piece, ...]:
    """Every article of a folder, oldest first. Raises ValueError that names the file and the key."""
    found = {path.stem: _read(path) for path in folder.glob("*.md")}
    whole = [_filled(piece, found) for piece in found.values()]
    whole.sort(key=lambda piece: (since_sunday(piece.when), piece.slug))
    return tuple(replace(piece, number=_FIRST_NUMBER + at) for at, piece in enumerate(whole))


def since_sunday(when: WeekTime) -> tuple[int, int, int]:
    """Sorts the moments of a week that begins on the Sunday before."""
    return (when.weekday + 1) % 7, when.time.hour, when.time.minute


def _filled(piece: Piece, others: Mapping[str, Piece]) -> Piece:
    """A republished story is the first one's text with its own footer below."""
    if not piece.repeats:
        return piece
    return replace(piece, body=f"{others[piece.repeats].body}\n\n{piece.body}")


def _read(path: Path) -> Piece:
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    faults = (_NEEDED - set(fields)) | (set(fields) - _NEEDED - _MAY - _COUNTED)
    if faults or fields["kind"] not in KINDS:
        named = ", ".join(sorted(faults)) or fields["kind"]
        raise ValueError(f"{path.name}: a key is missing, or there is none such: {named}")
    return Piece(
        slug=path.stem,
        title=fields["title"],
        kind=fields["kind"],
        when=WeekTime.parse(fields["when"]),
        section=fields["section"],
        author=fields["author"],
        body=body.strip(),
        language=fields.get("language", "en"),
        tags=tuple(tag for tag in fields.get("tags", "").split(", ") if tag),
        image=fields.get("image", ""),
        front=fields.get("front", "yaml"),
        repeats=fields.get("repeats", ""),
        reactions=_reactions(fields.get("reactions")),
        likes=_numbers(fields.get("likes")),
        stars=_numbers(fields.get("stars")),
        comments=int(fields["comments"]) if "comments" in fields else None,
    )


def _reactions(line: str | None) -> dict[str, int] | None:
    """`happy 3, sad 4` in the order of FACES; a face that is not named has none."""
    if line is None:
        return None
    given = dict(part.split() for part in line.split(", "))
    if set(given) - set(FACES):
        raise ValueError(f"no such reaction in {line!r}")
    return {face: int(given.get(face, 0)) for face in FACES}


def _numbers(line: str | None) -> tuple[int, ...]:
    return tuple(int(number) for number in (line or "").split())


def _plain(markdown: str) -> str:
    """A block of Markdown as a reader sees it."""
    return html.unescape(re.sub(r"<[^>]+>", "", _MARKDOWN.render(markdown))).strip()
