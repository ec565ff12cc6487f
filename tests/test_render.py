"""A week as a mail: complete, escaped, folded where it must be, the same every time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import jinja2
import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import render
from digest.errors import RenderError
from digest.looks import THEMES
from digest.mail import environments, plaintext
from digest.mail.slots import MARK, SLOTS
from digest.mail.wording import Wording
from digest.model import ComingDay, Continued, Image, IssueContent, Rendered, Section, Summary
from digest.schedules import RenderTable, Schedule
from tests import sample_issue

URL = sample_issue.PUBLIC_URL
SCHEDULE = sample_issue.schedule()


def with_theme(theme: str, **look: object) -> Schedule:
    return SCHEDULE.model_copy(
        update={"render": RenderTable.model_validate({"theme": theme, **look})}
    )


def rendered(content: IssueContent | None = None, *, theme: str = "broadsheet") -> Rendered:
    return render.render(content or sample_issue.content(), with_theme(theme), public_url=URL)


def tree(mail: Rendered) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(mail.html)


def seen(mail: Rendered) -> str:
    return " ".join(tree(mail).text_content().split())


def unwrapped(text: str) -> str:
    return " ".join(text.split())


MAIL = rendered()


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_every_story_is_told_in_both_parts_in_the_same_order(theme: str) -> None:
    titles = [story.title for story in sample_issue.content().stories]
    mail = rendered(theme=theme)
    for whole in (seen(mail), unwrapped(mail.text)):
        part = whole.split("This week in 13 stories")[1]
        places = [part.index(title) for title in titles]
        assert places == sorted(places)


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_both_parts_link_to_the_same_places_in_the_same_order(theme: str) -> None:
    mail = rendered(theme=theme)
    links = [a.get("href") for a in tree(mail).iter("a")]
    lines = [line.strip() for line in mail.text.splitlines()]
    ours = ("https://", *SLOTS.values())
    assert set(links) == {one for one in lines if one.startswith(ours)}
    stories = [line for line in lines if line.startswith("https://gazette.example/2026/")]
    assert stories == list(dict.fromkeys(one for one in links if one in stories))


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_the_masthead_names_the_issue_and_its_local_date(theme: str) -> None:
    mail = rendered(theme=theme)
    for part in (seen(mail), unwrapped(mail.text)):
        assert "Sunday, 29 November 2026" in part
        assert "No. 12" in part
        assert "This week in 13 stories, 4 minutes" in part


def test_a_storyline_is_told_by_its_days() -> None:
    assert re.search(r"Monday\W+What the board wants", seen(MAIL))
    assert "  Wednesday: Two hundred boats" in MAIL.text


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_the_promise_opens_and_closes_the_mail(theme: str) -> None:
    strapline, mail = SCHEDULE.newsletter.strapline, rendered(theme=theme)
    assert seen(mail).count(strapline) == mail.text.count(strapline) == 2


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_the_footer_says_who_writes_why_and_how_to_leave(theme: str) -> None:
    mail = rendered(theme=theme)
    for part in (mail.html, mail.text):
        assert "1 Quay Street" in part
        assert SLOTS["leave_url"] in part
        assert f"{URL}/archive/sunday" in part
        assert "because you signed up" in part


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_a_page_is_marked_up_for_those_who_do_not_see_it(theme: str) -> None:
    page = tree(rendered(theme=theme))
    assert (page.get("lang"), page.get("dir")) == ("en", "ltr")
    assert page.findtext(".//title") == sample_issue.LEAD.title
    assert [h.text for h in page.iter("h1")] == ["The Sunday Catchup"]
    assert len(list(page.iter("h3"))) == 7
    assert all(table.get("role") == "presentation" for table in page.iter("table"))
    assert all(img.get("alt") for img in page.iter("img"))


def test_no_colour_hides_the_preheader() -> None:
    hidden = next(div for div in tree(MAIL).iter("div") if "display:none" in div.get("style", ""))
    assert (hidden.text or "").startswith("The night ferry")
    assert "color" not in hidden.get("style", "")


def test_the_same_week_gives_the_same_bytes() -> None:
    assert rendered() == MAIL


def test_any_other_word_gives_another_checksum() -> None:
    other = rendered(sample_issue.content(preheader="Something else"))
    assert other.checksum != MAIL.checksum
    assert render.checksum("ab", "c") != render.checksum("a", "bc")


def test_foreign_text_is_text_and_never_markup() -> None:
    evil = '<script>alert(1)</script> & "quotes" \\n {{ 7*7 }} </mj-text> zqSLOTleaveurlqz'
    lead = replace(
        sample_issue.LEAD,
        title=evil,
        summary=Summary(evil),
        authors=(evil,),
        section=evil,
        marks=(evil,),
        image=Image("https://a.example/p.png", evil),
    )
    mail = rendered(sample_issue.content(lead=lead, subject=evil, intro=evil, outro=evil))
    page = tree(mail)
    assert not list(page.iter("script"))
    said = evil.replace(SLOTS["leave_url"], "leaveurlqz").strip()
    assert said in seen(mail)
    assert page.xpath("//img/@alt") == [said]
    assert page.findtext(".//title") == said
    assert mail.html.count(MARK) == mail.text.count(MARK) == 2, "to leave, and to the choices"


def test_a_story_without_a_usable_address_has_no_link() -> None:
    lead = replace(sample_issue.LEAD, url="javascript:alert(1)")
    mail = rendered(sample_issue.content(lead=lead))
    assert "javascript:" not in mail.html + mail.text
    assert sample_issue.LEAD.title in seen(mail)


def test_a_picture_that_is_not_https_is_left_out() -> None:
    lead = replace(sample_issue.LEAD, image=Image("http://a.example/p.png"))
    assert not list(tree(rendered(sample_issue.content(lead=lead))).iter("img"))


def test_a_logo_stands_in_the_masthead() -> None:
    look = RenderTable(logo_url="https://gazette.example/logo.png")
    schedule = SCHEDULE.model_copy(update={"render": look})
    mail = render.render(sample_issue.content(), schedule, public_url=URL)
    assert "https://gazette.example/logo.png" in tree(mail).xpath("//img/@src")


def test_an_arabic_story_in_an_english_mail_runs_its_own_way() -> None:
    (block,) = tree(MAIL).xpath("//div[@lang='ar']")
    assert block.get("dir") == "rtl"
    assert "text-align:right" in block.getparent().get("style")
    assert block.xpath(".//p[@lang='en']/@dir") == ["ltr"]


def test_an_arabic_newsletter_is_mirrored_as_a_whole() -> None:
    schedule = sample_issue.schedule(**sample_issue.ARABIC)
    mail = render.render(sample_issue.arabic_content(), schedule, public_url=URL)
    page = tree(mail)
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    assert "direction:ltr" not in mail.html.replace(" ", "")
    assert page.xpath("//div[@lang='en']/@dir") == ["ltr"]
    assert "الأحد، 29 نوفمبر 2026" in seen(mail)
    assert "italic" not in mail.html


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize("stories", [1, 5, 25, 60, 200])
def test_no_week_is_too_big_for_a_mail(stories: int, theme: str) -> None:
    content = sample_issue.big(stories)
    mail = rendered(content, theme=theme)
    link = f"{URL}/leave/sunday/" + "x" * 120
    assert len(render.fill(mail, {"leave_url": link}).html.encode()) <= render.HTML_LIMIT
    told = len(re.findall(r"^Story number \d+", mail.text, re.MULTILINE))
    assert told == len(re.findall(r"Story number \d+ of a week", seen(mail))) - repeated(mail)
    hidden = re.search(r"And ([\d,]+) more on the web", seen(mail))
    folded = int(hidden[1].replace(",", "")) if hidden else 0
    assert told + folded == stories
    for part in (seen(mail), unwrapped(mail.text)):
        line = part.split("Nothing missed")[1]
        counted = re.findall(r"(\d+) (?:lead|in the sections|in brief)", line)
        assert sum(map(int, counted)) == stories == content.coverage.total
        assert (f"{folded} of them" in line) == bool(folded)


def repeated(mail: Rendered) -> int:
    """How often the lead's title stands in the page beside the lead itself: in `<title>`."""
    return len(re.findall(r"Story number \d+ of a week", tree(mail).findtext(".//title") or ""))


