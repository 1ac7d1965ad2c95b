"""Looking closely: what there is of a version, single pixels, and how any two versions differ."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import SIDE_PX, Coordinate, Id, Message, Rect, RequestId

# ── client → bridge ──────────────────────────────────────────────────────────────────────────────────────────────


class VersionCanvas(Message):
    """Ask how large the layer is in a version, and which parts of it are here to be looked at; and where its pixels
    lie in another version of the layer, ``onto_id``."""

    type: Literal["version.canvas"] = "version.canvas"
    id: RequestId
    version_id: Id
    onto_id: Id | None = None


class VersionPixel(Message):
    """Ask for one pixel of a version in the layer's own numbers."""

    type: Literal["version.pixel"] = "version.pixel"
    id: RequestId
    version_id: Id
    x: Annotated[int, Field(ge=0, lt=SIDE_PX)]
    y: Annotated[int, Field(ge=0, lt=SIDE_PX)]


class VersionCompare(Message):
    """Ask how a version differs from another one of the layer, in exact figures at the layer's own depth."""

    type: Literal["version.compare"] = "version.compare"
    id: RequestId
    from_version_id: Id
    version_id: Id


# ── bridge → client ──────────────────────────────────────────────────────────────────────────────────────────────


class VersionCanvasIs(Message):
    """The layer in a version, and what is known of it.

    Its tiles are at ``GET /tiles/{version_id}/{level}/{x}_{y}?of={pyramid}``: squares of `LOOK_TILE_PX` from the upper
    left corner, level 0 at 1:1, each level above half as wide and high (rounded up), ``levels`` of them.

    ``pyramid``: what an address is to name, so that its answer can be kept for ever; it changes when more is known.
    ``known``: a bit for each cell of `TILE_PX`, row by row, the first in the highest bit; empty when all are known.
    ``opaque``: nothing is seen through it.
    ``lies`` (x0, y0, scale): a pixel (x, y) is at (x × scale + x0, y × scale + y0) in ``onto_id``; None where no way
    leads there, because the layer was described anew between the two, and where no other version was named.
    """

    type: Literal["version.canvas.is"] = "version.canvas.is"
    re: RequestId
    version_id: Id
    width: Coordinate
    height: Coordinate
    levels: int
    pyramid: str
    known: bytes
    opaque: bool
    lies: tuple[float, float, float] | None = None


class VersionPixelIs(Message):
    """One pixel: a number for each channel as it is stored (0 … 255, 0 … 65535, or as it is); none where nobody sent
    it to the bridge."""

    type: Literal["version.pixel.is"] = "version.pixel.is"
    re: RequestId
    version_id: Id
    x: int
    y: int
    values: tuple[float, ...]


class VersionCompareIs(Message):
    """How ``version_id`` differs from ``from_version_id``. Places are in the pixels of the layer in ``version_id``.

    ``why_not``: why pixels cannot be compared one by one, in a sentence; empty: they were. ``counted_px`` pixels were
    compared, ``unknown_px`` nobody sent to the bridge; ``changed_px`` of those compared differ in any bit,
    ``outside_px`` of these lie outside the selections of all edits on the way. Where that is not 0, somebody painted in
    their program between two edits: ``edits_outside_px`` is what the edits themselves changed outside their selections.
    ``largest``: between two numbers of one pixel, of ``white`` that is the layer's full white. ``rect_px``: around all
    that changed. ``outline``: around the selections, polygons as x, y, x, y, …, exact where ``outline_px`` is 1, else
    around blocks of so many pixels. The difference as a picture is at ``GET
    /tiles/{from_version_id}..{version_id}/difference/{level}/{x}_{y}?by={gain}``.
    """

    type: Literal["version.compare.is"] = "version.compare.is"
    re: RequestId
    from_version_id: Id
    version_id: Id
    why_not: str
    counted_px: int
    unknown_px: int
    changed_px: int
    outside_px: int
    edits_outside_px: int
    largest: float
    white: float
    rect_px: Rect | None
    outline_px: int
    outline: tuple[tuple[int, ...], ...]
