"""`digest webhook`: made, tried against a real listener, switched, removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.errors import BadInput
from tests.cli.test_commands import app, digest
from tests.hooks.listening import listening


def test_a_webhook_is_made_tried_told_again_and_removed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGEST_FETCH_ALLOW", "127.0.0.0/8")
    with listening() as listener:
        made = CliRunner().invoke(
            app, ["webhook", "add", "sunday", listener.url, "--event", "issue.sent"]
        )
        assert made.stdout.startswith("whsec_")
        assert digest("webhook", "test", "1").startswith("answered 204 in ")
        listener.answers = [500]
        failed = CliRunner().invoke(app, ["webhook", "test", "1"])
        assert (failed.exit_code, "answered 500" in failed.stdout) == (1, True)
        assert len(listener.heard) == 2
    lines = [line.split("\t") for line in digest("webhook", "deliveries", "1").splitlines()]
    assert [(one[0], *one[2:]) for one in lines] == [
        ("2", "test", "waiting", "1", "500"),
        ("1", "test", "delivered", "1", "204"),
    ]
    assert "told once more" in digest("webhook", "again", "1")
    assert digest("webhook", "secret", "1").startswith("whsec_")
    assert digest("webhook", "off", "1") == "webhook 1 is off\n"
    assert digest("webhook", "list").split("\t")[:3] == ["1", "sunday", "off"]
    assert digest("webhook", "on", "1") == "webhook 1 is on\n"
    assert "told nothing any more" in digest("webhook", "remove", "1")
    assert digest("webhook", "list") == ""


def test_a_webhook_that_cannot_be_is_refused_in_words(place: Path) -> None:
    for words in (
        ["sunday", "https://x.example/"],
        ["sunday", "https://x.example/", "--event", "everything"],
        ["sunday", "http://127.0.0.1/", "--event", "issue.sent"],
        ["monday", "https://x.example/", "--event", "issue.sent"],
    ):
        run = CliRunner().invoke(app, ["webhook", "add", *words])
        assert isinstance(run.exception, BadInput), words
