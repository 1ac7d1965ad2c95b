"""The built-in model's part in a drawing: it plans what lies where in this picture, and the drawing nearest to that
plan, and to what is there, is taken."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.api import EditRequest
from engine.geometry import PixelRect, Size
from engine.imaging.layer import Flags, Working
from engine.materials.words import caption
from engine.models.nano import Plan, draw_plan, load
from engine.models.nano.choose import beside, best_fit, small, small_hole
from engine.models.nano.window import Window, shrunk
from engine.operations.drawing import Drawing
from engine.operations.first_look import FirstLook
from engine.operations.numbers import seen
from engine.operations.report import Report

# The model plans in a picture in which the selection's longer side is about so long: it cannot plan finer.
_PLANNED_PX = 256
# So many drawings are compared with the plan, at so many pixels of their longer side.
_DRAWINGS = 4
_COMPARED_PX = 80
# The share of the edit's work that this is.
_SHARE = 0.4


def planned_seed(
    request: EditRequest, working: Working, hole: Flags, box: PixelRect, drawing: Drawing, report: Report
) -> tuple[int, str]:
    """The seed of the drawing that does what the model plans here, and the hash of the model's weights.

    Previews of the plan are told after each of the model's steps.
    """
    nano = load(drawing.device)
    unknown = torch.from_numpy(np.asarray(hole | working.broken))
    factor = max(1, max(box.width, box.height) // _PLANNED_PX)
    whole = Size(hole.shape[1], hole.shape[0])
    window = Window(whole.rect, Size(-(-whole.width // factor), -(-whole.height // factor)))
    picture, known = shrunk(seen(working.pixels, request), ~unknown, window)
    first_look = FirstLook(request, report, box, factor)
    rows, cols = torch.from_numpy(first_look.rows // factor), torch.from_numpy(first_look.cols // factor)

    def look(plan: Plan, done: float) -> None:
        report.check()
        report.progress(_SHARE * done, f"planning {drawing.name}")
        first_look.show(plan.picture.cpu()[:, rows][:, :, cols])

    said = caption(drawing.understood)
    plan = draw_plan(nano, picture[0], ~known[0, 0], said, seed=request.seed, look=look)
    report.check()
    box_small = PixelRect(box.x0 // factor, box.y0 // factor, -(-box.x1 // factor), -(-box.y1 // factor))
    part = box_small.slices()
    wanted = small(plan.picture[(slice(None), *part)].cpu(), _COMPARED_PX)
    where = small_hole(~known[(0, 0, *part)], (wanted.shape[1], wanted.shape[2]))
    near = beside(picture[0].cpu(), known[0, 0].cpu(), box_small, (wanted.shape[1], wanted.shape[2]))
    seeds = drawings_compared(request)
    drawn: list[Tensor] = []
    for seed in seeds:
        report.check()
        tried = drawing.small(seed, max(1.0, max(box.width, box.height) / _COMPARED_PX))
        drawn.append(F.interpolate(tried[None], size=wanted.shape[1:], mode="bilinear", align_corners=False)[0])
    return seeds[best_fit(wanted, where, drawn, near)], nano.weights_hash


def drawings_compared(request: EditRequest) -> tuple[int, ...]:
    """The seeds of the drawings of which the nearest to the plan is taken."""
    return tuple(_DRAWINGS * request.seed + number for number in range(_DRAWINGS))
