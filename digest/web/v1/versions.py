"""Versions of what can be changed: an ETag of what is shown, and `If-Match` before something is done (RFC 9110 §13.1.1)."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Header
from pydantic import BaseModel

from digest.web.v1.problems import Problem

IfMatch = Annotated[
    str,
    Header(
        max_length=200,
        description="Only if the version is still this one: the ETag that was read.",
    ),
]


def tag(shown: BaseModel) -> str:
    """The ETag of what is shown."""
    return f'"{hashlib.sha256(shown.model_dump_json().encode()).hexdigest()[:32]}"'


def expect(if_match: str, shown: BaseModel) -> None:
    """Raises Problem (412) where the caller names another version than this one. Empty and `*` are any."""
    named = {one.strip() for one in if_match.split(",") if one.strip()}
    if named and named.isdisjoint({"*", tag(shown)}):
        raise Problem("changed", "It is not as you read it: read it again, then decide.")
