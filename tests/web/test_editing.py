"""Shaping an issue at the desk, with plain forms: what each button does, who may, and what two at once see."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from digest import drafting, shaping, variants
from digest.bootstrap import House
from digest.mail.slots import SLOTS
from digest.model import ArticleId, IssueContent, IssueStatus, Words
from digest.reconcile import reconcile
from digest.store import issues
from digest.store.engine import Database
from tests.houses import SCHEDULE, make_house
from tests.test_reconcile import CUT_OFF, DEADLINE, SEND, put
from tests.web.people import PERIOD, TestClient, field, seated, set_clock, the_issue

PATH = f"/desk/sunday/{PERIOD}"


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    """A house with a final draft of eight stories in two sections."""
    made = make_house(sqlite, tmp_path)
    put(made, 8)
    reconcile(made, now=CUT_OFF)
    set_clock(made, CUT_OFF)
    return made


def content(house: House) -> IssueContent:
    found = the_issue(house).content
    assert found is not None
    return found


def told(house: House) -> list[ArticleId]:
    return [one.article_id for one in content(house).stories]


def press(client: TestClient, to: str, **fields: object) -> object:
    """Press a button of the page as it is now; `seen` may say that the page is an older one."""
    form = {"csrf": client.csrf, "seen": client.get(f"{PATH}/version").json()["version"]}  # type: ignore[attr-defined]
    answer = client.post(f"{PATH}/{to}", data={**form, **fields})
    client.last = answer  # type: ignore[attr-defined]
    return answer.status_code


def test_a_story_is_moved_up_down_and_to_the_top(house: House) -> None:
    erin = seated(house, "editor")
    before = told(house)
    assert press(erin, "place", do=f"{before[2]} up") == 303
    after = told(house)
    assert after.index(before[2]) < 2
    press(erin, "place", do=f"{before[5]} lead")
    assert told(house)[0] == before[5]
    lead, follower = told(house)[:2]
    press(erin, "place", do=f"{lead} down")
    assert told(house)[0] != lead
    press(erin, "place", do=f"{follower} to Weather")
    assert [one.name for one in content(house).sections][-1] == "Weather"
    press(erin, "undo")
    press(erin, "undo")
    press(erin, "redo")
    assert told(house)[0] != lead


def test_every_story_walks_from_the_end_to_the_top_and_back(house: House) -> None:
    erin = seated(house, "editor")
    last = told(house)[-1]
    for _ in range(3 * len(told(house))):
        if told(house)[0] == last:
            break
        assert press(erin, "place", do=f"{last} up") == 303
    assert told(house)[0] == last
    for _ in range(3 * len(told(house))):
        press(erin, "place", do=f"{last} down")
    assert told(house)[-1] == last
    assert content(house).coverage.adds_up


def test_a_dropped_story_stands_among_the_left_out_and_comes_back(house: House) -> None:
    erin = seated(house, "editor")
    story = told(house)[1]
    assert press(erin, f"story/{story}/drop", reason="told on Monday") == 303
    assert story not in told(house)
    page = erin.get(PATH).text
    assert "left out by Erin: told on Monday" in page
    assert f'value="{story} back"' in page
    press(erin, "place", do=f"{story} back")
    assert story in told(house)


def test_a_story_is_written_and_given_back(house: House) -> None:
    erin = seated(house, "editor")
    story = told(house)[0]
    page = erin.get(f"{PATH}/story/{story}").text
    assert '<mark id="s1">' in page
    summary = "Two lines.\r\n\r\nBoth ours."
    press(erin, f"story/{story}", title="Our own headline", summary=summary, alt="")
    lead = content(house).lead
    assert lead is not None
    assert (lead.title, lead.summary.text) == ("Our own headline", "Two lines. Both ours.")
    shown = erin.get(f"{PATH}/story/{story}").text
    assert "The site’s:" in shown
    press(erin, f"story/{story}", title="", summary="", alt="")
    lead = content(house).lead
    assert lead is not None
    assert lead.title != "Our own headline"
    assert lead.summary.method != "editor"


def test_words_that_are_sent_as_they_were_shown_are_no_change(house: House) -> None:
    erin = seated(house, "editor")
    now = content(house)
    words = {"subject": now.subject, "preheader": now.preheader, "intro": now.intro, "outro": ""}
    press(erin, "words", **words)
    assert erin.get(f"{PATH}/version").json()["version"] == 0
    press(erin, "words", **(words | {"outro": "See you on Sunday."}))
    assert content(house).outro == "See you on Sunday."
    assert erin.get(f"{PATH}/version").json()["version"] == 1


def test_two_stories_are_told_together_and_apart_again(house: House) -> None:
    erin = seated(house, "editor")
    first, second = told(house)[:2]
    press(erin, f"story/{second}/join", into=str(first))
    assert second not in told(house)
    assert "Tell on its own" in erin.get(f"{PATH}/story/{first}").text
    press(erin, f"story/{second}/split")
    assert second in told(house)


def test_who_comes_second_sees_both_and_overwrites_nothing(house: House) -> None:
    erin, frank = seated(house, "editor"), seated(house, "publisher")
    story = told(house)[0]
    seen = {"csrf": frank.csrf, "seen": "0"}  # type: ignore[attr-defined]
    press(erin, f"story/{story}", title="Erin’s", summary="", alt="")
    answer = frank.post(f"{PATH}/story/{story}", data={**seen, "title": "Frank’s"})
    assert answer.status_code == 409
    assert "changed the headline meanwhile: “Erin’s”" in answer.text
    lead = content(house).lead
    assert lead is not None
    assert lead.title == "Erin’s"
    assert frank.post(f"{PATH}/words", data={**seen, "intro": "Frank’s"}).status_code == 303
    assert content(house).intro == "Frank’s"


def test_a_page_with_our_script_gets_the_issue_at_once(house: House) -> None:
    erin = seated(house, "editor")
    form = {"csrf": erin.csrf, "seen": "0", "do": f"{told(house)[3]} lead"}  # type: ignore[attr-defined]
    answer = erin.post(f"{PATH}/place", data=form, headers={"x-desk": "live"})
    assert answer.status_code == 200
    assert 'data-version="1"' in answer.text


def test_a_viewer_changes_nothing_and_an_approved_issue_is_a_publishers(house: House) -> None:
    story = told(house)[1]
    assert press(seated(house, "viewer"), "place", do=f"{story} lead") == 403
    publisher, editor = seated(house, "publisher"), seated(house, "editor")
    checksum = field(publisher.get(PATH).text, "checksum")
    form = {"csrf": publisher.csrf, "checksum": checksum}  # type: ignore[attr-defined]
    assert publisher.post(f"{PATH}/approve", data=form).status_code == 303
    assert press(editor, "place", do=f"{story} lead") == 403
    assert 'id="place"' not in editor.get(PATH).text
    assert press(publisher, "place", do=f"{story} lead") == 303
    assert the_issue(house).status is IssueStatus.DRAFT
    assert "the approval was taken back" in publisher.get(PATH).text.casefold()


@pytest.mark.parametrize("bad", ["lead", "7", "7 ", "x lead", "99999 lead", "99999 up"])
def test_a_button_that_is_none_of_ours_is_refused(house: House, bad: str) -> None:
    assert press(seated(house, "editor"), "place", do=bad) in (400, 404, 409, 422)
    assert erin_sees_version(house) == 0


def erin_sees_version(house: House) -> int:
    version: int = seated(house).get(f"{PATH}/version").json()["version"]
    return version


def test_what_went_out_is_not_changed_any_more(house: House) -> None:
    story = told(house)[1]
    for moment in (DEADLINE, SEND):
        reconcile(house, now=moment)
    erin = seated(house)
    assert press(erin, "place", do=f"{story} lead") == 409
    form = {"csrf": erin.csrf, "seen": "0", "do": f"{story} lead"}  # type: ignore[attr-defined]
    told_so = "The issue is sent: it cannot be changed any more."
    assert told_so in erin.post(f"{PATH}/place", data=form).text
    assert 'id="place"' not in seated(house).get(PATH).text


def test_a_story_of_no_issue_is_not_found(house: House) -> None:
    assert seated(house).get(f"{PATH}/story/99999").status_code == 404


def test_a_latecomer_is_named_until_it_is_put_somewhere(house: House) -> None:
    erin = seated(house, "editor")
    press(erin, "place", do=f"{told(house)[3]} lead")
    put(house, 1, first=40)
    with house.database.write() as session:
        issues.move(session, the_issue(house).id, to=IssueStatus.DRAFT, now=CUT_OFF)
    drafting.draft(house, the_issue(house), now=CUT_OFF)
    page = erin.get(PATH).text
    assert "1 story came after the last change" in page
    assert "Came later" in page
    press(erin, "place", do=f"{told(house)[-1]} up")
    assert "Came later" not in erin.get(PATH).text


def test_the_preview_without_images_the_dark_one_and_the_source(house: House) -> None:
    erin = seated(house, "viewer")
    without = erin.get(f"{PATH}/preview?images=off")
    assert "img-src" not in without.headers["content-security-policy"]
    assert "@media all" in erin.get(f"{PATH}/preview?scheme=dark").text
    assert "@media not all" in erin.get(f"{PATH}/preview?scheme=light").text
    source = erin.get(f"{PATH}/source").text
    assert source.startswith("To: A Reader <reader@example.net>")
    assert "List-Unsubscribe" in source


def form_of(page: str, action: str) -> dict[str, str]:
    """All that a form of the page would send if nobody touched it."""
    found = re.search(rf'<form[^>]*action="[^"]*{action}"[^>]*>(.*?)</form>', page, re.DOTALL)
    assert found, action
    fields = re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', found[1])
    fields += re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)<', found[1])
    return {name: html.unescape(value) for name, value in fields}


def test_who_left_a_field_as_it_stood_did_not_write_it(house: House) -> None:
    erin, frank = seated(house, "editor"), seated(house, "publisher")
    franks = form_of(frank.get(PATH).text, "/words")
    press(erin, "words", subject="Erin’s subject")
    assert frank.post(f"{PATH}/words", data=franks | {"intro": "Frank’s"}).status_code == 303
    assert (content(house).subject, content(house).intro) == ("Erin’s subject", "Frank’s")
    story = told(house)[1]
    franks = form_of(frank.get(f"{PATH}/story/{story}").text, f"/story/{story}")
    press(erin, f"story/{story}", title="Erin’s headline")
    answer = frank.post(f"{PATH}/story/{story}", data=franks | {"summary": "Frank’s, too."})
    assert answer.status_code == 303
    second = content(house).stories[1]
    assert (second.title, second.summary.text) == ("Erin’s headline", "Frank’s, too.")


def test_what_the_program_wrote_meanwhile_is_not_taken_for_an_editors(house: House) -> None:
    erin = seated(house, "editor")
    shown = form_of(erin.get(PATH).text, "/words")
    put(house, 2, first=40)
    drafting.draft(house, the_issue(house), now=CUT_OFF)
    assert content(house).intro != shown["intro"]
    assert erin.post(f"{PATH}/words", data=shown | {"outro": "Bye."}).status_code == 303
    with house.database.read() as session:
        shape = shaping.shape_of(session, the_issue(house))
    assert shape.mail == {Words.OUTRO: "Bye."}


def test_the_words_of_who_comes_second_stay_in_their_fields(house: House) -> None:
    erin, frank = seated(house, "editor"), seated(house, "publisher")
    story = told(house)[0]
    words = form_of(frank.get(PATH).text, "/words")
    own = form_of(frank.get(f"{PATH}/story/{story}").text, f"/story/{story}")
    press(erin, f"story/{story}", summary="Erin’s.")
    press(erin, "words", intro="Erin’s.")
    answer = frank.post(f"{PATH}/words", data=words | {"intro": "Frank’s long work."})
    assert answer.status_code == 409
    assert form_of(answer.text, "/words")["intro"] == "Frank’s long work."
    answer = frank.post(f"{PATH}/story/{story}", data=own | {"summary": "Frank’s long work."})
    assert answer.status_code == 409
    assert "changed the summary meanwhile: “Erin’s.”" in html.unescape(answer.text)
    again = form_of(answer.text, f"/story/{story}")
    assert (again["summary"], again["was_summary"]) == ("Frank’s long work.", "Erin’s.")
    assert frank.post(f"{PATH}/story/{story}", data=again).status_code == 303
    assert content(house).stories[0].summary.text == "Frank’s long work."


def test_a_change_shows_the_form_of_the_mail_that_was_looked_at(
    sqlite: Database, tmp_path: Path
) -> None:
    offered = SCHEDULE + '[variants]\nlanguages = ["de"]\nsections = true\n'
    made = make_house(sqlite, tmp_path, schedule=offered)
    put(made, 8)
    reconcile(made, now=CUT_OFF)
    set_clock(made, CUT_OFF)
    erin = seated(made, "editor")
    asked = "variant=de.broadsheet&without=Town"
    form = {"csrf": erin.csrf, "seen": "0", "do": f"{told(made)[3]} lead"}  # type: ignore[attr-defined]
    answer = erin.post(f"{PATH}/place?{asked}", data=form, headers={"x-desk": "live"})
    page = html.unescape(answer.text)
    assert f"&{asked}" in page
    assert '<option value="de.broadsheet" selected>' in page
    assert "every form of it is approved with it" in page


def test_a_section_may_be_called_as_a_place_is(sqlite: Database, tmp_path: Path) -> None:
    made = make_house(sqlite, tmp_path)
    put(made, 8)
    reconcile(made, now=CUT_OFF)
    set_clock(made, CUT_OFF)
    erin = seated(made, "editor")
    first, second, third, *_ = told(made)[2:]
    for name, story in (("lead", first), ("briefs", second)):
        assert press(erin, "place", do=f"{story} to {name}") == 303
    lead, sections = content(made).lead, {one.name: one for one in content(made).sections}
    assert lead is not None
    assert lead.article_id not in (first, second)
    assert [one.article_id for one in sections["lead"].stories] == [first]
    assert [one.article_id for one in sections["briefs"].stories] == [second]
    press(erin, "place", do=f"{third} to briefs", before=str(second))
    press(erin, "place", do=f"{third} down")
    (inside,) = [one for one in content(made).sections if one.name == "briefs"]
    assert [one.article_id for one in inside.stories] == [second, third]
    page = erin.get(f"{PATH}/story/{second}").text
    assert f'value="{second} to briefs" disabled' in page
    assert f'value="{second} briefs">In brief' in page


@pytest.mark.parametrize("kind", ["place", "words", "story", "join", "undo"])
def test_what_is_answered_the_preview_and_the_checksum_agree(house: House, kind: str) -> None:
    erin = seated(house, "editor")
    stories = told(house)
    press(erin, "place", do=f"{stories[4]} lead")
    to, fields = {
        "place": ("place", {"do": f"{stories[3]} lead"}),
        "words": ("words", {"subject": "Ours"}),
        "story": (f"story/{stories[1]}", {"title": "Our own headline"}),
        "join": (f"story/{stories[2]}/join", {"into": str(stories[1])}),
        "undo": ("undo", {}),
    }[kind]
    form = {"csrf": erin.csrf, "seen": "1", **fields}  # type: ignore[attr-defined, dict-item]
    answer = erin.post(f"{PATH}/{to}", data=form, headers={"x-desk": "live"})
    assert answer.status_code == 200
    issue = the_issue(house)
    assert issue.edition is not None
    assert f'data-checksum="{issue.edition.checksum}"' in answer.text
    assert answer.text == erin.get(PATH).text
    printed = variants.print_all(
        content(house), house.schedule("sunday"), public_url=house.public_url
    )
    assert issue.edition.rendered == printed.rendered
    shown = erin.get(f"{PATH}/preview").text
    before, after = printed.rendered.html.split(SLOTS["leave_url"], 1)
    assert shown.startswith(before)
    assert shown.endswith(after.rsplit(SLOTS["leave_url"], 1)[-1])


def test_a_page_of_pieces_that_were_kept_is_the_page_that_is_made_anew(house: House) -> None:
    erin = seated(house, "editor")
    for step in ("lead", "drop", "up"):
        press(erin, "place", do=f"{told(house)[3]} {step}")
        erin.get(PATH)
    press(erin, f"story/{told(house)[2]}", title="Ours")
    put(house, 1, first=40)
    drafting.draft(house, the_issue(house), now=CUT_OFF)
    anew = seated(house, "editor")  # at an application of its own, which kept nothing
    ours, theirs = (one.get(PATH).text.replace(one.csrf, "") for one in (erin, anew))  # type: ignore[attr-defined]
    assert "Came later" in ours
    assert ours == theirs
