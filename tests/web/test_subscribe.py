"""The OpenAPI document and what the server does, held against each other by schemathesis."""

from __future__ import annotations

import dataclasses
import re
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
    made = dataclasses.replace(make_house(sqlite, tmp_path), clock=utc_now)
    with served(made) as house:  # all phases: `python bench/rest.py contract`
        status = sign_up.api(house, 1, "--phases=fuzzing")
    shown = capfd.readouterr().out
    assert status == 0, shown
    found = re.search(r"(\d+) selected / \1 total", shown)
    assert found
    assert int(found[1]) >= 50
