"""The models on this machine: ``models/NAME`` in the data folder, each with a manifest of its files' checksums.

A model is there when its folder has that name, and it gets it last of all: by one rename, of a folder whose files were
all checked. Pulls that are under way, or were broken off, lie in ``models/.pulling/NAME``.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from bridge.files import write_whole
from bridge.history.disk import make_private_folder
from bridge.weights.errors import BuiltIn, Damaged, InUse, NotPulled
from bridge.weights.files import sha256_of
from engine.models.catalogue import Entry, open_entries

_MANIFEST = "manifest.json"
_PULLING = ".pulling"
_REMOVING = ".removing-"
_ACCEPTED = "accepted.json"


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeptFile(_Kept):
    """A file, as it was when it was checked."""

    path: str
    size: int
    sha256: str


class Origin(_Kept):
    """Where files came from: a repository at a commit, or a folder (``repo`` empty)."""

    repo: str
    commit: str
    address: str


class Manifest(_Kept):
    """What makes a folder a model."""

    version: Literal[1] = 1
    name: str
    pulled_at: AwareDatetime
    origins: tuple[Origin, ...]
    files: tuple[KeptFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)


class _Terms(_Kept):
    name: str
    url: str


class _Acceptance(_Kept):
    model: str
    terms: tuple[_Terms, ...]
    at: AwareDatetime


class _Acceptances(_Kept):
    version: Literal[1] = 1
    accepted: tuple[_Acceptance, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file of a model."""

    path: str
    what: Literal["missing", "changed"]


class Shelf:
    """
    Args:
        folder: ``models`` of the data folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def present(self) -> tuple[str, ...]:
        """Names of the open models that are here whole, as far as sizes tell; best first."""
        return tuple(entry.name for entry in open_entries() if self.has(entry.name))

    def broken(self) -> tuple[str, ...]:
        """Names of those that are here and not whole."""
        return tuple(
            entry.name for entry in open_entries() if (self.folder / entry.name).exists() and not self.has(entry.name)
        )

    def has(self, name: str) -> bool:
        """Whether that model is here whole, as far as sizes tell."""
        try:
            manifest = self.manifest(name)
        except (NotPulled, Damaged):
            return False
        return all(_size(self.folder / name / file.path) == file.size for file in manifest.files)

    def path(self, name: str) -> Path:
        """The folder of a model that is here.

        Raises:
            NotPulled, Damaged: it is not.
        """
        self.manifest(name)
        return self.folder / name

    def manifest(self, name: str) -> Manifest:
        """
        Raises:
            NotPulled: that model is not here.
            Damaged: its manifest cannot be read.
        """
        folder = self.folder / name
        if not folder.is_dir():
            raise NotPulled(name)
        try:
            manifest = Manifest.model_validate_json((folder / _MANIFEST).read_bytes())
        except (OSError, ValidationError):
            raise _damaged(name, "its manifest cannot be read") from None
        if manifest.name != name:
            raise _damaged(name, f"its manifest is of {manifest.name}")
        return manifest

    def verify(self, name: str, advance: Callable[[int], None] = lambda _: None) -> tuple[Fault, ...]:
        """Read all of a model's files and compare their checksums.

        Args:
            advance: told the bytes of each file that was read.

        Raises:
            NotPulled, Damaged: there is nothing to compare with.
        """
        manifest = self.manifest(name)
        faults: list[Fault] = []
        for file in manifest.files:
            path = self.folder / name / file.path
            if _size(path) is None:
                faults.append(Fault(file.path, "missing"))
            elif _size(path) != file.size or sha256_of(path) != file.sha256:
                faults.append(Fault(file.path, "changed"))
            advance(file.size)
        return tuple(faults)

    def remove(self, entry: Entry) -> int:
        """Take a model and what was pulled of it off the disk.

        Returns:
            The bytes that were freed.

        Raises:
            BuiltIn: it comes with the program.
            NotPulled: there is nothing of it.
        """
        if entry.is_built_in:
            raise BuiltIn(entry.name)
        folders = [path for path in (self.folder / entry.name, self.pulling(entry.name)) if path.is_dir()]
        if not folders:
            raise NotPulled(entry.name)
        with self.held(entry.name):
            freed = sum(discard(folder) for folder in folders)
            self._sweep()
            return freed

    @contextmanager
    def held(self, name: str) -> Generator[None]:
        """Keep every other process from pulling or removing that model, for this block.

        An exclusive SQLite transaction, as `bridge.local.hold_data_folder` has it: let go however a process ends.

        Raises:
            InUse: another one does.
        """
        self._make()
        lock = self.folder / _PULLING / f"{name}.lock"
        lock.parent.mkdir(exist_ok=True)
        connection = sqlite3.connect(lock, timeout=0, isolation_level=None)
        try:
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                raise InUse(f"Another Inlay pulls or removes {name} now.") from None
            yield
        finally:
            connection.close()

    def pulling(self, name: str) -> Path:
        """Where a model lies while it is pulled."""
        return self.folder / _PULLING / name

    def put(self, manifest: Manifest) -> None:
        """Give a pulled folder its name, in the place of what has it."""
        staged, place = self.pulling(manifest.name), self.folder / manifest.name
        write_whole(staged / _MANIFEST, manifest.model_dump_json(indent=1).encode())
        if place.exists():
            place.rename(self.folder / f"{_REMOVING}{secrets.token_hex(4)}")
        staged.rename(place)
        _to_disk(self.folder)
        self._sweep()

    def has_accepted(self, entry: Entry) -> datetime | None:
        """When somebody here accepted the terms that the model has today; None: nobody did."""
        terms = _terms(entry)
        at = [one.at for one in self._accepted() if one.model == entry.name and set(terms) <= set(one.terms)]
        return max(at, default=None)

    def accept(self, entry: Entry) -> None:
        """Keep that somebody accepted a model's terms, with the time."""
        new = _Acceptance(model=entry.name, terms=_terms(entry), at=datetime.now(UTC))
        kept = _Acceptances(accepted=(*self._accepted(), new))
        self._make()
        write_whole(self.folder / _ACCEPTED, kept.model_dump_json(indent=1).encode())

    def _sweep(self) -> None:
        """Take what was being removed off the disk, also what a process left that died amid it."""
        for folder in self.folder.glob(f"{_REMOVING}*"):
            shutil.rmtree(folder, ignore_errors=True)

    def _make(self) -> None:
        make_private_folder(self.folder.parent)
        self.folder.mkdir(exist_ok=True)

    def _accepted(self) -> tuple[_Acceptance, ...]:
        """An unreadable record is no acceptance: the terms are shown again."""
        try:
            return _Acceptances.model_validate_json((self.folder / _ACCEPTED).read_bytes()).accepted
        except (OSError, ValidationError):
            return ()


def discard(folder: Path) -> int:
    """Remove a folder whole; half of it is never found under its name.

    Returns:
        The bytes that were in it.
    """
    freed = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    going = folder.parent / f"{_REMOVING}{secrets.token_hex(4)}"
    folder.rename(going)
    shutil.rmtree(going)
    return freed


def _terms(entry: Entry) -> tuple[_Terms, ...]:
    return tuple(_Terms(name=licence.name, url=licence.url) for licence in entry.licences)


def _damaged(name: str, what: str) -> Damaged:
    hint = f"`inlay models remove {name}`, then `inlay models pull {name}`."
    return Damaged(f"{name} is here but not whole: {what}.", hint=hint)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _to_disk(folder: Path) -> None:
    """Wait until the folder's names are on the disk, where the platform can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
