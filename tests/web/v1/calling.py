"""A program with a token of its own."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from httpx import Response

from digest.bootstrap import House
from digest.model import Scope
from digest.store import api_tokens
from tests.web.people import TestClient, visitor

EVERYTHING = frozenset(Scope)


def a_token(house: House, scopes: Collection[Scope] = EVERYTHING, *, days: int = 90) -> str:
    """A new token's secret."""
    with house.database.write() as session:
        _, secret = api_tokens.make(
            session, "The site", scopes, by="editor:1", days=days, now=house.clock()
        )
    return secret


class Program:
    """Calls the API with a token."""

    def __init__(
        self,
        house: House,
        scopes: Collection[Scope] = EVERYTHING,
        *,
        beside: TestClient | None = None,
    ) -> None:
        self.house = house
        self.client = visitor(house, beside=beside)
        self.secret = a_token(house, scopes)
        self.client.headers["authorization"] = f"Bearer {self.secret}"

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(f"/api/v1{path}", headers=headers)

    def post(
        self, path: str, body: Any = None, *, method: str = "POST", **headers: str
    ) -> Response:
        content = None if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"content-type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(
            method, f"/api/v1{path}", content=content, headers={**kind, **named}
        )
