"""A pull: which files, whether they fit, each from where it was broken off, each checked; then the folder is named.

::

    plan_of      the hub's list of files → what is to be fetched; refuses pickles and hostile names
    pull         plan → checked files in `Shelf.pulling` → `Shelf.put`
    take_folder  the same from a folder of weights on this machine, if it is that model's
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from bridge.files import write_whole
from bridge.weights.errors import BuiltIn, Incomplete, NoRoom, NotAccepted, OtherModel, WrongChecksum
from bridge.weights.files import (
    check_names,
    check_safetensors,
    check_shards,
    git_id_of,
    is_here,
    is_pickle,
    sha256_of,
    wanted,
)
from bridge.weights.hub import Hub, Listing, Remote
from bridge.weights.identity import model_in
from bridge.weights.shelf import KeptFile, Manifest, Origin, Shelf, discard
from engine.models.catalogue import Entry, open_entries

# What the rest of the machine should keep.
_SPARE_BYTES = 512 << 20
_RECORD = "pull.json"
_PART = ".part"


@dataclass(frozen=True, slots=True)
class Planned:
    """A file that is to be fetched.

    Attributes:
        path: in the model's folder.
        here: bytes of it that an earlier pull left.
    """

    path: str
    remote: Remote
    listing: Listing
    here: int


@dataclass(frozen=True, slots=True)
class PullPlan:
    """What a pull is going to do.

    Attributes:
        left: files of the repositories that are not taken because they are pickles.
    """

    entry: Entry
    origins: tuple[Origin, ...]
    files: tuple[Planned, ...]
    left: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(file.remote.size for file in self.files)

    @property
    def here(self) -> int:
        """Bytes that need not be fetched again."""
        return sum(file.here for file in self.files)


class _Record(BaseModel):
    """Which commits a broken-off pull was of: it goes on with those."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commits: dict[str, str] = {}


def plan_of(entry: Entry, shelf: Shelf, hub: Hub, revision: str | None = None) -> PullPlan:
    """Ask the hub what there is.

    Args:
        revision: a commit or branch of the model's first repository; None: the catalogue's, else that of a pull that
            was broken off, else that which is here, else the newest.

    Raises:
        BuiltIn: there is nothing to pull.
        WeightsError: as `Hub.list` and `files.wanted` say.
    """
    if entry.is_built_in:
        raise BuiltIn(entry.name)
    known = _known_commits(entry, shelf)
    staged = shelf.pulling(entry.name)
    files: dict[str, Planned] = {}
    origins: list[Origin] = []
    left: list[str] = []
    for number, source in enumerate(entry.sources):
        if is_here(source.unless, files):
            continue
        asked = revision if number == 0 and revision is not None else source.revision or known.get(source.repo)
        listing = hub.list(source.repo, asked)
        check_names((file.path for file in listing.files), source.repo)
        remotes = {file.path: file for file in listing.files}
        takes = wanted(source, remotes)
        left += [f"{source.repo}/{path}" for path in remotes if is_pickle(path)]
        origins.append(Origin(repo=source.repo, commit=listing.commit, address=hub.address))
        for path in takes:
            place = f"{source.into}/{path}" if source.into else path
            files[place] = Planned(place, remotes[path], listing, _bytes_here(staged / place))
    return PullPlan(entry, tuple(origins), tuple(files.values()), tuple(left))


