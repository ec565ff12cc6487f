from __future__ import annotations

import pytest

from tests.sources.reading import headline, linked, page

TITLE = "Goats on the mole shut the ferry"


def title(head: str = "", body: str = "", site: str = "", url: str | None = None) -> str:
    return headline(page(head, body), site, url).title


@pytest.mark.parametrize(
    "kicker",
    [
        '<span class="topline">Harbour</span>',
        '<div class="entry-section"><a href="/sea">Sea | </a></div>',
        '<span class="article-title__overline">Harbour</span><span aria-hidden="true"> - </span>',
        '<span class="sr-only">Kicker: </span>',
    ],
)
def test_a_kicker_inside_the_heading_is_none_of_it(kicker: str) -> None:
    body = f"<h1>{kicker}<span>{TITLE}</span></h1>"
    assert title(f"<title>Harbour: {TITLE}</title>", body) == TITLE


def test_what_the_head_gives_as_the_title_is_the_title_within_a_longer_heading() -> None:
    body = f"<h1><span>Winter storms</span> <span>{TITLE}</span></h1>"
    assert title(f'<meta property="og:title" content="{TITLE}">', body) == TITLE


def test_a_breadcrumb_is_no_headline_though_it_is_the_pages_first_heading() -> None:
    seo = "Ferry, goats, mole: all about the ferry and the goats"
    body = f'<h1 class="breadcrumb_last">{seo}</h1>'
    head = f"<title>{seo}</title>" + linked(headline=TITLE)
    assert title(head, f"{body}<h2>{TITLE}</h2>") == TITLE
    assert title(head, body) == TITLE


@pytest.mark.parametrize(
    "logo",
    [
        '<h1 id="site-title"><a href="/x">The Gazette of Ellery</a></h1>',
        '<h1><a href="https://gazette.example/">The Gazette of Ellery</a></h1>',
        '<h1><a href="/" rel="home">The Gazette of Ellery</a></h1>',
    ],
)
def test_a_sites_logo_is_no_headline(logo: str) -> None:
    head = f"<title>{TITLE} » The Gazette of Ellery</title>"
    assert title(head, f"{logo}<h2>{TITLE}</h2>", url="https://gazette.example/a") == TITLE


def test_the_only_heading_wins_where_search_engines_are_told_other_words() -> None:
    head = '<meta property="og:title" content="Why is my boat late? All answers">'
    assert title(head, f"<article><h1>{TITLE}</h1></article>") == TITLE
    assert title(head, "<header><h1>The whole harbour daily</h1></header>").startswith("Why is")


def test_a_kicker_that_the_head_always_gives_belongs_to_the_title() -> None:
    whole = f"Ellery: {TITLE}"
    head = f'<meta property="og:title" content="{whole}">' + linked(headline=whole)
    assert title(head, f"<h1>{TITLE}</h1>") == whole
    opinion = head.replace("Ellery:", "Opinion:")
    assert title(opinion, f"<h1>{TITLE}</h1>") == TITLE


def test_a_title_cut_by_its_own_quotation_mark_is_made_whole() -> None:
    head = '<meta property="og:title" content="Mayor calls the ferry"><title>Mayor calls the ferry "lost"</title>'
    assert title(head) == 'Mayor calls the ferry "lost"'


def test_a_date_ahead_of_the_title_and_the_reading_of_signs_are_left_out() -> None:
    assert title(f"<title>23.01.2026 - {TITLE}</title>") == TITLE
    assert title("<title>漁港</title>", "<h1><ruby>漁港<rt>ぎょこう</rt></ruby></h1>") == "漁港"


def test_colons_of_kickers_and_signs_of_permanent_links_leave_the_heading() -> None:
    kicker = '<span class="kicker">Harbour</span><span>: </span>'
    assert title("", f"<h1>{kicker}<span>{TITLE}</span></h1>") == TITLE
    assert title("", f'<h1>{TITLE}<a class="headerlink" href="#x">¶</a></h1>') == TITLE


def test_chinese_and_japanese_get_no_spaces_between_elements() -> None:
    ruby = "<ruby>子<rt>こ</rt></ruby>どもへの<ruby>体罰<rt>たいばつ</rt></ruby>を禁止する<b>法律</b>ができる"
    assert title("", f"<h1>{ruby}</h1>") == "子どもへの体罰を禁止する法律ができる"
    assert title("", "<h1><span>항구의</span><span>염소들</span></h1>") == "항구의 염소들"
