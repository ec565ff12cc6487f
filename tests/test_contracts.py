"""The contracts can fail: what a source, a summariser or a webhook may do wrong turns one of them red."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from digest.contracts import Call, SourceContract, SummariserContract, WebhookContract
from digest.contracts.summarisers import STORIES
from digest.errors import Forged
from digest.model import IncomingArticle, Report, ReportKind, Sentence, Summary
from digest.protocols import Collected, PollState, ReportReader, Source, Summariser, SummaryLimits
from tests.test_house import MODULES, _packages

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
STORY = IncomingArticle(source="site", source_id="1", title="Goats", text="Two goats came.")
RED = (AssertionError, pytest.fail.Exception)


def test_nothing_of_the_program_imports_pytest_or_the_contracts() -> None:
    for module in MODULES:
        text = module.read_text(encoding="utf-8")
        if "contracts" not in module.parts:
            assert "pytest" not in text or "pytest" not in _packages(module)
            assert "digest.contracts" not in text


# ---------------------------------------------------------------- sources


class Given(SourceContract):
    """A source that gives what it is told to, and another set the second time."""

    def __init__(self, *articles: IncomingArticle, later: tuple[IncomingArticle, ...] = ()) -> None:
        self.articles, self.later = articles, later

    @contextmanager
    def source(self, folder: Path) -> Iterator[Source]:
        yield self  # type: ignore[misc]

    lost = source

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        return Collected(self.later if state.etag else self.articles, state=PollState(etag="1"))


OTHER = replace(STORY, source_id="2", title="Boats")


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        ("its_stories_can_be_stored", [replace(STORY, text=" "), OTHER]),
        ("its_stories_can_be_stored", [STORY]),
        ("its_stories_can_be_stored", [replace(STORY, url="goats.html"), OTHER]),
        ("it_is_called_as_the_schedule_says", [replace(STORY, source="another"), OTHER]),
        ("a_story_is_text_without_markup", [replace(STORY, text="Two <b>a</b> <br> came"), OTHER]),
        ("a_story_is_text_without_markup", [replace(STORY, title="Goats &amp; boats"), OTHER]),
        ("two_stories_are_never_one", [STORY, STORY]),
        ("a_date_is_told_with_its_zone_and_never_guessed", [replace(STORY, published_at=NOW)]),
        ("where_nothing_can_be_had_it_says_so", [STORY]),
    ],
)
def test_a_bad_source_is_found(check: str, bad: list[IncomingArticle], tmp_path: Path) -> None:
    good = [replace(STORY, text="Two goats came."), OTHER]
    method = getattr(SourceContract, f"test_{check}")
    if "nothing" not in check:
        method(Given(*good), tmp_path)
    with pytest.raises(RED):
        method(Given(*bad), tmp_path)


def test_a_source_that_gives_the_same_under_another_name_is_found(tmp_path: Path) -> None:
    again = Given(STORY, OTHER, later=(replace(STORY, source_id="3"),))
    with pytest.raises(RED):
        again.test_asked_again_it_gives_nothing_new(tmp_path)


# ---------------------------------------------------------------- summarisers


class Said(SummariserContract):
    """A summariser that says what it is told to."""

    name = "said"

    def __init__(self, *said: Summary) -> None:
        self.said, self.calls = said, 0

    def summariser(self) -> Summariser:
        return self

    def summarise(self, title: str, text: str, limits: SummaryLimits) -> Summary:
        self.calls += 1
        return self.said[self.calls % len(self.said)]


def said(text: str, *sentences: Sentence) -> Summary:
    return Summary(text, sentences, "said")


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        ("a_story_is_told_in_plain_words_on_one_line", [said("")]),
        ("a_story_is_told_in_plain_words_on_one_line", [said("Two\nlines.")]),
        ("a_story_is_told_in_plain_words_on_one_line", [said("<b>Bold</b> words.")]),
        ("a_summary_says_nothing_that_the_story_does_not", [said("Ten councillors were hurt.")]),
        ("sentences_that_are_said_to_be_the_storys_are", [said("x", Sentence("The town", 0, 8))]),
    ],
)
def test_a_bad_summariser_is_found(check: str, bad: list[Summary]) -> None:
    with pytest.raises(RED):
        getattr(Said(*bad), f"test_{check}")(*STORIES[0])


def test_a_summariser_that_is_long_fickle_or_loud_about_nothing_is_found() -> None:
    with pytest.raises(RED):
        Said(said("word " * 21)).test_the_limits_are_kept(1, 20)
    with pytest.raises(RED):
        Said(
            said("One."), said("Two."), said("Three.")
        ).test_the_same_story_has_the_same_summary_whatever_came_before()
    with pytest.raises(RED):
        Said(said("Something.")).test_no_text_has_no_summary()


# ---------------------------------------------------------------- webhooks


class Hook(WebhookContract):
    """A webhook whose proof is a word in a header; `careless` names what it does wrong."""

    signs_body = signs_time = True
    secret = "hush-hush-hush"

    def __init__(self, careless: str = "") -> None:
        self.careless = careless

    def reader(self) -> ReportReader:
        return _Reader(self.secret, self.careless)

    def stranger(self) -> ReportReader:
        return _Reader("another", self.careless)

    def bounce(self, at: dt.datetime) -> Call:
        told = {"id": "e1", "ref": self.ref, "to": self.address, "at": at.isoformat()}
        body = json.dumps(told).encode()
        return Call({"proof": f"{self.secret} {at.isoformat()} {body.hex()}"}, body)


class _Reader:
    name = "hook"

    def __init__(self, secret: str, careless: str) -> None:
        self.secret, self.careless, self.calls = secret, careless, 0

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> Iterable[Report]:
        self.calls += 1
        proof = (headers.get("proof") or "- - -").split(" ")
        wrong = {
            "proof": proof[0] != self.secret,
            "body": proof[-1] != body.hex(),
            "time": not proof[1].startswith(now.isoformat()[:10]),
        }
        if any(found for what, found in wrong.items() if what != self.careless):
            told = f": {self.secret}" if self.careless == "secret" else ""
            raise Forged(f"the proof does not fit{told}")
        given = json.loads(body)
        event_id = f"{given['id']}:{self.calls if self.careless == 'again' else ''}"
        at = dt.datetime.fromisoformat(given["at"])
        ref = "" if self.careless == "ref" else given["ref"]
        yield Report(
            provider=self.name,
            event_id=event_id,
            kind=ReportKind.BOUNCED,
            at=at,
            ref=ref,
            address=given["to"],
            status="5.1.1",
        )


CHECKS = {
    "ref": "a_true_call_is_read",
    "again": "the_same_event_told_again_has_the_same_id",
    "proof": "what_proves_itself_to_another_account_is_forged_here",
    "body": "an_altered_body_is_forged_where_the_body_is_signed",
    "secret": "without_its_proof_a_call_is_forged",
}


@pytest.mark.parametrize("careless", CHECKS)
def test_a_careless_webhook_is_found(careless: str) -> None:
    name = f"test_{CHECKS[careless]}"
    getattr(Hook(), name)()
    with pytest.raises(RED):
        getattr(Hook(careless), name)()


def test_a_webhook_that_believes_yesterdays_call_is_found() -> None:
    Hook().test_a_call_of_another_day_is_forged_where_its_time_is_signed(-1)
    with pytest.raises(RED):
        Hook("time").test_a_call_of_another_day_is_forged_where_its_time_is_signed(-1)


def test_a_webhook_that_breaks_at_odd_bodies_is_found() -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Hook("body").test_whatever_comes_is_read_or_refused_and_breaks_nothing()