def pull(
    plan: PullPlan,
    shelf: Shelf,
    hub: Hub,
    *,
    advance: Callable[[int], None] = lambda _: None,
    starts: Callable[[Planned], None] = lambda _: None,
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
) -> Manifest:
    """Fetch what is missing, check all of it and give the model its name.

    Whenever it ends early, the model counts as not there, and the next pull goes on where this one stopped.

    Args:
        advance: told bytes as they come. starts: told each file. free_bytes: of the disk that holds a folder.

    Raises:
        NotAccepted: nobody accepted the model's terms.
        NoRoom: the disk is too full; nothing was fetched.
        WrongChecksum, PickleRefused: a file is not what it should be, and was thrown away.
        OtherModel: the repository holds another model, and all of it was thrown away.
        WeightsError: as `Hub.fetch` says.
    """
    entry, staged = plan.entry, shelf.pulling(plan.entry.name)
    _check_accepted(entry, shelf)
    with shelf.held(entry.name):
        staged.mkdir(parents=True, exist_ok=True)
        _check_room(plan.bytes - plan.here, staged, free_bytes)
        commits = {origin.repo: origin.commit for origin in plan.origins}
        write_whole(staged / _RECORD, _Record(commits=commits).model_dump_json().encode())
        kept = tuple(_fetched(file, staged, hub, advance, starts) for file in plan.files)
        return _put(entry, plan.origins, kept, shelf)


def take_folder(
    entry: Entry,
    folder: Path,
    shelf: Shelf,
    *,
    advance: Callable[[int], None] = lambda _: None,
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
) -> Manifest:
    """Copy a model from a folder in which it lies as it is published. Whenever it ends early, no copy is left.

    Raises:
        NotAccepted, NoRoom: as `pull` says.
        OtherModel: the folder is another model's.
        PickleRefused: its weights are pickles.
        Incomplete: something that the model needs is not there.
    """
    if entry.is_built_in:
        raise BuiltIn(entry.name)
    _check_accepted(entry, shelf)
    if not folder.is_dir():
        raise Incomplete(f"{folder} is no folder.", hint="Give the folder in which the model's files lie.")
    _check_model(entry, folder)
    paths = files_of_folder(entry, folder)
    check_shards(folder, paths)
    for path in paths:
        _check_kind(folder / path, str(folder / path))
    staged = shelf.pulling(entry.name)
    with shelf.held(entry.name):
        if staged.exists():
            discard(staged)
        staged.mkdir(parents=True)
        try:
            _check_room(sum((folder / path).stat().st_size for path in paths), staged, free_bytes)
            kept = tuple(_copied(folder, path, staged, advance) for path in paths)
            origin = Origin(repo="", commit="", address=str(folder.resolve()))
            return _put(entry, (origin,), kept, shelf)
        finally:
            # It has its name by now, or is no model. Unlike a broken-off pull there is nothing to go on with.
            if staged.exists():
                discard(staged)


def files_of_folder(entry: Entry, folder: Path) -> tuple[str, ...]:
    """The model's files in a folder, relative to it.

    Raises:
        PickleRefused, Incomplete: as `files.wanted` says.
    """
    here = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    taken: list[str] = []
    for source in entry.sources:
        if is_here(source.unless, taken):
            continue
        prefix = f"{source.into}/" if source.into else ""
        inside = [path.removeprefix(prefix) for path in here if path.startswith(prefix)]
        taken += [prefix + path for path in wanted(source, inside, folder / source.into)]
    return tuple(taken)


def _known_commits(entry: Entry, shelf: Shelf) -> dict[str, str]:
    """The commits of a pull that was broken off; else those of what is here."""
    try:
        return _Record.model_validate_json((shelf.pulling(entry.name) / _RECORD).read_bytes()).commits
    except (OSError, ValidationError):
        pass
    if not shelf.has(entry.name):
        return {}
    return {origin.repo: origin.commit for origin in shelf.manifest(entry.name).origins if origin.repo}


def _check_accepted(entry: Entry, shelf: Shelf) -> None:
    if shelf.has_accepted(entry) is None:
        names = " and ".join(licence.name for licence in entry.licences)
        raise NotAccepted(f"The terms of {entry.title} ({names}) have not been accepted, so nothing was pulled.")


