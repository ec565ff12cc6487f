"""An operator's templates are tried before they are needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest import trying
from digest.cli import app
from digest.schedules import Schedule
from tests import sample_issue

URL = sample_issue.PUBLIC_URL


def schedule(folder: Path | None) -> Schedule:
    own = sample_issue.schedule()
    look = own.render.model_copy(update={"templates": folder})
    return own.model_copy(update={"render": look})


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_templates_of_ours_are_not_tried() -> None:
    assert trying.faults(schedule(None), URL) == ()


def test_every_mail_comes_out_of_templates_that_are_fine(tmp_path: Path) -> None:
    put(tmp_path, "confirm/subject.txt", "Please")
    assert trying.faults(schedule(tmp_path), URL) == ()
    assert trying.strangers(schedule(tmp_path)) == ()


def test_the_faults_of_all_mails_are_told_at_once_each_one_once(tmp_path: Path) -> None:
    put(tmp_path, "confirm/body.mjml", "\n<mj-foo />")
    put(tmp_path, "digest/body.txt", "{{ nowhere }}")
    found = [str(fault) for fault in trying.faults(schedule(tmp_path), URL)]
    assert found == [
        f"{tmp_path}/confirm/body.mjml:2: <mj-foo>: there is no such tag; mj-font perhaps?",
        f"{tmp_path}/digest/body.txt:1: UndefinedError: 'nowhere' is undefined",
    ]


def test_a_template_that_fails_in_a_thin_week_only_is_found(tmp_path: Path) -> None:
    put(tmp_path, "digest/subject.txt", "{{ content.sections[0].name }}")
    (fault,) = trying.faults(schedule(tmp_path), URL)
    assert fault.line == 1


def test_a_file_that_belongs_to_no_mail_is_told(tmp_path: Path) -> None:
    put(tmp_path, "diggest/body.mjml", "x")
    assert trying.strangers(schedule(tmp_path)) == (
        "render.templates: diggest/body.mjml belongs to no mail",
    )


@pytest.mark.parametrize("command", ["check", "worker", "up"])
def test_nothing_starts_with_a_faulty_template(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "mine/confirm/body.mjml", "\n\n<mj-foo />")
    sample = Path(__file__).parents[1] / "schedules" / "sunday.toml"
    text = sample.read_text(encoding="utf-8").replace("[render]", '[render]\ntemplates = "mine"')
    put(tmp_path, "schedules/sunday.toml", text)
    done = CliRunner().invoke(app, [command])
    assert done.exit_code != 0
    assert "mine/confirm/body.mjml:3: <mj-foo>: there is no such tag" in str(done.exception)