def test_a_year_in_one_mail_is_still_a_mail() -> None:
    assert len(rendered(sample_issue.big(2_000)).html.encode()) < render.HTML_LIMIT


def test_what_is_folded_is_linked_and_admitted() -> None:
    mail = rendered(sample_issue.big(400))
    assert "told on the web page of this issue only" in seen(mail)
    assert f"{URL}/archive/sunday/2026-11-29" in mail.text.split("more on the web:")[1]


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_briefs_fold_from_the_last_one_on_before_anything_is_cut(theme: str) -> None:
    content = sample_issue.big(300)
    mail = rendered(content, theme=theme)
    folded = render.folded(content, mail, with_theme(theme), public_url=URL)
    last = [story.article_id for story in content.stories][-len(folded) :]
    assert folded == frozenset(last)
    assert 0 < len(folded) < len(content.briefs)
    shown = len(content.stories) - len(folded)
    assert mail.text.count("One sentence tells what happened") == shown - 12
    assert f"And {len(folded)} more on the web" in seen(mail)


def test_where_nothing_is_near_the_limit_nothing_is_folded() -> None:
    content = sample_issue.content()
    assert render.folded(content, MAIL, SCHEDULE, public_url=URL) == frozenset()


def test_stories_are_folded_only_when_no_brief_is_left() -> None:
    stories = tuple(sample_issue.story(n, f"Title {n}", "word " * 300) for n in range(102, 190))
    content = sample_issue.content(sections=(Section("Town", stories),), briefs=sample_issue.BRIEFS)
    mail = rendered(content)
    folded = render.folded(content, mail, SCHEDULE, public_url=URL)
    assert {story.article_id for story in sample_issue.BRIEFS} < folded
    assert "In brief" in seen(mail)  # there "and N more" stands


