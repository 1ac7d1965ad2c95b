"""What every blob store must do, and what the folder does beside."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.histories import MemoryBlobs

from bridge.errors import NotFound, StorageDamaged
from bridge.history.blobs import BlobStore, FolderBlobs, _checked


def named(*contents: bytes) -> dict[bytes, bytes]:
    return {sha256(content).digest(): content for content in contents}


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("??/*.blob"))


def left_over(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".blob"]


@pytest.fixture(params=["memory", "folder", "folder, durable"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BlobStore]:
    if request.param == "memory":
        yield MemoryBlobs()
        return
    blobs = FolderBlobs(tmp_path / "blobs", durable="durable" in request.param)
    yield blobs
    blobs.close()


class TestEveryStore:
    async def test_gives_back_what_was_put(self, store: BlobStore):
        blobs = named(b"", b"a", bytes(50_000), os.urandom(50_000))
        await store.put_many(blobs)
        assert await store.get_many(blobs) == blobs

    async def test_takes_the_same_blob_again(self, store: BlobStore):
        blobs = named(b"same")
        await store.put_many(blobs)
        await store.put_many(blobs)
        assert await store.get_many([*blobs, *blobs]) == blobs

    async def test_knows_what_it_has(self, store: BlobStore):
        blobs = named(*(bytes([number]) * 10 for number in range(30)))
        some = dict(list(blobs.items())[:17])
        await store.put_many(some)
        assert await store.have(blobs) == set(some)
        assert await store.have([]) == set()

    async def test_says_when_one_is_missing(self, store: BlobStore):
        blobs = named(b"here")
        await store.put_many(blobs)
        with pytest.raises(NotFound):
            await store.get_many([*blobs, bytes(32)])

    async def test_takes_nothing_and_gives_nothing(self, store: BlobStore):
        await store.put_many({})
        assert await store.get_many([]) == {}

    async def test_takes_the_same_blobs_from_many_at_once(self, store: BlobStore):
        blobs = named(*(os.urandom(1000) for _ in range(20)))
        await asyncio.gather(*(store.put_many(blobs) for _ in range(5)))
        assert await store.get_many(blobs) == blobs


class TestFolder:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "blobs"

    async def test_leaves_nothing_but_blobs(self, folder: Path):
        blobs = FolderBlobs(folder)
        contents = named(*(os.urandom(100) for _ in range(40)))
        await blobs.put_many(contents)
        assert {path.stem for path in files_of(folder)} == {key.hex() for key in contents}
        assert left_over(folder) == []

    async def test_outlives_the_object(self, folder: Path):
        contents = named(b"kept")
        first = FolderBlobs(folder)
        await first.put_many(contents)
        first.close()
        assert await FolderBlobs(folder).get_many(contents) == contents

    async def test_keeps_flat_blobs_small_and_noise_at_its_size(self, folder: Path):
        await FolderBlobs(folder).put_many(named(bytes(49_152)))
        await FolderBlobs(folder).put_many(named(noise := os.urandom(49_152)))
        sizes = sorted(path.stat().st_size for path in files_of(folder))
        assert sizes[0] < 100
        assert sizes[1] == len(noise) + 1

    @pytest.mark.parametrize("content", [bytes(5000), os.urandom(5000)], ids=["zstd", "raw"])
    @pytest.mark.parametrize("harm", ["a bit", "its end", "its head", "all"])
    async def test_notices_every_kind_of_damage(self, folder: Path, content: bytes, harm: str):
        blobs = FolderBlobs(folder)
        await blobs.put_many(named(content))
        (path,) = files_of(folder)
        was = path.read_bytes()
        match harm:
            case "a bit":
                now = was[:-1] + bytes([was[-1] ^ 1])
            case "its end":
                now = was[:-3]
            case "its head":
                now = bytes([was[0] ^ 1]) + was[1:]
            case _:
                now = b""
        path.write_bytes(now)
        with pytest.raises(StorageDamaged):
            await blobs.get_many(named(content))

    @given(st.binary(max_size=200), st.binary(min_size=1, max_size=300))
    def test_never_gives_out_other_bytes_than_were_put(self, content: bytes, damaged: bytes):
        try:
            got = _checked(sha256(content).digest(), damaged)
        except StorageDamaged:
            return
        assert got == content

    async def test_a_header_that_claims_a_huge_blob_costs_no_memory(self, folder: Path):
        blobs = FolderBlobs(folder)
        await blobs.put_many(named(bytes(5000)))
        (path,) = files_of(folder)
        # A zstd frame header with an 8 byte content size of 2⁶² bytes.
        path.write_bytes(b"\1\x28\xb5\x2f\xfd\xe0" + (1 << 62).to_bytes(8, "little") + b"\0\0\0\0")
        with pytest.raises(StorageDamaged):
            await blobs.get_many(named(bytes(5000)))

    async def test_a_damaged_blob_that_comes_again_is_whole_again(self, folder: Path):
        blobs = FolderBlobs(folder)
        contents = named(b"healed")
        await blobs.put_many(contents)
        (path,) = files_of(folder)
        path.write_bytes(b"\0other")
        await blobs.put_many(contents)
        assert await blobs.get_many(contents) == contents

    async def test_a_name_that_is_not_the_hash_is_refused(self, folder: Path):
        blobs = FolderBlobs(folder)
        with pytest.raises(ValueError, match="SHA-256"):
            await blobs.put_many({bytes(32): b"anything"})
        assert await blobs.have([bytes(32)]) == set()

    async def test_tidies_up_what_a_dead_process_left(self, folder: Path):
        blobs = FolderBlobs(folder)
        torn = folder / "incoming" / "torn"
        torn.write_bytes(b"half")
        blobs.clean(before=torn.stat().st_mtime - 1)
        assert torn.exists(), "somebody alive may be writing it"
        blobs.clean(before=torn.stat().st_mtime + 1)
        assert left_over(folder) == []

    async def test_the_event_loop_runs_on_while_the_disk_works(self, folder: Path):
        blobs = FolderBlobs(folder)
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        await blobs.put_many(named(*(os.urandom(50_000) for _ in range(64))))
        counting.cancel()
        assert turns > 3

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
    async def test_only_its_owner_can_read_it(self, folder: Path):
        await FolderBlobs(folder).put_many(named(b"mine"))
        (path,) = files_of(folder)
        for private in (folder, path.parent, path):
            assert private.stat().st_mode & 0o077 == 0
