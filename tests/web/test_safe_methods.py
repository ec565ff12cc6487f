"""GET and HEAD change nothing, anywhere: every route of the application, with live links, before and after.

One exception, which is listed here: where a newsletter counts clicks, a GET of a story's link adds to a sum of that
link (docs/design.md). A HEAD adds to none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.routing import BaseRoute, Mount

from digest.bootstrap import House
from digest.mail.routes import code_of
from digest.store.engine import Database
from digest.store.tables import Row
from digest.web.app import ROOMS
from tests.houses import SCHEDULE, make_house
from tests.queue_of import arrived, notices_of
from tests.web.people import OWN_PAGE, PERIOD, TestClient, put_draft, seated, send, visitor
from tests.web.test_moves import ask as ask_to_move
from tests.web.test_moves import confirm_link, stop_link
from tests.web.test_preferences import preferences_path
from tests.web.test_public import ALICE, add, ask, confirm_path, leave_path, status_counts

SAFE = ("GET", "HEAD")
COUNTED = f"{SCHEDULE}\n[clicks]\ncount = true\n"

#: The routes whose GET may change something, and the tables that it may change.
EXCEPTIONS = {"/r/{newsletter}/{period}/{code}": {"click"}}


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return make_house(database, tmp_path, schedule=COUNTED)


def everything(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, and every file of the data folder but the database's own."""
    with house.database.read() as session:
        connection = session.connection()
        rows = {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in Row.metadata.tables.items()
        }
    files = [path for path in sorted(house.data.rglob("*")) if path.is_file()]
    kept = [path for path in files if not path.name.startswith(("digest", "test", "sqlite"))]
    return rows | {
        "files": [(str(path), path.read_bytes()) for path in kept if ".db" not in path.name]
    }


def routes(client: TestClient) -> Iterator[BaseRoute]:
    """Every route: those of the rooms, and what the application has beside them."""
    for room in ROOMS:
        yield from room.router.routes
    yield from (one for one in client.app.routes if getattr(one, "path", ""))  # type: ignore[attr-defined]


def live_links(house: House) -> dict[str, str]:
    """A link that would do something if it were pressed, for each pattern that takes a token."""
    put_draft(house)
    send(house)
    add(house, ALICE, confirmed=True)
    ask(house, "bob@example.net")
    ask_to_move(house)
    seated(house)
    visitor(house).post("/desk/login", data={"email": "erin.admin@example.net"}, headers=OWN_PAGE)
    arrived(house.database, "login")
    login = str(notices_of(house.database, "login")[-1].data["login_url"])
    return {
        "/confirm/{token}": confirm_path(house),
        "/leave/{newsletter}/{token}": leave_path(house, ALICE),
        "/leave/{newsletter}/{token}/choices": f"{leave_path(house, ALICE)}/choices",
        "/preferences/{newsletter}/{token}": preferences_path(house, ALICE),
        "/move/{token}": confirm_link(house),
        "/stay/{token}": stop_link(house),
        "/desk/login/{token}": login.removeprefix(house.public_url),
        "/r/{newsletter}/{period}/{code}": f"/r/sunday/{PERIOD}/{STORY}",
    }


#: The lead's link.
STORY = code_of(1, "https://gazette.example/1")
#: What a live link answers that shows no page.
_ANSWERS = {"/r/{newsletter}/{period}/{code}": 302}
#: Where a link of ours needs more than its token to be live.
_MAY_REFUSE = {"/desk/login/{token}"}


def address_of(pattern: str, links: dict[str, str]) -> str:
    named = {"{newsletter}": "sunday", "{period}": "2026-11-29", "{token}": "x", "{path:path}": "x"}
    named["{number}"] = "1"  # Alice
    found = links.get(pattern, pattern)
    for name, value in named.items():
        found = found.replace(name, value)
    return found


def test_no_get_and_no_head_changes_anything(house: House) -> None:
    links = live_links(house)
    stranger, editor = visitor(house), seated(house)
    tried: set[str] = set()
    before = everything(house)
    opened = Counter[str]()
    for route in routes(stranger):
        pattern = str(getattr(route, "path", ""))
        if isinstance(route, Mount):
            pattern += "/css/base.css"
        for client in (stranger, editor):
            for method in SAFE:
                answer = client.request(method, address_of(pattern, links))
                assert answer.status_code < 500 or pattern in ("/healthz", "/readyz"), (
                    method,
                    pattern,
                )
                if pattern in links and client is stranger and pattern not in _MAY_REFUSE:
                    assert answer.status_code == _ANSWERS.get(pattern, 200), (method, pattern)
                tried.add(pattern)
                opened[method] += pattern in EXCEPTIONS
    for client in (stranger, editor):
        client.app.state.counting.write(all_of_it=True)  # type: ignore[attr-defined]
    after = everything(house)
    changed = {name for name, rows in after.items() if rows != before[name]}
    assert changed == set.union(*EXCEPTIONS.values())
    assert opened["HEAD"] == opened["GET"] == sum(count for *_, count in after["click"])
    assert links.keys() <= tried
    assert len(tried) > 25
    assert_that_the_links_were_live(house, links)


def assert_that_the_links_were_live(house: House, links: dict[str, str]) -> None:
    client = visitor(house)
    assert "You are subscribed" in client.post(links["/confirm/{token}"]).text
    assert "from now on" in client.post(links["/move/{token}"]).text
    assert "All stays" in client.post(links["/stay/{token}"]).text
    assert "You have left" in client.post(links["/leave/{newsletter}/{token}"]).text
    assert status_counts(house)["unsubscribed"] == 2, "Alice, and the address that she moved to"
