"""The model's plan decides which drawing is taken: another plan, another drawing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from bridge.bench.planned import border_step
from engine.api import Alpha, Depth, EditRequest, LayerFormat
from engine.geometry import PixelRect, Size
from engine.imaging.layer import to_working
from engine.imaging.mask import hole_of
from engine.models.nano import Nano, Plan
from engine.operations import plan_drawing
from engine.operations.drawing import drawing_of
from engine.operations.plan_drawing import drawings_compared, planned_seed
from engine.operations.replace import read
from engine.operations.report import SilentReport

RGB = LayerFormat(Depth.U8, 3, Alpha.NONE)
FLOAT = LayerFormat(Depth.F32, 3, Alpha.NONE)
SIDE, BOX = 160, PixelRect(30, 30, 130, 130)


def request(pixels: np.ndarray, prompt: str, seed: int = 3) -> EditRequest:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[BOX.slices()] = 255
    size = Size(SIDE, SIDE)
    return EditRequest("e", "replace", size, RGB, size.rect, pixels, mask, seed, prompt, previews=False)


def picked(asked: EditRequest) -> int:
    drawing = drawing_of(read(asked.prompt), BOX.size, "cpu")
    working = to_working(asked.pixels, asked.format)
    return planned_seed(asked, working, hole_of(asked.mask), BOX, drawing, SilentReport())[0]


@pytest.fixture
def planning(monkeypatch: pytest.MonkeyPatch) -> Callable[[Tensor], None]:
    """Lets the model plan a picture of our own."""

    def plan(shown: Tensor) -> None:
        def instead(nano: Nano, picture: Tensor, hole: Tensor, words: str, **_: object) -> Plan:
            out = picture.clone()
            out[:, BOX.y0 : BOX.y1, BOX.x0 : BOX.x1] = shown
            return Plan(out, 1.0, 1)

        monkeypatch.setattr(plan_drawing, "draw_plan", instead)

    return plan


@pytest.mark.parametrize("number", range(4))
def test_whichever_drawing_is_planned_is_taken(planning: Callable[[Tensor], None], number: int) -> None:
    # Nothing but the selection is known to be there, so nothing but the plan has a say.
    asked = request(np.full((SIDE, SIDE, 3), 128, np.uint8), "snowy mountains")
    asked = replace(asked, pixels=np.full((SIDE, SIDE, 3), np.nan, np.float32), format=FLOAT)
    wanted = drawings_compared(asked)[number]
    planning(drawing_of(read(asked.prompt), BOX.size, "cpu").small(wanted, 1.0))
    assert picked(asked) == wanted


def test_the_model_s_own_plan_does_not_always_take_the_first() -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    asked = [request(pixels, "clouds", seed) for seed in range(5)]
    places = {drawings_compared(one).index(picked(one)) for one in asked}
    assert len(places) > 1


def test_seeds_share_no_drawing() -> None:
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    seen = [set(drawings_compared(request(pixels, "grass", seed))) for seed in range(4)]
    assert len(set().union(*seen)) == sum(len(one) for one in seen)


def test_where_the_plan_does_not_decide_a_drawing_that_meets_the_layer_is_taken(
    planning: Callable[[Tensor], None],
) -> None:
    prompt = "sunset sea"
    base = request(np.zeros((SIDE, SIDE, 3), np.uint8), prompt)
    drawing = drawing_of(read(prompt), BOX.size, "cpu")
    drawn = {seed: drawing.small(seed, 1.0) for seed in drawings_compared(base)}
    planning(torch.stack(list(drawn.values())).mean(0))
    for own in drawn.values():
        # The layer shows that very drawing, as far as it is known: its border goes on outwards.
        around = torch.nn.functional.pad(own[None], (BOX.x0,) * 4, mode="replicate")[0].clamp(0, 1)
        pixels = (around * 255).round().byte().permute(1, 2, 0).numpy()
        steps = {seed: border_step(to_working(pixels, RGB).pixels, BOX, one) for seed, one in drawn.items()}
        assert steps[picked(request(pixels, prompt))] < 0.8 * np.mean(list(steps.values()))
