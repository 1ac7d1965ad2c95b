"""The worker process as the bridge sees it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import psutil
import pytest
import pytest_asyncio
from support.pictures import RGB8, picture

from engine import segments
from engine.api import EditEvent, EditPreview, EditProgress, EditRequest, EditResult
from engine.errors import BadRequest, EngineError, OperationFailed, OutOfMemory, WorkerCrashed
from engine.geometry import Size
from engine.host import WorkerEngine

pytestmark = pytest.mark.asyncio(loop_scope="module")
TESTS = Path(__file__).parent.parent


def request(operation: str, size: int = 32) -> EditRequest:
    pixels = picture(size, size)
    mask = np.full((size, size), 255, np.uint8)
    return EditRequest("edit-0001", operation, Size(size, size), RGB8, Size(size, size).rect, pixels, mask, 0)


async def events_of(engine: WorkerEngine, operation: str, size: int = 32) -> list[EditEvent]:
    return [event async for event in engine.run(request(operation, size))]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def engine() -> AsyncIterator[WorkerEngine]:
    os.environ["PYTHONPATH"] = str(TESTS)
    engine = WorkerEngine(device="cpu", threads=1, operations="support.operations:OPERATIONS")
    await engine.start()
    yield engine
    await engine.stop()


async def test_events_come_in_order_and_the_result_last(engine: WorkerEngine):
    events = await events_of(engine, "invert")
    assert [type(event) for event in events] == [EditProgress, EditPreview, EditResult]
    result = events[-1]
    assert isinstance(result, EditResult)
    assert np.array_equal(result.pixels, request("invert").pixels[::-1])
    assert result.facts.engine_s > 0


async def test_the_worker_says_what_it_found(engine: WorkerEngine):
    info = await engine.info()
    assert info.device == "cpu" and "invert" in info.models and info.torch_version


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("memory", OutOfMemory),
        ("too_much", OutOfMemory),
        ("bug", OperationFailed),
        ("crash", WorkerCrashed),
        ("nothing of that name", BadRequest),
    ],
)
async def test_an_edit_that_fails_costs_only_itself(engine: WorkerEngine, operation: str, error: type[EngineError]):
    with pytest.raises(EngineError) as raised:
        await events_of(engine, operation)
    assert isinstance(raised.value, error) and raised.value.hint
    assert "secret" not in str(raised.value)
    assert isinstance((await events_of(engine, "invert"))[-1], EditResult)


async def test_what_an_operation_prints_does_not_disturb_the_frames(engine: WorkerEngine):
    assert isinstance((await events_of(engine, "chatty"))[-1], EditResult)


async def test_an_edit_stops_when_nobody_listens_and_the_same_process_takes_the_next(engine: WorkerEngine):
    await events_of(engine, "invert")
    pid = engine.pid
    async with aclosing(engine.run(request("steps"))) as events:
        async for _ in events:
            break
    assert isinstance((await events_of(engine, "invert"))[-1], EditResult)
    assert engine.pid == pid


async def test_a_cancelled_task_stops_its_edit(engine: WorkerEngine):
    await events_of(engine, "invert")
    pid = engine.pid
    task = asyncio.create_task(events_of(engine, "steps"))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await events_of(engine, "invert")
    assert engine.pid == pid


async def test_nobody_waits_for_a_worker_that_does_not_stop_and_it_is_replaced(
    engine: WorkerEngine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.host.CANCEL_TIMEOUT_S", 1.0)
    await events_of(engine, "invert")
    pid = engine.pid
    async with aclosing(engine.run(request("deaf"))) as events:
        async for _ in events:
            break
    assert engine.pid == pid  # still at it
    assert isinstance((await events_of(engine, "invert"))[-1], EditResult)
    assert engine.pid != pid


async def test_a_worker_killed_while_it_works_costs_that_edit(engine: WorkerEngine):
    await events_of(engine, "invert")
    task = asyncio.create_task(events_of(engine, "steps"))
    await asyncio.sleep(0.1)
    assert engine.pid is not None
    psutil.Process(engine.pid).kill()
    with pytest.raises(WorkerCrashed):
        await task
    assert isinstance((await events_of(engine, "invert"))[-1], EditResult)


async def test_a_worker_killed_while_it_is_idle_is_not_even_noticed(engine: WorkerEngine):
    await events_of(engine, "invert")
    assert engine.pid is not None
    process = psutil.Process(engine.pid)
    process.kill()
    await asyncio.to_thread(process.wait, 5)
    await asyncio.sleep(0.1)
    assert isinstance((await events_of(engine, "invert"))[-1], EditResult)


async def test_edits_wait_for_each_other(engine: WorkerEngine):
    results = await asyncio.gather(*(events_of(engine, "invert", size) for size in (8, 64, 300, 16)))
    assert [result[-1].pixels.shape[0] for result in results if isinstance(result[-1], EditResult)] == [8, 64, 300, 16]


async def test_a_worker_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch):
    broken = WorkerEngine(operations="no.such.module:NOTHING")
    with pytest.raises(WorkerCrashed) as raised:
        await events_of(broken, "invert")
    assert "doctor" in raised.value.hint
    await broken.stop()


async def test_the_worker_ends_when_its_host_is_killed(tmp_path: Path):
    code = (
        "import asyncio, sys\n"
        "from engine.host import WorkerEngine\n"
        "async def main():\n"
        "    engine = WorkerEngine(operations='support.operations:OPERATIONS')\n"
        "    await engine.info()\n"
        "    print(engine.pid, file=sys.stderr, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment, cwd=tmp_path
    )
    assert process.stderr is not None
    worker = psutil.Process(int(await asyncio.to_thread(process.stderr.readline)))
    process.kill()
    process.wait()
    await asyncio.to_thread(worker.wait, 20)
    assert not worker.is_running()


async def test_a_folder_that_holds_something_called_engine_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "__init__.py").write_text("open('was-run', 'w').close()\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    engine = WorkerEngine(device="cpu", threads=1, operations="support.operations:OPERATIONS")
    await engine.info()
    await engine.stop()
    assert not (tmp_path / "was-run").exists()


async def test_memory_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, engine: WorkerEngine):
    def full(size: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(segments, "reserved", full)
    with pytest.raises(OutOfMemory):
        await events_of(engine, "invert", 1200)
    monkeypatch.undo()
    assert isinstance((await events_of(engine, "invert"))[-1], EditResult)


def there() -> set[Path]:
    return set(Path("/dev/shm").glob("psm_*"))


async def test_a_segment_larger_than_its_place_is_refused_and_nothing_is_left_behind():
    free = shutil.disk_usage("/dev/shm").free if Path("/dev/shm").is_dir() else 1 << 50
    before = there()
    with pytest.raises((OSError, OverflowError)):
        segments.reserved(free * 2)
    after = there()
    assert not after - before


async def test_importing_the_host_does_not_import_torch():
    code = "import sys, engine.host; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=TESTS.parent, check=True)
    assert done.stdout.strip() == "False"