def test_a_page_of_the_web_folds_nothing() -> None:
    mail = render.render(sample_issue.big(400), SCHEDULE, public_url=URL, whole=True)
    assert len(re.findall(r"^Story number \d+", mail.text, re.MULTILINE)) == 400


def test_the_issues_page_is_the_edition_itself_unless_that_one_folds() -> None:
    small, large = sample_issue.content(), sample_issue.big(400)
    short, full = (replace(MAIL, html="as it was sent " * n) for n in (1, 5_000))
    for edition in (short, full):
        assert render.for_the_web(small, edition, SCHEDULE, public_url=URL) is edition
    page = render.for_the_web(large, full, SCHEDULE, public_url=URL)
    assert "Story number 400 of a week" in seen(page)


def test_a_storyline_of_the_year_folds_its_older_articles() -> None:
    thread = tuple(
        sample_issue.thread(1_000 + n, f"Part {n} " + "of a saga " * 20, 25) for n in range(500)
    )
    content = sample_issue.content(
        lead=replace(sample_issue.LEAD, thread=thread), sections=(), briefs=()
    )
    mail = rendered(content)
    assert len(mail.html.encode()) < render.HTML_LIMIT
    assert "And 492 more on the web" in seen(mail)
    assert "Part 499" in mail.text


@settings(max_examples=15, deadline=None)
@given(st.text(min_size=1, max_size=5_000), st.integers(1, 60))
def test_the_longest_words_do_not_break_the_limit(text: str, stories: int) -> None:
    made = [sample_issue.story(n, text, text) for n in range(stories)]
    content = sample_issue.content(lead=made[0], sections=(Section(text, tuple(made[1:])),))
    assert len(rendered(content).html.encode()) < render.HTML_LIMIT


