"""Does everything in an exported document fit together? Looked at whole before anything is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bridge.grid import layer_tile_bytes
from bridge.history.records import Hash
from bridge.protocol.messages import TILE_PX
from bridge.takeaway.conversation import comments_in
from bridge.takeaway.errors import ArchiveError
from bridge.takeaway.manifest import (
    COMMENTS,
    DECISIONS,
    EDITS,
    EVENTS,
    VERSIONS,
    CommentPart,
    Decisions,
    EditPart,
    EventPart,
    LayerPart,
    Manifest,
    ShapePart,
    VersionPart,
)
from bridge.takeaway.opened import Opened, decoded
from engine.api import LayerFormat, heard_layer
from engine.geometry import PixelRect, Size, TileIndex


@dataclass(frozen=True, slots=True)
class _Seen:
    """What later parts need of a version."""

    layer: str
    parent: str | None
    redo: str | None
    shape: ShapePart


@dataclass(slots=True, eq=False)
class Checked:
    """A document that fits together. What is long (versions, edits, events) is read from the file once more.

    Attributes:
        sizes: bytes of each blob that the versions and layers speak of.
    """

    manifest: Manifest
    comments: tuple[CommentPart, ...]
    decisions: Decisions
    sizes: dict[Hash, int] = field(default_factory=dict[Hash, int])


def check(archive: Opened) -> Checked:
    """Read all of it but the pixels.

    Raises:
        ArchiveError: something does not fit; says what.
    """
    manifest = archive.manifest
    _once((person.id for person in manifest.people), "person")
    _once((layer.id for layer in manifest.layers), "layer")
    found = Checked(
        manifest,
        comments_in(archive.part(COMMENTS)),
        decoded(archive.part(DECISIONS), Decisions, DECISIONS),
    )
    people = {person.id for person in manifest.people}
    versions = _versions(archive, found, people)
    _heads(manifest.layers, versions, found.sizes)
    _edits(archive, versions, people)
    _comments(found.comments, versions, people, manifest.document.last_seq)
    _decisions(found.decisions, versions, people, manifest.document.last_seq)
    _events(archive, manifest, versions, people, {comment.id for comment in found.comments})
    if archive.blobs != found.sizes:
        raise ArchiveError("Its pixels are not those that its versions speak of.")
    if (manifest.blobs, manifest.blob_bytes) != (len(found.sizes), sum(found.sizes.values())):
        raise ArchiveError("Its manifest does not say how many pixels there are.")
    return found


def _versions(archive: Opened, found: Checked, people: set[str]) -> dict[str, _Seen]:
    layers = {layer.id for layer in archive.manifest.layers}
    seen: dict[str, _Seen] = {}
    last_seq = 0
    for version in archive.lines(VERSIONS, VersionPart):
        _must(version.id not in seen, "Two of its versions have one name")
        _must(last_seq < version.seq <= archive.manifest.document.last_seq, "Its versions are not in order")
        _must(version.layer in layers, "A version is of no layer")
        _must(version.person in people, "A version is by nobody")
        # A parent comes before its children, so no version can come from itself.
        parent = None if version.parent is None else seen.get(version.parent)
        _must((parent is None) == (version.parent is None), "A version comes from one that is not there before it")
        _must(parent is None or parent.layer == version.layer, "A version comes from one of another layer")
        _version(version, parent, found.sizes)
        last_seq = version.seq
        seen[version.id] = _Seen(version.layer, version.parent, version.redo, version.shape)
    for name, version in seen.items():
        if version.redo is not None:
            child = seen.get(version.redo)
            _must(child is not None and child.parent == name, "A version leads on to one that is not its own")
    return seen


def _version(version: VersionPart, parent: _Seen | None, sizes: dict[Hash, int]) -> None:
    size, format_ = version.shape.size, _format(version.shape)
    place_px = _rect(version)
    _shared(version, size, format_, sizes)
    _must(size.rect.contains(place_px), "A version changed what is not on its layer")
    try:
        for layer in version.layers:
            heard_layer(layer)
    except (ValueError, TypeError):
        raise ArchiveError("A layer of a design program in it cannot be read.") from None
    if version.kind == "source":
        _must(
            parent is None and version.mask is None and version.canvas is None and not version.tiles,
            "An original was changed by itself",
        )
        return
    if parent is None:
        raise ArchiveError("An edit comes from nothing.")
    _must(version.mask is not None and not place_px.is_empty, "An edit has no place")
    if version.mask is not None:
        _sized(sizes, version.mask, place_px.area)
    _tiles(version, (parent.shape.size, _format(parent.shape)), (size, format_), place_px, sizes)


def _tiles(
    version: VersionPart,
    before: tuple[Size, LayerFormat],
    after: tuple[Size, LayerFormat],
    place_px: PixelRect,
    sizes: dict[Hash, int],
) -> None:
    is_same = version.canvas is None
    _must(not is_same or before == after, "The layer became another one, and no version says so")
    _must(is_same or place_px == after[0].rect, "A new canvas is not whole")
    # Counted first: a rectangle of a few letters can speak of millions of cells.
    count = _cells(place_px) if is_same else _cells(before[0].rect.union(after[0].rect))
    _must(len(version.tiles) <= count, "A version touches more than its place")
    _must(not is_same or len(version.tiles) == count, "A version has not the cells of its place")
    cells: set[tuple[int, int]] = set()
    for col, row, old, new in version.tiles:
        cell = TileIndex(col, row)
        _must((col, row) not in cells, "A version touches a cell twice")
        cells.add((col, row))
        for key, (size, format_) in ((old, before), (new, after)):
            bytes_there = layer_tile_bytes(cell, size, format_)
            _must((key is not None) == (bytes_there > 0), "A cell is not on the layer")
            if key is not None:
                _sized(sizes, key, bytes_there)
        is_there = cell.rect_px(TILE_PX).meets(place_px) or (not is_same and old is not None)
        _must(is_there, "A version has not the cells of its place")
    if not is_same:
        olds = sum(old is not None for _, _, old, _ in version.tiles)
        news = sum(new is not None for _, _, _, new in version.tiles)
        wanted = (_cells(before[0].rect), _cells(after[0].rect))
        _must((olds, news) == wanted, "A new canvas has not all cells of the layer")


def _shared(version: VersionPart, size: Size, format_: LayerFormat, sizes: dict[Hash, int]) -> None:
    cells: set[tuple[int, int]] = set()
    for col, row, key in version.shared:
        _must((col, row) not in cells, "A cell of a layer was shared twice")
        cells.add((col, row))
        count = layer_tile_bytes(TileIndex(col, row), size, format_)
        _must(count > 0, "Something beside the layer was shared")
        _sized(sizes, key, count)


def _cells(rect_px: PixelRect) -> int:
    """How many cells of the grid it meets."""
    whole = rect_px.align(TILE_PX)
    return whole.width // TILE_PX * (whole.height // TILE_PX)


def _heads(layers: Iterable[LayerPart], versions: dict[str, _Seen], sizes: dict[Hash, int]) -> None:
    for layer in layers:
        head = versions.get(layer.head)
        _must(head is not None and head.layer == layer.id, "A layer shows a version that it does not have")
        _must(head is not None and head.shape == layer.shape, "A layer is not what the version is that it shows")
        _format(layer.shape)
        if layer.profile is not None:
            _sized(sizes, layer.profile.sha256, layer.profile.bytes)


def _edits(archive: Opened, versions: dict[str, _Seen], people: set[str]) -> None:
    seen: set[str] = set()
    layers = {layer.id for layer in archive.manifest.layers}
    for edit in archive.lines(EDITS, EditPart):
        _must(edit.id not in seen, "Two of its edits have one name")
        seen.add(edit.id)
        _must(edit.layer in layers and edit.person in people, "An edit is of no layer or by nobody")
        _must(edit.seq <= archive.manifest.document.last_seq, "An edit ended after the end")
        for version in (edit.head, edit.conflict_with, edit.moved_from):
            _must(version is None or version in versions, "An edit speaks of no version")


def _comments(comments: tuple[CommentPart, ...], versions: dict[str, _Seen], people: set[str], last_seq: int) -> None:
    roots: dict[str, str | None] = {}
    layers: dict[str, str] = {}
    before = 0
    for comment in comments:
        _must(comment.id not in roots, "Two of its comments have one name")
        version = versions.get(comment.version)
        if version is None or version.layer != comment.layer:
            raise ArchiveError("A comment is on no version of its layer.")
        _must(before < comment.seq <= last_seq, "Its comments are not in order")
        before = comment.seq
        _must(comment.person in people, "A comment is by nobody")
        if comment.reply_to is not None:
            is_root = comment.reply_to in roots and roots[comment.reply_to] is None
            _must(is_root and layers[comment.reply_to] == comment.layer, "A comment answers none of its layer")
        if comment.rect_px is not None:
            place_px = _box(comment.rect_px)
            inside = not place_px.is_empty and version.shape.size.rect.contains(place_px)
            _must(inside, "The place of a comment is not on its layer")
        _changes(comment, people, last_seq)
        roots[comment.id], layers[comment.id] = comment.reply_to, comment.layer


def _changes(comment: CommentPart, people: set[str], last_seq: int) -> None:
    first = comment.changes[0]
    _must(first.kind == "added" and first.seq == comment.seq, "A comment does not begin with being written")
    before = 0
    for number, change in enumerate(comment.changes):
        _must(before < change.seq <= last_seq, "What happened to a comment is not in order")
        before = change.seq
        _must(change.person in people, "A comment was changed by nobody")
        _must((change.text is not None) == (change.kind in ("added", "changed")), "A change of a comment says nothing")
        _must((change.kind == "added") == (number == 0), "A comment was written twice")
        spoken_to = set(change.mentions)
        _must(spoken_to <= people and len(spoken_to) == len(change.mentions), "A comment speaks to nobody")
        _must(change.text is not None or not spoken_to, "A change without words speaks to somebody")


def _decisions(decisions: Decisions, versions: dict[str, _Seen], people: set[str], last_seq: int) -> None:
    _once((approval.id for approval in decisions.approvals), "verdict")
    for approval in decisions.approvals:
        _must(approval.version in versions and approval.person in people, "A verdict is on nothing or by nobody")
        _must(approval.seq <= last_seq, "A verdict came after the end")
    _once((f"{one.person} {one.from_seq}" for one in decisions.approvers), "approver")
    for approver in decisions.approvers:
        _must(approver.person in people, "Nobody must approve")
        until = approver.until_seq
        _must(
            approver.from_seq <= last_seq and (until is None or until > approver.from_seq), "An approver is of no time"
        )
    _once(
        (f"{versions[lock.version].layer} {lock.seq}" for lock in decisions.locks if lock.version in versions), "lock"
    )
    for lock in decisions.locks:
        _must(lock.version in versions and lock.person in people, "Nothing was locked, or by nobody")
        _must(lock.seq <= last_seq, "Something was locked after the end")


def _events(
    archive: Opened, manifest: Manifest, versions: dict[str, _Seen], people: set[str], comments: set[str]
) -> None:
    layers = {layer.id for layer in manifest.layers}
    count = 0
    for event in archive.lines(EVENTS, EventPart):
        count += 1
        _must(event.seq == count, "Its events are not numbered from one")
        _must(event.person is None or event.person in people, "An event is by nobody who is there")
        _must(event.layer is None or event.layer in layers, "An event is of no layer")
        _must(event.version is None or event.version in versions, "An event is of no version")
        _must(event.comment is None or event.comment in comments, "An event is of no comment")
    _must(count == manifest.document.last_seq, "Its events are not all there")


def _sized(sizes: dict[Hash, int], key: str, count: int) -> None:
    """A blob has one size, whoever speaks of it."""
    _must(sizes.setdefault(bytes.fromhex(key), count) == count, "Pixels do not fit their place")


def _format(shape: ShapePart) -> LayerFormat:
    try:
        return shape.format
    except ValueError:
        raise ArchiveError("A layer has channels that do not go together.") from None


def _rect(version: VersionPart) -> PixelRect:
    try:
        return version.place_px
    except ValueError:
        raise ArchiveError("The place of a version is no rectangle.") from None


def _box(rect_px: tuple[int, int, int, int]) -> PixelRect:
    try:
        return PixelRect(*rect_px)
    except ValueError:
        raise ArchiveError("The place of a comment is no rectangle.") from None


def _once(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        _must(name not in seen, f"One {what} of it is there twice")
        seen.add(name)


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ArchiveError(f"{otherwise}.")
