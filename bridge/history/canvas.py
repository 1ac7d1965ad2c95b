"""What is known of a layer as one of its versions shows it.

The bridge holds what edits touched and what somebody shared, no more; what nobody ever sent is missing, never guessed.
For each cell, the first of these that there is:

1. What the nearest version on the way up knows: what was shared there, else what its edit made. A version that changed
   the layer's size or format knows all of it; nothing above it is asked.
2. Where nothing on that way touched the cell, the host had there what it always had, and others may have seen that:
   what was shared elsewhere in the tree, else what an edit elsewhere found before it, both where they were the first
   on their own way to touch the cell. Of several the nearest, of those the latest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.history.documents import layer_row
from bridge.history.records import Hash
from bridge.history.schema import SharedTileRow, TileRow, VersionRow
from bridge.history.shapes import shape_of
from bridge.history.tree import version_row
from bridge.protocol.messages import TILE_PX
from engine.api import LayerFormat
from engine.geometry import Size, TileIndex

# Versions of one question: few at first, since the nearest may know everything; databases take only so many values.
_FIRST_ASKED, _MOST_ASKED = 32, 500

_Cell = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class KnownCanvas:
    """What is stored of a layer as a version shows it.

    Attributes:
        size, format: of the layer in that version.
        profile: blob of the layer's ICC profile.
        tiles: raw samples by cell of the TILE_PX grid (clipped to the layer, see `bridge.grid.tile_rect_px`), as
            hashes of blobs; cells that nobody ever sent are missing.
    """

    version_id: str
    size: Size
    format: LayerFormat
    profile: Hash | None
    tiles: Mapping[TileIndex, Hash]

    @property
    def is_whole(self) -> bool:
        """Whether all of the layer is here."""
        return len(self.tiles) == cells_in(self.size)


def cells_in(size: Size) -> int:
    """How many tiles a layer of that size has."""
    return -(-size.width // TILE_PX) * -(-size.height // TILE_PX)


def canvas_at(session: Session, version_id: str) -> KnownCanvas:
    """See `bridge.history.versions.Versions.canvas_at`."""
    row = version_row(session, version_id)
    size, format_ = shape_of(row)
    tree = _Tree.of(session, row.layer_id)
    way = tree.way_up(version_id)
    known = _on_the_way(session, way, cells_in(size))
    if len(known) < cells_in(size) and not tree.changes_canvas[way[-1]]:
        others = tree.beside(way)
        known = _shared_elsewhere(session, tree, way, others) | known
        _found_elsewhere(session, others, known, cells_in(size))
    return KnownCanvas(
        version_id,
        size,
        format_,
        layer_row(session, row.layer_id).profile,
        {TileIndex(*cell): key for cell, key in known.items()},
    )


def known_without(session: Session, version_id: str) -> dict[TileIndex, Hash]:
    """What edits made on the way up to a version, and what was shared there, but not what was shared at itself."""
    tree = _Tree.of(session, version_row(session, version_id).layer_id)
    known = _on_the_way(session, tree.way_up(version_id), None, but_shared_at=version_id)
    return {TileIndex(*cell): key for cell, key in known.items()}


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """A layer's versions by their ids: who comes from whom."""

    parents: Mapping[str, str | None]
    children: Mapping[str, Sequence[str]]
    seqs: Mapping[str, int]
    changes_canvas: Mapping[str, bool]

    @staticmethod
    def of(session: Session, layer_id: str) -> _Tree:
        found = select(VersionRow.version_id, VersionRow.parent_id, VersionRow.seq, VersionRow.canvas_scale)
        rows = session.execute(found.where(VersionRow.layer_id == layer_id).order_by(VersionRow.seq)).all()
        children: dict[str, list[str]] = {}
        for row in rows:
            if row.parent_id is not None:
                children.setdefault(row.parent_id, []).append(row.version_id)
        return _Tree(
            {row.version_id: row.parent_id for row in rows},
            children,
            {row.version_id: row.seq for row in rows},
            {row.version_id: row.canvas_scale is not None for row in rows},
        )

    def way_up(self, version_id: str) -> list[str]:
        """The version, its parent, and so on, to the one where its canvas begins."""
        way = [version_id]
        while not self.changes_canvas[way[-1]] and (parent := self.parents[way[-1]]) is not None:
            way.append(parent)
        return way

    def beside(self, way: Sequence[str]) -> list[str]:
        """The other versions of the same canvas, and those that end it by changing it: nearest to the way first."""
        found: list[str] = []
        on_way = set(way)
        level = [child for version_id in way for child in self.children.get(version_id, ()) if child not in on_way]
        while level:
            found += sorted(level, key=lambda version_id: -self.seqs[version_id])
            level = [
                child
                for version_id in level
                if not self.changes_canvas[version_id]
                for child in self.children.get(version_id, ())
            ]
        return found


