"""Words and instructions all the way into a layer, with a tiny network and a tiny picture tokenizer."""

import numpy as np
import pytest
import torch
from support.dimoo import network, text_ids
from support.tiny_vq import tiny_tokenizer

from engine.api import Alpha, Depth, EditRequest, LayerFormat
from engine.geometry import Size
from engine.models.dimoo.guided import DimooSteps
from engine.models.dimoo.model import DimooModel
from engine.models.masked.interface import Instructed, Mode, Words
from engine.operations.drawn_by_model import run
from engine.operations.report import SilentReport

CPU = torch.device("cpu")


def small_windows() -> DimooModel:
    model = DimooModel(network(), text_ids, tiny_tokenizer(), device=CPU, dtype=torch.float32)
    model.native_px, model.instruct_px = 96, 64
    return model


def asked(size: Size) -> EditRequest:
    pixels = np.random.default_rng(1).integers(0, 256, (size.height, size.width, 3), np.uint8)
    mask = np.zeros((size.height, size.width), np.uint8)
    mask[40:60, 30:33] = 255
    layer = LayerFormat(Depth.U8, 3, Alpha.NONE)
    return EditRequest("e", "replace", size, layer, size.rect, pixels, mask, seed=1, previews=False)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("words", "tokens", "guidance"),
    [(Words("a door"), 6 * 6, 5.0), (Words(instruction="make it night"), 4 * 4, 3.5)],
    ids=["words", "instruction"],
)
def test_a_selection_is_drawn_as_it_was_published_and_nothing_else_changes(
    monkeypatch: pytest.MonkeyPatch, mode: Mode, words: Words, tokens: int, guidance: float
):
    seen: list[tuple[int, float]] = []
    plain = DimooSteps.__call__

    def spy(steps: DimooSteps, asks: list) -> object:
        seen.extend((steps._opened[ask.edit].region.numel(), ask.guidance) for ask in asks)
        return plain(steps, asks)

    monkeypatch.setattr(DimooSteps, "__call__", spy)
    request = asked(Size(120, 100))
    result = run(request, small_windows(), words, SilentReport(), CPU, mode=mode)
    assert set(seen) == {(tokens, guidance)}
    out = request.pixels.copy()
    out[result.rect_px.slices()] = result.pixels
    changed = (out != request.pixels).any(-1)
    assert not changed[request.mask == 0].any()
    assert changed[request.mask == 255].mean() > 0.9


def test_it_says_that_instructions_have_settings_of_their_own():
    assert isinstance(small_windows(), Instructed)
