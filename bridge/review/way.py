"""The way from one version of a layer to another: where the first's pixels lie in the second, and its edits.

As in `bridge.review.places`, a version that changed the layer's size says how pixels moved with it; the rest of the way
is shifts, crops and scales put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bridge.errors import NotFound, OutOfOrder
from bridge.history.records import Hash
from bridge.history.schema import VersionRow
from bridge.history.shapes import canvas_of, inverse, shape_of
from bridge.history.tree import rect_of, route, version_row
from engine.geometry import PixelRect


@dataclass(frozen=True, slots=True)
class Lies:
    """Where pixels lie in another version: old × ``scale`` + (x0, y0)."""

    x0: int = 0
    y0: int = 0
    scale: float = 1.0

    def then(self, other: Lies) -> Lies:
        """Both one after the other."""
        return Lies(
            round(self.x0 * other.scale) + other.x0, round(self.y0 * other.scale) + other.y0, self.scale * other.scale
        )


@dataclass(frozen=True, slots=True)
class Step:
    """A version that the two ends differ by.

    Attributes:
        rect_px, mask: its place and its selection, in its own pixels.
        lies: where its own pixels lie in the last version of the way.
    """

    version_id: str
    is_entered: bool
    rect_px: PixelRect
    mask: Hash | None
    lies: Lies


@dataclass(frozen=True, slots=True)
class Way:
    """From one version to another.

    Attributes:
        lies: where the first's pixels lie in the last.
        steps: in the order in which they are met.
    """

    lies: Lies
    steps: tuple[Step, ...]


def way_between(session: Session, from_version_id: str, version_id: str) -> Way | None:
    """The way; None where there is none, because the layer was described anew between them.

    Raises:
        NotFound: there are no such versions of one layer.
    """
    if version_row(session, from_version_id).layer_id != version_row(session, version_id).layer_id:
        raise NotFound("version")
    try:
        way = route(session, from_version_id, version_id)
    except OutOfOrder:
        return None
    left = len(way.up)
    moves = [_moved(session, row, is_entered=number >= left) for number, row in enumerate(way.changed)]
    # From the end backwards: each step's own pixels are those before it is left, or after it is entered.
    after = Lies()
    steps: list[Step] = []
    for number in reversed(range(len(moves))):
        row, is_entered = way.changed[number], number >= left
        before = moves[number].then(after)
        lies = after if is_entered else before
        steps.append(Step(row.version_id, is_entered, rect_of(row), row.mask, lies))
        after = before
    return Way(_all(moves), tuple(reversed(steps)))


def _all(moves: Sequence[Lies]) -> Lies:
    whole = Lies()
    for move in moves:
        whole = whole.then(move)
    return whole


def _moved(session: Session, row: VersionRow, *, is_entered: bool) -> Lies:
    """How pixels move when this version is entered, or left."""
    canvas = canvas_of(row)
    if canvas is None:
        return Lies()
    if not is_entered and row.parent_id is not None:
        canvas = inverse(canvas, *shape_of(version_row(session, row.parent_id)))
    return Lies(canvas.x0, canvas.y0, canvas.scale)
