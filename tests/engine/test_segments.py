"""Who gets shared memory when."""

from __future__ import annotations

import asyncio

import pytest

from engine import segments
from engine.errors import OutOfMemory
from engine.segments import Segments

MB = 1 << 20


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_no_more_are_lent_at_once_than_allowed_and_the_first_come_first():
    lent = Segments(2, 100 * MB)
    held = [await lent.lend(10), await lent.lend(10)]
    order: list[int] = []

    async def wait(number: int) -> None:
        segment = await lent.lend(10)
        order.append(number)
        lent.give_back(segment, 10)

    tasks = [asyncio.create_task(wait(number)) for number in range(3)]
    await settled()
    assert order == []
    lent.give_back(held.pop(), 10)
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2]
    lent.give_back(held.pop(), 10)
    lent.close()


async def test_one_that_is_too_large_beside_others_waits_and_is_not_overtaken():
    lent = Segments(4, 3 * MB)
    small = await lent.lend(MB)
    large = asyncio.create_task(lent.lend(5 * MB))
    late = asyncio.create_task(lent.lend(MB))
    await settled()
    assert not large.done() and not late.done()
    lent.give_back(small, MB)
    await settled()
    assert large.done() and not late.done()
    lent.give_back(large.result(), 5 * MB)
    await settled()
    lent.give_back(await late, MB)
    lent.close()


async def test_who_is_cancelled_while_waiting_leaves_its_place():
    lent = Segments(1, MB)
    held = await lent.lend(10)
    gone, next_ = asyncio.create_task(lent.lend(10)), asyncio.create_task(lent.lend(10))
    await settled()
    gone.cancel()
    await settled()
    lent.give_back(held, 10)
    lent.give_back(await next_, 10)
    # Let in and cancelled in the same moment.
    held = await lent.lend(10)
    gone, next_ = asyncio.create_task(lent.lend(10)), asyncio.create_task(lent.lend(10))
    await settled()
    lent.give_back(held, 10)
    gone.cancel()
    lent.give_back(await next_, 10)
    lent.close()


async def test_a_segment_is_used_again_and_little_is_kept():
    lent = Segments(3, 1 << 30)
    first = await lent.lend(2 * MB)
    name = first.name
    lent.give_back(first, 2 * MB)
    again = await lent.lend(MB)
    assert again.name == name
    large = await lent.lend(63 * MB)
    lent.give_back(again, MB)
    lent.give_back(large, 63 * MB)  # together more than is kept
    assert (await lent.lend(10)).name == name
    assert (await lent.lend(63 * MB)).name != large.name
    lent.close()


async def test_memory_that_is_not_there_is_told_and_costs_no_place(monkeypatch: pytest.MonkeyPatch):
    lent = Segments(1, MB)

    def full(size: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(segments, "reserved", full)
    with pytest.raises(OutOfMemory):
        await lent.lend(10)
    monkeypatch.undo()
    lent.give_back(await lent.lend(10), 10)
    lent.close()
