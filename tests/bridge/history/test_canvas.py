"""Versions that change the layer's size or format, and every way across them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.histories import Host, box_mask, paint, same_bits
from support.pictures import RGB8

from bridge.errors import BadPixels
from bridge.grid import assemble
from bridge.history.records import FinishedEdit, Landing, Move
from bridge.history.shapes import composed, inverse
from bridge.history.store import History
from engine.api import Alpha, Canvas, Depth, ImageLayer, LayerFormat, Pixels, TextLayer
from engine.geometry import PixelRect, Size

RGBA8 = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)
WIDER = Canvas(Size(420, 260), RGB8, 60, 30)
CUT_OUT = Canvas(Size(300, 200), RGBA8)
SMALL = PixelRect(20, 20, 150, 60)


async def reshaped(host: Host, canvas: Canvas, seed: int = 5, *, base: str | None = None) -> tuple[Landing, Pixels]:
    """The layer becomes that, with new pixels; nothing is shown yet."""
    edit, result = await reshaping(host, canvas, seed, base)
    return await host.history.versions.land(edit), result


async def reshaping(host: Host, canvas: Canvas, seed: int, base: str | None) -> tuple[FinishedEdit, Pixels]:
    whole_px, old_px = canvas.size.rect, host.layer.size.rect
    result = paint(whole_px, canvas.format, seed)
    base = base or await host.head()
    plain = host.finished(old_px, base, host.pixels)
    layers = (
        TextLayer("Zoë", PixelRect(1, 2, 30, 40), "DejaVu Sans", "Bold", 12.0, 14.0, (1.0, 0.5, 0.0, 1.0)),
        ImageLayer(1, PixelRect(1, 2, 30, 40), 45.0, 0.5),
    )
    candidates = (replace(plain.candidates[0], pixels=result, layers=layers),)
    return replace(plain, rect_px=whole_px, mask=box_mask(whole_px), candidates=candidates, canvas=canvas), result


async def shows(host: Host, move: Move) -> Pixels:
    """What a client shows after a move that changed the layer's shape: all of it comes with the move."""
    assert move.canvas is not None
    held = await host.history.blobs.get_many(move.tiles.values())
    rect_px = move.canvas.size.rect
    return assemble({cell: held[key] for cell, key in move.tiles.items()}, rect_px, rect_px, move.canvas.format)


@pytest.mark.parametrize("canvas", [WIDER, CUT_OUT, Canvas(Size(100, 90), RGB8, -50, -40)])
async def test_a_new_canvas_lands_and_can_be_undone_and_redone_to_the_bit(host: Host, canvas: Canvas):
    start = host.pixels
    landing, result = await reshaped(host, canvas)
    (version,) = landing.versions
    assert (version.size, version.format, version.canvas) == (canvas.size, canvas.format, canvas)
    assert [type(layer) for layer in version.layers] == [TextLayer, ImageLayer]
    assert version.layers[0] == TextLayer(
        "Zoë", PixelRect(1, 2, 30, 40), "DejaVu Sans", "Bold", 12.0, 14.0, (1.0, 0.5, 0.0, 1.0)
    )
    layer = await host.history.versions.layer(host.layer.layer_id)
    assert (layer.size, layer.format) == (canvas.size, canvas.format)
    assert same_bits(await host.history.versions.patch_of(version), result)
    back = await host.history.versions.undo(layer.layer_id, 1, host.person)
    assert same_bits(await shows(host, back), start)
    assert back.canvas is not None and back.canvas.size == host.layer.size
    again = await host.history.versions.layer(layer.layer_id)
    assert (again.size, again.format) == (host.layer.size, host.layer.format)
    there = await host.history.versions.redo(layer.layer_id, 1, host.person)
    assert same_bits(await shows(host, there), result)


