"""What one edit works on: where, from which version, with which words and seeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from pydantic import ValidationError

from bridge.editing.ability import Edits, Runnable, runnable
from bridge.editing.places import rect_of
from bridge.errors import BadPixels, NeedsSelection, NothingTo, NotUnderstood, TooLarge
from bridge.history.records import Candidate, FinishedEdit, Hash, Layer, Version
from bridge.history.versions import Versions
from bridge.protocol import messages as m
from engine.api import EditRequest, Mask, Pixels, Value
from engine.commands import parse
from engine.commands.plan import (
    Adjust,
    Again,
    AnyOperation,
    Plan,
    Recolour,
    Relight,
    Remove,
    Replace,
    Variations,
)
from engine.geometry import PixelRect, TileIndex
from engine.operations.reach import reach_of_drawing, reach_of_fill, reach_of_tone

# Pixels of an edit's reach that the bridge is ready to hold at once, raw.
REACH_BYTES = 384 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One edit of pixels, decided.

    Attributes:
        operation: what the engine is to do.
        rect_px: bounding box of the selection.
        reach_px: what the engine has to see.
        base_version_id: the version the edit starts from, the parent of its result.
        return_to_base: the head moves back to the base before the result lands (“another one”).
        is_place: all of ``rect_px`` is meant, whatever is selected.
        mask_of: the version whose selection is used again, or None when the client sends one.
        overrides: tiles whose contents at the base differ from what the client shows now.
        text: the words that the version will carry.
        seed: of the first candidate.
        count: candidates.
    """

    operation: Edits
    rect_px: PixelRect
    reach_px: PixelRect
    base_version_id: str
    text: str
    seed: int
    count: int
    return_to_base: bool = False
    is_place: bool = False
    mask_of: Version | None = None
    overrides: dict[TileIndex, Hash] = field(default_factory=dict[TileIndex, Hash])

    def seeds(self) -> Iterator[int]:
        """One seed a candidate; the first is the edit's own, so that it can be had again alone."""
        return ((self.seed + number) % 2**32 for number in range(self.count))

    def request(
        self,
        edit_id: str,
        layer: Layer,
        pixels: Pixels,
        mask: Mask,
        seed: int,
        *,
        previews: bool,
        profile: bytes | None = None,
    ) -> EditRequest:
        """The engine's request for one candidate: ``pixels`` of the reach, ``mask`` of the selection's box."""
        return EditRequest(
            edit_id=edit_id,
            operation=self.operation.op,
            layer_size=layer.size,
            format=layer.format,
            reach_px=self.reach_px,
            pixels=pixels,
            mask=_in_reach(mask, self.rect_px, self.reach_px),
            seed=seed,
            prompt=self.operation.prompt if isinstance(self.operation, Replace) else "",
            previews=previews,
            values=_values(self.operation),
            profile=profile,
        )

    def before(self, tiles: dict[TileIndex, tuple[Hash, bytes]]) -> dict[Hash, bytes]:
        """The tiles under the selection as they are now, which the result's version will refer to."""
        return dict(tiles[cell] for cell in self.rect_px.cells(m.TILE_PX))

    def finished(
        self,
        edit_id: str,
        person_id: str,
        plan: Plan,
        mask: Mask,
        tiles: dict[TileIndex, tuple[Hash, bytes]],
        candidates: tuple[Candidate, ...],
        layer: Layer,
    ) -> FinishedEdit:
        """What the history stores; ``tiles`` are the reach's, of which only those under the selection are kept."""
        return FinishedEdit(
            edit_id=edit_id,
            layer_id=layer.layer_id,
            person_id=person_id,
            base_version_id=self.base_version_id,
            size=layer.size,
            format=layer.format,
            rect_px=self.rect_px,
            mask=mask,
            before={cell: tiles[cell][0] for cell in self.rect_px.cells(m.TILE_PX)},
            before_tiles=self.before(tiles),
            text=self.text,
            plan=plan.model_dump_json(),
            says=plan.says,
            candidates=candidates,
        )


def understand(text: str, *, has_selection: bool, plan: Plan | None = None) -> tuple[Plan, Runnable]:
    """③ The plan for these words and its one operation, which can be run.

    Args:
        text: as typed.
        has_selection: whether something is selected.
        plan: what was made of the words; None for what the rules make of them.

    Raises:
        NeedsSelection: it would be clear with a selection.
        NotUnderstood: it is not; the message says what to try.
        CannotYet: it is clear, but the engine cannot do it yet.
    """
    plan = plan or parse(text, has_selection)
    if plan.unsure or not plan.ops:
        if not has_selection and not parse(text, True).unsure:
            raise NeedsSelection("There is no selection to work on.")
        raise NotUnderstood(" ".join(plan.unsure))
    return plan, runnable(plan, has_selection=has_selection)


