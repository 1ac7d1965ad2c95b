from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bridge.send_queue import OFFER_BYTES, SEND_BYTES, ConnectionClosed, SendQueue


async def drained(queue: SendQueue) -> list[bytes]:
    queue.close()
    frames: list[bytes] = []
    while (frame := await queue.next()) is not None:
        frames.append(frame)
    return frames


async def test_frames_leave_in_the_order_they_came():
    queue = SendQueue()
    for number in range(10):
        await queue.put(bytes([number]))
    assert await drained(queue) == [bytes([number]) for number in range(10)]


async def test_a_full_queue_makes_senders_wait_in_turn():
    queue = SendQueue()
    big = bytes(1 << 20)
    while queue.bytes <= SEND_BYTES:
        await queue.put(big)
    senders = [asyncio.create_task(queue.put(bytes([number]))) for number in range(20)]
    await asyncio.sleep(0)
    assert not any(sender.done() for sender in senders)
    assert queue.bytes <= SEND_BYTES + len(big)
    await queue.next()
    await queue.next()
    await asyncio.gather(*senders)
    assert (await drained(queue))[-20:] == [bytes([number]) for number in range(20)]


async def test_a_queue_that_closes_wakes_those_who_wait():
    queue = SendQueue()
    while queue.bytes <= SEND_BYTES:
        await queue.put(bytes(1 << 20))
    senders = [asyncio.create_task(queue.put(b"x")) for _ in range(3)]
    await asyncio.sleep(0)
    queue.close(drop=True)
    results = await asyncio.gather(*senders, return_exceptions=True)
    assert all(isinstance(result, ConnectionClosed) for result in results)
    assert await queue.next() is None
    assert queue.bytes == 0


async def test_an_offer_takes_the_place_of_the_last_of_its_key():
    queue = SendQueue()
    assert queue.offer(b"a1", "a")
    await queue.put(b"between")
    assert queue.offer(b"b1", "b")
    assert queue.offer(b"a2", "a")
    assert await drained(queue) == [b"a2", b"between", b"b1"]


async def test_an_offer_that_has_left_is_not_replaced():
    queue = SendQueue()
    queue.offer(b"a1", "a")
    assert await queue.next() == b"a1"
    queue.offer(b"a2", "a")
    assert await drained(queue) == [b"a2"]


async def test_offers_are_dropped_when_there_is_no_room():
    queue = SendQueue()
    await queue.put(bytes(OFFER_BYTES))
    assert not queue.offer(b"x", "x")
    assert await drained(queue) == [bytes(OFFER_BYTES)]
    assert not queue.offer(b"x", "x")


@given(steps=st.lists(st.tuples(st.sampled_from("poon"), st.integers(0, 2), st.integers(0, 900_000)), max_size=60))
def test_the_queue_counts_its_bytes_right_and_stays_bounded(steps: list[tuple[str, int, int]]):
    async def run() -> None:
        queue = SendQueue()
        waiting: list[int] = []
        for step, key, size in steps:
            if step == "p" and queue.bytes <= SEND_BYTES:
                await queue.put(bytes(size))
            elif step == "o":
                queue.offer(bytes(size), str(key))
            elif step == "n" and queue._frames:
                await queue.next()
            waiting = [len(frame.data) for frame in queue._frames]
            assert queue.bytes == sum(waiting) <= SEND_BYTES + 900_000
            assert sum(len(frame.data) for frame in queue._by_key.values()) <= OFFER_BYTES
        assert [len(frame) for frame in await drained(queue)] == waiting

    asyncio.run(run())
