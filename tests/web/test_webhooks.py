"""The door for providers' webhooks: what is proven is taken in once, and nothing else."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from digest.bootstrap import House
from digest.errors import BadInput, Forged
from digest.model import Report, ReportKind
from digest.store.engine import Database
from digest.store.tables import ReportRow
from digest.web.headers import BODY_LIMIT
from tests.delivery.weeks import Weeks
from tests.houses import make_house
from tests.web.people import TestClient, visitor

SECRET = b"known to the provider and to us"


@dataclass(frozen=True)
class SignedReader:
    """A provider that signs its calls, and the time in them, with a shared secret."""

    name: str = "signed"

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> Iterable[Report]:
        if not hmac.compare_digest(headers.get("x-signature", ""), signature(body)):
            raise Forged("the signature does not fit")
        try:
            told = json.loads(body)
            if abs(now.timestamp() - told["at"]) > 300:
                raise Forged("too old")
            return [self._report(one, now) for one in told["events"]]
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput("webhook", f"<b>{body[:50]!r}</b>") from error

    def _report(self, one: dict[str, str], now: dt.datetime) -> Report:
        return Report(
            provider=self.name,
            event_id=one["id"],
            kind=ReportKind(one["kind"]),
            at=now,
            ref=one.get("ref", ""),
            status=one.get("status", ""),
            detail=one.get("detail", ""),
            raw=json.dumps(one),
        )


def signature(body: bytes) -> str:
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()


@pytest.fixture
def weeks(database: Database, tmp_path: Path) -> Weeks:
    return made(database, tmp_path)


@pytest.fixture
def sqlite_weeks(sqlite: Database, tmp_path: Path) -> Weeks:
    return made(sqlite, tmp_path)


def made(database: Database, folder: Path) -> Weeks:
    reader = SignedReader()
    house = make_house(database, folder)
    begun = Weeks.begin(dataclasses.replace(house, report_readers={reader.name: reader}))
    begun.send(0)
    return begun


def call(house: House, *told: dict[str, str], at: float | None = None) -> bytes:
    moment = house.clock().timestamp() if at is None else at
    return json.dumps({"at": moment, "events": told}).encode()


def post(client: TestClient, body: bytes, signed: str | None = None) -> int:
    headers = {"X-Signature": signature(body) if signed is None else signed}
    return client.post("/webhooks/signed", content=body, headers=headers).status_code


def hard(weeks: Weeks, event_id: str = "1") -> dict[str, str]:
    return {"id": event_id, "kind": "bounced", "status": "5.1.1", "ref": weeks.ref(0)}


def kept(weeks: Weeks) -> int:
    with weeks.house.database.read() as session:
        return session.scalar(select(func.count()).select_from(ReportRow)) or 0


def test_a_proven_report_is_taken_in_and_a_replayed_one_changes_nothing(weeks: Weeks) -> None:
    client, body = visitor(weeks.house), call(weeks.house, hard(weeks))
    assert [post(client, body) for _ in range(3)] == [200, 200, 200]
    assert kept(weeks) == 1
    assert weeks.is_suppressed()


def test_a_call_without_a_cookie_or_an_origin_is_enough_and_sets_none(sqlite_weeks: Weeks) -> None:
    body = call(sqlite_weeks.house)
    headers = {"x-signature": signature(body), "origin": "https://elsewhere.example"}
    answer = visitor(sqlite_weeks.house).post("/webhooks/signed", content=body, headers=headers)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


def test_what_is_forged_old_or_unsigned_is_refused_without_a_word_why(sqlite_weeks: Weeks) -> None:
    weeks = sqlite_weeks
    client, body = visitor(weeks.house), call(weeks.house, hard(weeks))
    old = call(weeks.house, hard(weeks), at=weeks.now.timestamp() - 301)
    assert post(client, body, signed="0" * 64) == 403
    assert post(client, body, signed="") == 403
    assert post(client, body + b" ", signed=signature(body)) == 403
    assert post(client, old) == 403
    refused = client.post("/webhooks/signed", content=body)
    assert (refused.status_code, refused.text) == (403, "Not allowed.\n")
    assert kept(weeks) == 0
    assert not weeks.is_suppressed()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"at": 1e999}', b"\xff\x00", b"null"])
def test_what_cannot_be_understood_is_said_to_be_so_and_not_repeated(
    sqlite_weeks: Weeks, body: bytes
) -> None:
    answer = visitor(sqlite_weeks.house).post(
        "/webhooks/signed", content=body, headers={"x-signature": signature(body)}
    )
    assert answer.status_code in (400, 403)
    assert "<b>" not in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


def test_all_reports_of_a_call_are_taken_in_or_none(weeks: Weeks) -> None:
    told = [hard(weeks), {"id": "2", "kind": "no such kind"}]
    assert post(visitor(weeks.house), call(weeks.house, *told)) == 400
    assert kept(weeks) == 0


def test_no_other_method_opens_this_door(sqlite_weeks: Weeks) -> None:
    client = visitor(sqlite_weeks.house)
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert client.request(method, "/webhooks/signed").status_code == 405


def test_a_provider_that_is_not_ours_has_no_door(sqlite_weeks: Weeks) -> None:
    assert visitor(sqlite_weeks.house).post("/webhooks/other", content=b"x").status_code == 404


def test_a_call_beyond_a_megabyte_is_refused(sqlite_weeks: Weeks) -> None:
    body = b" " * (BODY_LIMIT + 1)
    assert post(visitor(sqlite_weeks.house), body) == 413


def test_a_busy_database_asks_the_provider_to_come_again(sqlite_weeks: Weeks) -> None:
    weeks = sqlite_weeks
    impatient = Database(weeks.house.database.url, busy_ms=1)
    house = dataclasses.replace(weeks.house, database=impatient)
    with weeks.house.database.write():
        assert post(visitor(house), call(house, hard(weeks))) == 503
    impatient.close()
    assert kept(weeks) == 0


def test_hundreds_of_reports_in_one_call(weeks: Weeks) -> None:
    told = [{**hard(weeks, str(n)), "status": "4.2.2"} for n in range(500)]
    assert post(visitor(weeks.house), call(weeks.house, *told)) == 200
    assert kept(weeks) == 500
