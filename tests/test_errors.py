"""Errors: what they say, and that the class answers the caller's question."""

from __future__ import annotations

import inspect
import re

import pytest

from digest import errors
from digest.errors import (
    BadInput,
    ConfigError,
    DeliveryError,
    DigestError,
    Fault,
    FetchError,
    Refused,
    RenderError,
    SendHalted,
    TryLater,
    Uncertain,
)

ALL = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, Exception)]


def test_every_error_is_one_of_ours() -> None:
    assert all(issubclass(one, DigestError) for one in ALL)


def test_the_tree_in_the_document_is_the_tree_of_the_classes() -> None:
    drawn = re.findall(r"^[│ ]*[├└]── (\w+)", errors.__doc__ or "", re.MULTILINE)
    assert sorted(drawn) == sorted(one.__name__ for one in ALL if one is not DigestError)


@pytest.mark.parametrize("kind", [TryLater, Refused, Uncertain, SendHalted])
def test_a_providers_answer_is_kept_on_one_line_and_not_endless(kind: type[DeliveryError]) -> None:
    error = kind("451 4.3.0\r\n  try   later " + "x" * 900)
    assert error.reply.startswith("451 4.3.0 try later xxx")
    assert len(error.reply) == 500
    assert str(error) == error.reply
    assert isinstance(error, DeliveryError)


@pytest.mark.parametrize("kind", [TryLater, Refused, Uncertain, SendHalted])
def test_a_providers_answer_is_what_every_database_takes(kind: type[DeliveryError]) -> None:
    error = kind("550 5.1.1 no \0such \ud800 user")
    assert error.reply == str(error) == "550 5.1.1 no such ? user"


def test_try_later_says_how_long_and_whether_it_was_an_attempt() -> None:
    error = TryLater("busy", wait_s=30.0, counts=False)
    assert (error.wait_s, error.counts) == (30.0, False)
    assert TryLater("busy").counts


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("a.toml", 3, "rank.views", "too many"), "a.toml:3: rank.views: too many"),
        (Fault("a.toml", None, "rank", "too many"), "a.toml: rank: too many"),
        (Fault("a.toml", 3, "", "no TOML"), "a.toml:3: no TOML"),
        (Fault("environment", None, "", "odd"), "environment: odd"),
    ],
)
def test_a_fault_says_where_and_what(fault: Fault, text: str) -> None:
    assert str(fault) == text


def test_a_config_error_lists_every_fault() -> None:
    faults = [Fault("a.toml", 1, "x", "one"), Fault("b.toml", 2, "y", "two")]
    error = ConfigError(iter(faults))
    assert error.faults == tuple(faults)
    assert str(error).splitlines() == ["a.toml:1: x: one", "b.toml:2: y: two"]


def test_a_bad_input_names_the_item() -> None:
    error = BadInput("line 3", "no address")
    assert (error.item, error.reason, str(error)) == ("line 3", "no address", "line 3: no address")


def test_a_fetch_error_says_whether_to_ask_again() -> None:
    error = FetchError("https://a.example/", "gone", permanent=True, wait_s=5)
    assert (error.permanent, error.wait_s) == (True, 5)
    assert str(error) == "https://a.example/: gone"
    assert not FetchError("https://a.example/", "busy").permanent


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (RenderError("body.mjml", "no tag"), "body.mjml: no tag"),
        (RenderError("body.mjml", "no tag", line=7), "body.mjml:7: no tag"),
        (RenderError("body.mjml", "no tag", line=7, item="42"), "body.mjml:7: no tag (in 42)"),
    ],
)
def test_a_render_error_names_the_template_its_line_and_the_item(
    error: RenderError, text: str
) -> None:
    assert str(error) == text
