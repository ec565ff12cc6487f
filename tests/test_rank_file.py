"""Learned weights in a schedule's file: nothing else of it is touched."""

from __future__ import annotations

import tomllib

from digest.rank_file import with_weights

FILE = """# mine
[newsletter]
views = "not this one"

[rank]   # what counts
views = 0.7    # people look
comments=1.0

[rank.sections]
"views" = 2
[compose]
stories = 9
"""


def test_values_are_set_and_comments_and_all_else_stay() -> None:
    text = with_weights(FILE, {"views": 1.25, "comments": 2.0})
    assert text == FILE.replace("0.7 ", "1.25 ").replace("comments=1.0", "comments=2")


def test_a_key_that_was_not_there_is_added_to_its_table() -> None:
    found = tomllib.loads(with_weights(FILE, {"length": 0.33}))
    assert found["rank"]["length"] == 0.33
    assert found["rank"]["sections"] == {"views": 2}


def test_a_table_that_was_not_there_is_added_at_the_end() -> None:
    found = tomllib.loads(with_weights('[newsletter]\nname = "x"', {"length": 0.5, "views": 0.2}))
    assert found == {"newsletter": {"name": "x"}, "rank": {"length": 0.5, "views": 0.2}}
