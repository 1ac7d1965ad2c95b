"""Subject and background over a real socket: a new canvas, references, several operations in one sentence, a series."""

from __future__ import annotations

import numpy as np
import pytest
from support.pictures import RGB8, disc, picture

from bridge.client import InlayClient, Reference, RemoteError
from engine.api import Alpha, Depth, LayerFormat, Pixels

pytestmark = pytest.mark.asyncio(loop_scope="module")
RGBA8 = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)


def red_disc() -> tuple[Pixels, np.ndarray]:
    """A red disc before a soft blue, and where it surely is."""
    pixels = picture(160, 200, seed=3) // 4 + np.array([40, 90, 150], np.uint8)
    where = disc(160, 200, 80, 100, 40) > 0
    pixels[where] = picture(160, 200, seed=4)[where] // 6 + np.array([190, 20, 10], np.uint8)
    return pixels, disc(160, 200, 80, 100, 35) > 0


async def test_a_cut_out_layer_gains_alpha_and_goes_back_and_forth_to_the_bit(client: InlayClient):
    before, inside = red_disc()
    layer = await client.open_layer("cut out", before, RGB8)
    outcome = await (await client.edit(layer, "remove the background")).result()
    cut = layer.apply(outcome.patches[0])
    assert layer.format == RGBA8 and cut.shape == (160, 200, 4)
    assert np.array_equal(cut[inside][:, :3], before[inside]) and (cut[inside][:, 3] == 255).all()
    assert (cut[:20, :, 3] == 0).all()
    canvas = outcome.versions[0].canvas
    assert canvas is not None and canvas.channels == 4
    await client.undo(layer)
    assert layer.format == RGB8 and np.array_equal(layer.pixels, before)
    await client.redo(layer)
    assert layer.format == RGBA8 and np.array_equal(layer.pixels, cut)


async def test_another_cut_out_starts_from_the_layer_as_it_was(client: InlayClient):
    before, inside = red_disc()
    layer = await client.open_layer("another cut out", before, RGB8)
    first = await (await client.edit(layer, "replace the background with clouds")).result()
    shown = layer.apply(first.patches[0])
    other = await (await client.edit(layer, "another one")).result()
    again = layer.apply(other.patches[0])
    assert other.versions[0].parent_id == first.versions[0].parent_id
    assert not np.array_equal(again, shown)
    assert np.array_equal(again[inside], before[inside]), "the subject comes from the layer as it was"


async def test_another_cut_out_would_be_the_same_and_is_refused(client: InlayClient):
    before, _ = red_disc()
    layer = await client.open_layer("the same cut out", before, RGB8)
    first = await (await client.edit(layer, "remove the background")).result()
    cut = layer.apply(first.patches[0])
    with pytest.raises(RemoteError, match="the same"):
        await (await client.edit(layer, "another one")).result()
    assert layer.pixels is cut


async def test_a_picture_becomes_the_background(client: InlayClient):
    before, inside = red_disc()
    green = np.zeros((90, 300, 3), np.uint8)
    green[..., 1] = 180
    layer = await client.open_layer("behind", before, RGB8)
    references = (Reference(green, RGB8),)
    outcome = await (await client.edit(layer, "use image 1 as the background", references=references)).result()
    after = layer.apply(outcome.patches[0])
    assert np.array_equal(after[inside], before[inside])
    assert (after[:20] == (0, 180, 0)).all()
    with pytest.raises(RemoteError) as caught:
        await (await client.edit(layer, "again")).result()
    assert caught.value.code == "needs_reference"
    await (await client.edit(layer, "again", references=references)).result()


async def test_a_picture_that_the_edit_does_not_use_is_not_sent(client: InlayClient):
    layer = await client.open_layer("one of two", red_disc()[0], RGB8)
    noise = np.random.default_rng(1).integers(0, 256, (400, 500, 3), np.uint8)
    green = np.broadcast_to(np.array([0, 180, 0], np.uint8), (90, 300, 3)).copy()
    references = (Reference(noise, RGB8), Reference(green, RGB8))
    outcome = await (await client.edit(layer, "use image 2 as the background", references=references)).result()
    assert (layer.apply(outcome.patches[0])[:20] == (0, 180, 0)).all()
    assert outcome.bytes_up < noise.nbytes // 2


async def test_several_operations_of_one_sentence_are_one_version(client: InlayClient):
    before, inside = red_disc()
    layer = await client.open_layer("two at once", before, RGB8)
    text = "make the background black and white and darken the left half"
    outcome = await (await client.edit(layer, text)).result()
    assert len(outcome.versions) == 1 and len(outcome.versions[0].says) == 2
    after = layer.apply(outcome.patches[0])
    assert np.ptp(after[:20].astype(int), axis=-1).max() <= 2
    right = inside.copy()
    right[:, :100] = False
    assert np.array_equal(after[right], before[right])
    assert after[inside & ~right].mean() < before[inside & ~right].mean() - 5
    await client.undo(layer)
    assert np.array_equal(layer.pixels, before)


async def test_what_comes_after_a_new_canvas_works_on_it(client: InlayClient):
    before, inside = red_disc()
    layer = await client.open_layer("then darker", before, RGB8)
    outcome = await (await client.edit(layer, "remove the background and darken the top half")).result()
    after = layer.apply(outcome.patches[0])
    assert after.shape[2] == 4
    lower = inside.copy()
    lower[:80] = False
    assert np.array_equal(after[lower][:, :3], before[lower])
    assert after[inside & ~lower][:, :3].mean() < before[inside & ~lower].mean() - 5


