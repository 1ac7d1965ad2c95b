"""Where a comment's place is in another version of its layer, and which edits changed its pixels since.

The way from the comment's version to the one that is shown leads up and down the tree of versions. Where a version on
it changed the layer's size, the place moves as the pixels did; where one has a selection that meets the place, it
changed pixels there: the selections are stored, so nothing is compared and nothing is guessed.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from bridge.history.blobs import BlobStore
from bridge.history.database import Database
from bridge.history.landing import mask_from
from bridge.history.records import Comment, Hash
from bridge.history.schema import VersionRow
from bridge.history.shapes import canvas_of, inverse, shape_of
from bridge.history.tree import rect_of, version_row
from engine.api import Canvas
from engine.geometry import PixelRect, Size

# "whole": the comment is on the whole version; "gone": what was there is beyond the layer's border now; "elsewhere":
# the layer was described anew since, so that no way leads there.
Where = Literal["here", "whole", "gone", "elsewhere"]
# Of a version: where it is in the tree and what it did to the canvas; words and plans of a thousand take a while.
_NEEDED = (
    VersionRow.version_id, VersionRow.layer_id, VersionRow.parent_id, VersionRow.mask,
    VersionRow.width, VersionRow.height, VersionRow.depth, VersionRow.channels, VersionRow.alpha,
    VersionRow.x0, VersionRow.y0, VersionRow.x1, VersionRow.y1,
    VersionRow.canvas_x, VersionRow.canvas_y, VersionRow.canvas_scale,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A comment's place in a version.

    Attributes:
        rect_px: in the layer's pixels there, at least one pixel; None unless it is ``here``.
        is_same: nothing has changed in what is to be seen of the place: no edit that the version has more, or less,
            than the comment's own met it.
        changed_by: the edits that came since and met it, in order.
    """

    comment_id: str
    where: Where
    rect_px: PixelRect | None
    is_same: bool
    changed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Step:
    """One version on the way; ``canvas`` is how the pixels move with this step."""

    version_id: str
    is_entered: bool
    rect_px: PixelRect
    mask: Hash | None
    canvas: Canvas | None


@dataclass(frozen=True, slots=True)
class _Way:
    """From a comment's version, where the layer has that size, to the one that is shown.

    ``rects_px``: of the steps, N×4, to be asked for many places at once. ``is_straight``: no step moves pixels.
    """

    size: Size
    steps: tuple[_Step, ...]
    rects_px: NDArray[np.int64]
    is_straight: bool


@dataclass(frozen=True, slots=True)
class _Meeting:
    """A place that may have been met by a step's selection: ``rect_px`` in the step's version."""

    comment: int
    step: _Step
    rect_px: PixelRect


class Places:
    """Follows places from version to version."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self._database = database
        self._blobs = blobs

    async def of(self, comments: Sequence[Comment], version_id: str) -> tuple[Place, ...]:
        """Where each of the comments, all of that version's layer, is in the version.

        Raises:
            NotFound: no such version.
            StorageDamaged: a stored selection is not what it was.
        """
        starts = {comment.version_id for comment in comments}
        ways = await self._database.read(lambda session: _ways(session, starts, version_id))
        rects, meetings = await asyncio.to_thread(_all_followed, comments, ways)
        met_by = await self._met(meetings)
        return tuple(
            _place(comment, ways[comment.version_id], rects[number], met_by.get(number, []))
            for number, comment in enumerate(comments)
        )

    async def _met(self, meetings: Iterable[_Meeting]) -> dict[int, list[_Step]]:
        """Those where the selection really has something in the place, by comment. One mask in memory at a time."""
        by_mask: dict[tuple[Hash, PixelRect], list[_Meeting]] = {}
        found: list[_Meeting] = []
        for meeting in meetings:
            if meeting.step.canvas is None and meeting.rect_px.contains(meeting.step.rect_px):
                found.append(meeting)  # a selection is somewhere in its own box; one of a whole canvas may be empty
            elif meeting.step.mask is not None:
                by_mask.setdefault((meeting.step.mask, meeting.step.rect_px), []).append(meeting)
        for (key, place_px), some in by_mask.items():
            mask = mask_from((await self._blobs.get_many((key,)))[key], place_px)
            found += [meeting for meeting in some if mask[meeting.rect_px.slices(place_px)].any()]
        met_by: dict[int, list[_Step]] = {}
        for meeting in found:
            met_by.setdefault(meeting.comment, []).append(meeting.step)
        return met_by


def _place(comment: Comment, way: _Way | None, rect_px: PixelRect | None, met: list[_Step]) -> Place:
    if way is None:
        return Place(comment.comment_id, "elsewhere", None, is_same=False)
    if comment.rect_px is None:
        since = tuple(step.version_id for step in way.steps if step.is_entered)
        return Place(comment.comment_id, "whole", None, is_same=not way.steps, changed_by=since)
    those = {step.version_id for step in met}
    since = tuple(step.version_id for step in way.steps if step.is_entered and step.version_id in those)
    if rect_px is None:
        return Place(comment.comment_id, "gone", None, is_same=False, changed_by=since)
    return Place(comment.comment_id, "here", rect_px, is_same=not met, changed_by=since)


def _all_followed(
    comments: Sequence[Comment], ways: Mapping[str, _Way | None]
) -> tuple[list[PixelRect | None], list[_Meeting]]:
    """Where each comment's place comes out, and what it may have met."""
    rects: list[PixelRect | None] = []
    meetings: list[_Meeting] = []
    for number, comment in enumerate(comments):
        way = ways[comment.version_id]
        if way is None or comment.rect_px is None:
            rects.append(None)
            continue
        rect_px, met = _followed(number, comment.rect_px, way)
        rects.append(rect_px)
        meetings += met
    return rects, meetings


