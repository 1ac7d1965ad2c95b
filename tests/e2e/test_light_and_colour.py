"""Light, colour and sharpness over a real socket: with a selection, without one, and in a part of the layer."""

from __future__ import annotations

import numpy as np
import pytest
from support.pictures import RGB8, changed_outside, disc, picture

from bridge.client import InlayClient
from engine.api import Alpha, Depth, LayerFormat

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_other_light_on_a_selection_leaves_the_outside_and_can_be_undone(client: InlayClient):
    before = picture(300, 400, seed=2)
    mask = disc(300, 400, 140, 210, 60)
    layer = await client.open_layer("brighter", before, RGB8)
    outcome = await (await client.edit(layer, "make this much brighter", mask=mask)).result()
    after = layer.apply(outcome.patches[0]).copy()
    assert changed_outside(before, after, mask) == 0
    assert after[mask == 255].mean() > before[mask == 255].mean() + 10
    assert outcome.versions[0].model == "colour"
    await client.undo(layer)
    assert np.array_equal(layer.pixels, before)


async def test_without_a_selection_the_whole_layer_becomes_black_and_white(client: InlayClient):
    format_ = LayerFormat(Depth.U16, 4, Alpha.STRAIGHT)
    before = picture(200, 300, format_, seed=3)
    layer = await client.open_layer("grey", before, format_)
    outcome = await (await client.edit(layer, "make it black and white")).result()
    after = layer.apply(outcome.patches[0]).astype(int)
    assert np.array_equal(after[..., 3], before[..., 3])
    seen = before[..., 3] > 0
    assert np.ptp(after[..., :3][seen], axis=-1).max() <= 2


async def test_a_named_part_is_changed_and_nothing_else_whatever_is_selected(client: InlayClient):
    before = picture(300, 400, seed=4)
    part = np.zeros((300, 400), np.uint8)
    part[:, :200] = 255
    for name, mask in (("part", None), ("part and selection", disc(300, 400, 140, 310, 60))):
        layer = await client.open_layer(name, before, RGB8)
        outcome = await (await client.edit(layer, "darken the left half", mask=mask)).result()
        after = layer.apply(outcome.patches[0]).copy()
        assert changed_outside(before, after, part) == 0
        assert after[:, :200].mean() < before[:, :200].mean() - 5
        again = await (await client.edit(layer, "again")).result()
        twice = layer.apply(again.patches[0])
        assert changed_outside(before, twice, part) == 0
        assert twice[:, :200].mean() < after[:, :200].mean() - 2


async def test_a_selected_background_is_replaced_by_words(client: InlayClient):
    before = picture(240, 240, seed=5)
    mask = 255 - disc(240, 240, 120, 120, 60)
    layer = await client.open_layer("background", before, RGB8)
    outcome = await (await client.edit(layer, "replace the background with red and white stripes", mask=mask)).result()
    after = layer.apply(outcome.patches[0])
    assert changed_outside(before, after, mask) == 0
    assert (after[mask == 255] != before[mask == 255]).any()
