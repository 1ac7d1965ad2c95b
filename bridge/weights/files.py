"""Which files of a repository or folder are a model's weights, and which are refused."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ValidationError

from bridge.weights.errors import Damaged, HostileName, Incomplete, PickleRefused
from engine.models.catalogue import Source

# Numbers, tables and words; nothing of these is run when it is read.
SUFFIXES = (".safetensors", ".json", ".txt", ".model")
# Formats in which weights are published that hold Python's pickles.
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_SAFETENSORS = ".safetensors"
# Longer than any name that a file system takes.
_LONGEST_NAME = 200
# safetensors' own limit of its header.
_LARGEST_HEADER = 100_000_000
_BLOCK = 1 << 20
_INDEX = ".safetensors.index.json"


class _Index(BaseModel):
    weight_map: dict[str, str]


def check_names(paths: Iterable[str], where: str) -> None:
    """
    Raises:
        HostileName: one of them is no plain path inside its folder on every platform.
    """
    for path in paths:
        parts = path.split("/")
        is_plain = all(
            part not in ("", ".", "..") and not part.endswith((" ", ".")) and len(part) <= _LONGEST_NAME
            for part in parts
        )
        if not is_plain or any(sign in path for sign in '\\:*?"<>|') or not path.isprintable():
            raise HostileName(f"{where} has a file called {path!r}, which leads out of its folder.")


def wanted(source: Source, paths: Iterable[str], folder: Path | None = None) -> list[str]:
    """Those of the files that the model needs, sorted.

    Args:
        folder: where they are on this machine; None: on the hub.

    Raises:
        PickleRefused: some weights are there as pickles only.
        Incomplete: something that the model needs is not there.
    """
    listed, where = list(paths), source.repo if folder is None else str(folder)
    taken = sorted(_taken(source, listed))
    for pattern in source.patterns:
        if any(_matches(path, pattern) for path in taken) or pattern in source.optional:
            continue
        if pattern.endswith(_SAFETENSORS):
            beside = PurePosixPath(pattern).parent
            pickles = [path for path in listed if is_pickle(path) and PurePosixPath(path).parent == beside]
            if pickles:
                raise PickleRefused(
                    f"{where} has {pickles[0]} instead of safetensors. Reading such a file runs whatever code is in it."
                )
        if _is_needed(pattern):
            hint = "Its owner may have moved it: update Inlay, or give a folder that is whole with --from."
            if folder is not None:
                hint = "Give the folder in which all of the model lies as it is published. Nothing was copied."
            raise Incomplete(f"{where} has no {pattern}, which the model needs.", hint=hint)
    return taken


def is_here(pattern: str, paths: Iterable[str]) -> bool:
    """Whether one of the files has such a name; an empty pattern is nothing's."""
    return any(_matches(path, pattern) for path in paths)


def check_shards(folder: Path, paths: Iterable[str]) -> None:
    """Whether all files that the indices of large weights name are among the model's.

    Raises:
        Incomplete: one is not, or an index cannot be read.
    """
    taken = set(paths)
    for index in sorted(path for path in taken if path.endswith(_INDEX)):
        try:
            read = _Index.model_validate_json((folder / index).read_bytes())
        except (OSError, ValidationError):
            raise Incomplete(f"{index} is no index of weights.", hint="Its owner may have moved it.") from None
        beside = PurePosixPath(index).parent
        lacking = sorted({shard for shard in read.weight_map.values() if str(beside / shard) not in taken})
        if lacking:
            raise Incomplete(f"{index} names {lacking[0]}, which is not there.", hint="Give a source that is whole.")


def check_safetensors(path: Path, name: str) -> None:
    """Whether a file's header is that of safetensors; a renamed pickle's is not.

    Raises:
        PickleRefused: it is something else.
        Damaged: it is cut off.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
        if not 2 <= length <= min(_LARGEST_HEADER, size - 8):
            raise PickleRefused(f"{name} is called safetensors and is something else, so it is not read.")
        try:
            header: object = json.loads(file.read(length))
        except (ValueError, RecursionError):
            header = None
    if not isinstance(header, dict):
        raise PickleRefused(f"{name} is called safetensors and is something else, so it is not read.")
    ends = [_end_of(value) for key, value in header.items() if key != "__metadata__"]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if 8 + length + max(ends, default=0) != size:
        raise Damaged(f"{name} is not as long as its header says.", hint="Fetch it again.")


def sha256_of(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def git_id_of(path: Path) -> str:
    """The id that git gives a file of this content; the hub states it of files that are not large."""
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _taken(source: Source, listed: list[str]) -> set[str]:
    taken: set[str] = set()
    for pattern in source.patterns:
        match = [path for path in listed if _matches(path, pattern) and path.endswith(SUFFIXES)]
        first = [path for path in match if not any(fnmatchcase(path, other) for other in source.without)]
        taken |= set(first or match)
    return taken


def _matches(path: str, pattern: str) -> bool:
    """As `fnmatch` says, whose star takes slashes too; ours does not."""
    return fnmatchcase(path, pattern) and path.count("/") == pattern.count("/")


def is_pickle(path: str) -> bool:
    """Whether a file's name says that reading it could run code."""
    return path.lower().endswith(PICKLES)


def _is_needed(pattern: str) -> bool:
    """Weights and settings; tokenizers come in several shapes, of which one is enough for their own loader."""
    return pattern.endswith(_SAFETENSORS) or PurePosixPath(pattern).name in ("config.json", "*.json")


def _end_of(value: object) -> int:
    if isinstance(value, dict):
        offsets: object = value.get("data_offsets")  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        if isinstance(offsets, list) and len(offsets) == 2 and isinstance(offsets[1], int):  # pyright: ignore[reportUnknownArgumentType]
            return offsets[1]
    return 0