def test_an_issue_without_a_lead_or_any_story_is_still_a_page() -> None:
    mail = rendered(sample_issue.content(lead=None, sections=(), briefs=(), left_out=(), intro=""))
    assert "The Sunday Catchup" in seen(mail)


def test_text_lines_are_no_wider_than_72_columns() -> None:
    lines = [line for line in MAIL.text.splitlines() if "https://" not in line]
    assert max(map(plaintext.width, lines)) <= plaintext.WIDTH


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("confirm", {"confirm_url": f"{URL}/confirm/abc"}),
        ("moved", {"confirm_url": f"{URL}/confirm/abc"}),
        ("goodbye", {"again_url": f"{URL}/n/sunday"}),
        ("login", {"login_url": f"{URL}/desk/login/abc", "editor_name": "Erin <b>"}),
        (
            "reminder",
            {
                "period": "2026-11-29",
                "subject": "The mole <b> will stand",
                "desk_url": f"{URL}/desk",
                "approve_url": "",
                "deadline": "Sunday 07:30, in 1 h 30 min",
                "rule": "After that it is held.",
            },
        ),
        ("held", {"period": "2026-11-29", "desk_url": f"{URL}/desk", "reason": "a <b> reason"}),
        ("skipped", {"period": "2026-11-29", "desk_url": f"{URL}/desk", "reason": "too few"}),
        (
            "paused",
            {
                "period": "2026-11-29",
                "desk_url": f"{URL}/desk",
                "reason": "535 5.7.8 no <b>",
                "remedy": "the password",
                "since": "Sun 29 Nov 08:00 GMT",
            },
        ),
        ("storm", {"count": "50", "since": "08:04 UTC <b>", "desk_url": f"{URL}/desk/readers"}),
    ],
)
def test_each_notice_says_what_it_is_about(kind: str, data: Mapping[str, object]) -> None:
    mail = render.render_notice(kind, data, SCHEDULE, public_url=URL)
    url = str(next(value for name, value in data.items() if name.endswith("_url")))
    assert tree(mail).xpath("//a/@href") == [url]
    assert f"\n{url}\n" in mail.text
    assert "The Sunday Catchup" in mail.subject
    assert mail.preheader
    assert not list(tree(mail).iter("b"))
    assert MARK not in mail.html + mail.text
    for value in data.values():
        said = "Sunday, 29 November 2026" if value == "2026-11-29" else str(value)
        assert said in seen(mail)
        assert said in mail.text


def notice(kind: str, data: Mapping[str, object], **changes: str) -> Rendered:
    schedule = sample_issue.schedule(**changes)
    return render.render_notice(kind, data, schedule, public_url=URL)


#: What each small mail to readers needs.
READERS_DATA = {
    kind: {name: f"{URL}/{name}/abc" if name.endswith("_url") else "" for name in needed}
    for kind, needed in render.READERS.items()
}


