"""Lines for machines: one form for ours and the libraries', and no person in them."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from digest import logs
from digest.audience import signup
from digest.bootstrap import House
from digest.delivery import sender
from digest.delivery.watch import Watch
from digest.errors import TryLater
from digest.reconcile import reconcile
from digest.store.engine import Database
from tests.delivery.sundays import Post, a_house, put_approved, put_readers
from tests.houses import make_house
from tests.test_reconcile import SEND
from tests.web.people import visitor


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(one) for one in capsys.readouterr().err.splitlines()]


def test_a_line_of_json_has_what_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("INFO", "json")
    with logs.about(newsletter="sunday", issue=7):
        logs.get("room").info("did", n=1)
    logs.get("room").info("done")
    first, second = lines(capsys)
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "did", "level": "info", "room": "room", "n": 1, "newsletter": "sunday", "issue": 7,
    }  # fmt: skip
    assert "newsletter" not in second


def test_what_libraries_say_comes_in_the_same_form_and_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.set_up("INFO", "json")
    logs.set_up("INFO", "json")
    with logs.about(request="r-12345678"):
        logging.getLogger("apscheduler").warning("a job was %s", "missed")
        logging.getLogger("uvicorn").info("not for us")
    (line,) = lines(capsys)
    assert line["event"] == "a job was missed"
    assert line["logger"] == "apscheduler"
    assert line["level"] == "warning"
    assert line["request"] == "r-12345678"


def test_lines_of_a_send_say_which_issue_and_nobodys_address(
    sqlite: Database, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the sign-up by way of the send to a refusal that names its reader."""
    logs.set_up("DEBUG", "json")
    canary = "canary.bird@example.net"
    later = TryLater(f"451 4.2.2 <{canary}>: mailbox full")
    house: House = a_house(sqlite, tmp_path, Post(answers={canary: [later]}))
    form = {"email": "other.canary.bird@example.net", "newsletter": "sunday"}
    visitor(house).post("/n/sunday/subscribe", data=form)
    visitor(house).get(f"/n/sunday?email={canary}")
    put_readers(house, [canary, "bob@example.net"])
    put_approved(house)
    reconcile(house, now=SEND)
    signup.settle(house, now=SEND)
    sender.drain(house)
    Watch(house).stands()
    reconcile(house, now=SEND)
    told = capsys.readouterr().err
    found = [json.loads(one) for one in told.splitlines()]
    assert "canary" not in told
    frozen = next(one for one in found if one["event"] == "audience frozen")
    assert (frozen["newsletter"], frozen["period"]) == ("sunday", "2026-11-29")
    assert any(one.get("why") == "451 4.2.2 <…@example.net>: mailbox full" for one in found)


def test_a_library_that_names_somebody_or_a_password_is_cut(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.set_up("INFO", "json")
    try:
        raise ValueError("no such thing: erin@gazette.example")
    except ValueError:
        logging.getLogger("x").exception("at postgresql://digest:hidden@db.internal/digest")
    (line,) = lines(capsys)
    assert line["event"] == "at …@db.internal/digest"
    assert "erin" not in line["exception"]


# ---------------------------------------------------------------- requests


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("3f2a9c1e-77d0", True),
        ("Root=1-67891233", False),
        ("short", False),
        ("erin@gazette.example", False),
        ("a" * 65, False),
        ("line\tbreak-1234", False),
    ],
)
def test_a_proxys_id_is_taken_over_where_it_looks_like_one(
    sqlite: Database, tmp_path: Any, given: str, kept: bool
) -> None:
    house = make_house(sqlite, tmp_path)
    answer = visitor(house).get("/n/sunday", headers={"x-request-id": given})
    told = answer.headers["x-request-id"]
    assert (told == given) == kept
    assert len(told) >= 8


def test_every_line_of_a_request_has_its_id_also_of_one_that_breaks(
    sqlite: Database,
    tmp_path: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from digest.web import health

    logs.set_up("INFO", "json")
    house = make_house(sqlite, tmp_path)

    def breaks(*given: object) -> None:
        logs.get("below").info("still here")
        raise RuntimeError("a defect")

    monkeypatch.setattr(health.sends, "unfinished", breaks)
    answer = visitor(house).get("/healthz", headers={"x-request-id": "trace-12345"})
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] == "trace-12345"
    found = lines(capsys)
    assert [one["event"] for one in found] == ["still here", "answered", "a page failed"]
    assert {one["request"] for one in found} == {"trace-12345"}
    assert found[1]["route"] == "/healthz"
    assert found[1]["status"] == 500
