"""What can be made again, kept for a while: in memory, and in a folder that never grows beyond what it may have."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import threading
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import structlog
import zstandard

from bridge.history.disk import make_private_folder

_K = TypeVar("_K", bound=Hashable)
_log = structlog.get_logger(__name__)
# Tiles are small, and somebody waits for them.
_LEVEL = 1
# When the folder is full it is emptied to this part of what it may have, so that this is not done for each new file.
_EMPTIED = 0.8
# So much stays free on the disk: what must not be lost needs it more than what can be made again.
_FREE_BYTES = 1 << 30
# No file is larger when unpacked; a damaged one cannot ask for more memory.
_MOST_UNPACKED = 16 << 20
_OWNER_ONLY = 0o600
_ENDING = ".tile"


class Recent(Generic[_K]):
    """The last used, so many bytes of them in all."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._held: OrderedDict[_K, bytes] = OrderedDict()
        self.size_bytes = 0

    def get(self, key: _K) -> bytes | None:
        """None when it is not here, or not any more."""
        data = self._held.get(key)
        if data is not None:
            self._held.move_to_end(key)
        return data

    def put(self, key: _K, data: bytes) -> None:
        """Keep it until others were used so often that there is no room for it."""
        self.size_bytes += len(data) - len(self._held.pop(key, b""))
        self._held[key] = data
        while self.size_bytes > self._most_bytes:
            _, dropped = self._held.popitem(last=False)
            self.size_bytes -= len(dropped)


class KeptFiles:
    """Files by name in one folder, packed; the ones that were not read for longest go when there are too many.

    Nothing is flushed and nothing is promised: a file that is damaged, or that cannot be written, is not there. Several
    bridges may use one folder.

    Args:
        folder: made when it is missing, for its owner only.
        most_bytes: of all files.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._bytes: int | None = None
        self._lock = threading.Lock()

    async def get(self, name: str) -> bytes | None:
        """What was put; None when it is not there."""
        return await asyncio.to_thread(self._read, name)

    async def put(self, name: str, data: bytes) -> None:
        """Keep it, if it can be kept."""
        await asyncio.to_thread(self._write, name, data)

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}{_ENDING}"

    def _read(self, name: str) -> bytes | None:
        path = self._path(name)
        try:
            packed = path.read_bytes()
            if not 0 <= zstandard.frame_content_size(packed) <= _MOST_UNPACKED:
                return None
            data = zstandard.ZstdDecompressor().decompress(packed)
            os.utime(path)  # it was of use: whoever tidies up takes others first
        except (OSError, zstandard.ZstdError):
            return None
        return data

    def _write(self, name: str, data: bytes) -> None:
        packed = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(data)
        path = self._path(name)
        coming = path.with_name(f"{name}.{secrets.token_hex(4)}.coming")
        try:
            make_private_folder(path.parent)
            if shutil.disk_usage(self._folder).free < _FREE_BYTES:
                return
            descriptor = os.open(coming, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), _OWNER_ONLY)
            with os.fdopen(descriptor, "wb") as file:
                file.write(packed)
            with self._lock:
                self._bytes = (self._counted() if self._bytes is None else self._bytes) + len(packed)
                coming.replace(path)
                if self._bytes > self._most_bytes:
                    self._bytes = self._tidied()
        except OSError as error:
            coming.unlink(missing_ok=True)
            _log.info("tile not kept", reason=error.strerror)

    def _counted(self) -> int:
        return sum(size for _, size, _ in self._files())

    def _tidied(self) -> int:
        """Remove what was not of use for longest; returns how many bytes are left."""
        files = sorted(self._files())
        left = sum(size for _, size, _ in files)
        for _, size, path in files:
            if left <= self._most_bytes * _EMPTIED:
                break
            with suppress(OSError):
                path.unlink()
            left -= size
        return left

    def _files(self) -> list[tuple[float, int, Path]]:
        """When each was last of use, how large it is, and where."""
        found: list[tuple[float, int, Path]] = []
        for path in self._folder.glob("??/*"):
            with suppress(OSError):
                at = path.stat()
                found.append((at.st_mtime, at.st_size, path))
        return found