@pytest.mark.parametrize("kind", render.READERS)
@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "ar"])
def test_a_small_mail_speaks_the_newsletters_language(kind: str, language: str) -> None:
    mail = notice(kind, READERS_DATA[kind], language=language)
    page = tree(mail)
    assert (page.get("lang"), page.get("dir")) == (language, "rtl" if language == "ar" else "ltr")
    assert mail.subject
    assert "{" not in mail.subject + mail.preheader + mail.text
    urls = {value for value in READERS_DATA[kind].values() if value}
    assert set(page.xpath("//a/@href")) == urls
    english = notice(kind, READERS_DATA[kind])
    assert language == "en" or mail.subject != english.subject
    for url in urls:
        assert f"\n{url}\n" in mail.text


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_welcome_has_the_headlines_of_the_last_issue(language: str) -> None:
    data = {**READERS_DATA["welcome"], "headlines": "The quay <stands>\nFerries & fog"}
    mail, without = notice("welcome", data, language=language), READERS_DATA["welcome"]
    for line in ("The quay <stands>", "Ferries & fog"):
        assert line in seen(mail)
        assert f"\n  {line}\n" in mail.text
    bare = notice("welcome", without, language=language)
    words = tree(mail).xpath("string(//a[1])"), tree(bare).xpath("string(//a[1])")
    assert words[0] != words[1], "the button leads to the last issue, or to the archive"


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "ar"])
def test_a_welcome_while_an_issue_goes_out_says_what_comes_by_mail_and_what_not(
    language: str,
) -> None:
    data = {**READERS_DATA["welcome"], "headlines": "The quay"}
    usual = notice("welcome", data, language=language)
    now = notice("welcome", {**data, "under_way": "yes"}, language=language)
    said = Wording(language, "Europe/London").words["welcome"]
    for mail, words in ((usual, "latest"), (now, "under_way")):
        assert said[words] in seen(mail)
        assert said[words] in unwrapped(mail.text)
        assert said[f"button_{words}"] in seen(mail)


def test_a_small_mail_is_english_throughout_where_we_have_no_words() -> None:
    page = tree(notice("welcome", READERS_DATA["welcome"], language="pl"))
    assert page.get("lang") == "en"
    assert "every Sunday at 08:00" in page.text_content()


def test_the_welcome_tells_when_an_issue_comes() -> None:
    data = READERS_DATA["welcome"]
    assert "jeden Sonntag um 08:00 Uhr" in unwrapped(notice("welcome", data, language="de").text)
    assert "chaque dimanche à 08:00" in unwrapped(notice("welcome", data, language="fr").text)
    assert "الأحد" in notice("welcome", data, language="ar").text


def test_editors_are_written_to_in_english_also_by_an_arabic_newsletter() -> None:
    data = {"period": "2026-11-29", "desk_url": f"{URL}/desk", "reason": "too few"}
    page = tree(notice("held", data, **sample_issue.ARABIC))
    assert (page.get("lang"), page.get("dir")) == ("en", "ltr")


def test_the_report_of_a_send_has_its_numbers_in_both_parts() -> None:
    data = {
        "period": "2026-11-29",
        "subject": "The mole <will> stand",
        "began": "08:00",
        "ended": "08:07",
        "desk_url": f"{URL}/desk/sunday/2026-11-29",
        "audience": 12_345,
        "accepted": 12_300,
        "failed": 40,
        "skipped": 4,
        "uncertain": 1,
        "cancelled_by": "",
    }
    mail = notice("sent", data)
    assert mail.subject == "Sent: The Sunday Catchup of 2026-11-29 to 12,345 readers"
    rows = [
        row.xpath("string(th)") + row.xpath("string(td)") for row in tree(mail).xpath("//tr[th]")
    ]
    assert rows == ["Accepted12,300", "Failed40", "Left since4", "In doubt1", "Audience12,345"]
    assert re.search(r"^Accepted +12,300$", mail.text, re.MULTILINE)
    assert "The mole <will> stand" in seen(mail)
    assert "from 08:00 to 08:07" in seen(mail)
    one = notice("sent", {**data, "audience": 1, "ended": "08:00"})
    assert one.subject == "Sent: The Sunday Catchup of 2026-11-29 to 1 reader"
    assert "It left at 08:00;" in seen(one)
    assert "It left at 08:00;" in unwrapped(one.text)


def test_the_confirmation_holds_nothing_that_the_asker_can_write() -> None:
    data = {"confirm_url": f"{URL}/confirm/abc", "name": "BUY NOW", "address": "x@evil.example"}
    mail = render.render_notice("confirm", data, SCHEDULE, public_url=URL)
    assert "BUY" not in mail.html + mail.text
    assert "evil" not in mail.html + mail.text


