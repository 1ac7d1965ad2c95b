"""⑥ What an edit has made of its part of the layer so far: each of its steps goes on from what the one before made."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bridge.editing.ability import Edits
from bridge.editing.extent import extent_of
from bridge.editing.models import model_of, pictures_of
from bridge.editing.values import prompt_of, values_of
from bridge.errors import BadPixels
from bridge.history.records import Candidate
from engine.api import (
    Canvas,
    EditFacts,
    EditRequest,
    EditResult,
    HostLayer,
    LayerFormat,
    Mask,
    Pixels,
    Reference,
)
from engine.geometry import PixelRect, Size


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What does not change from step to step: the layer's profile, the references, and places that must stay."""

    edit_id: str
    profile: bytes | None
    references: tuple[Reference, ...]
    keep: tuple[PixelRect, ...]
    previews: bool


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """Between two steps of an edit.

    Attributes:
        size, format: of the layer by now.
        reach_px: the part of it that is here.
        pixels: H×W×C of ``reach_px``.
        selection: H×W uint8 of ``reach_px``; None without one.
        changed: H×W uint8 of ``reach_px``: 0 where every step left the layer as it was.
        canvas: what the layer became on the way; None when its size and format are still the first ones.
        layers: what a host may set itself, by now.
        facts: of the steps so far.
    """

    size: Size
    format: LayerFormat
    reach_px: PixelRect
    pixels: Pixels
    selection: Mask | None
    changed: Mask
    canvas: Canvas | None = None
    layers: tuple[HostLayer, ...] = ()
    facts: tuple[EditFacts, ...] = ()

    @staticmethod
    def of(
        size: Size,
        format_: LayerFormat,
        reach_px: PixelRect,
        pixels: Pixels,
        mask: Mask | None,
        mask_px: PixelRect | None,
    ) -> Work:
        """At the beginning; ``mask`` is H×W uint8 of ``mask_px``."""
        selection: Mask | None = None
        if mask is not None and mask_px is not None:
            selection = np.zeros((reach_px.height, reach_px.width), np.uint8)
            seen_px = mask_px.intersect(reach_px)  # what is selected may lie elsewhere than what the words name
            selection[seen_px.slices(reach_px)] = mask[seen_px.slices(mask_px)]
        return Work(size, format_, reach_px, pixels, selection, np.zeros((reach_px.height, reach_px.width), np.uint8))

    def request(self, operation: Edits, around: Around, seed: int) -> EditRequest:
        """The engine's request for the next step."""
        selection_px = None if self.selection is None else box_in(self.selection, self.reach_px)
        extent = extent_of(operation, selection_px, self.size, self.format)
        reach_px = extent.reach_px.intersect(self.reach_px)
        here = reach_px.slices(self.reach_px)
        if extent.by_selection and self.selection is not None:
            mask = self.selection[here].copy()
        else:
            mask = np.zeros((reach_px.height, reach_px.width), np.uint8)
            mask[extent.rect_px.slices(reach_px)] = 255
        if not extent.finds:  # what finds its place takes the mask for a hint
            for kept_px in around.keep:
                mask[kept_px.intersect(reach_px).slices(reach_px)] = 0
        return EditRequest(
            edit_id=around.edit_id,
            operation=operation.op,
            layer_size=self.size,
            format=self.format,
            reach_px=reach_px,
            pixels=np.ascontiguousarray(self.pixels[here]),
            mask=mask,
            seed=seed,
            prompt=prompt_of(operation),
            previews=around.previews,
            values=values_of(operation, self.size, selection_px),
            profile=around.profile,
            references=around.references if pictures_of(operation) else (),
            becomes=extent.becomes,
            model=model_of(operation),
        )

    def after(self, request: EditRequest, result: EditResult, around: Around) -> Work:
        """What the step made of it.

        Raises:
            BadPixels: the result changes what the request did not allow, a fault of the operation.
        """
        facts = (*self.facts, result.facts)
        if result.canvas is not None:
            return self._on(result.canvas, result, facts)
        allowed = request.mask[result.rect_px.slices(request.reach_px)]
        mask = allowed if result.mask is None else result.mask
        if mask.shape != allowed.shape:
            raise BadPixels("A result's mask has not the size of its place.")
        mask = mask.copy()
        for kept_px in around.keep:
            mask[kept_px.intersect(result.rect_px).slices(result.rect_px)] = 0
        here = result.rect_px.slices(self.reach_px)
        pixels, changed = self.pixels.copy(), self.changed.copy()
        np.copyto(pixels[here], result.pixels, where=(mask > 0)[..., np.newaxis])
        np.maximum(changed[here], mask, out=changed[here])
        return replace(self, pixels=pixels, changed=changed, layers=(*self.layers, *result.layers), facts=facts)

    def _on(self, canvas: Canvas, result: EditResult, facts: tuple[EditFacts, ...]) -> Work:
        """The layer has another size or format now; what was selected lies elsewhere on it."""
        changed = np.full((canvas.size.height, canvas.size.width), 255, np.uint8)
        if result.mask is not None:
            changed = np.maximum(result.mask, _moved(self.changed, canvas))
        selection = None if self.selection is None else _moved(self.selection, canvas)
        before = self.canvas
        return Work(
            canvas.size,
            canvas.format,
            canvas.size.rect,
            result.pixels,
            selection,
            changed,
            canvas
            if before is None
            else replace(
                canvas,
                x0=round(before.x0 * canvas.scale) + canvas.x0,
                y0=round(before.y0 * canvas.scale) + canvas.y0,
                scale=before.scale * canvas.scale,
            ),
            # What a host would have set itself is part of the picture by now.
            result.layers,
            facts,
        )

    def is_like(self, other: Work) -> bool:
        """Whether both came out the same to the bit."""
        return self.canvas == other.canvas and _same_bits(self.pixels, other.pixels)

    def shows(self, pixels: Pixels, rect_px: PixelRect, format_: LayerFormat) -> bool:
        """Whether all that changed is in that rectangle and came out as ``pixels``, H×W×C of it in that format."""
        place_px = self.size.rect if self.canvas is not None else box_in(self.changed, self.reach_px)
        if place_px != rect_px or self.format != format_:
            return False
        return _same_bits(np.ascontiguousarray(self.pixels[rect_px.slices(self.reach_px)]), pixels)

    def noting(self, note: str) -> Work:
        """The same with something worth saying."""
        last = self.facts[-1]
        return replace(self, facts=(*self.facts[:-1], replace(last, notes=(*last.notes, note))))

    def candidate(self, rect_px: PixelRect, seed: int) -> Candidate:
        """What of it is stored: its pixels in ``rect_px``, and how they were made."""
        return Candidate(
            pixels=np.ascontiguousarray(self.pixels[rect_px.slices(self.reach_px)]),
            seed=seed,
            model=" + ".join(dict.fromkeys(facts.model for facts in self.facts)),
            weights_hash=next((facts.weights_hash for facts in self.facts if facts.weights_hash), ""),
            device=self.facts[-1].device,
            engine_s=sum(facts.engine_s for facts in self.facts),
            notes=tuple(dict.fromkeys(note for facts in self.facts for note in facts.notes)),
            layers=self.layers,
        )


def _same_bits(one: Pixels, other: Pixels) -> bool:
    return one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()


def box_in(mask: Mask, reach_px: PixelRect) -> PixelRect | None:
    """The box of what is selected, in the layer; None when nothing is."""
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return PixelRect(int(cols[0]), int(rows[0]), int(cols[-1]) + 1, int(rows[-1]) + 1).shift(reach_px.x0, reach_px.y0)


def _moved(mask: Mask, canvas: Canvas) -> Mask:
    """A mask of the whole old layer on the new canvas."""
    rows = np.floor((np.arange(canvas.size.height) - canvas.y0 + 0.5) / canvas.scale).astype(np.int64)
    cols = np.floor((np.arange(canvas.size.width) - canvas.x0 + 0.5) / canvas.scale).astype(np.int64)
    is_row, is_col = (rows >= 0) & (rows < mask.shape[0]), (cols >= 0) & (cols < mask.shape[1])
    moved = mask[np.clip(rows, 0, mask.shape[0] - 1)][:, np.clip(cols, 0, mask.shape[1] - 1)]
    moved[~is_row] = 0
    moved[:, ~is_col] = 0
    return moved
