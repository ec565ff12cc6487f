"""The people of the tests: Alice confirmed, Bob pending, Carol left, Dave complained, Erin edits."""

from __future__ import annotations

import datetime as dt

#: A Saturday evening, shortly after the usual cut-off in London.
NOW = dt.datetime(2026, 11, 28, 18, 30, tzinfo=dt.UTC)

#: The key of the tests' house.
KEY = b"thirty-two bytes of no secret !!"

NEWSLETTER = "sunday"

ALICE = "alice@reader.example"
BOB = "bob@reader.example"
CAROL = "carol@reader.example"
DAVE = "dave@reader.example"
ERIN = "erin@gazette.example"