def test_an_unknown_notice_is_refused() -> None:
    with pytest.raises(RenderError, match="no such notice; there are: confirm"):
        render.render_notice("spam", {}, SCHEDULE, public_url=URL)


def test_a_notice_without_its_values_names_them() -> None:
    with pytest.raises(RenderError, match="needs desk_url, period"):
        render.render_notice("held", {"reason": "x"}, SCHEDULE, public_url=URL)


def test_a_value_that_the_template_cannot_use_is_named_with_template_and_line() -> None:
    data = {"period": "someday", "desk_url": URL, "reason": "x"}
    with pytest.raises(RenderError, match=r"held/body\.mjml:\d+: ValueError"):
        render.render_notice("held", data, SCHEDULE, public_url=URL)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("one\n{{ nowhere }}", r"confirm/subject\.txt:2: UndefinedError: 'nowhere' is undefined"),
        ("one\n{% if %}", r"confirm/subject\.txt:2: Expected"),
        ("{% include 'gone.txt' %}", r"confirm/subject\.txt:1: TemplateNotFound"),
    ],
)
def test_a_broken_template_is_named_with_its_line(
    source: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "templates" / "email" / "confirm"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text(source, encoding="utf-8")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder.parent), undefined=jinja2.StrictUndefined
    )
    monkeypatch.setattr(render, "_environment", lambda own, traced=False: environment)
    monkeypatch.setattr(environments.places, "folder", lambda name: tmp_path / name)
    with pytest.raises(RenderError, match=message):
        render._fill("confirm/subject.txt", {})


def test_a_template_that_is_not_there_is_named() -> None:
    with pytest.raises(RenderError, match=r"^confirm/gone\.txt: TemplateNotFound"):
        render._fill("confirm/gone.txt", {})


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_a_story_that_goes_on_says_from_which_issue(theme: str) -> None:
    content = sample_issue.content()
    assert content.lead is not None
    item = replace(
        content.lead.thread[0], title="Who asks for a levy?", url="https://gazette.example/q"
    )
    lead = replace(content.lead, continues=Continued(period="2026-11-22", item=item), thread=())
    mail = rendered(replace(content, lead=lead), theme=theme)
    for part in (seen(mail), unwrapped(mail.text)):
        assert "Continued from the issue of 22 November 2026: Who asks for a levy?" in part
    assert "https://gazette.example/q" in mail.html
    assert "https://gazette.example/q" in mail.text


def test_a_picture_without_words_leaves_no_empty_column_where_pictures_are_off() -> None:
    (section, *_) = sample_issue.content().sections
    story = replace(section.stories[0], image=Image(sample_issue.PICTURE, ""))
    content = sample_issue.content(sections=(replace(section, stories=(story,)),))
    page = tree(rendered(content, theme="magazine"))
    (picture,) = (one for one in page.iter("img") if one.get("alt") == "")
    assert picture.getparent().get("width") is None
    assert not page.xpath("//table[@class='beside']")


def announcing() -> IssueContent:
    """The sample week, its lead announcing a day."""
    content = sample_issue.content()
    assert content.lead
    day = ComingDay(
        dt.date(2026, 12, 3),
        dt.time(19, 30),
        "The fair begins on 3 December at 7.30 pm <in Leeds>.",
    )
    return replace(content, lead=replace(content.lead, coming=(day,)))


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_the_days_to_come_stand_in_both_parts_behind_the_stories(theme: str) -> None:
    content = announcing()
    assert content.lead
    mail = rendered(content, theme=theme)
    for whole in (seen(mail), unwrapped(mail.text)):
        block = whole.split("In the days to come")[1].split("Nothing missed")[0]
        assert "Thursday 3 December, 19:30" in block
        assert "The fair begins on 3 December at 7.30 pm <in Leeds>." in block
        assert content.lead.title in block
    assert "In the days to come" not in seen(rendered(theme=theme))
