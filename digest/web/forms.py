"""Forms as they come in: read strictly, with proof of when the page was made and by which session."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from starlette.requests import Request

from digest.errors import BadInput

#: A person needs longer than this to write an address.
LEAST_FILL = dt.timedelta(seconds=2)
#: A page left open for longer is asked to be sent once more.
LONGEST_FILL = dt.timedelta(hours=24)


#: No person types these, and PostgreSQL takes no NUL; all our fields are of one line.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Form(BaseModel):
    """The base of every form: only fields that we made, as short texts on one line."""

    model_config = ConfigDict(extra="forbid", str_max_length=1000, str_strip_whitespace=True)

    @field_validator("*")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if CONTROLS.search(value):
            raise PydanticCustomError("controls", "control characters")
        return value


F = TypeVar("F", bound=Form)


def reads(model: type[F]) -> Callable[[Request], Awaitable[F]]:
    """A dependency that reads a form of this shape. Raises BadInput for any other shape."""

    async def read(request: Request) -> F:
        fields = await request.form(max_files=0, max_fields=20)
        names = [name for name, _ in fields.multi_items()]
        if len(set(names)) != len(names):
            raise BadInput("form", "a field was sent twice")
        try:
            return model.model_validate(dict(fields))
        except ValidationError as error:
            raise BadInput("form", _plain(error)) from error

    return read


def _plain(error: ValidationError) -> str:
    """Which fields are wrong; never what stood in them."""
    return f"please look again at: {', '.join(sorted(set(map(_field, error.errors()))))}"


def _field(detail: ErrorDetails) -> str:
    name = ".".join(str(part) for part in detail["loc"])
    return f"{name} (it holds control characters)" if detail["type"] == "controls" else name


class Filled(StrEnum):
    """How long a form took from page to POST."""

    WELL = "well"
    TOO_FAST = "too fast"
    TOO_OLD = "too old"
    FORGED = "forged"


def stamp(key: bytes, form: str, *, now: dt.datetime) -> str:
    """A signed note of when a form was handed out; `form` names which, so it fits no other. Each is its own."""
    made_at = f"{int(now.timestamp() * 1000)}.{secrets.token_hex(8)}"
    return f"{made_at}.{_signature(key, form, made_at)}"


def filled(key: bytes, form: str, *, stamp: str, now: dt.datetime) -> Filled:
    """Judge a stamp that came back."""
    made_at, _, signature = stamp.rpartition(".")
    good = _signature(key, form, made_at)
    if not hmac.compare_digest(signature.encode(), good.encode()):
        return Filled.FORGED
    took = now - dt.datetime.fromtimestamp(int(made_at.partition(".")[0]) / 1000, dt.UTC)
    if took < LEAST_FILL:
        return Filled.TOO_FAST
    return Filled.WELL if took <= LONGEST_FILL else Filled.TOO_OLD


def _signature(key: bytes, form: str, made_at: str) -> str:
    return hmac.new(key, f"form\0{form}\0{made_at}".encode(), hashlib.sha256).hexdigest()
