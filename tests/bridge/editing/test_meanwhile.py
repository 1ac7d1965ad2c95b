"""Something to be done beside the main thing."""

from __future__ import annotations

import asyncio

import pytest

from bridge.editing.meanwhile import meanwhile


async def work(done: list[str], error: Exception | None = None) -> None:
    await asyncio.sleep(0.01)
    done.append("work")
    if error is not None:
        raise error


async def test_the_block_runs_beside_the_work_and_both_have_ended_after_it():
    done: list[str] = []
    async with meanwhile(work(done)):
        done.append("block")
    assert done == ["block", "work"]


async def test_an_error_of_the_work_is_raised_after_the_block():
    done: list[str] = []
    with pytest.raises(ValueError, match="disk"):
        async with meanwhile(work(done, ValueError("disk"))):
            done.append("block")
    assert done == ["block", "work"]


async def test_when_both_fail_the_blocks_error_is_the_one_that_is_told():
    done: list[str] = []
    with pytest.raises(KeyError):
        async with meanwhile(work(done, ValueError("disk"))):
            raise KeyError
    assert done == ["work"]


async def test_a_cancelled_block_still_lets_the_work_finish():
    done: list[str] = []

    async def block() -> None:
        async with meanwhile(work(done)):
            await asyncio.sleep(10)

    task = asyncio.create_task(block())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["work"]