async def job_of(
    operation: Edits | Again | Variations, start: m.EditStart, layer: Layer, seed: int, versions: Versions
) -> Job:
    """What to do where, for one operation on one layer.

    Raises:
        BadPixels: the selection's box is empty or leaves the layer.
        TooLarge: the reach is beyond what the bridge holds.
        NothingTo: there is no edit yet that could be repeated.
    """
    match operation:
        case Remove() | Replace() | Relight() | Recolour() | Adjust():
            place_px = _place_px(operation, start, layer)
            job = Job(
                operation=operation,
                rect_px=place_px or _selection_px(start.mask_rect_px or (0, 0, 0, 0), layer),
                is_place=place_px is not None,
                reach_px=layer.size.rect,
                base_version_id=layer.head_version_id,
                text=start.text,
                seed=seed,
                count=start.variations,
            )
            return _with_reach(job, layer)
        case Again():
            last = await _last_edit(layer, versions, "repeat")
            selection = start.mask_rect_px
            job = Job(
                operation=_operation_of(last),
                rect_px=last.rect_px if selection is None else _selection_px(selection, layer),
                reach_px=layer.size.rect,
                base_version_id=layer.head_version_id,
                text=last.text,
                seed=seed,
                count=start.variations,
                mask_of=last if selection is None else None,
            )
            return _with_reach(job, layer)
        case Variations():
            last = await _last_edit(layer, versions, "vary")
            assert last.parent_id is not None, "an edit has a parent"
            job = Job(
                operation=_operation_of(last),
                rect_px=last.rect_px,
                reach_px=layer.size.rect,
                base_version_id=last.parent_id,
                text=last.text,
                seed=seed,
                count=operation.count,
                return_to_base=True,
                mask_of=last,
                overrides=await versions.between(layer.head_version_id, last.parent_id),
            )
            return _with_reach(job, layer)


async def _last_edit(layer: Layer, versions: Versions, verb: str) -> Version:
    last = await versions.last_edit(layer.layer_id)
    if last is None or not layer.size.rect.contains(last.rect_px):
        raise NothingTo(verb)
    return last


def _operation_of(last: Version) -> Edits:
    """What an earlier edit did. Its text is that of the first in the row, whatever “again” and “another one” followed.

    Raises:
        NothingTo: this version of Inlay reads the words in another way.
    """
    operations = (*_stored_ops(last), *parse(last.text, True).ops)
    done = next((operation for operation in operations if isinstance(operation, Edits)), None)
    if done is None:
        raise NothingTo("repeat")
    return done


def _stored_ops(last: Version) -> tuple[AnyOperation, ...]:
    """The operations of the plan that a version was made by; a language model's cannot be had from the words again."""
    try:
        return Plan.model_validate_json(last.plan).ops
    except ValidationError:
        return ()


def _place_px(operation: Edits, start: m.EditStart, layer: Layer) -> PixelRect | None:
    """The part of the layer that the words name; None when it is what is selected."""
    usual = "all" if start.mask_rect_px is None else "selection"
    return rect_of(operation.region or usual, layer.size)


def _selection_px(rect: tuple[int, int, int, int], layer: Layer) -> PixelRect:
    if rect[2] <= rect[0] or rect[3] <= rect[1]:
        raise BadPixels("The selection is empty.", hint="Select the thing to change, then try again.")
    rect_px = PixelRect(*rect)
    if not layer.size.rect.contains(rect_px):
        raise BadPixels(f"The selection reaches beyond the layer, which is {layer.size}.")
    return rect_px


def _with_reach(job: Job, layer: Layer) -> Job:
    match job.operation:
        case Replace():
            reach_of = reach_of_drawing
        case Relight() | Recolour() | Adjust():
            reach_of = reach_of_tone
        case _:
            reach_of = reach_of_fill
    reach_px = reach_of(job.rect_px, layer.size)
    if reach_px.area * layer.format.bytes_per_pixel > REACH_BYTES:
        raise TooLarge(f"A selection of {job.rect_px.size} is more than this bridge takes at once.")
    return replace(job, reach_px=reach_px)


def _values(operation: Edits) -> dict[str, Value]:
    """What the operation says besides where and with which words."""
    said = operation.model_dump(exclude={"op", "region", "prompt"}, by_alias=True)
    return {name: value if isinstance(value, str) else float(value) for name, value in said.items()}


def _in_reach(mask: Mask, rect_px: PixelRect, reach_px: PixelRect) -> Mask:
    """The selection's mask on the reach's grid, 0 around it."""
    whole = np.zeros((reach_px.height, reach_px.width), np.uint8)
    whole[rect_px.slices(reach_px)] = mask
    return whole
