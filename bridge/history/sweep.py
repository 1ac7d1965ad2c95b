"""Freeing blobs that nothing refers to, beside bridges that store new ones meanwhile.

A blob's file says by its time when it was last put, or said to be here (`BlobStore`). One that nothing refers to and
whose time is old enough goes, in three steps: it is moved to a folder of its own, its time is looked at, and it is
removed or moved back. After the move nobody can renew that file any more: who puts the blob then finds it missing and
writes it anew. So either the renewal came first, is seen here, and the file goes back, or there is a new file. Whoever
reads finds it in either place, and what a killed sweep leaves there is moved back by the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bridge.history.blobs import LEAVING, blob_path
from bridge.history.disk import disk_errors
from bridge.history.records import Hash

_NAME_CHARS = 64


@dataclass(frozen=True, slots=True)
class Count:
    """Blobs and the bytes of their files."""

    blobs: int = 0
    bytes: int = 0

    def with_one(self, size: int) -> Count:
        return Count(self.blobs + 1, self.bytes + size)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found and did.

    Attributes:
        before: everything that was here.
        needed: what something refers to.
        freed: what is gone.
        young: what nothing refers to, and is too young to be sure that nothing is about to.
    """

    before: Count
    needed: Count
    freed: Count
    young: Count


def sweep(folder: Path, needed: Collection[Hash], before_s: float, *, dry_run: bool = False) -> Swept:
    """Free what nobody needs. Blocks.

    Args:
        folder: of all blobs.
        needed: what is referred to, asked for after ``before_s``.
        before_s: files of that time or later (seconds, as of `time.time`) stay.
        dry_run: only count.
    """
    with disk_errors():
        _bring_back(folder)
        before, kept, freed, young = Count(), Count(), Count(), Count()
        for key, path, size in _blobs(folder):
            before = before.with_one(size)
            if key in needed:
                kept = kept.with_one(size)
            elif _free(folder, path, before_s, dry_run=dry_run):
                freed = freed.with_one(size)
            else:
                young = young.with_one(size)
        if not dry_run:
            _tidy(folder, before_s)
        return Swept(before, kept, freed, young)


def missing(folder: Path, needed: Collection[Hash]) -> int:
    """How many of these blobs are not here."""
    return sum(not blob_path(folder, key).exists() for key in needed)


def count(folder: Path) -> Count:
    """Everything that is here."""
    found = Count()
    for _, _, size in _blobs(folder):
        found = found.with_one(size)
    return found


def _free(folder: Path, path: Path, before_s: float, *, dry_run: bool) -> bool:
    try:
        if path.stat().st_mtime >= before_s:
            return False
        if dry_run:
            return True
        out = folder / LEAVING / path.name
        path.replace(out)
        if out.stat().st_mtime >= before_s:  # renewed between the look and the move
            out.replace(path)
            return False
        out.unlink()
    except FileNotFoundError:  # somebody else sweeps
        return False
    except PermissionError:  # Windows moves no file that somebody reads: the next sweep does
        return False
    return True


def _bring_back(folder: Path) -> None:
    """What a killed sweep had moved out. Where it has come anew since, that is the same."""
    for left in (folder / LEAVING).glob("*.blob"):
        with suppress(FileNotFoundError, PermissionError):
            left.replace(folder / left.name[:2] / left.name)


def _tidy(folder: Path, before_s: float) -> None:
    """Files that killed bridges left half-written."""
    for left in (folder / "incoming").iterdir():
        with suppress(FileNotFoundError, PermissionError):
            if left.stat().st_mtime < before_s:
                left.unlink()


def _blobs(folder: Path) -> Iterator[tuple[Hash, Path, int]]:
    """Every blob that is here, with the bytes of its file; other files are not ours."""
    for part in sorted(folder.glob("[0-9a-f][0-9a-f]")):
        for path in sorted(part.glob("*.blob")):
            try:
                key = bytes.fromhex(path.stem)
                size = path.stat().st_size
            except (ValueError, FileNotFoundError):
                continue
            if len(path.stem) == _NAME_CHARS:
                yield key, path, size
