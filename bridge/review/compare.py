"""How two versions of a layer differ, in exact figures at the layer's own depth, from what is stored.

The figure that proves the promise is how many changed pixels lie outside the selections of all edits between the two:
none. What a designer painted in their program between two edits may differ there too; then the edits on the way are
looked at one by one, and how many pixels they changed outside their selections is told apart.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bridge.history.canvas import KnownCanvas
from bridge.history.landing import mask_from
from bridge.history.records import Hash
from bridge.history.store import History
from bridge.review.alike import Couple, Part, couple_of, differing, distance, is_same_tile, parts_of, pixels_of_part
from bridge.review.outline import Union
from bridge.review.pyramid import Pyramid
from bridge.review.tiles import Tiles
from bridge.review.way import Lies, Step, Way, way_between
from engine.api import Mask
from engine.geometry import PixelRect

# Tiles in memory at once: of four 32 bit channels they are 16 MB, twice.
_AT_ONCE = 64
_KEPT = 64
_NOWHERE = PixelRect(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the later of two versions differs from the earlier.

    Attributes:
        why_not: why pixels cannot be compared one by one, in a sentence; empty: they were.
        counted_px: pixels of both that are here and were compared.
        unknown_px: pixels of both that nobody sent to the bridge.
        changed_px: of those that were compared, those that differ in any bit.
        outside_px: of the changed ones, those outside all selections on the way.
        edits_outside_px: pixels that an edit on the way itself changed outside its selection.
        largest: between two numbers of one pixel, in the layer's own.
        rect_px: around all that changed; None when nothing did.
        outline_px, outline: of all selections on the way, see `bridge.review.outline.Union.outline`.
    """

    why_not: str = ""
    counted_px: int = 0
    unknown_px: int = 0
    changed_px: int = 0
    outside_px: int = 0
    edits_outside_px: int = 0
    largest: float = 0.0
    rect_px: PixelRect | None = None
    outline_px: int = 1
    outline: tuple[tuple[int, ...], ...] = ()


@dataclass(slots=True)
class _Count:
    counted_px: int = 0
    unknown_px: int = 0
    changed_px: int = 0
    outside_px: int = 0
    largest: float = 0.0
    rect_px: PixelRect = field(default=_NOWHERE)


