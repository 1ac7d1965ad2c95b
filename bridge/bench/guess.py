"""What the built-in model would put where something is taken away: `bench fill` lets the exemplar model begin there."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.api import EditRequest
from engine.imaging.layer import Flags, Working
from engine.imaging.rgb import as_layer, rgb_of
from engine.models.nano import draw_plan, load


def guess_of(working: Working, hole: Flags, request: EditRequest) -> Tensor:
    """(H, W, C): the layer, which has no alpha, with the model's guess in its hole."""
    unknown = torch.from_numpy(np.asarray(hole | working.broken))
    plan = draw_plan(load(), rgb_of(working.pixels, request.format), unknown, "", seed=request.seed)
    return torch.from_numpy(as_layer(plan.picture, request.format))
