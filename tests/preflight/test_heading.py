"""The subject and the preheader, as they stand in a list of mails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.preflight.broken import MAIL, errors, warnings


def test_an_empty_subject_forbids_the_approval() -> None:
    assert "The subject is empty" in errors(replace(MAIL, subject="  "))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"subject": "long " * 20}, "99 characters; telephones show 70"),
        ({"subject": "Week {numbr}"}, "placeholder"),
        ({"subject": "FREE FOR ALL"}, "all capitals"),
        ({"preheader": ""}, "preheader is empty"),
        ({"preheader": MAIL.subject}, "repeats the subject"),
        ({"preheader": f"{MAIL.subject.upper()} · and more"}, "repeats the subject"),
    ],
)
def test_what_is_odd_is_a_warning(changes: dict[str, str], message: str) -> None:
    mail = replace(MAIL, **changes)
    assert errors(mail) == ""
    assert message in warnings(mail)


@pytest.mark.parametrize(
    "subject", ["x" * 70, "NATO meets", "BBC 2026", "Week {12}", "حصاد الأحد والأسبوع"]
)
def test_what_is_not_odd_is_no_warning(subject: str) -> None:
    assert warnings(replace(MAIL, subject=subject)) == ""
