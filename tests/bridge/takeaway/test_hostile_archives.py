"""Files that are no document of ours, or not any more: refused with words, and nothing of them is stored."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from support.discussed import discussed

from bridge.errors import FileError
from bridge.history.records import Person
from bridge.history.schema import Base
from bridge.history.store import History
from bridge.takeaway import manifest as limits
from bridge.takeaway import opened as opening
from bridge.takeaway.errors import ArchiveError, ArchiveTooLarge, ArchiveTooNew
from bridge.takeaway.pack import pack
from bridge.takeaway.unpack import unpack

Files = dict[str, bytes]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def good(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """What is in a good file."""
    folder = tmp_path_factory.mktemp("good")
    history = await History.open(folder / "data", durable=False)
    story = await discussed(history)
    await pack(history, story.document_id, folder / "good.zip", lambda done: None)
    await history.close()
    with zipfile.ZipFile(folder / "good.zip") as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest_asyncio.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[History]:
    history = await History.open(tmp_path / "elsewhere", durable=False)
    yield history
    await history.close()


@pytest_asyncio.fixture
async def cy(elsewhere: History) -> Person:
    return await elsewhere.people.add("Cy", sha256(b"cy").digest())


def zipped(files: Files, path: Path, **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return path


def agreed(files: Files) -> Files:
    """The manifest says of the other parts what they are: so that what is wrong in them is looked at itself."""
    manifest = json.loads(files["manifest.json"])
    for name in limits.PARTS:
        manifest["files"][name] = {"bytes": len(files[name]), "sha256": sha256(files[name]).hexdigest()}
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def with_lines(files: Files, name: str, change: Callable[[list[dict[str, Any]]], None]) -> Files:
    lines = [json.loads(line) for line in files[name].splitlines()]
    change(lines)
    return agreed({**files, name: b"".join(json.dumps(line).encode() + b"\n" for line in lines)})


def with_json(files: Files, name: str, change: Callable[[Any], None]) -> Files:
    value = json.loads(files[name])
    change(value)
    changed = {**files, name: json.dumps(value).encode()}
    return changed if name == "manifest.json" else agreed(changed)


async def refused(history: History, person: Person, path: Path, error: type[FileError | ArchiveError] = ArchiveError):
    """It is refused so, and nothing of it is there."""

    def rows(session):
        return {name: session.scalar(select(func.count()).select_from(t)) for name, t in Base.metadata.tables.items()}

    before = await history.database.read(rows)
    with pytest.raises(error) as raised:
        await unpack(history, path, person, lambda done: None)
    assert await history.database.read(rows) == before
    assert "imported" in raised.value.hint or isinstance(raised.value, FileError)
    assert str(path.parent) not in str(raised.value) or isinstance(raised.value, FileError)
    return raised.value


async def blobs_of(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "elsewhere" / "blobs").glob("??/*.blob"))


async def test_the_good_file_is_taken(good: Files, elsewhere: History, cy: Person, tmp_path: Path):
    await unpack(elsewhere, zipped(agreed(good), tmp_path / "a.zip"), cy, lambda done: None)


# ── the ZIP ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"no zip at all" * 99, b"PK\5\6" + bytes(18), b"PK\5\6" + b"\xff" * 18, bytes(70_000)]
)
async def test_what_is_no_zip_is_refused(elsewhere: History, cy: Person, tmp_path: Path, data: bytes):
    (tmp_path / "a.zip").write_bytes(data)
    await refused(elsewhere, cy, tmp_path / "a.zip")


async def test_a_file_that_is_not_there_is_said_so(elsewhere: History, cy: Person, tmp_path: Path):
    await refused(elsewhere, cy, tmp_path / "none.zip", FileError)
    await refused(elsewhere, cy, tmp_path, FileError)


async def test_a_file_that_was_cut_off_or_spoilt_anywhere_is_refused(good: Files, elsewhere, cy, tmp_path: Path):
    whole = zipped(agreed(good), tmp_path / "a.zip").read_bytes()
    for number in range(40):
        spoilt = bytearray(whole)
        at = number * len(whole) // 40
        spoilt[at : at + 8] = bytes(byte ^ 0x5A for byte in spoilt[at : at + 8])
        for name, data in (("cut.zip", whole[:at]), ("spoilt.zip", bytes(spoilt))):
            (tmp_path / name).write_bytes(data)
            await refused(elsewhere, cy, tmp_path / name)
    assert await blobs_of(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.txt",
        "/etc/passwd",
        "C:\\Windows\\evil.dll",
        "blobs/../../evil",
        "blobs/" + "0" * 63,
        "blobs/" + "A" * 64,
        "blobs/" + "0" * 64 + "/x",
        "manifest.json\x00.txt",
        "Manifest.json",
        "blobs/",
        "readme.txt",
        " ",
    ],
)
async def test_names_that_are_not_ours_are_refused(good: Files, elsewhere, cy, tmp_path: Path, name: str):
    path = zipped({**good, name: b"evil"}, tmp_path / "a.zip")
    await refused(elsewhere, cy, path)
    assert not list(tmp_path.parent.rglob("evil*"))


async def test_a_name_that_is_there_twice_is_refused(good: Files, elsewhere, cy, tmp_path: Path):
    path = zipped(good, tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("manifest.json", b"{}")
    await refused(elsewhere, cy, path)


@pytest.mark.parametrize("name", ["manifest.json", *limits.PARTS])
async def test_a_part_that_is_missing_or_other_than_said_is_refused(good: Files, elsewhere, cy, tmp_path, name: str):
    await refused(elsewhere, cy, zipped({k: v for k, v in good.items() if k != name}, tmp_path / "a.zip"))
    await refused(elsewhere, cy, zipped({**good, name: good[name] + b"x"}, tmp_path / "b.zip"))


async def test_a_bomb_of_json_is_not_unpacked(good: Files, elsewhere, cy, tmp_path: Path):
    bomb = good["events.jsonl"] + b" " * (64 << 20)
    await refused(elsewhere, cy, zipped(agreed({**good, "events.jsonl": bomb}), tmp_path / "a.zip"), ArchiveTooLarge)


async def test_a_bomb_of_pixels_is_not_unpacked(good: Files, elsewhere, cy, tmp_path: Path):
    zeros = bytes(32 << 20)
    files = {**good, f"blobs/{sha256(zeros).hexdigest()}": zeros}
    said = await refused(elsewhere, cy, zipped(files, tmp_path / "a.zip"))
    assert "pixels" in str(said) and await blobs_of(tmp_path) == []


async def test_more_bytes_than_an_entry_says_are_not_read(good: Files, elsewhere, cy, tmp_path: Path):
    path = zipped(agreed(good), tmp_path / "a.zip")
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        entry = next(one for one in file.infolist() if one.filename.startswith("blobs/"))
    # Its size, in the directory and before its data, is said to be one.
    directory = data.find(b"PK\1\2", len(data) - 50_000)
    at = data.find(entry.filename.encode(), directory) - 46
    struct.pack_into("<L", data, at + 24, 1)
    struct.pack_into("<L", data, entry.header_offset + 22, 1)
    path.write_bytes(data)
    await refused(elsewhere, cy, path)


async def test_a_directory_of_millions_is_not_read(elsewhere, cy, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(opening, "MOST_BLOBS", 10)
    await refused(elsewhere, cy, zipped({f"{n}": b"" for n in range(100)}, tmp_path / "a.zip"), ArchiveTooLarge)


async def test_packings_that_are_not_ours_are_refused(good: Files, elsewhere, cy, tmp_path: Path):
    for number, kind in enumerate((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)):
        with zipfile.ZipFile(tmp_path / f"{number}.zip", "w", kind) as file:
            for name, data in good.items():
                file.writestr(name, data)
        await refused(elsewhere, cy, tmp_path / f"{number}.zip")
    data = bytearray(zipped(good, tmp_path / "a.zip").read_bytes())
    at = data.find(b"PK\1\2")
    data[at + 8] |= 1  # encrypted, it says
    (tmp_path / "a.zip").write_bytes(data)
    await refused(elsewhere, cy, tmp_path / "a.zip")


async def test_a_blob_that_is_not_what_its_name_says_stores_nothing(good: Files, elsewhere, cy, tmp_path: Path):
    last = max(name for name in good if name.startswith("blobs/"))
    spoilt = {**good, last: bytes([good[last][0] ^ 1]) + good[last][1:]}
    said = await refused(elsewhere, cy, zipped(spoilt, tmp_path / "a.zip"))
    assert "is not what its name says" in str(said)
    assert await blobs_of(tmp_path) == []


async def test_a_blob_that_is_missing_or_too_much_is_refused(good: Files, elsewhere, cy, tmp_path: Path):
    last = max(name for name in good if name.startswith("blobs/"))
    await refused(elsewhere, cy, zipped({k: v for k, v in good.items() if k != last}, tmp_path / "a.zip"))
    more = b"more"
    files = {**good, f"blobs/{sha256(more).hexdigest()}": more}
    await refused(elsewhere, cy, zipped(files, tmp_path / "b.zip"))


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────


BROKEN = (
    b"", b"{", b"null\n", b"[]\n", b'{"a": 1}\n', b"\xff\xfe\n", b"1e999\n", b"9" * 5000 + b"\n", b"[" * 100_000,
    b'{"first": {"items": [[]]}}', b'{"first": {"items": [{"id": 7}]}}', b'{"first": 7}',
)  # fmt: skip
# A document may have no edits.
FINE = ("edits.jsonl", b"")


@pytest.mark.parametrize(
    ("name", "data"),
    [(name, data) for name in ("manifest.json", *limits.PARTS) for data in BROKEN if (name, data) != FINE],
)
async def test_json_that_is_broken_is_refused(good: Files, elsewhere, cy, tmp_path: Path, name: str, data: bytes):
    files = {**good, name: data}
    await refused(elsewhere, cy, zipped(files if name == "manifest.json" else agreed(files), tmp_path / "a.zip"))


async def test_a_newer_or_an_unknown_version_is_said_so(good: Files, elsewhere, cy, tmp_path: Path):
    newer = with_json(good, "manifest.json", lambda value: value.update(version=2, more="fields"))
    said = await refused(elsewhere, cy, zipped(newer, tmp_path / "a.zip"), ArchiveTooNew)
    assert "version 2" in str(said) and "Update Inlay" in said.hint
    for change in ({"version": 0}, {"version": -1}, {"version": "1"}, {"version": 10**30}, {"format": "other"}):
        changed = with_json(good, "manifest.json", lambda value, change=change: value.update(change))
        await refused(elsewhere, cy, zipped(changed, tmp_path / "b.zip"))


MANIFESTS: dict[str, Callable[[Any], None]] = {
    "an unknown field": lambda v: v.update(evil=1),
    "two people of one name": lambda v: v["people"].append(v["people"][0]),
    "two layers of one name": lambda v: v["layers"].append(v["layers"][0]),
    "no people": lambda v: v.update(people=[]),
    "no layers": lambda v: v.update(layers=[]),
    "a huge number": lambda v: v["document"].update(last_seq=10**40),
    "a number that is too small": lambda v: v["document"].update(last_seq=1),
    "a head that is not there": lambda v: v["layers"][0].update(head="version-99"),
    "another layer's head": lambda v: v["layers"][0].update(head=v["layers"][1]["head"]),
    "another shape": lambda v: v["layers"][0]["shape"].update(width=301),
    "a shape that cannot be": lambda v: v["layers"][0]["shape"].update(channels=2),
    "no width": lambda v: v["layers"][0]["shape"].update(width=0),
    "a negative width": lambda v: v["layers"][0]["shape"].update(width=-300),
    "a width beyond all": lambda v: v["layers"][0]["shape"].update(width=300_001),
    "a profile that is not there": lambda v: v["layers"][0].update(profile={"sha256": "0" * 64, "bytes": 7}),
    "a profile of another size": lambda v: v["layers"][0]["profile"].update(bytes=7),
    "a file more": lambda v: v["files"].update({"evil.json": {"bytes": 1, "sha256": "0" * 64}}),
    "a file less": lambda v: v["files"].pop("events.jsonl"),
    "another count": lambda v: v.update(blobs=1),
    "another size": lambda v: v.update(blob_bytes=1),
    "no moment": lambda v: v["document"].update(created_at="yesterday"),
    "a moment without a zone": lambda v: v["document"].update(created_at="2026-01-01T00:00:00"),
    "an id that is a path": lambda v: v["people"][0].update(id="../../x"),
    "a title beyond all": lambda v: v["document"].update(title="x" * 3000),
    "a model that is a path": lambda v: v["document"].update(model="../../x"),
    "a model of two lines": lambda v: v["document"].update(model="meissonic\n"),
    "a model with a control": lambda v: v["document"].update(model="meissonic\x1b[2J"),
    "a model beyond all": lambda v: v["document"].update(model="x" * 41),
    "a model that is no text": lambda v: v["document"].update(model=["meissonic"]),
    "a model that is nothing": lambda v: v["document"].update(model=None),
}


@pytest.mark.parametrize("what", list(MANIFESTS))
async def test_a_manifest_that_does_not_fit_is_refused(good: Files, elsewhere, cy, tmp_path: Path, what: str):
    await refused(elsewhere, cy, zipped(with_json(good, "manifest.json", MANIFESTS[what]), tmp_path / "a.zip"))


def at(number: int, **fields: Any) -> Callable[[list[dict[str, Any]]], None]:
    return lambda lines: lines[number].update(fields)


def swap(lines: list[dict[str, Any]]) -> None:
    lines[1], lines[2] = lines[2], lines[1]


def cycle(lines: list[dict[str, Any]]) -> None:
    lines[1]["parent"], lines[2]["parent"] = lines[2]["id"], lines[1]["id"]


def huge(lines: list[dict[str, Any]]) -> None:
    """A place of millions of cells, in a few letters."""
    shape = {**lines[1]["shape"], "width": 300_000, "height": 300_000}
    lines[1].update(shape=shape, rect_px=[0, 0, 300_000, 300_000], canvas={"x": 0, "y": 0, "scale": 1.0})


VERSIONS: dict[str, Callable[[list[dict[str, Any]]], None]] = {
    "an unknown field": at(1, evil=1),
    "two of one name": at(1, id="version-1"),
    "not in order": swap,
    "parents in a ring": cycle,
    "its own parent": lambda lines: lines[1].update(parent=lines[1]["id"]),
    "a parent that comes later": at(1, parent="version-5"),
    "a parent that is not there": at(1, parent="nobody"),
    "an edit without a parent": at(1, parent=None),
    "a redo that is not there": at(0, redo="nobody"),
    "a redo that is its own": lambda lines: lines[0].update(redo=lines[0]["id"]),
    "a redo of another": lambda lines: lines[1].update(redo=lines[0]["id"]),
    "no such layer": at(1, layer="layer-9"),
    "another layer than its parent": at(1, layer="layer-2"),
    "nobody's": at(1, person="person-9"),
    "a number beyond the end": at(-1, seq=10_000),
    "a negative number": at(1, seq=-1),
    "a huge number": at(1, seq=10**30),
    "a fraction": at(1, seq=1.5),
    "no number": at(1, engine_s="NaN"),
    "an infinite number": at(1, seed=float("inf")),
    "a place beyond the layer": at(1, rect_px=[10, 20, 400, 160]),
    "a place upside down": at(1, rect_px=[140, 160, 10, 20]),
    "an empty place": at(1, rect_px=[0, 0, 0, 0]),
    "a negative place": at(1, rect_px=[-10, 0, 140, 160]),
    "a place of millions of cells": huge,
    "no mask": at(1, mask=None),
    "a mask of another size": lambda lines: lines[1].update(mask=lines[1]["tiles"][0][2]),
    "a mask that is no hash": at(1, mask="../../x"),
    "a tile beside the layer": lambda lines: lines[1]["tiles"][0].__setitem__(0, 77),
    "a tile twice": lambda lines: lines[1]["tiles"].append(lines[1]["tiles"][0]),
    "a tile less": lambda lines: lines[1]["tiles"].pop(),
    "a tile of another size": lambda lines: lines[1]["tiles"][0].__setitem__(3, lines[1]["mask"]),
    "a tile without a before": lambda lines: lines[1]["tiles"][0].__setitem__(2, None),
    "a cell beyond all": lambda lines: lines[1]["tiles"][0].__setitem__(0, 10**12),
    "another shape unsaid": lambda lines: lines[1]["shape"].update(width=299),
    "a canvas of no scale": at(1, canvas={"x": 0, "y": 0, "scale": 0.0}),
    "an original with tiles": lambda lines: lines[0].update(tiles=lines[1]["tiles"]),
    "an original with a parent": lambda lines: lines[-1].update(parent=lines[0]["id"]),
    "shared beside the layer": lambda lines: lines[0]["shared"][0].__setitem__(1, 50),
    "shared twice": lambda lines: lines[0]["shared"].append(lines[0]["shared"][0]),
    "shared of another size": lambda lines: lines[0]["shared"][0].__setitem__(2, lines[1]["mask"]),
    "a host's layer that cannot be": at(1, layers=[{"kind": "evil"}]),
    "a kind that cannot be": at(1, kind="evil"),
    "words beyond all": at(1, text="x" * 20_000),
}


@pytest.mark.parametrize("what", list(VERSIONS))
async def test_versions_that_do_not_fit_are_refused(good: Files, elsewhere, cy, tmp_path: Path, what: str):
    await refused(elsewhere, cy, zipped(with_lines(good, "versions.jsonl", VERSIONS[what]), tmp_path / "a.zip"))
    assert await blobs_of(tmp_path) == []


OTHERS: dict[str, tuple[str, Callable[[list[dict[str, Any]]], None]]] = {
    "an edit twice": ("edits.jsonl", lambda lines: lines.append(lines[0])),
    "an edit of no layer": ("edits.jsonl", at(0, layer="layer-9")),
    "an edit by nobody": ("edits.jsonl", at(0, person="person-9")),
    "an edit that runs": ("edits.jsonl", at(0, state="running")),
    "an edit after the end": ("edits.jsonl", at(0, seq=10**6)),
    "an edit with no head": ("edits.jsonl", at(0, head="nothing")),
    "an event twice": ("events.jsonl", lambda lines: lines.insert(1, lines[0])),
    "an event less": ("events.jsonl", lambda lines: lines.pop()),
    "events in another order": ("events.jsonl", swap),
    "an event by nobody": ("events.jsonl", at(0, person="person-9")),
    "an event of no version": ("events.jsonl", at(0, version="version-99")),
    "an event of no comment": ("events.jsonl", at(0, comment="comment-99")),
    "an event of no layer": ("events.jsonl", at(0, layer="layer-99")),
    "an event of an odd kind": ("events.jsonl", at(0, kind="<script>")),
}


@pytest.mark.parametrize("what", list(OTHERS))
async def test_edits_and_events_that_do_not_fit_are_refused(good: Files, elsewhere, cy, tmp_path: Path, what: str):
    name, change = OTHERS[what]
    await refused(elsewhere, cy, zipped(with_lines(good, name, change), tmp_path / "a.zip"))


def comment(number: int, **fields: Any) -> Callable[[Any], None]:
    return lambda value: value["first"]["items"][number].update(fields)


def change(number: int, index: int, **fields: Any) -> Callable[[Any], None]:
    return lambda value: value["first"]["items"][number]["inlay:changes"][index].update(fields)


def place(value: str) -> Callable[[Any], None]:
    return lambda made: made["first"]["items"][0]["target"]["selector"].update(value=value)


TALK: dict[str, tuple[str, Callable[[Any], None]]] = {
    "two comments of one name": ("comments.jsonld", comment(1, id="urn:inlay:comment:comment-1")),
    "a comment of another's name": ("comments.jsonld", comment(0, id="https://evil.invalid/")),
    "a comment on no version": ("comments.jsonld", comment(0, **{"inlay:version": "urn:inlay:version:none"})),
    "a comment on another layer": ("comments.jsonld", comment(0, **{"inlay:layer": "urn:inlay:layer:layer-2"})),
    "a comment by nobody": ("comments.jsonld", comment(0, creator={"id": "urn:inlay:person:none"})),
    "an answer to nothing": ("comments.jsonld", comment(1, target="urn:inlay:comment:none")),
    "an answer to itself": ("comments.jsonld", comment(1, target="urn:inlay:comment:comment-2")),
    "an answer to an answer": ("comments.jsonld", comment(2, target="urn:inlay:comment:comment-2")),
    "a place beyond the layer": ("comments.jsonld", place("xywh=pixel:1,2,9000,38")),
    "a place of nothing": ("comments.jsonld", place("xywh=pixel:1,2,0,0")),
    "a place in per cent": ("comments.jsonld", place("xywh=percent:1,2,3,4")),
    "a place of huge numbers": ("comments.jsonld", place("xywh=pixel:1,2,99999999999999999999,3")),
    "other words than its history": ("comments.jsonld", comment(0, body={"value": "I never said that"})),
    "no words": ("comments.jsonld", change(0, 0, text=None)),
    "a change by nobody": ("comments.jsonld", change(0, 1, person="none")),
    "speaking to nobody": ("comments.jsonld", change(0, 0, mentions=["none"])),
    "speaking twice to one": ("comments.jsonld", change(0, 0, mentions=["person-1", "person-1"])),
    "speaking without words": ("comments.jsonld", change(0, 1, mentions=["person-1"])),
    "a change out of order": ("comments.jsonld", change(0, 1, seq=1)),
    "a change after the end": ("comments.jsonld", change(0, 2, seq=10**6)),
    "written twice": ("comments.jsonld", change(0, 1, kind="added", text="x")),
    "no changes": ("comments.jsonld", comment(0, **{"inlay:changes": []})),
    "a verdict twice": ("decisions.json", lambda v: v["approvals"].append(v["approvals"][0])),
    "a verdict on nothing": ("decisions.json", lambda v: v["approvals"][0].update(version="none")),
    "a verdict by nobody": ("decisions.json", lambda v: v["approvals"][0].update(person="none")),
    "a verdict that cannot be": ("decisions.json", lambda v: v["approvals"][0].update(verdict="yes")),
    "a verdict after the end": ("decisions.json", lambda v: v["approvals"][0].update(seq=10**6)),
    "an approver who is nobody": ("decisions.json", lambda v: v["approvers"][0].update(person="none")),
    "an approver twice": ("decisions.json", lambda v: v["approvers"].append(v["approvers"][0])),
    "an approver until before": ("decisions.json", lambda v: v["approvers"][0].update(until_seq=1)),
    "a lock on nothing": ("decisions.json", lambda v: v["locks"][0].update(version="none")),
    "a lock by nobody": ("decisions.json", lambda v: v["locks"][0].update(person="none")),
    "a lock twice": ("decisions.json", lambda v: v["locks"].append(v["locks"][0])),
}


@pytest.mark.parametrize("what", list(TALK))
async def test_words_and_decisions_that_do_not_fit_are_refused(good: Files, elsewhere, cy, tmp_path, what: str):
    name, spoil = TALK[what]
    await refused(elsewhere, cy, zipped(with_json(good, name, spoil), tmp_path / "a.zip"))
