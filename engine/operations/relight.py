"""Other light on what is selected."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.api import Depth, EditRequest, EditResult
from engine.colour.light import MOST_STOPS, Light, relit
from engine.colour.space import ColourSpace
from engine.operations.report import Report
from engine.operations.toned import toned

# The plan's directions, as `engine.colour.light` names them.
_SIDES = {
    "above left": "top left",
    "above right": "top right",
    "below left": "bottom left",
    "below right": "bottom right",
}


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Values: ``exposure`` (stops), ``contrast``, ``temperature``, ``vividness``, ``from``; see the plan's `Relight`.

    Raises:
        EmptySelection: no pixel is selected.
    """
    side = request.values.get("from")
    wanted = Light(
        exposure=_within(request.number("exposure"), MOST_STOPS),
        contrast=_within(request.number("contrast"), 1),
        temperature=_within(request.number("temperature"), 1),
        vividness=_within(request.number("vividness"), 1),
        side=None if side is None else _SIDES.get(str(side), str(side)),
    )

    def change(light: Tensor, space: ColourSpace, weight: Tensor) -> Tensor:
        return relit(light, wanted, space, weight, has_white=request.format.depth is not Depth.F32)

    return toned(request, report, device, "changing the light", change)


def _within(value: float, most: float) -> float:
    return max(-most, min(most, value))
