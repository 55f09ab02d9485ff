"""Iterators at work in a thread."""

import threading

import pytest

from polychrome.video.ahead import ahead


def numbers(closed, broken_at=None):
    try:
        for index in range(100):
            if index == broken_at:
                raise OSError("broken")
            yield index
    finally:
        closed.append(threading.current_thread().name)


def test_all_items_come_in_order_from_another_thread():
    closed = []
    with ahead(numbers(closed), 3) as items:
        assert list(items) == list(range(100))
    assert closed == ["ahead"]


def test_who_stops_early_ends_the_thread_and_closes_its_source():
    closed, before = [], threading.active_count()
    with ahead(numbers(closed), 3) as items:
        assert next(items) == 0
    assert closed == ["ahead"] and threading.active_count() == before


def test_errors_come_to_who_takes_the_item():
    with ahead(numbers([], broken_at=5), 3) as items:
        assert [next(items) for _ in range(5)] == list(range(5))
        with pytest.raises(OSError, match="broken"):
            next(items)
