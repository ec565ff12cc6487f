"""What is taken for a secret out of a guide, and what only begins like one."""

from __future__ import annotations

import pytest

from digest.checkup import keys
from digest.checkup.setup import Setup
from digest.settings import Settings


def found(password: str) -> list[str]:
    settings = Settings.model_validate({"smtp_username": "sunday", "smtp_password": password})
    told = keys._secret(
        Setup(settings=settings, schedules={}, places={}), "smtp_password", password
    )
    return [one.text for one in told]


@pytest.mark.parametrize(
    "password",
    ["test", "test-password", "example_key_1", "an-example-token", "sample123", "insert-key-here"],
)
def test_a_password_of_a_guide_is_named(password: str) -> None:
    assert found(password) == ["is an example, not a secret"]


@pytest.mark.parametrize(
    "password", ["testQ7vk2Lw9", "sampler-Ig4x", "todorov8812x", "insertion9", "exampleZx81q"]
)
def test_a_password_that_begins_like_one_is_a_password(password: str) -> None:
    assert found(password) == []
