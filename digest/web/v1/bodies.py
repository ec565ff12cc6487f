"""What programs send: read strictly, without letters that no database holds."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

#: All controls but tabs and ends of lines.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

#: A text on one line.
Line = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
NewsletterName = Annotated[str, Field(min_length=1, max_length=40)]
Address = Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
#: What outlives a reader names none: no address stands in it.
Note = Annotated[str, Field(max_length=200, pattern=r"^[^@\x00-\x1f\x7f-\x9f]*$")]


class Body(BaseModel):
    """The base of every body: only fields that we know."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*")
    @classmethod
    def _printable(cls, value: object) -> object:
        if isinstance(value, str) and _CONTROLS.search(value):
            raise ValueError("expected no control characters")
        return value