async def test_edits_before_and_after_a_new_canvas_come_and_go_with_it(host: Host):
    start = host.pixels
    await host.edit(SMALL, 1)
    before = host.pixels
    _, result = await reshaped(host, WIDER)
    host.layer, host.pixels = await host.history.versions.layer(host.layer.layer_id), result
    landing = await host.edit(PixelRect(300, 200, 415, 255), 3)
    after = host.pixels
    assert landing.versions[0].canvas is None and landing.versions[0].size == WIDER.size
    away = await host.history.versions.undo(host.layer.layer_id, 3, host.person)
    assert same_bits(await shows(host, away), start)
    there = await host.history.versions.redo(host.layer.layer_id, 3, host.person)
    assert same_bits(await shows(host, there), after)
    between = await host.history.versions.undo(host.layer.layer_id, 2, host.person)
    assert same_bits(await shows(host, between), before)


async def test_an_edit_that_began_before_a_new_canvas_is_kept_beside_it(host: Host):
    base = await host.head()
    waits = host.finished(SMALL, base, paint(SMALL))
    await reshaped(host, WIDER)
    landing = await host.history.versions.land(waits)
    assert landing.conflict_with is not None and landing.versions[0].state == "beside"
    assert landing.versions[0].size == host.layer.size
    layer = await host.history.versions.layer(host.layer.layer_id)
    assert layer.size == WIDER.size


async def test_a_new_canvas_that_began_before_another_edit_is_kept_beside_it(host: Host):
    base = await host.head()
    edit, _ = await reshaping(host, WIDER, 5, base)
    await host.edit(SMALL, 1)
    landing = await host.history.versions.land(edit)
    assert landing.conflict_with is not None
    assert (await host.history.versions.layer(host.layer.layer_id)).size == host.layer.size
    chosen = await host.history.versions.restore(landing.versions[0].version_id, host.person)
    assert chosen.canvas is not None and chosen.canvas.size == WIDER.size


async def test_a_layer_described_as_its_new_canvas_begins_no_tree_of_its_own(host: Host, history: History):
    await reshaped(host, WIDER)
    layer = await history.versions.layer(host.layer.layer_id)
    described = await history.versions.describe_layer(
        layer.document_id, layer.key, layer.name, WIDER.size, WIDER.format, None
    )
    assert described.head_version_id == layer.head_version_id


async def test_the_layer_can_be_had_as_it_was_in_any_of_its_versions(host: Host):
    base = await host.head()
    await reshaped(host, WIDER)
    layer = await host.history.versions.layer(host.layer.layer_id)
    then = await host.history.versions.layer_at(layer, base)
    assert (then.size, then.head_version_id) == (host.layer.size, base)


async def test_a_new_canvas_that_is_not_whole_is_refused(host: Host):
    edit, _ = await reshaping(host, WIDER, 5, None)
    cut_px = PixelRect(0, 0, 100, 100)
    with pytest.raises(BadPixels):
        await host.history.versions.land(replace(edit, rect_px=cut_px, mask=box_mask(cut_px)))


def canvases() -> st.SearchStrategy[Canvas]:
    sizes = st.builds(Size, st.integers(1, 9), st.integers(1, 9))
    return st.builds(Canvas, sizes, st.just(RGB8), st.integers(-99, 99), st.integers(-99, 99), st.just(1.0))


@given(canvases(), canvases())
def test_two_changes_of_the_canvas_are_one_and_the_way_back_leads_back(one: Canvas, other: Canvas):
    both = composed(one, other)
    assert (both.x0, both.y0) == (one.x0 + other.x0, one.y0 + other.y0)
    home = composed(one, inverse(one, Size(3, 4), RGB8))
    assert (home.x0, home.y0, home.scale, home.size) == (0, 0, 1.0, Size(3, 4))


def test_twice_as_large_and_back_is_where_it_was():
    twice = Canvas(Size(20, 20), RGB8, 0, 0, 2.0)
    back = composed(twice, inverse(twice, Size(10, 10), RGB8))
    assert (back.scale, back.x0) == (1.0, 0)
