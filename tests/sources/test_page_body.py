from __future__ import annotations

from digest.sources import page_reader

WORDS = [
    f"The ferry number {n} left the quay at {n} o'clock with all the goats of the mole on board."
    for n in range(1, 25)
]
TITLE = "Ferry and goats leave the quay"


def text(body: str, head: str = "") -> list[str]:
    html = f'<html lang="en"><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>'
    return page_reader.read(html.encode()).text.split("\n\n")


def prose(first: int = 0, last: int = 8) -> str:
    return "".join(f"<p>{one}</p>" for one in WORDS[first:last])


def test_the_standfirst_that_the_head_repeats_is_the_first_paragraph() -> None:
    lead = "Two dozen goats have held up the ferry since the morning"
    head = f'<meta property="og:description" content="{lead}.">'
    body = f"<h1>{TITLE}</h1><h2>{lead}</h2><article>{prose()}</article>"
    assert text(body, head) == [lead, *WORDS[:8]]
    assert (
        text(body.replace("<h2>", '<div class="standfirst">').replace("</h2>", "</div>"))[0] == lead
    )
    assert text(body.replace(lead, WORDS[0]), head) == WORDS[:8]


def test_an_article_cut_into_blocks_is_put_together() -> None:
    blocks = "".join(
        f"<section><div>{prose(n, n + 4)}</div></section><div class='ad'></div>"
        for n in range(0, 24, 4)
    )
    found = text(f"<main><h1>{TITLE}</h1>{blocks}</main>")
    assert [one for one in found if one in WORDS] == WORDS


def test_captions_of_the_figures_leave_the_text() -> None:
    figure = "<figure><img src='/a.jpg'><figcaption>A goat on the mole in the morning sun</figcaption></figure>"
    found = text(
        f"<article><h1>{TITLE}</h1>{prose()}{figure}<p>A goat on the mole in the morning sun</p></article>"
    )
    assert found == WORDS[:8]


def test_posts_of_other_sites_and_readers_comments_leave_the_text() -> None:
    post = "<blockquote class='twitter-tweet'><p>A goat ate my ticket for the ferry today, and nobody cares.</p></blockquote>"
    comments = "<div id='comments'><p>I have seen these goats as well, they are the best of all goats.</p></div>"
    found = text(f"<article><h1>{TITLE}</h1>{prose()}{post}{comments}</article>")
    assert found == WORDS[:8]


def test_tables_stay() -> None:
    rows = "".join(
        f"<tr><td>Ferry {n}</td><td>{n} goats were on board of it</td></tr>" for n in range(4)
    )
    assert "goats were on board" in "\n".join(
        text(f"<article>{prose()}<table>{rows}</table></article>")
    )


def test_a_layout_named_for_its_side_bar_keeps_the_article() -> None:
    body = (
        f"<main><article class='article'><div class='sidebar-grid'><header><h1>{TITLE}</h1></header>"
        f"<div class='sidebar-grid__content article__content'>{prose(0, 20)}</div></div></article></main>"
    )
    assert text(body) == WORDS[:20]
    named = f"<div class='related-and-main'><h1>{TITLE}</h1><article>{prose(0, 20)}</article></div>"
    assert text(named) == WORDS[:20]


def test_comments_in_a_widget_of_a_forum_leave_the_text() -> None:
    said = "".join(f"<li class='xenforo-comment'>{prose(n, n + 1)}</li>" for n in range(12, 20))
    widget = (
        f"<div class='xenforo-comment-widget'><ul class='xenforo-comments-list'>{said}</ul></div>"
    )
    assert text(f"<article><h1>{TITLE}</h1>{prose(0, 12)}</article>{widget}") == WORDS[:12]
