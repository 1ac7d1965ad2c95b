"""Operations that an open model draws where the request names one, and the built-in models where it does not.

What an operation is to `drawn_by_model` is a selection and words; here is what some need besides: a larger canvas, a
subject that stays in front.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from engine.api import Canvas, EditRequest, EditResult
from engine.errors import BadRequest, UnknownOperation
from engine.geometry import PixelRect
from engine.imaging.layer import to_working
from engine.matting.picture import picture_of
from engine.models.catalogue import ABILITY_OF
from engine.models.keeper import Keeper
from engine.models.masked.interface import Mode, OpenModel, Words
from engine.operations import drawn_by_model
from engine.operations.background_replace import Behind, over
from engine.operations.cutting import Painted, Scene, has_alpha, repaint
from engine.operations.extend import place_of, subject_of
from engine.operations.looked_at import is_style, looked_at, notes_on
from engine.operations.report import Report

Operation = Callable[[EditRequest, Report, torch.device | str], EditResult]
# Makes the patch of a selection.
_Draw = Callable[[EditRequest, Report], EditResult]
# So many pixels beside the subject are drawn anew: the old background shines through there.
_EDGE_PX = 2


def or_built_in(built_in: Operation, keeper: Keeper, mode: Mode = Mode.EXACT) -> Operation:
    """The operation, drawn by the open model that its request names; by ``built_in`` where it names none.

    Raises (the operation):
        BadRequest: that model is not here.
        MissingExtra, BrokenWeights, OutOfMemory: as `Keeper.draw`.
        and what the operation itself raises.
    """

    def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
        if not request.model:
            return built_in(request, report, device)
        if request.operation not in ABILITY_OF:
            raise BadRequest(f"No model is asked for “{request.operation}”.")

        def drawing(model: OpenModel, window: float) -> EditResult:
            side_px = None if window == 1 else _whole_tokens(window * model.native_px, model)
            words = words_of(request, model.name, report.check)
            words = replace(words, negative=not_wanted(model.as_published.negative, request.prompt))

            def draw(part: EditRequest, told: Report) -> EditResult:
                weights_hash = keeper.hash_of(model.name)
                return drawn_by_model.run(
                    part, model, words, told, device, mode=mode, weights_hash=weights_hash, side_px=side_px
                )

            result = _AROUND.get(request.operation, _as_it_is)(request, report, device, draw)
            return _noted(result, notes_on(request, model.name))

        def without() -> EditResult:
            return _noted(built_in(replace(request, model=""), report, device), notes_on(request, ""))

        return keeper.draw(
            request.model,
            ABILITY_OF[request.operation],
            drawing,
            report,
            None if request.operation == "instruct" else without,
        )

    return run


def instructed(_request: EditRequest, _report: Report, _device: torch.device | str) -> EditResult:
    """What the built-in models make of an instruction: nothing.

    Raises:
        UnknownOperation: always.
    """
    raise UnknownOperation("An instruction needs an open model that reads it.")


def words_of(request: EditRequest, model: str, check: Callable[[], None] = lambda: None) -> Words:
    """What the request says to a model. Where something is taken away or goes on, the surroundings say it all.

    Args:
        model: its name in the catalogue, which says how many references it looks at. check: `Report.check`.
    """
    references = looked_at(request, model, check)
    if request.operation == "instruct":
        return Words(instruction=request.prompt, references=references, style=bool(references) and is_style(request))
    return Words(prompt=request.prompt, references=references)


def not_wanted(published: str, prompt: str) -> str:
    """What a model's authors say is not wanted, without what the person asks for: a logo, a sketch. Nothing where
    nothing is asked for: a removal guided by these words alone was never published."""
    said = prompt.lower()
    terms = published.split(", ") if published and said.strip() else []
    return ", ".join(term for term in terms if not re.search(rf"\b{re.escape(term)}", said))


def _noted(result: EditResult, notes: tuple[str, ...]) -> EditResult:
    return replace(result, facts=replace(result.facts, notes=(*result.facts.notes, *notes))) if notes else result


def _as_it_is(request: EditRequest, report: Report, device: torch.device | str, draw: _Draw) -> EditResult:
    return draw(request, report)


def _on_a_larger_canvas(request: EditRequest, report: Report, device: torch.device | str, draw: _Draw) -> EditResult:
    """The old pixels to the bit, and around them what the model draws."""
    becomes, old = request.becomes, request.reach_px.size
    if becomes is None or becomes.size.width < old.width or becomes.size.height < old.height:
        raise BadRequest("The new canvas does not hold the layer.")
    canvas = becomes.size
    x0, y0 = place_of(request, canvas, subject_of(request, report))
    at_px = PixelRect(x0, y0, x0 + old.width, y0 + old.height)
    pixels = np.zeros((canvas.height, canvas.width, request.format.channels), request.pixels.dtype)
    pixels[at_px.slices()] = request.pixels
    mask = np.full((canvas.height, canvas.width), 255, np.uint8)
    mask[at_px.slices()] = 0
    larger = replace(request, layer_size=canvas, reach_px=canvas.rect, pixels=pixels, mask=mask, becomes=None)
    drawn = draw(larger, report)
    here = drawn.rect_px.slices()
    np.copyto(pixels[here], drawn.pixels, where=(mask[here] > 0)[..., None])
    return EditResult(canvas.rect, pixels, drawn.facts, mask, Canvas(canvas, becomes.format, x0, y0))


def _behind_the_subject(request: EditRequest, report: Report, device: torch.device | str, draw: _Draw) -> EditResult:
    """The subject in front of what the model draws; its inside to the bit."""
    drawn: list[EditResult] = []

    def paint(scene: Scene) -> Painted:
        inside = scene.alpha >= 1
        free = _grown(~inside, _EDGE_PX)
        mask = np.where(free, np.uint8(255), np.uint8(0))
        result = draw(replace(request, mask=mask, becomes=None), report)
        drawn.append(result)
        shown = request.pixels.copy()
        shown[result.rect_px.slices(request.reach_px)] = result.pixels
        picture = picture_of(to_working(shown, request.format).pixels, has_alpha(request))
        behind = Behind(carry_light=request.number("light"), contact_shadow=request.number("shadow") > 0)
        return over(scene, picture.rgb, behind)

    result = repaint(replace(request, previews=False), report, device, paint)
    facts = drawn[-1].facts
    model = f"{facts.model} + {result.facts.model}"
    notes = (*facts.notes, *result.facts.notes)
    return replace(result, facts=replace(facts, model=model, engine_s=result.facts.engine_s, notes=notes))


_AROUND: dict[str, Callable[[EditRequest, Report, torch.device | str, _Draw], EditResult]] = {
    "extend": _on_a_larger_canvas,
    "background_replace": _behind_the_subject,
}


def _grown(
    flags: np.ndarray[tuple[int, int], np.dtype[np.bool_]], by_px: int
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """(H, W): also what is so near to a flag, along rows and columns."""
    for _ in range(by_px):
        around = np.pad(flags, 1)
        flags = flags | around[:-2, 1:-1] | around[2:, 1:-1] | around[1:-1, :-2] | around[1:-1, 2:]
    return flags


def _whole_tokens(side_px: float, model: OpenModel) -> int:
    token_px = model.tokenizer.token_px
    return max(1, round(side_px / token_px)) * token_px
