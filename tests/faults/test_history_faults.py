"""The history when the process is killed, the disk is full, or a file is damaged: what was acknowledged is there."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from support.histories import Host, MemoryBlobs, new_edit_id, paint, same_bits

from bridge.errors import StorageDamaged, StorageFull
from bridge.history.store import History
from engine.geometry import PixelRect, Size

ROOT = Path(__file__).parents[2]
PLACE = PixelRect(10, 20, 250, 180)

# Lands edits until it is killed; says each one that was acknowledged, and how to check it.
LANDS_EDITS = f"""
import asyncio, sys
from pathlib import Path
from support.histories import Host, paint
from bridge.history.store import History
from engine.geometry import PixelRect

async def main(folder, durable, first):
    history = await History.open(Path(folder), durable=durable == "True")
    people = await history.people.list()
    host = await Host.open(history, person=people[0] if people else None)
    place = PixelRect{PLACE.as_tuple()}
    for number in range(int(first), int(first) + 10_000):
        edit_id = f"edit-{{number:08d}}"
        await history.edits.begin(
            edit_id, host.layer.document_id, host.layer.layer_id, host.person.person_id, "remove this"
        )
        landing = await host.edit(place, number, edit_id=edit_id)
        print(number, landing.head_version_id, flush=True)
        if number % 5 == 4:
            await host.undo(2)

