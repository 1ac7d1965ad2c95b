"""A history with one layer in it, a host that shows the layer, and a blob store that forgets."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from hashlib import sha256

import numpy as np

from bridge.errors import NotFound
from bridge.grid import cut, tile_rect_px
from bridge.history.records import Candidate, FinishedEdit, Hash, Landing, Layer, Move, Person
from bridge.history.store import History
from bridge.protocol.messages import TILE_PX
from bridge.translate import union_of
from engine.api import LayerFormat, Mask, Pixels
from engine.geometry import PixelRect, Size
from support.pictures import RGB8, picture

_numbers = itertools.count()


class MemoryBlobs:
    """A `BlobStore` in memory."""

    def __init__(self) -> None:
        self.blobs: dict[Hash, bytes] = {}

    async def put_many(self, blobs: Mapping[Hash, bytes]) -> None:
        self.blobs |= blobs

    async def get_many(self, hashes: Iterable[Hash]) -> dict[Hash, bytes]:
        try:
            return {key: self.blobs[key] for key in hashes}
        except KeyError:
            raise NotFound("blob") from None

    async def have(self, hashes: Iterable[Hash]) -> set[Hash]:
        return {key for key in hashes if key in self.blobs}


def new_edit_id() -> str:
    return f"edit-{next(_numbers):06d}"


def box_mask(rect_px: PixelRect, value: int = 255) -> Mask:
    return np.full((rect_px.height, rect_px.width), value, np.uint8)


def paint(rect_px: PixelRect, format_: LayerFormat = RGB8, seed: int = 0) -> Pixels:
    """Noise over all values of the format."""
    shape = (rect_px.height, rect_px.width, format_.channels)
    rng = np.random.default_rng(seed)
    if format_.depth.dtype.kind == "f":
        return rng.normal(0.5, 2, shape).astype(format_.depth.dtype)
    return rng.integers(0, np.iinfo(format_.depth.dtype).max, shape, format_.depth.dtype, endpoint=True)


class Host:
    """A designer's program with one layer of one document; ``pixels`` is what it shows."""

    def __init__(self, history: History, person: Person, layer: Layer, pixels: Pixels) -> None:
        self.history, self.person, self.layer, self.pixels = history, person, layer, pixels

    @classmethod
    async def open(
        cls,
        history: History,
        size: Size = Size(300, 200),  # noqa: B008
        format_: LayerFormat = RGB8,
        *,
        person: Person | None = None,
        key: str = "poster",
    ) -> Host:
        if person is None:
            person = await history.people.add("Ada", sha256(new_edit_id().encode()).digest())
        document = await history.versions.open_document(person, key, "Poster")
        layer = await history.versions.describe_layer(document.document_id, "layer", "Layer", size, format_, None)
        return cls(history, person, layer, picture(size.height, size.width, format_))

    async def head(self) -> str:
        return (await self.history.versions.layer(self.layer.layer_id)).head_version_id

    def finished(
        self,
        rect_px: PixelRect,
        base_version_id: str,
        *results: Pixels,
        mask: Mask | None = None,
        edit_id: str | None = None,
        shown: Pixels | None = None,
    ) -> FinishedEdit:
        """The edit as the bridge would hand it over; ``shown`` is what the host showed when it began."""
        layer_px = self.layer.size.rect
        cells = cut(self.pixels if shown is None else shown, layer_px, layer_px)
        touched = {cell: cells[cell] for cell in rect_px.cells(TILE_PX)}
        before = {cell: sha256(tile).digest() for cell, tile in touched.items()}
        return FinishedEdit(
            edit_id=edit_id or new_edit_id(),
            layer_id=self.layer.layer_id,
            person_id=self.person.person_id,
            base_version_id=base_version_id,
            size=self.layer.size,
            format=self.layer.format,
            rect_px=rect_px,
            mask=box_mask(rect_px) if mask is None else mask,
            before=before,
            before_tiles={before[cell]: tile for cell, tile in touched.items()},
            text="remove this",
            plan='{"ops": []}',
            says=("Remove what is selected.",),
            candidates=tuple(
                Candidate(pixels, number, "exemplar", "", "cpu", 0.25, ("a note",))
                for number, pixels in enumerate(results)
            ),
        )

    async def edit(
        self, rect_px: PixelRect, seed: int = 0, *, mask: Mask | None = None, edit_id: str | None = None
    ) -> Landing:
        """One edit from the head, landed and shown."""
        result = paint(rect_px, self.layer.format, seed)
        edit = self.finished(rect_px, await self.head(), result, mask=mask, edit_id=edit_id)
        landing = await self.history.versions.land(edit)
        self.show(rect_px, edit.mask, result)
        return landing

    def show(self, rect_px: PixelRect, mask: Mask, result: Pixels) -> None:
        self.pixels = pasted(self.pixels, rect_px, mask, result)

    async def move(self, move: Move) -> Move:
        """Show what a move changed, as clients do: the listed cells, and of them only what is in a mask."""
        held = await self.history.blobs.get_many([*move.tiles.values(), *(key for _, key in move.masks)])
        mask = union_of(move.masks, held, move.rect_px)
        self.pixels = self.pixels.copy()
        for cell, key in move.tiles.items():
            covers_px = tile_rect_px(cell, self.layer.size.rect)
            part_px = covers_px.intersect(move.rect_px)
            tile = np.frombuffer(held[key], self.pixels.dtype).reshape(covers_px.height, covers_px.width, -1)
            inside = mask[part_px.slices(move.rect_px)] > 0
            self.pixels[part_px.slices()][inside] = tile[part_px.slices(covers_px)][inside]
        return move

    async def undo(self, count: int = 1) -> Move:
        return await self.move(await self.history.versions.undo(self.layer.layer_id, count, self.person))

    async def redo(self, count: int = 1) -> Move:
        return await self.move(await self.history.versions.redo(self.layer.layer_id, count, self.person))

    async def restore(self, version_id: str) -> Move:
        return await self.move(await self.history.versions.restore(version_id, self.person))


def pasted(pixels: Pixels, rect_px: PixelRect, mask: Mask, result: Pixels) -> Pixels:
    """The whole picture with a result where its mask is not 0."""
    after = pixels.copy()
    after[rect_px.slices()][mask > 0] = result[mask > 0]
    return after


def same_bits(one: Pixels, other: Pixels) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
