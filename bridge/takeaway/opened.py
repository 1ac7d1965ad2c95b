"""An exported document's file, opened with care: nothing in it is believed before it was looked at.

Names are those that we give and no others, so nothing leads out of the file; sizes are bounded before anything is
unpacked, and what is unpacked is counted. Nothing is ever written to the disk under a name from the file.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, TypeVar

from pydantic import BaseModel, ValidationError

from bridge.errors import FileError
from bridge.history.records import Hash
from bridge.takeaway.errors import ArchiveError, ArchiveTooLarge, ArchiveTooNew
from bridge.takeaway.manifest import (
    BLOB_NAME,
    BLOBS,
    COMMENTS,
    DECISIONS,
    FORMAT,
    MANIFEST,
    MOST_BLOB_BYTES,
    MOST_BLOBS,
    MOST_LINE_BYTES,
    MOST_MANIFEST_BYTES,
    MOST_PART_BYTES,
    MOST_RATIO,
    MOST_WHOLE_BYTES,
    PARTS,
    VERSION,
    Envelope,
    Manifest,
)

_Model = TypeVar("_Model", bound=BaseModel)
_ENCRYPTED = 0x1
_MOST_BYTES = {MANIFEST: MOST_MANIFEST_BYTES, COMMENTS: MOST_WHOLE_BYTES, DECISIONS: MOST_WHOLE_BYTES}
# The last record of a ZIP is 22 bytes and a comment of at most 65,535; an entry of its directory 46 bytes and a name.
_END, _END_BYTES, _MOST_COMMENT_BYTES = struct.Struct("<4s4H2LH"), 22, 65_535
_END_SIGNATURE, _IN_ZIP64 = b"PK\5\6", 0xFFFF_FFFF
_LOCATOR, _LOCATOR_BYTES, _LOCATOR_SIGNATURE = struct.Struct("<4sLQL"), 20, b"PK\6\7"
_END64, _END64_BYTES, _END64_SIGNATURE = struct.Struct("<4sQ2H2L4Q"), 56, b"PK\6\6"
# Of our longest names with what ZIP64 adds; a directory is read into memory whole.
_ENTRY_BYTES = 46 + 70 + 64
# A small part may pack very well by chance.
_SMALL_BYTES = 1 << 16


class Opened:
    """An archive whose directory has been checked; see `opened`."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries = _checked(archive)
        text = self._read(MANIFEST)
        self.manifest = _manifest(text)
        self.digest = sha256(text).hexdigest()
        for name in PARTS:
            said = self.manifest.files.get(name)
            if said is None or self._entries[name].file_size != said.bytes:
                raise ArchiveError(f"Its {name} has not the size that is said of it.")
        if set(self.manifest.files) != set(PARTS):
            raise ArchiveError("It speaks of parts that it does not have.")

    @property
    def blobs(self) -> dict[Hash, int]:
        """The blobs that are in it, and the size that each says it has."""
        return {
            bytes.fromhex(name.removeprefix(BLOBS)): entry.file_size
            for name, entry in self._entries.items()
            if name.startswith(BLOBS)
        }

    def part(self, name: str) -> bytes:
        """One of the small parts, whole.

        Raises:
            ArchiveError: it is not what the manifest says of it.
        """
        data = self._read(name)
        if sha256(data).hexdigest() != self.manifest.files[name].sha256:
            raise ArchiveError(f"Its {name} is not what is said of it.")
        return data

    def lines(self, name: str, model: type[_Model]) -> Iterator[_Model]:
        """The lines of a part, one after another.

        Raises:
            ArchiveError: one cannot be read, or, at the end, the part is not what the manifest says of it.
        """
        digest, number = sha256(), 0
        with _decoding(), self._archive.open(self._entries[name]) as file:
            for line in _lines(file, self._entries[name].file_size):
                digest.update(line)
                number += 1
                try:
                    read = model.model_validate_json(line)
                except ValidationError as error:
                    raise ArchiveError(f"Line {number} of its {name} cannot be read: {_why(error)}.") from None
                yield read
        if digest.hexdigest() != self.manifest.files[name].sha256:
            raise ArchiveError(f"Its {name} is not what is said of it.")

    def blob(self, key: Hash) -> bytes:
        """Raw bytes of a blob.

        Raises:
            ArchiveError: it is not what its name says.
        """
        data = self._read(f"{BLOBS}{key.hex()}")
        if sha256(data).digest() != key:
            raise ArchiveError(f"Blob {key.hex()[:12]} is not what its name says.")
        return data

    def _read(self, name: str) -> bytes:
        entry = self._entries[name]
        with _decoding(), self._archive.open(entry) as file:
            data = file.read(entry.file_size + 1)
        if len(data) != entry.file_size:
            raise ArchiveError(f"Its {name} is not as large as it says.")
        return data


