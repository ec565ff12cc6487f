from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from digest.model import Unit
from digest.sources import reactions


def figures(html: str, **data: object) -> dict[str, tuple[float, Unit, int | None]]:
    found = reactions.engagement_of(LexborHTMLParser(html), data)
    return {one.kind: (one.value, one.unit, one.n) for one in found}


def face(number: int, count: str) -> str:
    return f'<div class="twp-reacts-wrap"><a react-data="be-react-{number}"></a><span class="twp-react-count">{count}</span><span class="twp-react-percent">9 %</span></div>'


def test_the_plugins_hidden_counts_are_the_true_ones() -> None:
    html = "".join(face(number, str(number * 10)) for number in range(1, 8))
    html += '<span class="twp-like-count">1,204</span><span class="twp-dislike-count"> 3 </span><span class="twp-post-visit">Views: 99</span>'
    found = {kind: value for kind, (value, unit, _) in figures(html).items() if unit is Unit.COUNT}
    assert found == {
        "reaction:happy": 10,
        "reaction:sad": 20,
        "reaction:excited": 30,
        "reaction:angry": 40,
        "reaction:surprise": 50,
        "reaction:sleepy": 60,
        "likes": 1204,
        "dislikes": 3,
        "views": 99,
    }


def test_an_empty_counter_tells_nothing() -> None:
    assert figures('<span class="twp-like-count"></span>' + face(1, "?")) == {}


def test_linked_data_tells_comments_interactions_and_ratings() -> None:
    found = figures(
        "",
        commentCount="12",
        interactionStatistic=[
            {"interactionType": "https://schema.org/LikeAction", "userInteractionCount": 7},
            {
                "interactionType": {"@type": "http://schema.org/ShareAction"},
                "userInteractionCount": "5",
            },
            {"interactionType": "CommentAction", "userInteractionCount": 99},
            {"interactionType": "EatAction", "userInteractionCount": 1},
            "rubbish",
        ],
        aggregateRating={"ratingValue": "4.5", "ratingCount": "20"},
    )
    assert found == {
        "comments": (12, Unit.COUNT, None),
        "likes": (7, Unit.COUNT, None),
        "shares": (5, Unit.COUNT, None),
        "rating": (4.5, Unit.AVERAGE, 20),
    }


def test_a_rating_out_of_ten_is_brought_to_five() -> None:
    found = figures("", aggregateRating={"ratingValue": 10, "bestRating": 10, "reviewCount": 3})
    assert found["rating"] == (5.0, Unit.AVERAGE, 3)


@pytest.mark.parametrize(
    "rating",
    [
        {"ratingValue": 0, "ratingCount": 0},
        {"ratingValue": 7},
        {"ratingCount": 3},
        {"ratingValue": 3, "bestRating": 1},
        "x",
    ],
)
def test_nobodys_vote_and_nonsense_are_no_rating(rating: object) -> None:
    assert figures("", aggregateRating=rating) == {}


def test_stars_by_percent_and_counted_headings_are_read() -> None:
    rows = "".join(
        f"<div>{stars} Star</div><div>{share}%</div>"
        for stars, share in ((5, 50), (4, 0), (3, 50), (2, 0), (1, 0))
    )
    found = figures(rows + '<h2 class="comments-title">14 comments on “Goats”</h2>')
    assert found == {"rating": (4.0, Unit.AVERAGE, None), "comments": (14, Unit.COUNT, None)}
    assert figures(rows.replace("50", "0")) == {}


def test_the_plugins_read_time_is_in_seconds() -> None:
    page = LexborHTMLParser(
        '<div class="twp-read-time"><span>Read Time:</span>3 Minute, 7 Second</div>'
    )
    assert reactions.read_seconds_of(page) == 187
    assert reactions.read_seconds_of(LexborHTMLParser("<p>3 Minute</p>")) is None


@pytest.mark.parametrize(
    ("html", "kind", "value"),
    [
        ('<span class="post-views-count">1,204</span>', "views", 1204),
        ('<div class="post-views">1.2K views</div>', "views", 1200),
        ('<div class="entry-views">3 M</div>', "views", 3_000_000),
        ('<meta itemprop="interactionCount" content="UserComments:12">', "comments", 12),
        ('<meta itemprop="interactionCount" content="UserPageVisits:99">', "views", 99),
        ('<span itemprop="commentCount">7</span>', "comments", 7),
    ],
)
def test_counters_of_other_plugins_are_read(html: str, kind: str, value: float) -> None:
    assert figures(html)[kind] == (value, Unit.COUNT, None)


def test_the_counters_of_a_list_of_articles_are_nobodys() -> None:
    assert figures('<b class="post-views">4</b><b class="post-views">9</b>') == {}
