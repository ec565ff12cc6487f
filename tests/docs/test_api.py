"""The examples of docs/api.md do what the page says: each curl is run against a real server, the Python is believed."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest

from digest.bootstrap import House
from digest.hooks import signing
from digest.model import HookKind, Scope
from digest.store import articles, migrate
from digest.store.engine import Database
from digest.web import program_words
from tests import left_out
from tests.articles import incoming
from tests.houses import make_house
from tests.web.people import put_draft, the_issue
from tests.web.served import served
from tests.web.test_public import add
from tests.web.v1.calling import a_token

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = [
    textwrap.dedent(one) for one in re.findall(r"(?:^    .*\n|^\n(?=    ))+", PAGE, re.MULTILINE)
]


@pytest.fixture
def house(tmp_path: Path) -> House:
    database = Database(f"sqlite:///{tmp_path}/digest.db")
    migrate.upgrade(database)
    made = make_house(database, tmp_path)
    put_draft(made)
    with database.write() as session:  # those that the draft tells, and one more
        for number in range(6):
            articles.save(session, incoming(f"Story {number}"), now=made.clock())
    add(made, "alice@gmail.com", confirmed=True)
    return made


def test_every_curl_of_the_page_is_answered_well_in_its_order(house: House) -> None:
    if not shutil.which("curl"):
        left_out.because("curl is not installed here")
    scripts = [block for block in BLOCKS if "curl" in block]
    assert sum(block.count("curl ") for block in scripts) > 15
    edition = the_issue(house).edition
    assert edition is not None
    with served(house) as there:
        variables = {
            "SITE": there.public_url,
            "TOKEN": a_token(there),
            "CHECKSUM": edition.checksum,
        }
        for script in scripts:
            typed = "\n".join(
                line for line in script.splitlines() if not line.startswith("digest ")
            )
            whole = f'set -e\ncurl() {{ command curl -sS --fail-with-body "$@"; }}\n{typed}'
            command = ["bash", "-c", whole]
            environment = {**os.environ, **variables}
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, (script, done.stdout, done.stderr)


def test_the_pages_python_believes_us_and_nobody_else() -> None:
    (source,) = [block for block in BLOCKS if "def is_ours" in block]
    space: dict[str, Any] = {}
    exec(source, space)
    is_ours, secret, body = space["is_ours"], signing.new_secret(), b'{"type":"test"}'
    now = dt.datetime.now(dt.UTC)
    headers = signing.headers(secret, "msg_1", body, now=now)
    assert is_ours(secret, headers, body)
    assert not is_ours(secret, headers, body + b" ")
    assert not is_ours(signing.new_secret(), headers, body)
    old = signing.headers(secret, "msg_1", body, now=now - dt.timedelta(minutes=6))
    assert not is_ours(secret, old, body)
    both = headers | {"webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}
    assert is_ours(secret, both, body), "a secret that changes is signed with both"


def test_the_page_tells_every_scope_and_every_event() -> None:
    for word in (*Scope, *HookKind):
        assert f"`{word}`" in PAGE
    assert set(program_words.SCOPES) == set(Scope)
    assert set(program_words.EVENTS) == set(HookKind)
