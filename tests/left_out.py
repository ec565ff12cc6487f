"""What a machine cannot run is left out and says why; under CI it is a failure, so that nothing is missed there."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def because(reason: str) -> NoReturn:
    """End this test or fixture. reason: what is missing, and how to get it."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)
