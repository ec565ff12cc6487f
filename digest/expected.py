"""What a value should have been, in plain words: pydantic's errors for people who never met it.

The types of errors: https://docs.pydantic.dev/latest/errors/validation_errors/
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

#: By the type of error; words in braces are its context.
_PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "no such key",
    "string_type": "expected text in quotes",
    "path_type": "expected a path in quotes",
    "string_too_short": "is empty",
    "string_too_long": "is longer than {max_length} letters",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a whole number, a smaller one",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "finite_number": "expected a number that is finite",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "literal_error": "expected {expected}",
    "enum": "expected {expected}",
    "tuple_type": "expected a list",
    "too_short": "expected at least one",
    "dict_type": "expected a table",
    "model_type": "expected a table",
    "greater_than": "expected more than {gt:g}",
    "greater_than_equal": "expected {ge:g} or more",
    "less_than_equal": "expected {le:g} or less",
}


def plain(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors, as `ValidationError.errors()` lists them, in plain words."""
    kind = str(error["type"])
    if kind == "value_error":
        message = str(error["msg"]).removeprefix("Value error, ")
        return message[:1].lower() + message[1:]
    return _PLAIN.get(kind, "cannot be used").format(**error.get("ctx", {}))


def meant(word: str, known: Iterable[str]) -> str:
    """The known word that a slip of the pen looks like, as the end of a sentence; empty where none does."""
    plain_ones = {one.casefold(): one for one in known}
    near = difflib.get_close_matches(word.casefold(), plain_ones, n=1, cutoff=0.75)
    return f"; did you mean {plain_ones[near[0]]}?" if near else ""