def _on_the_way(
    session: Session, way: Sequence[str], enough: int | None, but_shared_at: str | None = None
) -> dict[_Cell, Hash]:
    """The nearest contents on the way up; no more is read once so many cells are known."""
    known: dict[_Cell, Hash] = {}
    for some in _parts(way):
        shared, made = _shared(session, some), _tiles(session, some)
        for version_id in some:
            if version_id != but_shared_at:
                for cell, key in shared.get(version_id, ()):
                    known.setdefault(cell, key)
            for cell, _, after in made.get(version_id, ()):
                if after is not None:
                    known.setdefault(cell, after)
        if enough is not None and len(known) >= enough:
            break
    return known


def _shared_elsewhere(session: Session, tree: _Tree, way: Sequence[str], others: Sequence[str]) -> dict[_Cell, Hash]:
    """What was shared at other versions, of the cells that nothing touched between the way and them."""
    on_way = set(way)
    known: dict[_Cell, Hash] = {}
    for version_id in _sharers(session, others):
        between: list[str] = []
        here: str | None = version_id
        while here is not None and here not in on_way:
            between.append(here)
            here = tree.parents[here]
        touched = {cell for some in _parts(between) for rows in _tiles(session, some).values() for cell, _, _ in rows}
        for cell, key in _shared(session, (version_id,)).get(version_id, ()):
            if cell not in touched:
                known.setdefault(cell, key)
    return known


def _found_elsewhere(session: Session, others: Sequence[str], known: dict[_Cell, Hash], enough: int) -> None:
    """What edits elsewhere found before them, added to ``known``.

    ``others`` come after those that they come from, so the first to touch a cell is met first.
    """
    for some in _parts(others):
        made = _tiles(session, some)
        for version_id in some:
            for cell, before, _ in made.get(version_id, ()):
                if before is not None:
                    known.setdefault(cell, before)
        if len(known) >= enough:
            return


def _parts(version_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Few versions first, then more and more at once."""
    start, count = 0, _FIRST_ASKED
    while start < len(version_ids):
        yield version_ids[start : start + count]
        start, count = start + count, min(2 * count, _MOST_ASKED)


def _tiles(session: Session, version_ids: Sequence[str]) -> dict[str, list[tuple[_Cell, Hash | None, Hash | None]]]:
    """The cells that versions touched, with what was there before and after."""
    found: dict[str, list[tuple[_Cell, Hash | None, Hash | None]]] = {}
    columns = select(TileRow.version_id, TileRow.col, TileRow.row, TileRow.before_hash, TileRow.after_hash)
    for version_id, col, row, before, after in session.execute(columns.where(TileRow.version_id.in_(version_ids))):
        found.setdefault(version_id, []).append(((col, row), before, after))
    return found


def _shared(session: Session, version_ids: Sequence[str]) -> dict[str, list[tuple[_Cell, Hash]]]:
    found: dict[str, list[tuple[_Cell, Hash]]] = {}
    columns = select(SharedTileRow.version_id, SharedTileRow.col, SharedTileRow.row, SharedTileRow.tile_hash)
    for version_id, col, row, key in session.execute(columns.where(SharedTileRow.version_id.in_(version_ids))):
        found.setdefault(version_id, []).append(((col, row), key))
    return found


def _sharers(session: Session, version_ids: Sequence[str]) -> list[str]:
    """Those of them where something was shared, in their order."""
    found: set[str] = set()
    for some in _parts(version_ids):
        shared = select(SharedTileRow.version_id).where(SharedTileRow.version_id.in_(some)).distinct()
        found |= set(session.scalars(shared))
    return [version_id for version_id in version_ids if version_id in found]
