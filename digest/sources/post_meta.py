"""What readers did with a post, from the fields that WordPress plugins keep with it.

Booster Extension (ThemeInWP) counts faces, likes and views in post fields and stars in comment fields;
WP-PostViews, Init View Count, Init Review and several themes count views and votes. Fields with readers'
addresses (`…_ip_address_…`) are never read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from digest.model import Engagement, Unit

#: Booster Extension numbers its faces otherwise than it shows them.
_COUNTS = {
    "twp_be_react_1": "reaction:happy",
    "twp_be_react_2": "reaction:sad",
    "twp_be_react_3": "reaction:excited",
    "twp_be_react_4": "reaction:angry",
    "twp_be_react_5": "reaction:surprise",
    "twp_be_react_6": "reaction:sleepy",
    "twp_be_like_count": "likes",
    "twp_be_dislike_like_count": "dislikes",
    "twp_be_post_views_count": "views",
    "views": "views",
    "post_views_count": "views",
    "_init_view_count": "views",
}
_STARS = range(1, 6)


def engagement(
    fields: Mapping[str, str], *, comments: int = 0, stars: Sequence[str] = ()
) -> tuple[Engagement, ...]:
    """The figures of a post. comments: approved ones; stars: what they give, from 1 to 5."""
    found = {one.kind: one for one in _counted(fields)}
    if comments:
        found["comments"] = Engagement("comments", comments)
    rating = _rating([int(one) for one in stars if one.strip() in set("12345")]) or _voted(fields)
    return (*found.values(), *((rating,) if rating else ()))


def _counted(fields: Mapping[str, str]) -> Iterator[Engagement]:
    for name, kind in _COUNTS.items():
        count = _number(fields.get(name))
        if count is not None:
            yield Engagement(kind, count)


def _rating(stars: Sequence[int]) -> Engagement | None:
    if not stars:
        return None
    return Engagement("rating", round(sum(stars) / len(stars), 3), Unit.AVERAGE, n=len(stars))


def _voted(fields: Mapping[str, str]) -> Engagement | None:
    """Init Review's average with its votes; nobody's vote is no rating."""
    votes, average = _number(fields.get("_init_review_total")), fields.get("_init_review_avg", "")
    try:
        value = float(average)
    except ValueError:
        return None
    if not votes or not _STARS[0] <= value <= _STARS[-1]:
        return None
    return Engagement("rating", value, Unit.AVERAGE, n=int(votes))


def _number(text: str | None) -> float | None:
    text = (text or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
