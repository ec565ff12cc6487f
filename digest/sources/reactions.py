"""What readers did with an article, from its page: reaction buttons in the markup, and JSON-LD.

Markup: the WordPress plugin Booster Extension (ThemeInWP), which keeps the true count of each face in a
hidden element, also where it shows percentages. JSON-LD: schema.org's interactionStatistic,
aggregateRating and commentCount.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.model import Engagement, Unit
from digest.sources import linked_data
from digest.sources.linked_data import Node

_FACES = {
    "1": "happy",
    "2": "sad",
    "3": "excited",
    "4": "angry",
    "5": "surprise",
    "6": "sleepy",
}
_COUNTERS = {
    ".twp-like-count": "likes",
    ".twp-dislike-count": "dislikes",
    ".twp-post-visit": "views",
    # WP-PostViews as its own template writes it, Post Views Counter, Top 10, themes of many shops
    ".post-views-count": "views",
    ".post-views": "views",
    ".tptn_counter": "views",
    ".entry-views": "views",
    "[itemprop=commentCount]": "comments",
    ".comments-count": "comments",
    ".comment-count": "comments",
}
#: One look tells most pages that they have none of these.
_ANY_COUNTER = ", ".join([*_COUNTERS, "[itemprop=interactionCount]"])
#: schema.org's older way, in microdata: "UserComments:12".
_OLDER = {
    "UserComments": "comments",
    "UserLikes": "likes",
    "UserPageVisits": "views",
    "UserTweets": "shares",
}
#: A heading over the comments counts them where it begins with a number.
_COMMENTS = re.compile(r"^\s*(\d{1,6})\s+\S")
_INTERACTIONS = {
    "LikeAction": "likes",
    "DislikeAction": "dislikes",
    "CommentAction": "comments",
    "ReplyAction": "comments",
    "WriteAction": "comments",
    "ViewAction": "views",
    "ReadAction": "views",
    "WatchAction": "views",
    "ShareAction": "shares",
}
_DIGITS = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?(?=\s?[KkMm]\b)|\d[\d.,\u00a0 ]*)\s?([KkMm]\b)?")
_THOUSANDS = {"k": 1_000, "m": 1_000_000}
_STAR = re.compile(r"([1-5])\s*Stars?\b\D{0,40}?(\d{1,3})\s*%", re.IGNORECASE)
_READ_TIME = re.compile(r"(\d+)\s*Min\w*(?:\W+(\d+)\s*Sec\w*)?", re.IGNORECASE)


def engagement_of(page: LexborHTMLParser, data: Node) -> tuple[Engagement, ...]:
    """Every figure that the page tells, each kind once; markup before JSON-LD."""
    found: dict[str, Engagement] = {}
    for one in (*_counters(page), *_faces(page), *_linked(data), *_shown(page)):
        found.setdefault(one.kind, one)
    return tuple(found.values())


def read_seconds_of(page: LexborHTMLParser) -> int | None:
    """The read time that the plugin shows."""
    node = page.css_first(".twp-read-time")
    found = _READ_TIME.search(node.text()) if node else None
    return int(found[1]) * 60 + int(found[2] or 0) if found else None


def _counters(page: LexborHTMLParser) -> Iterator[Engagement]:
    if page.css_first(_ANY_COUNTER) is None:
        return
    for selector, kind in _COUNTERS.items():
        nodes = page.css(selector)[:2]
        count = _number(nodes[0]) if len(nodes) == 1 else None  # several are those of a list
        if count is not None:
            yield Engagement(kind, count)
    for node in page.css("[itemprop=interactionCount]")[:10]:
        name, _, number = (node.attributes.get("content") or "").partition(":")
        value = linked_data.number(number)
        if name in _OLDER and value is not None and value >= 0:
            yield Engagement(_OLDER[name], value)


def _faces(page: LexborHTMLParser) -> Iterator[Engagement]:
    for wrap in page.css(".twp-reacts-wrap"):
        link = wrap.css_first("a[react-data]")
        number = (link.attributes.get("react-data") or "").rsplit("-", 1)[-1] if link else ""
        count = _number(wrap.css_first(".twp-react-count"))
        if number in _FACES and count is not None:
            yield Engagement(f"reaction:{_FACES[number]}", count)


def _linked(data: Node) -> Iterator[Engagement]:
    comments = linked_data.number(data.get("commentCount"))
    if comments is not None and comments >= 0:
        yield Engagement("comments", comments)
    for one in linked_data.many(data.get("interactionStatistic")):
        if isinstance(one, Mapping):
            yield from _interaction(one)
    rating = data.get("aggregateRating")
    if isinstance(rating, Mapping):
        yield from _rating(rating)


def _interaction(one: Node) -> Iterator[Engagement]:
    action = one.get("interactionType")
    kinds = (
        linked_data.kinds(action)
        if isinstance(action, Mapping)
        else [str(action).rsplit("/", 1)[-1]]
    )
    count = linked_data.number(one.get("userInteractionCount"))
    for kind in kinds:
        if kind in _INTERACTIONS and count is not None and count >= 0:
            yield Engagement(_INTERACTIONS[kind], count)


def _rating(rating: Node) -> Iterator[Engagement]:
    """The average brought to 1 to 5; nobody's vote is no rating."""
    value = linked_data.number(rating.get("ratingValue"))
    votes = linked_data.number(rating.get("ratingCount"))
    votes = linked_data.number(rating.get("reviewCount")) if votes is None else votes
    best = linked_data.number(rating.get("bestRating")) or 5.0
    worst = linked_data.number(rating.get("worstRating"))
    worst = 1.0 if worst is None else worst
    if value is None or votes == 0 or not worst < best or not worst <= value <= best:
        return
    average = 1 + 4 * (value - worst) / (best - worst)
    yield Engagement("rating", round(average, 3), Unit.AVERAGE, n=int(votes) if votes else None)


def _shown(page: LexborHTMLParser) -> Iterator[Engagement]:
    """What only the page's words tell: comments counted in their heading, stars by percent alone."""
    heading = page.css_first(".comments-title")
    counted = _COMMENTS.match(heading.text()) if heading else None
    if counted:
        yield Engagement("comments", float(counted[1]))
    text = page.body.text(separator=" ") if page.body else ""
    found = _STAR.findall(text) if "%" in text and "star" in text.casefold() else ()
    shares = {int(stars): float(share) for stars, share in found}
    whole = sum(shares.values())
    if len(shares) == 5 and 90 <= whole <= 110:
        average = sum(stars * share for stars, share in shares.items()) / whole
        yield Engagement("rating", round(average, 2), Unit.AVERAGE)


def _number(node: LexborNode | None) -> float | None:
    """The first number of an element's text: `1,204`, `1.2K`, `3 M`."""
    found = _DIGITS.search(node.text()) if node else None
    if found is None:
        return None
    if found[2]:
        value = float(found[1].strip().replace(",", ".")) if found[1].count(".") < 2 else 0.0
        return round(value * _THOUSANDS[found[2].lower()]) if value else None
    digits = re.sub(r"\D", "", found[1])
    return float(digits) if digits and len(digits) < 12 else None