def _followed(number: int, rect_px: PixelRect, way: _Way) -> tuple[PixelRect | None, list[_Meeting]]:
    """Where a place comes out, and which selections on the way may have met what is left of it there."""
    if way.is_straight:  # nearly always: a thousand steps are looked at in one go
        x0, y0, x1, y1 = way.rects_px.T
        meets = (x0 < rect_px.x1) & (rect_px.x0 < x1) & (y0 < rect_px.y1) & (rect_px.y0 < y1)
        steps = [way.steps[at] for at in np.flatnonzero(meets)]
        return rect_px, [_Meeting(number, step, rect_px.intersect(step.rect_px)) for step in steps]
    here = rect_px
    befores: list[PixelRect] = []
    sizes: list[Size] = []
    size = way.size
    for step in way.steps:
        befores.append(here)
        sizes.append(size)
        if step.canvas is not None:
            moved = _moved(here, step.canvas)
            if moved is None:
                return None, []
            here, size = moved, step.canvas.size
    met: list[_Meeting] = []
    # Back again with what came out: an edit of a part that was cut off later changed nothing that is to be seen.
    left = here
    for step, before, size in zip(reversed(way.steps), reversed(befores), reversed(sizes), strict=True):
        after = left
        if step.canvas is not None:
            back = _moved(left, inverse(step.canvas, size, step.canvas.format))
            left = before if back is None else back.intersect(before)
        there = after if step.is_entered else left
        if _meets(there, step.rect_px):
            met.append(_Meeting(number, step, there.intersect(step.rect_px)))
    return here, met


def _meets(one: PixelRect, other: PixelRect) -> bool:
    """As `PixelRect.meets`, without making a rectangle: it is asked for every comment and every version."""
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


def _moved(rect_px: PixelRect, canvas: Canvas) -> PixelRect | None:
    """The place on another canvas, whole pixels around it; None when nothing of it is left."""
    x0, y0, x1, y1 = (
        math.floor(rect_px.x0 * canvas.scale) + canvas.x0,
        math.floor(rect_px.y0 * canvas.scale) + canvas.y0,
        math.ceil(rect_px.x1 * canvas.scale) + canvas.x0,
        math.ceil(rect_px.y1 * canvas.scale) + canvas.y0,
    )
    inside = PixelRect(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)).intersect(canvas.size.rect)
    return None if inside.is_empty else inside


def _ways(session: Session, starts: Iterable[str], end_id: str) -> dict[str, _Way | None]:
    """From each version to the one that is shown; None where no way leads."""
    layer_id = version_row(session, end_id).layer_id
    # All of the layer's versions at once: to ask for each on every way takes seconds where there are a thousand.
    found = select(VersionRow).where(VersionRow.layer_id == layer_id).options(load_only(*_NEEDED))
    rows = {row.version_id: row for row in session.scalars(found)}
    entered = list(_upwards(rows, end_id))
    depth = {row.version_id: number for number, row in enumerate(entered)}
    downwards = [_step(rows, row, is_entered=True) for row in reversed(entered)]
    down_rects_px = _rects(downwards)
    ways: dict[str, _Way | None] = {}
    for start_id in starts:
        left: list[_Step] = []
        meets: str | None = None
        for row in _upwards(rows, start_id):
            if row.version_id in depth:
                meets = row.version_id
                break
            left.append(_step(rows, row, is_entered=False))
        if meets is None:
            ways[start_id] = None
            continue
        down = downwards[len(downwards) - depth[meets] :]
        steps = (*left, *down)
        rects_px = np.concatenate([_rects(left), down_rects_px[len(downwards) - depth[meets] :]])
        is_straight = all(step.canvas is None for step in steps)
        ways[start_id] = _Way(shape_of(rows[start_id])[0], steps, rects_px, is_straight)
    return ways


def _rects(steps: Sequence[_Step]) -> NDArray[np.int64]:
    return np.array([step.rect_px.as_tuple() for step in steps], np.int64).reshape(-1, 4)


def _upwards(rows: Mapping[str, VersionRow], version_id: str) -> Iterator[VersionRow]:
    """The version, its parent, and so on to the source; nothing for a version of another layer."""
    row = rows.get(version_id)
    while row is not None:
        yield row
        row = None if row.parent_id is None else rows[row.parent_id]


def _step(rows: Mapping[str, VersionRow], row: VersionRow, *, is_entered: bool) -> _Step:
    canvas = canvas_of(row)
    if canvas is not None and not is_entered and row.parent_id is not None:
        canvas = inverse(canvas, *shape_of(rows[row.parent_id]))
    return _Step(row.version_id, is_entered, rect_of(row), row.mask, canvas)
