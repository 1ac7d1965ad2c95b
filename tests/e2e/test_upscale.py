"""Upscaling over a real socket: the layer has another size, and every way back gives the old one to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from support.pictures import RGB8, picture

from bridge.client import InlayClient, RemoteError

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_layer_is_upscaled_edited_undone_and_redone_to_the_bit(client: InlayClient):
    before = picture(90, 120, seed=21)
    layer = await client.open_layer("upscaled", before, RGB8)
    outcome = await (await client.edit(layer, "upscale 2x")).result()
    large = layer.apply(outcome.patches[0])
    canvas = outcome.versions[0].canvas
    assert large.shape == (180, 240, 3) and canvas is not None
    assert np.abs(large.reshape(90, 2, 120, 2, 3).mean((1, 3)) - before).mean() < 3
    darker = await (await client.edit(layer, "darken the left half")).result()
    after = layer.apply(darker.patches[0])
    assert after.shape == large.shape and np.array_equal(after[:, 120:], large[:, 120:])
    await client.undo(layer, 2)
    assert layer.pixels.shape == before.shape and np.array_equal(layer.pixels, before)
    await client.redo(layer)
    assert np.array_equal(layer.pixels, large)


async def test_what_comes_after_in_the_same_sentence_works_on_the_larger_layer(client: InlayClient):
    before = picture(60, 80, seed=22)
    layer = await client.open_layer("upscaled and darker", before, RGB8)
    outcome = await (await client.edit(layer, "upscale it to 160x120 and darken the left half")).result()
    after = layer.apply(outcome.patches[0])
    assert after.shape == (120, 160, 3)
    assert after[:, :70].mean() < before[:, :35].mean() - 10
    assert abs(after[:, 90:].mean() - before[:, 45:].mean()) < 1
    await client.undo(layer)
    assert np.array_equal(layer.pixels, before)


async def test_a_layer_that_would_be_too_large_stays_as_it_is(client: InlayClient):
    before = picture(16, 2400, seed=23)
    layer = await client.open_layer("too large", before, RGB8)
    head = layer.head_version_id
    with pytest.raises(RemoteError, match="16384"):
        await (await client.edit(layer, "upscale 8x")).result()
    assert (await client.tree_of(layer.layer_id))[1] == head