async def test_a_series_shows_the_subject_in_every_setting_to_the_bit(client: InlayClient):
    before, inside = red_disc()
    layer = await client.open_layer("series", before, RGB8)
    handle = await client.edit(layer, "make a series: grass, brick wall and navy")
    outcome = await handle.result()
    assert len(outcome.versions) == 3
    assert len({version.says for version in outcome.versions}) == 3
    shown: list[bytes] = []
    for patch in outcome.patches:
        layer.pixels = before
        after = layer.apply(patch)
        assert np.array_equal(after[inside], before[inside])
        shown.append(after[:20].tobytes())
    assert len(set(shown)) == 3


async def test_the_edit_starts_from_what_the_client_shows(client: InlayClient):
    before = picture(200, 200, seed=9)
    layer = await client.open_layer("two hosts", before, RGB8)
    mine = layer.head_version_id
    await (await client.edit(layer, "darken the left half")).result()
    layer.head_version_id, layer.pixels = mine, before
    outcome = await (await client.edit(layer, "darken the right half")).result()
    assert outcome.versions[0].parent_id != mine  # put on top of the other, whose place it does not meet
    after = layer.apply(outcome.patches[0])
    assert np.array_equal(after[:, :100], before[:, :100])


async def test_words_that_speak_of_a_picture_that_did_not_come_ask_for_it(client: InlayClient):
    before, _ = red_disc()
    layer = await client.open_layer("no picture", before, RGB8)
    with pytest.raises(RemoteError) as caught:
        await (await client.edit(layer, "use image 1 as the background")).result()
    assert caught.value.code == "needs_reference"


async def test_a_plain_layer_has_no_subject_and_stays_as_it_is(client: InlayClient):
    layer = await client.open_layer("plain", np.full((50, 50, 3), 90, np.uint8), RGB8)
    head = layer.head_version_id
    with pytest.raises(RemoteError) as caught:
        await (await client.edit(layer, "remove the background")).result()
    assert caught.value.code == "subject_not_found"
    assert (await client.tree_of(layer.layer_id))[1] == head


async def test_a_layer_is_extended_edited_and_undone(client: InlayClient):
    before = picture(90, 120, seed=12)
    layer = await client.open_layer("extended", before, RGB8)
    outcome = await (await client.edit(layer, "make it 16:9")).result()
    wide = layer.apply(outcome.patches[0])
    canvas = outcome.versions[0].canvas
    assert canvas is not None and wide.shape == (90, 160, 3)
    assert np.array_equal(wide[:, canvas.x0 : canvas.x0 + 120], before)
    darker = await (await client.edit(layer, "darken the left half")).result()
    layer.apply(darker.patches[0])
    await client.undo(layer, 2)
    assert np.array_equal(layer.pixels, before)
    await client.redo(layer)
    assert np.array_equal(layer.pixels, wide)


async def test_letters_and_a_logo_land_with_what_a_host_can_set_itself(client: InlayClient):
    before = picture(200, 300, seed=13)
    layer = await client.open_layer("letters", before, RGB8)
    green = np.zeros((20, 20, 3), np.uint8)
    green[..., 1] = 200
    text = "write “Summer” at the top in white and put image 1 in the bottom right corner"
    outcome = await (await client.edit(layer, text, references=(Reference(green, RGB8),))).result()
    kinds = [one.kind for one in outcome.versions[0].layers]
    assert kinds[-2:] == ["text", "image"]
    after = layer.apply(outcome.patches[0])
    assert np.array_equal(after[100:130, :100], before[100:130, :100])
    assert (after[150:190, 240:290] == (0, 200, 0)).all(-1).any()
    tree = await client.tree(layer)
    assert tree[-1].layers == outcome.versions[0].layers
    await client.undo(layer)
    assert np.array_equal(layer.pixels, before)


async def test_pictures_are_combined_by_words_and_undone(client: InlayClient):
    before, inside = red_disc()
    layer = await client.open_layer("combined", before, RGB8)
    green = np.zeros((40, 30, 4), np.uint8)
    green[2:38, 2:28] = (0, 200, 0, 255)
    yellow = np.full((50, 50, 3), 250, np.uint8)
    yellow[disc(50, 50, 25, 25, 15) > 0] = (230, 200, 0)
    references = (Reference(green, RGBA8), Reference(yellow, RGB8))
    text = "put the bottle from image 1 on the left of the disc and image 2 behind it"
    outcome = await (await client.edit(layer, text, references=references)).result()
    assert outcome.versions[0].says == (
        "Cut out and put the bottle from image 1 to the left of the disc and image 2 behind the disc.",
    )
    after = layer.apply(outcome.patches[0])
    assert np.array_equal(after[inside], before[inside])
    assert (after[..., 1].astype(int) - after[..., 0] > 90)[:, :100].any()
    patch = outcome.patches[0]
    untouched = np.ones(before.shape[:2], np.bool_)
    untouched[patch.rect_px.slices()] = patch.mask == 0
    assert np.array_equal(after[untouched], before[untouched])
    await client.undo(layer)
    assert np.array_equal(layer.pixels, before)
    with pytest.raises(RemoteError) as caught:
        await (await client.edit(layer, text, references=references[:1])).result()
    assert caught.value.code in ("needs_reference", "not_understood")
