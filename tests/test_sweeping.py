"""The search for garbage is rare inside the block, and as it was after it."""

from __future__ import annotations

import gc
import threading

import pytest

from digest.sweeping import seldom


def test_inside_it_is_rare_and_afterwards_as_it_was() -> None:
    usual = gc.get_threshold()
    with seldom:
        assert gc.get_threshold() > usual
    assert gc.get_threshold() == usual


def test_an_error_sets_it_back_too() -> None:
    usual = gc.get_threshold()
    with pytest.raises(ValueError, match="odd"), seldom:
        raise ValueError("odd")
    assert gc.get_threshold() == usual


def test_of_several_blocks_in_threads_the_last_sets_it_back() -> None:
    usual, entered, leave = gc.get_threshold(), threading.Event(), threading.Event()

    def other() -> None:
        with seldom:
            entered.set()
            leave.wait(30)

    thread = threading.Thread(target=other)
    with seldom:
        thread.start()
        assert entered.wait(30)
    assert gc.get_threshold() > usual
    leave.set()
    thread.join()
    assert gc.get_threshold() == usual
