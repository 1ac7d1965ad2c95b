"""“Again” and “another one” work where the edit worked that they repeat, and leave what it left."""

from __future__ import annotations

import numpy as np
import pytest
from support.pictures import RGB8, disc, picture

from bridge.client import InlayClient, Layer, RemoteError
from engine.api import Mask, Pixels

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEIGHT, WIDTH = 120, 160


def box() -> Mask:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[30:80, 40:120] = 255
    return mask


def red_disc() -> Pixels:
    pixels = picture(HEIGHT, WIDTH, seed=3) // 4 + np.array([40, 90, 150], np.uint8)
    where = disc(HEIGHT, WIDTH, 60, 80, 30) > 0
    pixels[where] = picture(HEIGHT, WIDTH, seed=4)[where] // 6 + np.array([190, 20, 10], np.uint8)
    return pixels


async def edited(client: InlayClient, layer: Layer, text: str, mask: Mask | None = None) -> Pixels:
    outcome = await (await client.edit(layer, text, mask=mask)).result()
    return layer.apply(outcome.patches[0])


@pytest.mark.parametrize("repeat", ["again", "another one"])
async def test_a_background_that_was_selected_is_painted_there_again_and_nowhere_else(client: InlayClient, repeat: str):
    before = red_disc()
    layer = await client.open_layer(f"selected {repeat}", before, RGB8)
    first = await edited(client, layer, "replace the background with clouds", box())
    second = await edited(client, layer, repeat)
    outside = box() == 0
    assert np.array_equal(first[outside], before[outside])
    assert np.array_equal(second[outside], before[outside])
    assert not np.array_equal(second, first)


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("make it warmer but keep the subject", disc(HEIGHT, WIDTH, 60, 80, 26) > 0),
        ("make everything warmer except the top half", np.arange(HEIGHT)[:, None] < HEIGHT // 2),
    ],
)
async def test_what_was_kept_is_kept_again(client: InlayClient, text: str, stays: np.ndarray):
    before = red_disc()
    layer = await client.open_layer(text, before, RGB8)
    kept = np.broadcast_to(stays, (HEIGHT, WIDTH))
    for words in (text, "again", "again"):
        shown = layer.pixels
        after = await edited(client, layer, words)
        assert not np.array_equal(after, shown)
        assert np.array_equal(after[kept], before[kept])


@pytest.mark.parametrize(
    "text", ["blur the background and fill this with grass", "write “Hi” here", "sharpen this and blur the background"]
)
async def test_what_was_selected_is_asked_for_where_the_version_cannot_tell_it(client: InlayClient, text: str):
    layer = await client.open_layer(text, red_disc(), RGB8)
    first = await edited(client, layer, text, box())
    with pytest.raises(RemoteError) as raised:
        await edited(client, layer, "again")
    assert raised.value.code == "needs_selection"
    assert np.array_equal(layer.pixels, first)
    again = await edited(client, layer, "again", box())
    assert again.shape == first.shape


async def test_again_works_where_is_selected_now_and_another_one_where_the_one_was(client: InlayClient):
    before = red_disc()
    layer = await client.open_layer("another place", before, RGB8)
    first = await edited(client, layer, "fill with grass", box())
    elsewhere = np.roll(box(), 20, 0)
    other = await edited(client, layer, "another one", elsewhere)
    assert np.array_equal(other[box() == 0], before[box() == 0])
    assert not np.array_equal(other, first)
    again = await edited(client, layer, "again", elsewhere)
    assert np.array_equal(again[elsewhere == 0], other[elsewhere == 0])
    assert not np.array_equal(again[elsewhere > 0], other[elsewhere > 0])
