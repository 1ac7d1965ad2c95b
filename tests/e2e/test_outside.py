"""P1 over a real socket: what is outside of what an edit changed is the same to the bit, whatever it did."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from support.pictures import RGB8, changed_outside, disc, picture

from bridge.client import InlayClient, Outcome, Patch
from bridge.client.layer import Layer, Reference
from engine.api import Alpha, Depth, LayerFormat, Mask, Pixels

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEIGHT, WIDTH = 140, 180
FORMATS = [
    RGB8,
    LayerFormat(Depth.U16, 4, Alpha.PREMULTIPLIED),
    LayerFormat(Depth.F32, 2, Alpha.STRAIGHT),
]
formats = pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f"{f.depth}x{f.channels}-{f.alpha}")
MASK = disc(HEIGHT, WIDTH, 70, 60, 25)
MASK[68:72, 10:150] = 90  # soft, and from one tile into the next


def odd(format_: LayerFormat) -> Pixels:
    """A picture with what a real file can hold: colour under no opacity, and NaN with a payload."""
    pixels = picture(HEIGHT, WIDTH, format_, seed=3)
    if format_.alpha is not Alpha.NONE:
        pixels[::7, ::5, -1] = 0
    if format_.depth is Depth.F32:
        pixels[::9, ::11, 0] = np.array(0x7FC12345, np.uint32).view(np.float32)
    return pixels


async def edited(
    client: InlayClient, text: str, format_: LayerFormat, mask: Mask | None, references: tuple[Reference, ...] = ()
) -> tuple[Pixels, Layer, Outcome]:
    before = odd(format_)
    layer = await client.open_layer(f"outside {text} {format_}", before, format_)
    outcome = await (await client.edit(layer, text, mask=mask, references=references, seed=5)).result()
    layer.apply(outcome.patches[0])
    return before, layer, outcome


def said_to_change(patch: Patch) -> Mask:
    changed = np.zeros((HEIGHT, WIDTH), np.uint8)
    changed[patch.rect_px.slices()] = cast(Mask, patch.mask)
    return changed


async def check_undone(client: InlayClient, layer: Layer, before: Pixels) -> None:
    await client.undo(layer)
    assert layer.pixels.dtype == before.dtype and layer.pixels.tobytes() == before.tobytes()


@formats
@pytest.mark.parametrize("text", ["make this navy", "light this from the left", "sharpen this", "fill with stripes"])
async def test_what_works_on_a_selection_leaves_what_is_outside(client: InlayClient, text: str, format_: LayerFormat):
    before, layer, _ = await edited(client, text, format_, MASK)
    assert changed_outside(before, layer.pixels, MASK) == 0
    assert (layer.pixels != before)[MASK > 0].any()
    await check_undone(client, layer, before)


@formats
async def test_letters_and_pictures_leave_what_they_do_not_cover(client: InlayClient, format_: LayerFormat):
    logo = Reference(picture(20, 30, seed=2), RGB8)
    for text in ("write “Sale” at the bottom right in yellow", "put image 1 in the top left at 60% opacity"):
        before, layer, outcome = await edited(client, text, format_, None, (logo,))
        changed = said_to_change(outcome.patches[0])
        assert 0 < (changed > 0).mean() < 0.3
        assert changed_outside(before, layer.pixels, changed) == 0
        assert (layer.pixels != before)[changed > 0].any()
        await check_undone(client, layer, before)


@formats
async def test_a_larger_canvas_holds_the_old_pixels_to_the_bit(client: InlayClient, format_: LayerFormat):
    before, layer, outcome = await edited(client, "extend it to the left by 12 px", format_, None)
    assert outcome.patches[0].canvas is not None
    assert layer.pixels.shape == (HEIGHT, WIDTH + 12, format_.channels)
    assert np.ascontiguousarray(layer.pixels[:, 12:]).tobytes() == before.tobytes()
    await check_undone(client, layer, before)


@formats
async def test_several_operations_leave_what_none_of_them_changes(client: InlayClient, format_: LayerFormat):
    text = "make this warmer, then write “Hi” at the top in white and darken the bottom third"
    before, layer, outcome = await edited(client, text, format_, MASK)
    assert len(outcome.versions) == 1 and len(outcome.versions[0].says) == 3
    changed = said_to_change(outcome.patches[0])
    third = np.zeros_like(changed)
    third[round(HEIGHT * 2 / 3) :] = 255
    assert (changed[MASK > 0] > 0).all() and (changed[third > 0] > 0).all()
    assert not changed[HEIGHT // 3 : 60, 120:].any()  # neither selected nor written on nor in the bottom third
    assert changed_outside(before, layer.pixels, changed) == 0
    await check_undone(client, layer, before)


async def test_a_place_that_is_to_stay_stays_whatever_else_is_done(client: InlayClient):
    before, layer, _ = await edited(client, "make it brighter but don't touch the left half", RGB8, None)
    assert (layer.pixels[:, : WIDTH // 2] == before[:, : WIDTH // 2]).all()
    assert (layer.pixels[:, WIDTH // 2 :] != before[:, WIDTH // 2 :]).any()
