"""How quickly one person may write: a burst at once, then so many a second; nobody pays for another."""

from __future__ import annotations

import pytest

from bridge.access.pace import Pace
from bridge.errors import TooFast


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def taken(pace: Pace, person_id: str, tries: int) -> int:
    """How many of so many tries were let through."""
    count = 0
    for _ in range(tries):
        try:
            pace.take(person_id)
        except TooFast:
            continue
        count += 1
    return count


def test_a_burst_goes_through_and_then_so_many_a_second():
    clock = Clock()
    pace = Pace(burst=10, a_second=4, clock=clock)
    assert taken(pace, "ann", 1000) == 10
    clock.now_s += 1
    assert taken(pace, "ann", 1000) == 4
    clock.now_s += 3600
    assert taken(pace, "ann", 1000) == 10


def test_a_thousand_a_second_are_slowed_to_what_others_can_read():
    clock = Clock()
    pace = Pace(clock=clock)
    count = 0
    for _ in range(10_000):
        clock.now_s += 0.001
        count += taken(pace, "ann", 1)
    assert 50 <= count <= 70


def test_the_wait_that_is_told_is_the_wait_that_helps():
    clock = Clock()
    pace = Pace(burst=1, a_second=0.5, clock=clock)
    pace.take("ann")
    with pytest.raises(TooFast) as refused:
        pace.take("ann")
    assert refused.value.wait_s == pytest.approx(2)
    assert "2.0 seconds" in refused.value.hint
    clock.now_s += refused.value.wait_s
    pace.take("ann")


def test_nobody_waits_for_another_and_the_forgotten_begin_anew():
    pace = Pace(burst=1, clock=Clock())
    assert taken(pace, "ann", 5) == taken(pace, "bob", 5) == 1
    assert sum(taken(pace, f"{number}", 1) for number in range(5000)) == 5000
    assert len(pace._left) == 4096
