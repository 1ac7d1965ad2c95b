"""A whole document as one ZIP file. Pixels go through in small portions, and the same document gives the same file."""

from __future__ import annotations

import asyncio
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

from bridge.history.disk import disk_errors, make_private_folder
from bridge.history.records import Hash
from bridge.history.store import History
from bridge.takeaway.errors import ArchiveError, TooLargeToBringIn
from bridge.takeaway.gather import Gathered, gather, profiles_of
from bridge.takeaway.manifest import BLOBS, MANIFEST, PARTS
from bridge.takeaway.opened import opened

# Blobs in memory at once: tiles are some 200 kB at most, masks may be large and come alone.
_AT_ONCE = 32
_AT_ONCE_BYTES = 16 << 20
# Tiles hardly pack better with more, and it takes twice as long.
_LEVEL = 4
_COPIED_BYTES = 1 << 20
# The same in every export: when a file was made says nothing about the document.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_UNIX, _OWNER_ONLY = 3, 0o600 << 16

Progress = Callable[[float], None]
P = ParamSpec("P")


async def pack(history: History, document_id: str, out: Path, progress: Progress) -> None:
    """Write the document to ``out``, a new file in a folder of its own; parts of it lie beside it meanwhile.

    Args:
        history: where it is.
        document_id: which.
        out: the file.
        progress: told how much of it is done, 0 … 1.

    Raises:
        NotFound: no such document.
        StorageError: something cannot be read or written.
        TooLargeToBringIn: nobody could import the file.
    """
    parts = out.with_name(f"{out.name}.parts")
    try:
        with disk_errors():
            make_private_folder(parts)
        keys = await history.database.read(lambda session: profiles_of(session, document_id))
        profiles = {key: len(data) for key, data in (await history.blobs.get_many(keys)).items()}
        found = await history.database.read(lambda session: gather(session, document_id, profiles, parts))
        await _zip(history, found, parts, out, progress)
        await asyncio.to_thread(_check, out)
    finally:
        await asyncio.to_thread(shutil.rmtree, parts, True)


def _check(out: Path) -> None:
    """By the door through which it would come in again: nobody shall keep a file that cannot be brought back."""
    try:
        with opened(out):
            pass
    except ArchiveError as error:
        out.unlink()
        raise TooLargeToBringIn(f"The file could not be brought in again: {error}") from None


async def _zip(history: History, found: Gathered, parts: Path, out: Path, progress: Progress) -> None:
    done, total = 0, max(1, found.manifest.blob_bytes)
    with disk_errors(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        unsaid = None if found.manifest.document.model else {"document": {"model"}}
        text = found.manifest.model_dump_json(indent=1, exclude=unsaid).encode() + b"\n"
        await _to_its_end(archive.writestr, _entry(MANIFEST), text, None, _LEVEL)
        for name in PARTS:
            await _to_its_end(_copy, archive, parts / name, name)
        for some in _portions(found.blobs):
            held = await history.blobs.get_many(some)
            await _to_its_end(_add, archive, held, some)
            done += sum(len(data) for data in held.values())
            progress(min(1.0, done / total))


async def _to_its_end(work: Callable[P, None], *arguments: P.args, **named: P.kwargs) -> None:
    """In a thread. Whoever is cancelled meanwhile waits for its end: it writes into a file that is closed then."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *arguments, **named))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # looked at: of an export that nobody waits for
        raise


def _portions(blobs: dict[Hash, int]) -> list[list[Hash]]:
    """The blobs in order of their names, a few at a time."""
    portions: list[list[Hash]] = []
    room = 0
    for key in sorted(blobs):
        if not portions or room < blobs[key] or len(portions[-1]) >= _AT_ONCE:
            portions.append([])
            room = _AT_ONCE_BYTES
        portions[-1].append(key)
        room -= blobs[key]
    return portions


def _add(archive: zipfile.ZipFile, held: dict[Hash, bytes], keys: list[Hash]) -> None:
    for key in keys:
        archive.writestr(_entry(f"{BLOBS}{key.hex()}"), held[key], compresslevel=_LEVEL)


def _copy(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    entry = _entry(name)
    entry.file_size = path.stat().st_size  # known beforehand, so that a large one gets the room it needs
    with path.open("rb") as source, archive.open(entry, "w") as target:
        shutil.copyfileobj(source, target, _COPIED_BYTES)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system, entry.external_attr = _UNIX, _OWNER_ONLY
    return entry
