"""`inlay gc` beside bridges that land edits, and killed at any moment: no version ever loses a blob."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from support.histories import Host, new_edit_id, paint

from bridge.history import sweep as sweeping
from bridge.history.gc import collect, references
from bridge.history.purge import purge
from bridge.history.store import History
from bridge.history.sweep import sweep
from engine.geometry import PixelRect, Size

ROOT = Path(__file__).parents[2]
PLACE = PixelRect(0, 0, 256, 128)
LONG_AGO_S = time.time() - 1_000_000
COLLECTS = """
import asyncio, sys
from pathlib import Path
from bridge.history.gc import collect
from bridge.history.store import History

async def main(folder):
    history = await History.open(folder, durable=False)
    print("begins", flush=True)
    await collect(history, folder, now=True)
    print("done", flush=True)
    await history.close()

asyncio.run(main(Path(sys.argv[1])))
"""


def grow_old(folder: Path) -> None:
    for path in (folder / "blobs").glob("??/*.blob"):
        try:
            os.utime(path, (LONG_AGO_S, LONG_AGO_S))
        except FileNotFoundError:
            continue


async def land(host: Host, number: int) -> None:
    """The edit of that number: always the same pixels, so the same blobs."""
    edit = host.finished(
        PLACE, await host.head(), paint(PLACE, seed=number), edit_id=new_edit_id(), shown=paint(SIZE.rect, seed=7)
    )
    await host.history.versions.land(edit)


SIZE = Size(256, 128)


async def test_an_edit_that_lands_on_blobs_about_to_be_freed_keeps_them(tmp_path: Path):
    """The blobs of old, ended edits lie there for the sweep; new edits store the same pixels at the same time."""
    bridge = await History.open(tmp_path, durable=False)
    collector = await History.open(tmp_path, durable=False)
    freed = 0
    try:
        for round_ in range(6):
            gone = await Host.open(bridge, SIZE, key=f"gone-{round_}")
            for number in range(8):
                await land(gone, 100 * round_ + number)
            await bridge.bin.delete(gone.layer.document_id, gone.person)
            later = datetime.now(UTC) + timedelta(seconds=1)
            await bridge.database.write(lambda session, it=gone, at=later: purge(session, it.layer.document_id, at))
            grow_old(tmp_path)
            host = await Host.open(bridge, SIZE, key=f"stays-{round_}", person=gone.person)

            async def lands(host: Host = host, first: int = 100 * round_) -> None:
                for number in range(8):
                    await land(host, first + number)

            async def collects() -> int:
                return sum([(await collect(collector, tmp_path)).swept.freed.blobs for _ in range(4)])

            freed += (await asyncio.gather(lands(), collects()))[1]
        needed = await bridge.database.read(references)
        assert len(await bridge.blobs.get_many(needed)) == len(needed)
        assert freed > 0, "nothing was freed: the test shows nothing"
    finally:
        await collector.close()
        await bridge.close()


@pytest.mark.parametrize("moment", ["before the look", "between the look and the move", "after the move"])
async def test_whenever_an_edit_relies_on_a_blob_it_stays(tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch):
    """The same race, step by step."""
    bridge = await History.open(tmp_path, durable=False)
    content = b"tile" * 100
    key = sha256(content).digest()
    await bridge.blobs.put_many({key: content})
    grow_old(tmp_path)
    path = next((tmp_path / "blobs").glob("??/*.blob"))
    real_stat, real_replace = Path.stat, Path.replace
    looks = 0

    def put() -> None:
        asyncio.run_coroutine_threadsafe(bridge.blobs.put_many({key: content}), loop).result(10)

    def stat(self: Path, **options: bool) -> os.stat_result:
        nonlocal looks
        if self == path and sys._getframe(1).f_code.co_name == "_free":
            looks += 1
            if moment == "before the look":
                put()
        return real_stat(self, **options)

    def replace(self: Path, target: Path) -> Path:
        if self == path and moment == "between the look and the move":
            put()
        moved = real_replace(self, target)
        if self == path and moment == "after the move":
            put()
        return moved

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(sweeping.Path, "stat", stat)
    monkeypatch.setattr(sweeping.Path, "replace", replace)
    await asyncio.to_thread(sweep, tmp_path / "blobs", set(), time.time() - 100)
    monkeypatch.undo()
    assert looks == 1
    assert await bridge.blobs.have([key])
    assert (await bridge.blobs.get_many([key]))[key] == content
    assert not list((tmp_path / "blobs" / "leaving").iterdir())
    await bridge.close()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
async def test_killed_at_any_moment_it_loses_nothing_and_the_next_one_ends_the_work(tmp_path: Path):
    rng = random.Random(3)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    history = await History.open(tmp_path, durable=False)
    host = await Host.open(history, SIZE, key="stays")
    for number in range(4):
        await land(host, 1_000 + number)
    kills = 0
    for round_ in range(5):
        gone = await Host.open(history, SIZE, key=f"gone-{round_}", person=host.person)
        for _ in range(40):
            await history.blobs.put_many({sha256(b := rng.randbytes(20_000)).digest(): b for _ in range(5)})
        for number in range(4):
            await land(gone, 100 * round_ + number)
        await history.bin.delete(gone.layer.document_id, gone.person)
        grow_old(tmp_path)
        process = subprocess.Popen(
            [sys.executable, "-c", COLLECTS, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        await asyncio.sleep(rng.uniform(0, 0.02))
        process.kill()
        kills += process.wait() != 0
        process.stdout.close()
        needed = await history.database.read(references)
        assert len(await history.blobs.get_many(needed)) == len(needed)
    assert kills >= 2, "it was never killed while it worked"
    await history.close()
    history = await History.open(tmp_path, durable=False)
    grow_old(tmp_path)
    done = await collect(history, tmp_path, now=True)
    assert done.missing == 0 and done.swept.young.blobs == 0
    assert await history.bin.list(host.person) == ()
    needed = await history.database.read(references)
    assert done.after.blobs == len(needed)
    assert len(await history.versions.tree(host.layer.layer_id)) == 5
    await history.close()
