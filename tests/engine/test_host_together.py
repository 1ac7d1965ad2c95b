"""Several edits at once in one worker process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np
import psutil
import pytest
import pytest_asyncio
from support.pictures import RGB8, picture

from engine import segments
from engine.api import EditEvent, EditRequest, EditResult
from engine.errors import EngineError, OutOfMemory, WorkerCrashed
from engine.geometry import Size
from engine.host import WorkerEngine

pytestmark = pytest.mark.asyncio(loop_scope="module")
TESTS = Path(__file__).parent.parent


def request(operation: str, size: int = 32, *, seed: int = 0, prompt: str = "") -> EditRequest:
    pixels = picture(size, size, seed=seed)
    mask = np.zeros((size, size), np.uint8)
    mask[size // 4 : size // 2 + 1, size // 4 : size // 2 + 1] = 255
    whole = Size(size, size)
    return EditRequest(f"edit-{seed:04}", operation, whole, RGB8, whole.rect, pixels, mask, seed, prompt)


async def events_of(engine: WorkerEngine, asked: EditRequest) -> list[EditEvent]:
    return [event async for event in engine.run(asked)]


async def result_of(engine: WorkerEngine, asked: EditRequest) -> EditResult:
    result = (await events_of(engine, asked))[-1]
    assert isinstance(result, EditResult)
    return result


async def begun(engine: WorkerEngine, operation: str) -> asyncio.Task[list[EditEvent]]:
    """A running edit that has told something."""
    told = asyncio.Event()

    async def run() -> list[EditEvent]:
        events: list[EditEvent] = []
        async for event in engine.run(request(operation)):
            events.append(event)
            told.set()
        return events

    task = asyncio.create_task(run())
    async with asyncio.timeout(20):
        await told.wait()
    return task


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def engine() -> AsyncIterator[WorkerEngine]:
    os.environ["PYTHONPATH"] = str(TESTS)
    engine = WorkerEngine(device="cpu", threads=1, at_once=4, operations="support.operations:OPERATIONS")
    await engine.start()
    yield engine
    await engine.stop()


async def test_four_run_at_once_and_each_gets_its_own(engine: WorkerEngine):
    asked = [request("meet", size, seed=4) for size in (8, 64, 300, 16)]
    for one, result in zip(asked, await asyncio.gather(*(result_of(engine, each) for each in asked)), strict=True):
        assert np.array_equal(result.pixels, one.pixels[::-1])


async def test_more_than_may_run_wait_and_all_end(engine: WorkerEngine):
    asked = [request("remove", 20 + number, seed=number) for number in range(12)]
    results = await asyncio.gather(*(result_of(engine, each) for each in asked))
    for one, result in zip(asked, results, strict=True):
        assert np.array_equal(result.pixels, (await result_of(engine, one)).pixels)


async def test_one_that_is_cancelled_leaves_the_others(engine: WorkerEngine):
    one, other = await begun(engine, "steps"), await begun(engine, "steps")
    pid = engine.pid
    one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one
    assert np.array_equal((await result_of(engine, request("invert"))).pixels, request("invert").pixels[::-1])
    assert not other.done() and engine.pid == pid
    other.cancel()
    with pytest.raises(asyncio.CancelledError):
        await other


@pytest.mark.parametrize(("operation", "error"), [("memory", OutOfMemory), ("bug", EngineError)])
async def test_one_that_fails_costs_only_itself(engine: WorkerEngine, operation: str, error: type[EngineError]):
    other = await begun(engine, "steps")
    with pytest.raises(error):
        await events_of(engine, request(operation))
    assert not other.done()
    other.cancel()
    await asyncio.wait([other])


async def test_a_crash_costs_those_that_run_and_nobody_after_them(engine: WorkerEngine):
    others = [await begun(engine, "steps") for _ in range(3)]
    with pytest.raises(WorkerCrashed):
        await events_of(engine, request("crash"))
    for other in others:
        with pytest.raises(WorkerCrashed):
            await other
    results = await asyncio.gather(*(result_of(engine, request("invert", seed=seed)) for seed in range(6)))
    assert len(results) == 6


async def test_a_kill_costs_those_that_run_and_the_waiting_go_on(engine: WorkerEngine):
    running = [await begun(engine, "steps") for _ in range(4)]
    waiting = [asyncio.create_task(result_of(engine, request("invert", seed=seed))) for seed in range(3)]
    await asyncio.sleep(0.05)
    assert engine.pid is not None
    psutil.Process(engine.pid).kill()
    for one in running:
        with pytest.raises(WorkerCrashed):
            await one
    assert len(await asyncio.gather(*waiting)) == 3


async def test_when_one_does_not_stop_those_that_wait_can_be_cancelled_and_the_others_begin_again(
    engine: WorkerEngine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.host.CANCEL_TIMEOUT_S", 1.0)
    await result_of(engine, request("invert"))
    pid = engine.pid
    waiting, other, deaf = [await begun(engine, operation) for operation in ("steps", "steps", "deaf")]
    waiting.cancel()
    await asyncio.wait([waiting])
    await asyncio.sleep(1.5)
    assert engine.pid == pid  # who waits for its turn answers, although another does not give it away
    deaf.cancel()
    await asyncio.wait([deaf])
    await result_of(engine, request("invert"))
    assert engine.pid != pid and not other.done()
    other.cancel()
    await asyncio.wait([other])


async def test_no_segment_is_left_behind(monkeypatch: pytest.MonkeyPatch):
    made: list[str] = []
    reserved = segments.reserved

    def noted(size: int) -> SharedMemory:
        segment = reserved(size)
        made.append(segment.name)
        return segment

    monkeypatch.setattr(segments, "reserved", noted)
    engine = WorkerEngine(device="cpu", threads=1, at_once=3, operations="support.operations:OPERATIONS")
    await asyncio.gather(*(result_of(engine, request("invert", 100 * seed + 8, seed=seed)) for seed in range(5)))
    running = await begun(engine, "steps")
    await engine.stop()
    with pytest.raises(EngineError):
        await running
    assert made
    for name in made:
        with pytest.raises(FileNotFoundError):
            SharedMemory(name)


async def test_edits_by_the_built_in_model_draw_beside_each_other_what_they_draw_alone():
    """Other words, sizes and seeds; the real operations."""
    prompts = ("grass", "brick wall", "autumn leaves")
    asked = [request("replace", 96 + 24 * n, seed=n, prompt=prompt) for n, prompt in enumerate(prompts)]
    engine = WorkerEngine(device="cpu", threads=1, at_once=3)
    try:
        alone = [await result_of(engine, one) for one in asked]
        together = await asyncio.gather(*(result_of(engine, one) for one in asked))
    finally:
        await engine.stop()
    assert {result.facts.model for result in alone} >= {"nano"}
    for one, other in zip(alone, together, strict=True):
        assert one.rect_px == other.rect_px and np.array_equal(one.pixels, other.pixels)
