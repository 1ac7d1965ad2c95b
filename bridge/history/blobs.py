"""Blobs by content: a blob's name is the SHA-256 of its raw bytes, and every read is checked against it."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Protocol, TypeVar

import zstandard

from bridge.errors import NotFound, StorageDamaged, StorageError
from bridge.history.disk import disk_errors, make_private_folder
from bridge.history.records import Hash

_T = TypeVar("_T")
_R = TypeVar("_R")
# Waiting for the disk is what takes time, and disks take several flushes at once; with more threads than these they
# wait for the interpreter instead.
_THREADS = 4
# First byte of a file: how the rest is stored.
_RAW, _ZSTD = b"\0", b"\1"
# Tiles are small and an edit waits for this: the quickest level that still halves flat and masked tiles.
_LEVEL = 1
# A transaction follows its blobs within seconds; a layer's whole picture may take minutes to come in. See `BlobStore`.
KEPT_S = 3600.0
# Where blobs are on their way out, see `bridge.history.sweep`.
LEAVING = "leaving"
# No blob is larger (a mask of the largest reach is 384 MiB); a damaged header cannot ask for more memory.
_BLOB_BYTES = 1 << 30
_OWNER_ONLY = 0o600


class BlobStore(Protocol):
    """Where blobs are kept. Whatever `put_many` has returned for survives the death of the process.

    A blob that nothing refers to yet stays for at least `KEPT_S` after `put_many`, or `have`, has said that it is here:
    so blobs come first and the transaction that refers to them after that, and nobody who frees space needs to know of
    either. What was only read (`get_many`) and is to be referred to is put once more, which costs little.
    """

    async def put_many(self, blobs: Mapping[Hash, bytes]) -> None:
        """Store blobs under the SHA-256 of their bytes; those that are there already cost little.

        Raises:
            StorageFull: no room; nothing half-written is left.
        """
        ...

    async def get_many(self, hashes: Iterable[Hash]) -> dict[Hash, bytes]:
        """The raw bytes of these blobs.

        Raises:
            NotFound: one of them is not here.
            StorageDamaged: one of them is not what its hash says.
        """
        ...

    async def have(self, hashes: Iterable[Hash]) -> set[Hash]:
        """Those of them that are here."""
        ...


class FolderBlobs:
    """Blobs as files ``aa/aabb….blob`` of one folder; a file is whole or it is not there.

    A file is one byte (how it is stored) and the data. It is written under another name in ``incoming``, flushed, and
    renamed. All of this happens in a few threads, never on the event loop.

    Args:
        folder: made when it is missing, readable by its owner only.
        durable: wait until the disk has it (fsync of file and folder), so that a power loss harms nothing.
    """

    def __init__(self, folder: Path, durable: bool = True) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._leaving = folder / LEAVING
        self._durable = durable
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="blobs")
        with disk_errors():
            make_private_folder(folder)
            make_private_folder(self._incoming)
            make_private_folder(self._leaving)

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self._folder

    def clean(self, before: float) -> None:
        """Remove what killed processes left half-written before that moment (seconds, as of `time.time`). Blocks.

        Only for whoever knows that no other process wrote to the folder then.
        """
        with disk_errors():
            for left_over in self._incoming.iterdir():
                with suppress(FileNotFoundError):
                    if left_over.stat().st_mtime < before:
                        left_over.unlink()

    def close(self) -> None:
        """End the threads; what they had begun is finished first."""
        self._threads.shutdown()

    async def put_many(self, blobs: Mapping[Hash, bytes]) -> None:
        """See `BlobStore`."""
        folders = {folder for part in await self._spread(self._write, list(blobs.items())) for folder in part}
        if self._durable and os.name == "posix":  # elsewhere a folder cannot be flushed, and need not be
            # Also for blobs that were there already: whoever put them may not have come to this line yet.
            await self._spread(_flush_folders, list(folders))

    async def get_many(self, hashes: Iterable[Hash]) -> dict[Hash, bytes]:
        """See `BlobStore`."""
        parts = await self._spread(self._read, list(dict.fromkeys(hashes)))
        return {key: data for part in parts for key, data in part}

    async def have(self, hashes: Iterable[Hash]) -> set[Hash]:
        """See `BlobStore`. By name only; whether a blob is sound shows when it is read."""
        return {key for part in await self._spread(self._find, list(hashes)) for key in part}

    async def _spread(self, work: Callable[[Sequence[_T]], list[_R]], items: list[_T]) -> list[list[_R]]:
        """Do ``work`` on parts of ``items`` in the threads; all have ended when this returns or raises."""
        loop = asyncio.get_running_loop()
        parts = [items[start::_THREADS] for start in range(min(_THREADS, len(items)))]
        futures = [loop.run_in_executor(self._threads, work, part) for part in parts]
        done = await asyncio.gather(*futures, return_exceptions=True)
        for result in done:
            if isinstance(result, BaseException):
                raise result
        return [result for result in done if not isinstance(result, BaseException)]

    def _path(self, key: Hash) -> Path:
        return blob_path(self._folder, key)

    def _write(self, blobs: Sequence[tuple[Hash, bytes]]) -> list[Path]:
        compressor = zstandard.ZstdCompressor(level=_LEVEL)
        for key, data in blobs:
            if sha256(data).digest() != key:
                raise ValueError("a blob's name is the SHA-256 of its bytes")
            if self._stays(key) and self._is_sound(key):
                continue
            packed = compressor.compress(data)
            parts = (_ZSTD, packed) if len(packed) < len(data) else (_RAW, data)
            try:
                with disk_errors():
                    self._place(self._path(key), parts)
            except StorageError:
                # Two tasks may store one blob at once, and Windows replaces no file that somebody reads.
                if not self._is_sound(key):
                    raise
        return [self._path(key).parent for key, _ in blobs]

    def _place(self, path: Path, parts: tuple[bytes, bytes]) -> None:
        """A file that is whole or not there: another name first, flushed, then renamed."""
        coming = self._incoming / f"{path.stem}-{secrets.token_hex(4)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(coming, flags, _OWNER_ONLY)
            try:
                rest = memoryview(b"".join(parts))
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                if self._durable:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
            make_private_folder(path.parent)
            coming.replace(path)
        except BaseException:
            coming.unlink(missing_ok=True)
            raise

    def _stays(self, key: Hash) -> bool:
        """Whether it is here; from now on it stays for a while, whoever frees space. See `bridge.history.sweep`."""
        try:
            with disk_errors():
                os.utime(self._path(key))
        except FileNotFoundError:
            return False
        return True

    def _is_sound(self, key: Hash) -> bool:
        """A blob that a new version will rely on is read first; a damaged one is written anew."""
        try:
            self._read((key,))
        except (StorageDamaged, NotFound):
            return False
        return True

    def _read(self, hashes: Sequence[Hash]) -> list[tuple[Hash, bytes]]:
        found: list[tuple[Hash, bytes]] = []
        for key in hashes:
            found.append((key, _checked(key, self._content(key))))
        return found

    def _content(self, key: Hash) -> bytes:
        path = self._path(key)
        # On its way out, perhaps, until it turns out that it is needed; then it is back where it was.
        for place in (path, self._leaving / path.name, path):
            with suppress(FileNotFoundError), disk_errors():
                return place.read_bytes()
        raise NotFound("blob")

    def _find(self, hashes: Sequence[Hash]) -> list[Hash]:
        return [key for key in hashes if self._stays(key)]


def blob_path(folder: Path, key: Hash) -> Path:
    """Where the blob's file is in the folder of all blobs."""
    name = key.hex()
    return folder / name[:2] / f"{name}.blob"


def _checked(key: Hash, content: bytes) -> bytes:
    data = content[1:]
    try:
        if content[:1] == _ZSTD:
            if not 0 <= zstandard.frame_content_size(data) <= _BLOB_BYTES:
                raise StorageDamaged(f"Blob {key.hex()[:12]} is damaged.")
            data = zstandard.ZstdDecompressor().decompress(data)
    except zstandard.ZstdError:
        raise StorageDamaged(f"Blob {key.hex()[:12]} is damaged.") from None
    if sha256(data).digest() != key:
        raise StorageDamaged(f"Blob {key.hex()[:12]} is not what its name says.")
    return data


def _flush_folders(folders: Sequence[Path]) -> list[None]:
    for folder in folders:
        with disk_errors():
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    return []
