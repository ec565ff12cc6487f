"""The OpenAPI document and what the server does, held against each other by schemathesis."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bench import sign_up
from digest.bootstrap import utc_now
from digest.store.engine import Database
from tests.houses import make_house
from tests.web.served import served


@pytest.mark.slow
def test_no_answer_of_the_api_is_another_than_the_document_says(
    sqlite: Database, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with served(dataclasses.replace(make_house(sqlite, tmp_path), clock=utc_now)) as house:
        status = sign_up.api(house, 5)
    shown = capfd.readouterr().out
    assert status == 0, shown
    assert "3 selected / 3 total" in shown
