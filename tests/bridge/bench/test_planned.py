"""The figure for plans: a drawing that goes on from what is around is told from one that does not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bridge.bench import planned
from bridge.bench.planned import border_step, planned_against_random
from engine.api import Alpha, Depth, EditRequest, LayerFormat
from engine.geometry import PixelRect, Size
from engine.operations.drawing import drawing_of
from engine.operations.plan_drawing import drawings_compared
from engine.operations.replace import read

BOX = PixelRect(20, 20, 60, 60)


def ramp() -> np.ndarray:
    """Darker at the left."""
    return np.repeat(np.linspace(0, 1, 80, dtype=np.float32)[None, :, None], 80, 0).repeat(3, 2)


def test_what_goes_on_has_no_step_and_what_is_turned_round_has_one() -> None:
    inside = torch.from_numpy(ramp()[BOX.slices()]).permute(2, 0, 1)
    fits, turned = border_step(ramp(), BOX, inside), border_step(ramp(), BOX, inside.flip(-1))
    assert fits < 0.03
    assert turned > 5 * fits


def test_a_step_along_a_part_of_one_side_counts() -> None:
    inside = torch.from_numpy(ramp()[BOX.slices()]).permute(2, 0, 1)
    spoilt = inside.clone()
    spoilt[:, :10, :10] = 1
    assert border_step(ramp(), BOX, spoilt) > 1.5 * border_step(ramp(), BOX, inside)


def test_the_figures_are_of_the_drawing_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = np.zeros((80, 80), np.uint8)
    mask[BOX.slices()] = 255
    pixels = (ramp() * 255).astype(np.uint8)
    size, layer = Size(80, 80), LayerFormat(Depth.U8, 3, Alpha.NONE)
    asked = EditRequest("e", "replace", size, layer, size.rect, pixels, mask, 1, "sunset sea", previews=False)
    drawing = drawing_of(read("sunset sea"), BOX.size, "cpu")
    steps = {seed: border_step(ramp(), BOX, drawing.small(seed, 1.0)) for seed in drawings_compared(asked)}
    told: list[float] = []
    for wanted in (min(steps, key=steps.__getitem__), max(steps, key=steps.__getitem__)):
        monkeypatch.setattr(planned, "planned_seed", lambda *_, wanted=wanted: (wanted, ""))
        figures = planned_against_random([asked])
        told.append(figures["planned.of_random"])
        assert figures["planned.better"] == (told[-1] < 1)
    assert told[0] < 1 < told[1]