asyncio.run(main(*sys.argv[1:]))
"""


class Landing:
    """A process that lands edits, and what it has acknowledged so far."""

    def __init__(self, folder: Path, durable: bool, first: int) -> None:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
        self.acknowledged: dict[int, str] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-c", LANDS_EDITS, str(folder), str(durable), str(first)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self._count = threading.Semaphore(0)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):
                number, version_id = line.split()
                self.acknowledged[int(number)] = version_id
                self._count.release()

    def until(self, count: int) -> None:
        for _ in range(count):
            assert self._count.acquire(timeout=60)

    def kill(self) -> dict[int, str]:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return self.acknowledged


async def check(folder: Path, acknowledged: dict[int, str]) -> None:
    """Everything that was acknowledged opens and is what it was; nothing is torn, nothing is missing."""
    history = await History.open(folder, durable=False)
    try:
        (person,) = await history.people.list()
        host = await Host.open(history, person=person)
        tree = {version.version_id: version for version in await history.versions.tree(host.layer.layer_id)}
        assert set(acknowledged.values()) <= set(tree)
        assert host.layer.head_version_id in tree
        for version in tree.values():
            if version.kind == "edit":
                assert version.edit_id is not None
                number = int(version.edit_id.removeprefix("edit-"))
                assert same_bits(await history.versions.patch_of(version), paint(PLACE, seed=number))
                assert (await history.versions.mask_of(version) == 255).all()
        names = [bytes.fromhex(path.stem) for path in folder.glob("blobs/??/*.blob")]
        await history.blobs.get_many(names)
        files = {path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file()}
        assert files <= {"blobs", "history.sqlite3", "history.sqlite3-wal", "history.sqlite3-shm", "running"}
        assert [path for path in (folder / "blobs").rglob("*") if path.is_file() and path.suffix != ".blob"] == []
        assert len(list((folder / "running").iterdir())) == 1

        happened = await history.events.after(host.layer.document_id, 0, 100_000)
        assert [event.seq for event in happened] == list(range(1, len(happened) + 1))
        landed = {event.version_id for event in happened if event.kind == "version.landed"}
        assert landed == {version.version_id for version in tree.values() if version.kind == "edit"}
        for event in happened:
            if event.edit_id is not None:
                record = await history.edits.get(event.edit_id, person.person_id)
                wanted = "done" if event.kind == "version.landed" else "interrupted"
                assert record is not None and record.state == wanted
        open_edits = await history._database.read(
            lambda session: session.scalar(text("SELECT count(*) FROM edits WHERE state IN ('waiting', 'running')"))
        )
        assert open_edits == 0
    finally:
        await history.close()


async def test_every_acknowledged_version_survives_kill_9_at_random_moments(tmp_path: Path):
    rng = random.Random(0)
    acknowledged: dict[int, str] = {}
    for number in range(10):
        landing = Landing(tmp_path / "data", durable=number % 2 == 0, first=number * 10_000)
        landing.until(rng.randrange(1, 6))
        # Somewhere in the next edit, which takes some 20 ms.
        threading.Event().wait(rng.random() * 0.03)
        acknowledged |= landing.kill()
        await check(tmp_path / "data", acknowledged)
    assert len(acknowledged) >= 10


async def test_a_bridge_that_is_killed_while_it_makes_its_folder_can_be_started_again(tmp_path: Path):
    rng = random.Random(1)
    for number in range(3):
        folder = tmp_path / f"data {number}"
        landing = Landing(folder, durable=True, first=0)
        while not (folder / "history.sqlite3").exists():
            threading.Event().wait(0.002)
        threading.Event().wait(rng.random() * 0.15)
        landing.kill()
        again = Landing(folder, durable=False, first=10_000)
        again.until(1)
        await check(folder, again.kill())


# ── a full disk ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MiB, where this user may make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if sys.platform != "linux" or mount is None or os.geteuid() != 0:
        pytest.skip("only root on Linux can make a small file system")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True, check=False)
    if made.returncode != 0:
        pytest.skip("this machine lets nobody mount anything")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path, leave_bytes: int = 0) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            assert error.errno == errno.ENOSPC
        file.truncate(max(0, file.tell() - leave_bytes))
    return filler


@pytest.mark.parametrize("leave_bytes", [0, 8192, 100_000, 250_000])
async def test_a_full_disk_is_a_typed_error_and_works_again_when_there_is_room(small_disk: Path, leave_bytes: int):
    history = await History.open(small_disk / "data")
    host = await Host.open(history, Size(300, 200))
    first = await host.edit(PLACE, 1)
    filler = fill(small_disk, leave_bytes)
    shown = host.pixels
    with pytest.raises(StorageFull):
        for number in range(100):
            await host.edit(PLACE, 2 + number)
            shown = host.pixels
    host.pixels = shown
    assert [path for path in (small_disk / "data/blobs").rglob("*") if path.is_file() and path.suffix != ".blob"] == []
    assert same_bits(await history.versions.patch_of(first.versions[0]), paint(PLACE, seed=1))
    filler.unlink()
    again = await host.edit(PLACE, 500)
    assert same_bits(await history.versions.patch_of(again.versions[0]), paint(PLACE, seed=500))
    await host.undo()
    assert same_bits(host.pixels, shown)
    await history.close()


async def test_a_full_disk_under_the_database_alone_is_a_typed_error_too(small_disk: Path):
    history = await History.open(small_disk / "data", blobs=MemoryBlobs())
    host = await Host.open(history)
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        for number in range(200):
            await host.edit(PixelRect(0, 0, 300, 200), number)
    before = await history.versions.tree(host.layer.layer_id)
    filler.unlink()
    await host.edit(PLACE, 999)
    assert len(await history.versions.tree(host.layer.layer_id)) == len(before) + 1
    happened = await history.events.after(host.layer.document_id, 0, 1000)
    assert [event.seq for event in happened] == list(range(1, len(happened) + 1))
    await history.close()


async def test_a_bridge_that_starts_on_a_full_disk_says_so_and_starts_when_there_is_room(small_disk: Path):
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        await History.open(small_disk / "data")
    filler.unlink()
    history = await History.open(small_disk / "data")
    await (await Host.open(history)).edit(PLACE)
    await history.close()


@pytest.mark.parametrize("code", [errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)])
async def test_a_write_that_is_refused_half_way_leaves_no_torn_blob(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
):
    history = await History.open(tmp_path / "data", durable=False)
    host = await Host.open(history)
    write, written = os.write, 0

    def full(descriptor: int, data: memoryview) -> int:
        nonlocal written
        if not threading.current_thread().name.startswith("blobs"):
            return write(descriptor, data)
        if written > 60_000:
            raise OSError(code, os.strerror(code))
        written += 1000
        return write(descriptor, data[:1000])  # and writes are short

    shown = host.pixels
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StorageFull):
            await host.edit(PLACE, 1)
    assert [path for path in (tmp_path / "data/blobs").rglob("*") if path.is_file() and path.suffix != ".blob"] == []
    names = [bytes.fromhex(path.stem) for path in tmp_path.glob("data/blobs/??/*.blob")]
    await history.blobs.get_many(names)
    assert len(await history.versions.tree(host.layer.layer_id)) == 1
    assert same_bits(shown, host.pixels)
    landing = await host.edit(PLACE, 1)
    assert same_bits(await history.versions.patch_of(landing.versions[0]), paint(PLACE, seed=1))
    await history.close()


async def test_a_database_that_may_not_grow_is_a_full_disk_and_the_edit_can_land_later(tmp_path: Path):
    history = await History.open(tmp_path / "data", durable=False)
    host = await Host.open(history)
    edit_id = new_edit_id()
    edit = host.finished(PLACE, await host.head(), paint(PLACE), edit_id=edit_id)
    await history.edits.begin(edit_id, host.layer.document_id, edit.layer_id, edit.person_id, "x" * 3000)

    async def limit(pages: int) -> None:
        for flush in (False, True):
            await history._database.write(
                lambda session: session.execute(text(f"PRAGMA max_page_count = {pages}")), flush=flush
            )

    await limit(1)  # no fewer than there are
    with pytest.raises(StorageFull):
        for _ in range(50):
            await history.edits.begin(new_edit_id(), host.layer.document_id, edit.layer_id, edit.person_id, "x" * 3000)
    await limit(1 << 30)
    landing = await history.versions.land(edit)
    record = await history.edits.get(edit_id, host.person.person_id)
    assert record is not None and record.state == "done"
    assert await host.head() == landing.head_version_id
    await history.close()


# ── damage ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_damaged_blob_harms_the_versions_that_need_it_and_no_other(tmp_path: Path):
    history = await History.open(tmp_path / "data", durable=False)
    host = await Host.open(history)
    good = await host.edit(PixelRect(0, 0, 100, 100), 1)
    bad = await host.edit(PixelRect(140, 10, 200, 100), 2)
    tiles = (await history.versions.between(good.head_version_id, bad.head_version_id)).tiles
    (damaged,) = tiles.values()
    path = tmp_path / "data/blobs" / damaged.hex()[:2] / f"{damaged.hex()}.blob"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    with pytest.raises(StorageDamaged):
        await history.versions.patch_of(bad.versions[0])
    await history.versions.patch_of(good.versions[0])
    await host.undo()
    await host.edit(PixelRect(140, 10, 200, 100), 3)
    await history.close()


async def test_an_edit_that_needs_a_damaged_mask_to_decide_does_not_land_blindly(tmp_path: Path):
    history = await History.open(tmp_path / "data", durable=False)
    host = await Host.open(history)
    late = host.finished(PixelRect(50, 50, 80, 80), await host.head(), paint(PixelRect(50, 50, 80, 80)))
    landing = await host.edit(PixelRect(0, 0, 100, 100), 1)
    mask = landing.versions[0].mask
    assert mask is not None
    (tmp_path / "data/blobs" / mask.hex()[:2] / f"{mask.hex()}.blob").write_bytes(b"\0damaged")
    with pytest.raises(StorageDamaged):
        await history.versions.land(late)
    assert await host.head() == landing.head_version_id
    await history.close()
