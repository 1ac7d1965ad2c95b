"""The line in front of the engine."""

import asyncio
from collections import defaultdict

import pytest

from bridge.editing.queue import FairQueue
from bridge.errors import Busy


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Crowd:
    """People with edits that run until they are told to end; notes the order in which they ran."""

    def __init__(self, queue: FairQueue) -> None:
        self.queue = queue
        self.ran: list[str] = []
        self.positions: dict[str, list[int]] = defaultdict(list)
        self.ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def enter(self, name: str) -> None:
        """``name`` is a person's letter and a number."""
        self.ends[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._edit(name))
        await settle()

    async def end(self, name: str) -> None:
        self.ends[name].set()
        await self.tasks[name]
        await settle()

    async def _edit(self, name: str) -> None:
        async with self.queue.turn(name[0], self.positions[name].append):
            self.ran.append(name)
            await self.ends[name].wait()


@pytest.fixture
def crowd() -> Crowd:
    return Crowd(FairQueue(per_person=3))


async def test_people_take_turns_however_many_edits_one_of_them_has(crowd: Crowd):
    for name in ("a1", "a2", "a3", "b1", "c1"):
        await crowd.enter(name)
    for name in ("a1", "a2", "b1", "c1", "a3"):
        assert crowd.ran[-1] == name
        await crowd.end(name)
    assert crowd.queue.length == 0


async def test_every_change_of_position_is_told_once_and_0_means_running(crowd: Crowd):
    for name in ("a1", "b1", "c1"):
        await crowd.enter(name)
    await crowd.end("a1")
    await crowd.end("b1")
    await crowd.end("c1")
    assert crowd.positions == {"a1": [0], "b1": [1, 0], "c1": [2, 1, 0]}


async def test_an_edit_cancelled_while_it_waits_leaves_the_line_to_the_others(crowd: Crowd):
    for name in ("a1", "b1", "c1"):
        await crowd.enter(name)
    crowd.tasks["b1"].cancel()
    await settle()
    await crowd.end("a1")
    assert crowd.ran == ["a1", "c1"]
    await crowd.end("c1")


async def test_an_edit_cancelled_while_it_runs_gives_its_turn_to_the_next(crowd: Crowd):
    await crowd.enter("a1")
    await crowd.enter("b1")
    crowd.tasks["a1"].cancel()
    await settle()
    assert crowd.ran == ["a1", "b1"]
    await crowd.end("b1")
    assert crowd.queue.length == 0


async def test_an_edit_that_fails_gives_its_turn_back(crowd: Crowd):
    with pytest.raises(RuntimeError):
        async with crowd.queue.turn("a", lambda _: None):
            raise RuntimeError
    assert crowd.queue.length == 0


async def test_one_person_cannot_hold_more_places_than_allowed(crowd: Crowd):
    for name in ("a1", "a2", "a3"):
        await crowd.enter(name)
    with pytest.raises(Busy):
        async with crowd.queue.turn("a", lambda _: None):
            pass
    await crowd.enter("b1")
    for name in ("a1", "a2", "b1", "a3"):
        await crowd.end(name)


async def test_two_turns_at_a_time_run_two_edits(crowd: Crowd):
    crowd.queue = FairQueue(width=2)
    for name in ("a1", "a2", "b1"):
        await crowd.enter(name)
    assert crowd.ran == ["a1", "a2"]
    for name in ("a1", "a2", "b1"):
        await crowd.end(name)