@contextmanager
def opened(path: Path) -> Generator[Opened]:
    """The file at that path, for a block.

    Raises:
        FileError: there is no such file, or it cannot be read.
        ArchiveError: it is no document of Inlay, or it is damaged.
        ArchiveTooNew, ArchiveTooLarge: see the message.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.", hint="Check the file's name.") from error
    with file:
        _check_directory(file)
        with _decoding():
            archive = zipfile.ZipFile(file)
        with archive:
            yield Opened(archive)


def _manifest(text: bytes) -> Manifest:
    try:
        envelope = Envelope.model_validate_json(text)
    except ValidationError:
        raise ArchiveError("It is no document of Inlay.") from None
    if envelope.format != FORMAT:
        raise ArchiveError("It is no document of Inlay.")
    if envelope.version > VERSION:
        raise ArchiveTooNew(f"It is written in version {envelope.version}; this Inlay knows version {VERSION}.")
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        raise ArchiveError(f"Its manifest cannot be read: {_why(error)}.") from None


def _checked(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The directory's entries by name; only ours, each once, none too large."""
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        name = entry.filename
        if name not in (MANIFEST, *PARTS) and BLOB_NAME.fullmatch(name) is None:
            raise ArchiveError("There is something in it that is not of a document.")
        if name in entries:
            raise ArchiveError("Something is in it twice.")
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveError("It is packed in a way that Inlay does not pack.")
        if entry.file_size > (MOST_BLOB_BYTES if name.startswith(BLOBS) else _MOST_BYTES.get(name, MOST_PART_BYTES)):
            raise ArchiveTooLarge("A part of it is larger than any that is imported.")
        if not name.startswith(BLOBS) and entry.file_size > max(_SMALL_BYTES, entry.compress_size * MOST_RATIO):
            raise ArchiveTooLarge("A part of it would unpack to far more than it is.")
        entries[name] = entry
    if not {MANIFEST, *PARTS} <= entries.keys():
        raise ArchiveError("It is no document of Inlay.")
    return entries


def _check_directory(file: IO[bytes]) -> None:
    """Before the directory is read into memory: is it no larger than ours are?"""
    length = file.seek(0, io.SEEK_END)
    start = max(0, length - _END_BYTES - _MOST_COMMENT_BYTES)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END_SIGNATURE)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise ArchiveError("It is no ZIP file.")
    directory_bytes = int(_END.unpack_from(tail, at)[5])
    if directory_bytes == _IN_ZIP64 and start + at >= _LOCATOR_BYTES:
        file.seek(start + at - _LOCATOR_BYTES)
        signature, _, offset, _ = _LOCATOR.unpack(file.read(_LOCATOR_BYTES))
        if signature == _LOCATOR_SIGNATURE and offset <= length - _END64_BYTES:
            file.seek(offset)
            record = _END64.unpack(file.read(_END64_BYTES))
            directory_bytes = int(record[8]) if record[0] == _END64_SIGNATURE else directory_bytes
    if directory_bytes > (MOST_BLOBS + len(PARTS) + 1) * _ENTRY_BYTES or directory_bytes > length:
        raise ArchiveTooLarge("It says that more is in it than any document has.")
    file.seek(0)


@contextmanager
def _decoding() -> Generator[None]:
    """Whatever the ZIP reader raises on hostile bytes."""
    try:
        yield
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise ArchiveError("It is no ZIP file, or it is damaged.") from error
    except (OSError, ValueError, struct.error, OverflowError) as error:
        raise ArchiveError("It is no ZIP file, or it is damaged.") from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise ArchiveError("It is damaged.") from error
        raise


def _lines(file: IO[bytes], most_bytes: int) -> Iterator[bytes]:
    left = most_bytes
    while True:
        line = file.readline(MOST_LINE_BYTES + 1)
        if not line:
            return
        left -= len(line)
        if len(line) > MOST_LINE_BYTES:
            raise ArchiveTooLarge("A line of it is longer than any that is imported.")
        if left < 0:
            raise ArchiveError("It is larger than it says.")
        yield line


def _why(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"][:4])
    return f"{where[:80]}: {first['msg'][:120]}" if where else str(first["msg"])[:120]


def decoded(data: bytes, model: type[_Model], name: str) -> _Model:
    """One JSON part as its model.

    Raises:
        ArchiveError: it cannot be read.
    """
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        raise ArchiveError(f"Its {name} cannot be read: {_why(error)}.") from None
