"""Put what the words say where something is selected: a colour, a pattern, a material, a scene."""

from __future__ import annotations

import math
import time

import torch

from engine.api import EditFacts, EditRequest, EditResult
from engine.errors import EmptySelection, UnknownPrompt
from engine.geometry import PixelRect
from engine.imaging.composite import composite
from engine.imaging.layer import Flags, Floats, Working, to_stored, to_working
from engine.imaging.mask import bounding_box, hole_of
from engine.imaging.match import look_of, matched
from engine.materials import catalogue
from engine.materials.catalogue import Understood
from engine.materials.material import Kind
from engine.operations.drawing import Drawing, drawing_of
from engine.operations.first_look import FirstLook
from engine.operations.going_on import gone_on
from engine.operations.numbers import painted, seen
from engine.operations.plan_drawing import planned_seed
from engine.operations.report import Report

# The first look at a pattern is drawn with its longer side at most so long.
_FIRST_LOOK_PX = 160


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Draw ``request.prompt`` over the selection; what is already around it is not drawn but continued.

    Returns:
        the patch of the selection's bounding box, in layer coordinates and the layer's own format.

    Raises:
        EmptySelection: no pixel is selected.
        UnknownPrompt: some of the words are not in the catalogue.
        Cancelled: by ``report.check``.
    """
    began = time.perf_counter()
    report.check()
    understood = read(request.prompt)
    hole = hole_of(request.mask)
    box = bounding_box(hole)
    if box.is_empty:
        raise EmptySelection("Nothing is selected, so there is no place to draw.")
    drawing = drawing_of(understood, box.size, device)
    working = to_working(request.pixels, request.format)
    report.progress(0.02, "looking at the surroundings")
    own = gone_on(request, working, hole, box, drawing, report)
    report.check()
    if own is not None:
        fill, model, weights_hash, notes = own.fill, own.model, own.weights_hash, (own.note,)
    else:
        fill, weights_hash = _drawn(request, working, hole, box, drawing, report)
        model, notes = ("nano" if weights_hash else "materials"), ()
    if working.broken[~hole].any():
        notes = (*notes, "pixels that are not a number were not looked at")
    report.check()
    rows, cols = box.slices()
    stored = to_stored(fill, request.format)
    pixels = composite(request.pixels[rows, cols], stored, request.mask[rows, cols], request.format)
    facts = EditFacts(model, weights_hash, device=str(device), engine_s=time.perf_counter() - began, notes=notes)
    return EditResult(box.shift(request.reach_px.x0, request.reach_px.y0), pixels, facts)


def _drawn(
    request: EditRequest, working: Working, hole: Flags, box: PixelRect, drawing: Drawing, report: Report
) -> tuple[Floats, str]:
    """(h, w, C) working pixels of the box, and the hash of the weights that had a say in them."""
    if drawing.kind is Kind.PATTERN:
        # Drawn by rule, to the bit: no model has a say in it, and nothing is made to look photographed.
        scale = max(1, 2 ** math.ceil(math.log2(max(box.width, box.height) / _FIRST_LOOK_PX)))
        FirstLook(request, report, box, scale).show(drawing.small(request.seed, scale))
        report.progress(0.2, f"drawing {drawing.name}")
        return painted(drawing.full(request.seed), request), ""
    seed, weights_hash = planned_seed(request, working, hole, box, drawing, report)
    report.progress(0.4, f"drawing {drawing.name}")
    drawn = drawing.full(seed)
    report.check()
    report.progress(0.8, "matching the layer's sharpness and grain")
    usable = torch.from_numpy(~hole & ~working.broken)
    look = look_of(seen(working.pixels, request), usable)
    return painted(matched(drawn, look, request.seed), request), weights_hash


def read(prompt: str) -> Understood:
    """The prompt as the catalogue reads it, whole.

    Raises:
        UnknownPrompt: not all of it is understood.
    """
    understood = catalogue.understand(prompt)
    if understood.is_whole:
        return understood
    words = ", ".join(f"“{word}”" for word in understood.unknown) or f"“{prompt.strip()}”"
    nearest = ", ".join(understood.nearest)
    hint = f"The nearest it can draw: {nearest}." if nearest else f"It can draw, for example, {_examples()}."
    raise UnknownPrompt(f"Inlay cannot draw {words} yet.", hint=hint)


def _examples() -> str:
    return "brick wall, grass, wood, navy to teal gradient, red and white stripes"