def _check_model(entry: Entry, folder: Path) -> None:
    """
    Raises:
        OtherModel: the folder says that it is another one's.
    """
    name = model_in(folder)
    if name in (None, entry.name):
        return
    other = next((one for one in open_entries() if one.name == name), None)
    is_this = f"If it is the one you want: `inlay models pull {name} --from {folder}`. " if other is not None else ""
    raise OtherModel(
        f"{folder} holds {name if other is None else other.title}, not {entry.title}. Nothing was copied.",
        hint=f"{is_this}{entry.title} itself: give its own folder, or `inlay models pull {entry.name}`.",
    )


def _check_staged(entry: Entry, origin: Origin, staged: Path) -> None:
    """
    Raises:
        OtherModel: what was fetched says that it is another one's; it is thrown away, for no pull can go on with it.
    """
    name = model_in(staged)
    if name in (None, entry.name):
        return
    discard(staged)
    title = next((one.title for one in open_entries() if one.name == name), name)
    raise OtherModel(
        f"{origin.address} gives {title} as {origin.repo or entry.title}, not {entry.title}. Nothing was kept.",
        hint="Check the address of the mirror, and the revision if one was given. What is here already stays as it is.",
    )


def _copied(folder: Path, path: str, staged: Path, advance: Callable[[int], None]) -> KeptFile:
    place = staged / path
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / path, place)
    _to_disk(place)
    kept = KeptFile(path=path, size=place.stat().st_size, sha256=sha256_of(place))
    advance(kept.size)
    return kept


def _check_room(needed: int, folder: Path, free_bytes: Callable[[Path], int]) -> None:
    free = free_bytes(folder)
    if free < needed + _SPARE_BYTES:
        raise NoRoom(
            f"{needed / 1e9:.1f} GB are to be stored, and {free / 1e9:.1f} GB of the disk are free.",
            hint=f"Make room for {(needed + _SPARE_BYTES - free) / 1e9:.1f} GB more, or set INLAY_DATA_FOLDER to "
            "another disk.",
        )


def _fetched(
    file: Planned, staged: Path, hub: Hub, advance: Callable[[int], None], starts: Callable[[Planned], None]
) -> KeptFile:
    """The file, whole and checked, fetched as far as it is not here."""
    place, remote = staged / file.path, file.remote
    part = place.with_name(place.name + _PART)
    starts(file)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        if part.exists() and part.stat().st_size > remote.size:
            part.unlink()
        hub.fetch(file.listing, remote, part, advance)
        os.replace(part, place)  # noqa: PTH105 -- Path.replace is the same call
    sha256 = sha256_of(place)
    is_right = sha256 == remote.sha256 if remote.sha256 is not None else git_id_of(place) == remote.git_id
    if place.stat().st_size != remote.size or not is_right:
        place.unlink()
        raise WrongChecksum(
            f"{file.path} of {file.listing.repo} is not what the hub says it is (its checksum differs)."
        )
    try:
        _check_kind(place, file.path)
    except Exception:
        place.unlink()
        raise
    _to_disk(place)
    return KeptFile(path=file.path, size=remote.size, sha256=sha256)


def _check_kind(path: Path, name: str) -> None:
    if name.endswith(".safetensors"):
        check_safetensors(path, name)


def _put(entry: Entry, origins: tuple[Origin, ...], files: tuple[KeptFile, ...], shelf: Shelf) -> Manifest:
    staged = shelf.pulling(entry.name)
    check_shards(staged, (file.path for file in files))
    names = {file.path for file in files}
    for path in sorted(staged.rglob("*"), reverse=True):
        # Of an earlier pull of another commit.
        if path.is_file() and path.relative_to(staged).as_posix() not in names:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    _check_staged(entry, origins[0], staged)
    manifest = Manifest(name=entry.name, pulled_at=datetime.now(UTC), origins=origins, files=files)
    shelf.put(manifest)
    return manifest


def _bytes_here(place: Path) -> int:
    for path in (place, place.with_name(place.name + _PART)):
        if path.is_file():
            return path.stat().st_size
    return 0


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
