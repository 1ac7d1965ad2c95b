"""What the built-in model would put where something is taken away: where the exemplar model may begin."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from engine.api import Alpha, LayerFormat
from engine.imaging.layer import Flags, Working
from engine.imaging.rgb import as_layer, rgb_of
from engine.models.nano import Plan, draw_plan, load


def guess_of(
    working: Working, hole: Flags, layer: LayerFormat, seed: int, device: torch.device | str, check: Callable[[], None]
) -> Tensor | None:
    """(H, W, C) on ``device``: the layer with the model's guess in its hole; None for a layer with alpha.

    The model knows of no transparency, and a guess without it would be worse than none.
    """
    if layer.alpha is not Alpha.NONE:
        return None

    def look(_plan: Plan, _done: float) -> None:
        check()

    unknown = torch.from_numpy(np.asarray(hole | working.broken))
    plan = draw_plan(load(str(device)), rgb_of(working.pixels, layer), unknown, "", seed=seed, look=look)
    return torch.from_numpy(as_layer(plan.picture, layer)).to(device)
