"""The forms of a mail at the desk and in the archive: asked for in the address, shown, and sent as a proof."""

from __future__ import annotations

import re
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest

from digest.bootstrap import House
from digest.delivery import proofs
from digest.model import Choice, IssueStatus
from digest.store import notices
from digest.store.engine import Database
from digest.web.chosen import Chosen
from tests.houses import SCHEDULE, make_house
from tests.web.people import PERIOD, field, put_draft, seated, send, the_issue, visitor

PATH = f"/desk/sunday/{PERIOD}"
VARIANTS = (
    SCHEDULE
    + """
[variants]
languages = ["de", "ar"]
themes = ["plain"]
sections = true
"""
)


@pytest.fixture
def offering(sqlite: Database, tmp_path: Path) -> House:
    """A house whose readers may choose, with a draft."""
    house = make_house(sqlite, tmp_path, schedule=VARIANTS)
    put_draft(house)
    return house


def test_the_desk_offers_what_readers_may_choose_and_nothing_where_they_may_not(
    offering: House, sqlite: Database, tmp_path: Path
) -> None:
    page = seated(offering).get(PATH).text
    for words in ("English, broadsheet", "German, plain", "Arabic, broadsheet"):
        assert f">{words}</option>" in page
    assert re.findall(r'name="without" id="without-\d+" value="([^"]*)"', page) == ["Town"]
    assert "every form of it is approved with it" in page
    plain = make_house(sqlite, tmp_path / "plain")
    put_draft(plain, lead="Another")
    page = seated(plain).get(PATH).text
    assert "<option" not in page
    assert 'name="without"' not in page


def test_a_form_is_shown_in_both_parts_and_asked_for_in_the_address(offering: House) -> None:
    client = seated(offering)
    asked = "variant=de.plain&without=Town"
    page = client.get(f"{PATH}?{asked}").text
    assert '<option value="de.plain" selected>' in page
    assert f"&amp;{asked.replace('&', '&amp;')}" in page
    mail = client.get(f"{PATH}/preview?{asked}").text
    assert '<html lang="de"' in mail
    assert "In den anderen Ressorts" in mail
    text = client.get(f"{PATH}/text?{asked}").text
    assert "In den anderen Ressorts" in text
    assert "zqSLOT" not in mail + text
    assert '<html lang="en"' in client.get(f"{PATH}/preview").text


@pytest.mark.parametrize(
    "asked", ["", "variant=de.plain", "variant=ar.broadsheet&without=Town", "without=Town"]
)
def test_what_is_shown_of_a_form_is_what_its_message_holds(offering: House, asked: str) -> None:
    client = seated(offering)
    source = client.get(f"{PATH}/source?{asked}").text
    message = message_from_string(source, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    for kind, path in (("html", "preview"), ("plain", "text")):
        part = message.get_body((kind,))
        assert part is not None
        shown = client.get(f"{PATH}/{path}?{asked}").text
        assert str(part.get_content()).splitlines() == shown.splitlines()


@pytest.mark.parametrize(
    "asked", ["variant=xx.none", "variant=", "without=Nowhere", f"variant={'x' * 900}"]
)
def test_what_there_is_not_shows_the_mail_as_it_comes(offering: House, asked: str) -> None:
    client = seated(offering)
    plain = client.get(f"{PATH}/preview").text
    assert client.get(f"{PATH}/preview?{asked}").text == plain
    assert client.get(f"{PATH}?{asked}").status_code == 200


def test_a_proof_is_of_the_form_on_the_page(offering: House) -> None:
    client = seated(offering)
    page = client.get(f"{PATH}?variant=ar.plain&without=Town").text
    shown = {"csrf": field(page, "csrf"), "form": field(page, "form").replace("&amp;", "&")}
    answer = client.post(f"{PATH}/proof", data=shown)
    assert answer.headers["location"] == f"{PATH}?variant=ar.plain&without=Town&proof=asked#mail"
    with offering.database.read() as session:
        (waiting,) = notices.queued(session)
    proof = proofs.message(offering, waiting)
    assert '<html lang="ar" dir="rtl"' in proof.mail.rendered.html
    assert proof.mail.rendered.subject == "[Proof] The quay is approved"
    assert Choice.of(waiting.data["choice"]) == Choice("ar", "plain", ("Town",))


def test_one_approval_is_of_every_form(offering: House) -> None:
    client, issue = seated(offering), the_issue(offering)
    page = client.get(f"{PATH}?variant=de.plain").text
    assert issue.edition is not None
    assert field(page, "checksum") == issue.edition.checksum
    form = {"csrf": field(page, "csrf"), "checksum": issue.edition.checksum}
    assert client.post(f"{PATH}/approve", data=form).status_code == 303
    assert the_issue(offering).status is IssueStatus.APPROVED


def test_the_archive_shows_the_form_whose_link_it_is(offering: House) -> None:
    send(offering)
    client = visitor(offering)
    page = f"/archive/sunday/{PERIOD}"
    assert '<html lang="en"' in client.get(page).text
    for variant, words in (
        ("de.broadsheet", "Diese Ausgabe im Netz lesen"),
        ("ar.plain", "\u0627\u0642\u0631\u0623"),
    ):
        shown = client.get(f"{page}?variant={variant}")
        assert words in shown.text
        assert "zqSLOT" not in shown.text
    assert client.get(f"{page}?variant=xx.none").text == client.get(page).text


def test_a_query_is_read_as_it_was_written() -> None:
    chosen = Chosen("de.plain", ("Sea & trade", "Täglich?", "a=b"))
    assert Chosen.of(chosen.query) == chosen
    assert quote("Sea & trade", safe="").replace("%20", "+") in chosen.query
    assert Chosen.of("").query == ""
