"""Styles over a real socket: by words, by another picture, and what is answered when there is no such style."""

from __future__ import annotations

import numpy as np
import pytest
from support.pictures import RGB8, changed_outside, disc, picture

from bridge.client import InlayClient, Reference, RemoteError

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_selection_is_drawn_in_a_style_and_had_back(client: InlayClient):
    before = picture(200, 300, seed=21)
    mask = disc(200, 300, 100, 150, 50)
    layer = await client.open_layer("styled", before, RGB8)
    outcome = await (await client.edit(layer, "turn this into a woodcut", mask=mask)).result()
    after = layer.apply(outcome.patches[0]).copy()
    assert changed_outside(before, after, mask) == 0
    inside = after[mask == 255].astype(int)
    assert np.ptp(inside, axis=-1).mean() < 25 < inside.std()
    assert outcome.versions[0].model == "styles"
    await client.undo(layer)
    assert np.array_equal(layer.pixels, before)


async def test_the_whole_layer_takes_the_colours_of_another_picture(client: InlayClient):
    before = picture(120, 160, seed=22)
    layer = await client.open_layer("like another", before, RGB8)
    red = np.clip(np.random.default_rng(1).normal((180, 40, 30), 15, (40, 60, 3)), 0, 255).astype(np.uint8)
    outcome = await (await client.edit(layer, "in the style of image 1", references=(Reference(red, RGB8),))).result()
    after = layer.apply(outcome.patches[0])
    assert np.abs(after.reshape(-1, 3).mean(0) - (180, 40, 30)).max() < 15


async def test_a_style_that_is_not_there_is_answered_with_the_nearest(client: InlayClient):
    layer = await client.open_layer("no such style", picture(60, 60), RGB8)
    with pytest.raises(RemoteError) as caught:
        await (await client.edit(layer, "make it look like anime")).result()
    assert caught.value.code == "not_understood"
    assert "cartoon" in str(caught.value)
