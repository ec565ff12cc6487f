"""The garbage collector: what a server settled stays out of its sight, also after a send."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from digest import sweeping
from digest.delivery import collector


@pytest.fixture(autouse=True)
def _unsettled() -> Iterator[None]:
    """As a program begins; the tests themselves settle what they collected."""
    gc.unfreeze()
    yield
    gc.freeze()


def test_a_send_leaves_everything_as_it_was() -> None:
    before = gc.get_threshold()
    with collector.seldom():
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() != before
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, before)


def test_a_draft_that_ends_while_mail_goes_out_leaves_everything_as_it_was() -> None:
    usual = gc.get_threshold()
    with ExitStack() as send:
        with sweeping.seldom:  # a draft, which is made in another thread
            send.enter_context(collector.seldom())
        assert gc.get_threshold() > usual
    assert gc.get_threshold() == usual


def test_what_a_server_settled_is_settled_during_a_send_and_after_it() -> None:
    collector.settle()
    before = gc.get_threshold()
    with collector.seldom():
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() != before
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
