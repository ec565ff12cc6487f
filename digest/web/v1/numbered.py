"""What stands in an address of the API: numbers that both databases hold, names of newsletters, dates of issues."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

Number = Annotated[int, Path(ge=1, le=2**62)]
Key = Annotated[
    str, Path(min_length=1, max_length=40, description="The newsletter: its file's name.")
]
Period = Annotated[
    str, Path(pattern=r"^\d{4}-\d\d-\d\d$", description="The issue: the date of its send.")
]
Checksum = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