class Compare:
    """Compares versions; the last comparisons are kept."""

    def __init__(self, history: History, tiles: Tiles) -> None:
        self._history = history
        self._tiles = tiles
        self._kept: OrderedDict[tuple[str, str, str, str], Comparison] = OrderedDict()
        self._one = asyncio.Lock()

    async def of(self, from_version_id: str, version_id: str) -> Comparison:
        """How they differ.

        Raises:
            NotFound: there are no such versions of one layer.
            StorageDamaged: a blob is not what it was.
        """
        way = await self._history.database.read(lambda session: way_between(session, from_version_id, version_id))
        before, after = await self._tiles.pyramid(from_version_id), await self._tiles.pyramid(version_id)
        key = (from_version_id, before.name, version_id, after.name)
        async with self._one:  # each reads two layers at worst
            made = self._kept.get(key)
            if made is None:
                made = self._kept[key] = await self._made(way, before, after)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return made

    async def _made(self, way: Way | None, before: Pyramid, after: Pyramid) -> Comparison:
        if way is None:
            return Comparison(
                why_not="The layer was described anew between the two, so no edit leads from one to the other."
            )
        union = await self._union(way.steps, after.canvas)
        outline_px, outline = await asyncio.to_thread(union.outline)
        couple = couple_of(before.canvas, after.canvas, way.lies)
        if couple is None:
            said = (
                "The two are of different scale: an edit between them made the layer's pixels larger or smaller."
                if way.lies.scale != 1
                else "The two are stored in different ways: an edit between them changed the layer's format."
            )
            return Comparison(why_not=said, outline_px=outline_px, outline=outline)
        count = await self._count(couple, union)
        by_edits = await self._by_edits(way.steps) if count.outside_px else 0
        return Comparison(
            counted_px=count.counted_px,
            unknown_px=count.unknown_px,
            changed_px=count.changed_px,
            outside_px=count.outside_px,
            edits_outside_px=by_edits,
            largest=count.largest,
            rect_px=None if count.rect_px.is_empty else count.rect_px,
            outline_px=outline_px,
            outline=outline,
        )

    async def _union(self, steps: Sequence[Step], canvas: KnownCanvas) -> Union:
        """All selections, in the later version's pixels; one that was scaled counts with all of its place."""
        places = [(step, _placed(step.rect_px, step.lies)) for step in steps if step.mask is not None]
        around = _NOWHERE
        for _, place_px in places:
            around = around.union(place_px.intersect(canvas.size.rect))
        union = Union(around)
        for step, place_px in places:
            mask = None if step.lies.scale != 1 else await self._mask(step)
            await asyncio.to_thread(union.add, place_px, mask)
        return union

    async def _mask(self, step: Step) -> Mask:
        assert step.mask is not None, "steps with a selection only"
        return mask_from((await self._history.blobs.get_many((step.mask,)))[step.mask], step.rect_px)

    async def _count(self, couple: Couple, union: Union) -> _Count:
        count = _Count()
        parts = await asyncio.to_thread(_to_read, couple, count)
        for start in range(0, len(parts), _AT_ONCE):
            some = parts[start : start + _AT_ONCE]
            keys = {key for part in some for key in (part.before, part.after) if key is not None}
            held = await self._history.blobs.get_many(keys)
            await asyncio.to_thread(_add, count, couple, some, held, union)
        return count

    async def _by_edits(self, steps: Sequence[Step]) -> int:
        """What the edits themselves changed outside their own selections."""
        outside = 0
        for step in steps:
            version = await self._history.versions.version(step.version_id)
            if version.mask is None or version.canvas is not None:
                continue
            tiles = await self._history.versions.tiles_of(version)
            before, after = [
                KnownCanvas(version.version_id, version.size, version.format, None, tiles[show])
                for show in ("before", "after")
            ]
            union = Union(version.rect_px)
            union.add(version.rect_px, await self._mask(step))
            outside += (await self._count(Couple(before, after, 0, 0), union)).outside_px
        return outside


def _placed(rect_px: PixelRect, lies: Lies) -> PixelRect:
    """The place in another version, whole pixels around it."""
    x0, y0, x1, y1 = rect_px.as_tuple()
    low = [int(at * lies.scale // 1) + shift for at, shift in ((x0, lies.x0), (y0, lies.y0))]
    high = [int(-(-at * lies.scale // 1)) + shift for at, shift in ((x1, lies.x0), (y1, lies.y0))]
    return PixelRect(low[0], low[1], high[0], high[1])


def _to_read(couple: Couple, count: _Count) -> list[Part]:
    """The parts that may differ; all others are counted at once."""
    found: list[Part] = []
    for part in parts_of(couple, couple.shared_px):
        if not part.is_known:
            count.unknown_px += part.rect_px.area
            continue
        count.counted_px += part.rect_px.area
        if not is_same_tile(couple, part):
            found.append(part)
    return found


def _add(count: _Count, couple: Couple, parts: Sequence[Part], held: dict[Hash, bytes], union: Union) -> None:
    for part in parts:
        before, after = pixels_of_part(couple, part, held)
        differs = differing(before, after)
        changed = int(differs.sum())
        if changed == 0:
            continue
        count.changed_px += changed
        count.outside_px += int((differs & ~union.part(part.rect_px)).sum())
        count.largest = max(count.largest, float(distance(before, after).max()))
        rows, cols = np.flatnonzero(differs.any(axis=1)).tolist(), np.flatnonzero(differs.any(axis=0)).tolist()
        box_px = PixelRect(cols[0], rows[0], cols[-1] + 1, rows[-1] + 1)
        count.rect_px = count.rect_px.union(box_px.shift(part.rect_px.x0, part.rect_px.y0))
