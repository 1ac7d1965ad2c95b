"""The tree of a layer's versions: the way from one version to another, and what tiles it changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.errors import NotFound, OutOfOrder
from bridge.history.records import Hash, Version
from bridge.history.schema import PersonRow, TileRow, VersionRow
from bridge.history.shapes import canvas_of, composed, inverse, layers_of, shape_of
from bridge.protocol.messages import TILE_PX
from engine.api import Canvas
from engine.geometry import PixelRect, TileIndex

# Databases take only so many values in one question.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """The way from one version to another: up to where both came from, then down.

    Attributes:
        up: versions that are left, the first first; the version they all came from is not among them.
        down: versions that are entered, the last is the one to reach.
    """

    up: tuple[VersionRow, ...]
    down: tuple[VersionRow, ...]

    @property
    def changed(self) -> tuple[VersionRow, ...]:
        """Every version by which the two ends differ."""
        return (*self.up, *self.down)


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """What differs between two versions.

    Attributes:
        tiles: the contents at the second, of the cells where they are not those of the first.
        rect_px: the box around all that may differ.
        canvas: where the layer has another size or format at the second, or had one on the way: what it is there, and
            where the first's pixels lie in it. The tiles are then all of the layer.
        masks: of every edit on the way, with its place: where all of them are 0 nothing differs. None with a canvas.
    """

    tiles: dict[TileIndex, Hash]
    rect_px: PixelRect
    canvas: Canvas | None = None
    masks: tuple[tuple[PixelRect, Hash], ...] = ()


def version_row(session: Session, version_id: str) -> VersionRow:
    """The version.

    Raises:
        NotFound: no such version.
    """
    row = session.get(VersionRow, version_id)
    if row is None:
        raise NotFound("version")
    return row


def route(session: Session, start_id: str, end_id: str) -> Route:
    """The way from ``start_id`` to ``end_id``; both are read step by step, from the later to the earlier.

    Raises:
        NotFound: no such version.
        OutOfOrder: they have no version in common, because the layer was described anew between them.
    """
    start, end = version_row(session, start_id), version_row(session, end_id)
    up: list[VersionRow] = []
    down: list[VersionRow] = []
    while start.version_id != end.version_id:
        # A parent came before its children: the later of the two cannot be the other's ancestor.
        if start.seq > end.seq:
            up.append(start)
            start = _parent(session, start)
        else:
            down.append(end)
            end = _parent(session, end)
    return Route(tuple(up), tuple(reversed(down)))


def difference(session: Session, way: Route) -> Difference:
    """What the layer shows at the end of the way and does not show at its beginning.

    A version knows each tile it touched before and after, so what the designer painted in the host between two edits
    comes back with the later one's undo where that one was. The box is that of the edits on the way, not of their
    tiles, and of the box only what is in one of their masks is theirs: what was painted around and between them stays.
    A version that changes the layer's size or format knows all of it before and after, so what came
    earlier on the way does not matter any more.
    """
    now: dict[TileIndex, Hash] = {}
    first: dict[TileIndex, Hash] = {}
    boxes: dict[TileIndex, PixelRect] = {}
    canvas: Canvas | None = None
    tiles = _tiles_of(session, way.changed)
    for number, version in enumerate(way.changed):
        step = canvas_of(version)
        if step is not None:
            is_left = number < len(way.up)
            step = inverse(step, *shape_of(_parent(session, version))) if is_left else step
            canvas = step if canvas is None else composed(canvas, step)
            now, first, boxes = {}, {}, {}
        for tile in tiles.get(version.version_id, ()):
            left, entered = tile.before_hash, tile.after_hash
            if number < len(way.up):
                left, entered = entered, left
            cell = TileIndex(tile.col, tile.row)
            if entered is None:
                continue
            if left is not None:
                first.setdefault(cell, left)
            now[cell] = entered
            part_px = rect_of(version).intersect(cell.rect_px(TILE_PX))
            boxes[cell] = boxes[cell].union(part_px) if cell in boxes else part_px
    if canvas is not None:
        return Difference(now, canvas.size.rect, canvas)
    changed = {cell: key for cell, key in now.items() if key != first[cell]}
    box_px = PixelRect(0, 0, 0, 0)
    for cell in changed:
        box_px = box_px.union(boxes[cell])
    masks = tuple((rect_of(version), version.mask) for version in way.changed if version.mask is not None)
    return Difference(changed, box_px, None, masks)


def rect_of(row: VersionRow) -> PixelRect:
    """The place that a version changed."""
    return PixelRect(row.x0, row.y0, row.x1, row.y1)


def tiles_of(session: Session, row: VersionRow) -> dict[TileIndex, TileRow]:
    """The cells that a version touched."""
    return {TileIndex(tile.col, tile.row): tile for tile in _tiles_of(session, (row,)).get(row.version_id, ())}


def version_record(session: Session, row: VersionRow) -> Version:
    """The row as a record, with its author's name."""
    return version_records(session, (row,))[0]


def version_records(session: Session, rows: Iterable[VersionRow]) -> tuple[Version, ...]:
    """Rows as records, with their authors' names."""
    rows = tuple(rows)
    people = list({row.person_id for row in rows})
    names: dict[str, str] = {}
    for start in range(0, len(people), _AT_ONCE):
        found = select(PersonRow.person_id, PersonRow.name)
        some = found.where(PersonRow.person_id.in_(people[start : start + _AT_ONCE]))
        names |= {row.person_id: row.name for row in session.execute(some)}
    return tuple(_record(row, names[row.person_id]) for row in rows)


def _parent(session: Session, row: VersionRow) -> VersionRow:
    if row.parent_id is None:
        raise OutOfOrder(
            "The layer had another size or format when that version was made.",
            hint="The version's own patch can still be fetched; edit the layer as it is now.",
        )
    return version_row(session, row.parent_id)


def _tiles_of(session: Session, rows: tuple[VersionRow, ...]) -> dict[str, list[TileRow]]:
    found: dict[str, list[TileRow]] = {}
    ids = [row.version_id for row in rows]
    for start in range(0, len(ids), _AT_ONCE):
        some = select(TileRow).where(TileRow.version_id.in_(ids[start : start + _AT_ONCE]))
        for tile in session.scalars(some.order_by(TileRow.row, TileRow.col)):
            found.setdefault(tile.version_id, []).append(tile)
    return found


def _record(row: VersionRow, author: str) -> Version:
    size, format_ = shape_of(row)
    return Version(
        version_id=row.version_id,
        layer_id=row.layer_id,
        parent_id=row.parent_id,
        edit_id=row.edit_id,
        kind=row.kind,
        state=row.state,
        rect_px=rect_of(row),
        mask=row.mask,
        text=row.text,
        plan=row.plan,
        says=tuple(row.says),
        model=row.model,
        weights_hash=row.weights_hash,
        device=row.device,
        seed=row.seed,
        author=author,
        created_at=row.created_at,
        engine_s=row.engine_s,
        notes=tuple(row.notes),
        size=size,
        format=format_,
        canvas=canvas_of(row),
        layers=layers_of(row),
    )
