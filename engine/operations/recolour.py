"""Another colour on what is selected; its shading stays."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.api import EditRequest, EditResult
from engine.colour.paint import Paint, painted
from engine.colour.space import ColourSpace
from engine.commands.colours import rgb_of
from engine.errors import UnknownPrompt
from engine.operations.report import Report
from engine.operations.toned import toned


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Values: ``colour`` or ``hue`` (degrees), ``strength``; see the plan's `Recolour`.

    Raises:
        EmptySelection: no pixel is selected.
        UnknownPrompt: the colour is none.
    """
    said = request.values.get("colour")
    colour = None if said is None else rgb_of(str(said))
    if said is not None and colour is None:
        raise UnknownPrompt(
            f"“{said}” is no colour that Inlay knows.", hint="Name another, or give a code like #1f6aa5."
        )
    hue = None if colour is not None else request.number("hue")
    paint = Paint(colour, hue, request.number("strength", 1.0))
    is_grey = request.format.channels - (request.format.alpha.value != "none") == 1
    notes = ("the layer is grey and stays so: only the lightness of the colour is used",) if is_grey else ()

    def change(light: Tensor, space: ColourSpace, weight: Tensor) -> Tensor:
        return painted(light, paint, space, weight)

    return toned(request, report, device, "changing the colour", change, notes=notes)
