"""An operator's own templates: they stand over ours, and can do nothing but say how a mail looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from digest import child, own_templates, render
from digest.errors import RenderError
from digest.model import Rendered
from digest.schedules import Schedule
from tests import sample_issue
from tests.mail import escapes

URL = sample_issue.PUBLIC_URL
DATA = {"confirm_url": f"{URL}/confirm/abc"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mine"
    made.mkdir()
    return made


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def schedule(folder: Path) -> Schedule:
    own = sample_issue.schedule()
    look = own.render.model_copy(update={"templates": folder})
    return own.model_copy(update={"render": look})


def confirmation(folder: Path) -> Rendered:
    return render.render_notice("confirm", DATA, schedule(folder), public_url=URL)


def body(words: str) -> str:
    return (
        '{% extends "shipped/confirm/body.mjml" %}{% block words %}<p>'
        + words
        + "</p>{% endblock %}"
    )


@pytest.mark.parametrize("arabic", [False, True])
def test_ours_come_out_of_the_sandbox_as_they_come_out_here(folder: Path, arabic: bool) -> None:
    content = sample_issue.arabic_content() if arabic else sample_issue.content()
    plain = sample_issue.schedule(**(sample_issue.ARABIC if arabic else {}))
    put(folder, "_nothing/of_use.txt", "x")
    look = plain.render.model_copy(update={"templates": folder})
    own = plain.model_copy(update={"render": look})
    made = render.render(content, own, public_url=URL)
    assert made == render.render(content, plain, public_url=URL)


def test_a_file_stands_over_ours_of_the_same_name(folder: Path) -> None:
    put(folder, "confirm/subject.txt", "Shall we, {{ newsletter.name }}?")
    mail = confirmation(folder)
    assert mail.subject == "Shall we, The Sunday Catchup?"
    assert "Please confirm" in mail.text


def test_one_block_of_ours_can_be_changed_alone(folder: Path) -> None:
    put(folder, "confirm/body.mjml", body("Our own words & more"))
    mail = confirmation(folder)
    assert "Our own words & more" in mail.html
    assert "Confirm my subscription" in mail.html


def test_a_part_that_ours_include_can_be_changed_for_all_mails(folder: Path) -> None:
    put(folder, "_parts/stories.txt", "{% macro lead(story) %}{% endmacro %}")
    with pytest.raises(RenderError, match=r"digest/body\.txt"):
        render.render(sample_issue.content(), schedule(folder), public_url=URL)


def test_a_change_of_a_file_shows_at_once(folder: Path) -> None:
    subjects = []
    for text in ("One", "Two"):
        put(folder, "confirm/subject.txt", text)
        subjects.append(confirmation(folder).subject)
    assert subjects == ["One", "Two"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("confirm/body.txt", "a\n{{ nowhere }}", "confirm/body.txt:2: UndefinedError: 'nowhere'"),
        ("confirm/body.txt", "a\n\n{% if %}", "confirm/body.txt:3: Expected"),
        ("confirm/body.mjml", "\n<mjml>\n<mj-foo />\n</mjml>", "confirm/body.mjml:3: <mj-foo>"),
        ("confirm/body.mjml", body("<b>") + "\n", "confirm/body.mjml:1: <b> is not closed"),
        ("confirm/body.mjml", body("\n<i></b>\n"), "confirm/body.mjml:2: </b> closes no tag"),
        ("confirm/body.txt", "{% include 'gone.txt' %}", "confirm/body.txt:1: TemplateNotFound"),
    ],
)
def test_a_fault_is_told_with_its_template_and_line(
    folder: Path, name: str, text: str, told: str
) -> None:
    put(folder, name, text)
    with pytest.raises(RenderError) as caught:
        confirmation(folder)
    assert str(caught.value).startswith(told)


def test_a_fault_in_a_part_is_told_where_it_stands(folder: Path) -> None:
    put(
        folder,
        "_base/mine.mjml",
        "{% macro m() %}\n<mj-text colour='red'>x</mj-text>{% endmacro %}",
    )
    top = '{% extends "_base/letter.mjml" %}{% import "_base/mine.mjml" as mine %}{% block body %}'
    wrapped = "<mj-section><mj-column>{{ mine.m() }}</mj-column></mj-section>{% endblock %}"
    put(folder, "confirm/body.mjml", f"{top}\n{wrapped}")
    with pytest.raises(
        RenderError, match=r"^_base/mine\.mjml:2: <mj-text>: no attribute is called"
    ):
        confirmation(folder)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"the folder of \[render\] templates is not there"):
        confirmation(tmp_path / "gone")


def test_what_is_no_text_or_leads_elsewhere_or_is_too_much_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "confirm.txt"
    path.write_bytes(b"\xff")
    with pytest.raises(RenderError, match=r"confirm\.txt: is no text in UTF-8"):
        own_templates.read(folder)
    path.unlink()
    (tmp_path / "elsewhere.txt").write_text("x")
    path.symlink_to(tmp_path / "elsewhere.txt")
    with pytest.raises(RenderError, match="leads out of its folder"):
        own_templates.read(folder)
    monkeypatch.setattr(own_templates, "LARGEST", 0)
    with pytest.raises(RenderError, match="more than 0 bytes"):
        own_templates.read(folder)


@pytest.fixture(scope="module")
def quick() -> Iterator[child.Worker]:
    """A child that is given half a second, for templates that want more."""
    worker = child.Worker(seconds=0.5, memory=own_templates.MEMORY)
    yield worker
    worker.close()


@pytest.fixture
def impatient(quick: child.Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_templates, "_CHILD", quick)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("attempt", escapes.ATTEMPTS)
def test_no_template_gets_out_of_the_sandbox(
    attempt: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGEST_SECRET_KEY", escapes.SECRET)
    secret = tmp_path / ".env"
    secret.write_text(f"DIGEST_SECRET_KEY={escapes.SECRET}\n")
    put(folder, "confirm/body.txt", attempt.replace("{file}", str(secret)))
    try:
        came = confirmation(folder).text
    except RenderError as error:
        came = str(error)
    assert not [leak for leak in escapes.LEAKS if leak in came]


@pytest.mark.usefixtures("impatient")
def test_a_mail_can_be_made_again_after_one_that_was_stopped(folder: Path) -> None:
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    put(folder, "confirm/subject.txt", endless)
    with pytest.raises(RenderError, match=r"confirm/subject\.txt: takes more than"):
        confirmation(folder)
    put(folder, "confirm/subject.txt", "Fine")
    assert confirmation(folder).subject == "Fine"


def test_the_child_has_nothing_of_our_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGEST_SECRET_KEY", escapes.SECRET)
    worker = child.Worker(seconds=5, memory=own_templates.MEMORY)
    monkeypatch.setattr(own_templates, "_CHILD", worker)
    put(folder, "confirm/subject.txt", "Fine")
    before = set(psutil.Process().children())
    confirmation(folder)
    (process,) = set(psutil.Process().children()) - before
    assert not process.environ()
    worker.close()
