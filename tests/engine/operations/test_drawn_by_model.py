"""A masked-token model's drawing on its way into a layer, with a stand-in for the model and a real, tiny tokenizer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.open_models import amused_pipeline
from support.open_stand_in import StandIn
from support.promises import FORMATS, RGB8, pixels_of
from support.tiny_vq import tiny_tokenizer
from torch import Tensor

from engine.api import Alpha, Depth, EditRequest, LayerFormat, Mask, Pixels
from engine.batcher import Batcher
from engine.errors import Cancelled, EmptySelection
from engine.geometry import PixelRect, Size, TokenRect
from engine.models.amused.model import AmusedModel
from engine.models.amused.network import Network
from engine.models.amused.words import TextEncoder
from engine.models.masked.interface import Mode, Words
from engine.models.masked.paste import enlarged
from engine.models.masked.vq import VqTokenizer
from engine.models.masked.window import view_of, windows_of
from engine.operations.drawn_by_model import run
from engine.operations.report import SilentReport

CPU = torch.device("cpu")
SIDE = 64


@pytest.fixture(scope="module")
def model() -> StandIn:
    return StandIn(tiny_tokenizer(), SIDE)


@pytest.fixture(scope="module")
def amused(tmp_path_factory: pytest.TempPathFactory) -> AmusedModel:
    pipeline = amused_pipeline(tmp_path_factory.mktemp("words"))
    text = TextEncoder(pipeline.text_encoder, pipeline.tokenizer)
    return AmusedModel(Network(pipeline.transformer), VqTokenizer(pipeline.vqvae), text)


def request(pixels: Pixels, mask: Mask, layer: LayerFormat = RGB8, seed: int = 1, **more: object) -> EditRequest:
    size = Size(mask.shape[1], mask.shape[0])
    fields = {"layer_size": size, "reach_px": size.rect, "operation": "replace", "previews": False} | more
    return EditRequest(edit_id="e", format=layer, pixels=pixels, mask=mask, seed=seed, prompt="a boat", **fields)


def box_mask(size: Size, rect: PixelRect, value: int = 255) -> Mask:
    mask = np.zeros((size.height, size.width), np.uint8)
    mask[rect.slices()] = value
    return mask


def whole(asked: EditRequest, model: StandIn, **how: object) -> Pixels:
    """The layer with the patch put in."""
    result = run(asked, model, Words("a boat"), SilentReport(), CPU, **how)
    out = asked.pixels.copy()
    out[result.rect_px.slices(asked.reach_px)] = result.pixels
    return out


@settings(max_examples=24, deadline=None)
@given(
    layer=st.sampled_from(FORMATS),
    size=st.builds(Size, st.integers(1, 90), st.integers(1, 90)),
    seed=st.integers(0, 2**32 - 1),
    operation=st.sampled_from(["replace", "remove"]),
    odd=st.booleans(),
)
def test_nothing_outside_the_selection_changes_in_any_format(
    model: StandIn, layer: LayerFormat, size: Size, seed: int, operation: str, odd: bool
) -> None:
    pixels = pixels_of(size, layer, seed, odd=odd)
    draw = np.random.default_rng(seed)
    mask = box_mask(size, PixelRect(*sorted_box(draw, size)), int(draw.integers(1, 256)))
    mask[draw.random(mask.shape) < 0.3] = 0
    asked = request(pixels, mask, layer, seed, operation=operation)
    if not mask.any():
        with pytest.raises(EmptySelection):
            whole(asked, model)
        return
    made = whole(asked, model)
    assert made.dtype == pixels.dtype
    assert made[mask == 0].tobytes() == pixels[mask == 0].tobytes()
    if layer.depth is Depth.F32:
        assert np.isfinite(made[mask == 255]).all()


def sorted_box(draw: np.random.Generator, size: Size) -> tuple[int, int, int, int]:
    x0, y0 = int(draw.integers(size.width)), int(draw.integers(size.height))
    return x0, y0, int(draw.integers(x0, size.width)) + 1, int(draw.integers(y0, size.height)) + 1


@pytest.mark.parametrize("thin", [PixelRect(10, 20, 90, 23), PixelRect(50, 51, 57, 58), PixelRect(77, 5, 78, 6)])
def test_thin_selections_are_really_drawn(model: StandIn, thin: PixelRect) -> None:
    size = Size(100, 80)
    pixels = pixels_of(size, RGB8, 3, odd=False)
    made = whole(request(pixels, box_mask(size, thin)), model)
    changed = (made != pixels).any(-1)
    assert changed[thin.slices()].mean() > 0.9
    assert changed.sum() == changed[thin.slices()].sum()


def test_the_same_seed_draws_the_same_and_another_one_something_else(model: StandIn) -> None:
    size = Size(90, 90)
    pixels, mask = pixels_of(size, RGB8, 3, odd=False), box_mask(size, PixelRect(20, 30, 60, 55))
    first, again, other = (whole(request(pixels, mask, seed=seed), model) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_what_is_selected_has_no_say_in_what_is_drawn(model: StandIn) -> None:
    size = Size(90, 90)
    pixels, mask = pixels_of(size, RGB8, 3, odd=False), box_mask(size, PixelRect(20, 30, 60, 55))
    other = np.where(mask[..., None] > 0, 255 - pixels, pixels)
    assert np.array_equal(whole(request(pixels, mask), model), whole(request(other, mask), model))


def test_a_large_selection_is_drawn_in_windows_each_knowing_the_one_before() -> None:
    model = StandIn(tiny_tokenizer(), 3 * SIDE)
    size = Size(450, 140)
    pixels, mask = pixels_of(size, RGB8, 3, odd=False), box_mask(size, PixelRect(10, 55, 440, 85))
    result = run(request(pixels, mask), model, Words("a boat"), SilentReport(), CPU)
    assert len(model.opened) > 2
    assert f"drawn in {len(model.opened)} overlapping windows, one after the other" in result.facts.notes
    # What the first one has drawn is known to the second: its region begins later.
    assert bool(model.opened[0][1].any(0)[-1])
    assert not bool(model.opened[1][1][:, 0].any())


def test_a_cancelled_edit_ends_between_two_steps(model: StandIn) -> None:
    class Impatient(SilentReport):
        left = 5

        def check(self) -> None:
            self.left -= 1
            if self.left < 0:
                raise Cancelled

    size = Size(90, 90)
    asked = request(pixels_of(size, RGB8, 3, odd=False), box_mask(size, PixelRect(20, 30, 60, 55)))
    with pytest.raises(Cancelled):
        run(asked, model, Words("a boat"), Impatient(), CPU)


def test_an_instructed_model_sees_the_window_as_it_is(model: StandIn) -> None:
    size = Size(SIDE, SIDE)
    pixels, mask = pixels_of(size, RGB8, 3, odd=False), box_mask(size, PixelRect(20, 30, 40, 55))
    run(request(pixels, mask), model, Words(instruction="make it blue"), SilentReport(), CPU)
    picture = model.opened[-1][2].picture
    assert picture is not None
    assert np.array_equal(np.rint(picture.permute(1, 2, 0).numpy() * 255), pixels)
    run(request(pixels, mask), model, Words("a boat"), SilentReport(), CPU)
    assert model.opened[-1][2].picture is None


def test_the_fast_mode_is_called_an_approximation_and_the_weights_are_named(model: StandIn) -> None:
    size = Size(SIDE, SIDE)
    asked = request(pixels_of(size, RGB8, 3, odd=False), box_mask(size, PixelRect(20, 30, 40, 55)))
    fast = run(asked, model, Words("a boat"), SilentReport(), CPU, mode=Mode.FAST, weights_hash="abc")
    assert "approximation" in fast.facts.notes[0]
    assert (fast.facts.model, fast.facts.weights_hash) == ("stand-in", "abc")
    assert run(asked, model, Words("a boat"), SilentReport(), CPU).facts.notes == ()


@pytest.mark.parametrize(("rect", "side_tok"), [(PixelRect(20, 30, 38, 40), 2), (PixelRect(10, 30, 60, 40), 4)])
def test_the_fast_mode_looks_at_half_a_window_where_the_selection_has_room_in_it(
    model: StandIn, rect: PixelRect, side_tok: int
) -> None:
    size = Size(90, 90)
    asked = request(pixels_of(size, RGB8, 3, odd=False), box_mask(size, rect))
    run(asked, model, Words("a boat"), SilentReport(), CPU, mode=Mode.FAST)
    assert model.opened[-1][0].shape == (side_tok, side_tok)
    run(asked, model, Words("a boat"), SilentReport(), CPU)
    assert model.opened[-1][0].shape == (4, 4)


def test_smaller_windows_may_be_asked_for(model: StandIn) -> None:
    size = Size(90, 90)
    asked = request(pixels_of(size, RGB8, 3, odd=False), box_mask(size, PixelRect(20, 30, 26, 36)))
    run(asked, model, Words("a boat"), SilentReport(), CPU, side_px=32)
    assert model.opened[-1][0].shape == (2, 2)


def test_previews_show_the_layer_outside_a_soft_selection(model: StandIn) -> None:
    seen: list[tuple[PixelRect, int, np.ndarray]] = []

    class Recording(SilentReport):
        def preview(self, rect_px: PixelRect, scale: int, pixels: np.ndarray) -> None:
            seen.append((rect_px, scale, pixels))

    size = Size(90, 90)
    rect = PixelRect(20, 30, 60, 55)
    asked = replace(request(pixels_of(size, RGB8, 3, odd=False), box_mask(size, rect)), previews=True)
    run(asked, model, Words("a boat"), Recording(), CPU)
    assert [(place, scale) for place, scale, _ in seen] == [(rect, 1)]
    assert seen[0][2].shape == (25, 40, 3)


def test_what_is_drawn_smaller_than_the_layer_says_so_and_changes_nothing_outside(model: StandIn) -> None:
    size = Size(120, 110)
    rect = PixelRect(20, 20, 90, 85)
    pixels, mask = pixels_of(size, RGB8, 3, odd=False), box_mask(size, rect)
    asked = request(pixels, mask)
    result = run(asked, model, Words("a boat"), SilentReport(), CPU)
    assert result.facts.notes[0].startswith("drawn at 1/1.8 of the layer's resolution")
    made = whole(asked, model)
    assert np.array_equal(made[mask == 0], pixels[mask == 0])
    assert (made[mask > 0] != pixels[mask > 0]).mean() > 0.9


def test_what_is_removed_is_as_opaque_as_what_surrounds_it_and_what_is_put_there_is_opaque(model: StandIn) -> None:
    size, layer = Size(60, 60), LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)
    pixels = pixels_of(size, layer, 3, odd=False)
    rect = PixelRect(20, 20, 40, 40)
    pixels[..., 3] = 100
    pixels[(*rect.slices(), 3)] = 255
    mask = box_mask(size, rect)
    removed = whole(request(pixels, mask, layer, operation="remove"), model)
    assert np.abs(removed[(*rect.slices(), 3)].astype(int) - 100).max() <= 1
    assert (whole(request(pixels, mask, layer), model)[(*rect.slices(), 3)] == 255).all()


class _Shown:
    """A tokenizer that forgets nothing: each token of each picture it has seen is an id of its own."""

    token_px, codes = 16, 4096

    def __init__(self) -> None:
        self._seen = torch.zeros(0, 3, 16, 16)

    def encode(self, picture: Tensor) -> Tensor:
        rows, columns = picture.shape[2] // 16, picture.shape[3] // 16
        tokens = picture[0].reshape(3, rows, 16, columns, 16).permute(1, 3, 0, 2, 4).reshape(-1, 3, 16, 16)
        first = len(self._seen)
        self._seen = torch.cat([self._seen, tokens])
        return torch.arange(first, first + rows * columns).view(rows, columns)

    def decode(self, ids: Tensor) -> Tensor:
        return self._seen[ids].permute(2, 0, 3, 1, 4).reshape(1, 3, 16 * ids.shape[0], 16 * ids.shape[1])

    def decode_region(self, ids: Tensor, rect_tok: TokenRect, halo_tok: int | None = None) -> Tensor:
        return self.decode(ids[rect_tok.y0 : rect_tok.y1, rect_tok.x0 : rect_tok.x1])


def test_a_model_that_draws_what_was_there_gives_the_layer_back_with_its_detail() -> None:
    # A texture finer than the window shows; the selection takes a window of 1.8 layer pixels a pixel.
    size, rect = Size(120, 112), PixelRect(24, 20, 94, 85)
    y, x = np.mgrid[: size.height, : size.width]
    pixels = np.repeat((90 + x // 2 + 60 * ((x // 2 + y // 3) % 2)).astype(np.uint8)[..., None], 3, 2)
    mask = box_mask(size, rect)
    tokenizer = _Shown()
    true = torch.from_numpy(pixels).permute(2, 0, 1) / 255
    (window,) = windows_of(torch.from_numpy(mask > 0), SIDE)
    ids = tokenizer.encode(view_of(true, torch.zeros(true.shape[1:], dtype=torch.bool), window).pixels)
    made = whole(request(pixels, mask), StandIn(tokenizer, SIDE, lambda _: ids))
    soft = enlarged(tokenizer.decode(ids)[0, :, : window.size_px.height, : window.size_px.width], window)
    inner = PixelRect(34, 30, 84, 75)
    part = soft[(slice(None), *inner.slices(window.rect_px))] * 255

    def contrast(picture: np.ndarray) -> float:
        return float(np.abs(np.diff(picture.astype(float), axis=1)).mean())

    truth = contrast(pixels[inner.slices()])
    assert contrast(part.permute(1, 2, 0).numpy()) < 0.7 * truth
    assert contrast(made[inner.slices()]) > 0.8 * truth
    assert abs(float(made[inner.slices()].mean()) - float(pixels[inner.slices()].mean())) < 3


@settings(max_examples=3, deadline=None)
@given(layer=st.sampled_from(FORMATS), seed=st.integers(0, 2**32 - 1), mode=st.sampled_from(list(Mode)))
def test_a_published_architecture_draws_inside_the_selection_alone(
    amused: AmusedModel, layer: LayerFormat, seed: int, mode: Mode
) -> None:
    size = Size(150, 140)
    pixels, mask = pixels_of(size, layer, seed, odd=True), box_mask(size, PixelRect(60, 50, 63, 100), 200)
    made = whole(request(pixels, mask, layer, seed), amused, mode=mode)
    assert made[mask == 0].tobytes() == pixels[mask == 0].tobytes()
    assert made[mask > 0].tobytes() != pixels[mask > 0].tobytes()


def test_edits_that_share_their_forwards_draw_what_each_draws_alone(amused: AmusedModel) -> None:
    size = Size(150, 140)
    pixels = pixels_of(size, RGB8, 3, odd=False)
    asked = [request(pixels, box_mask(size, PixelRect(20 + 9 * n, 40, 70, 60 + 9 * n)), seed=n) for n in range(3)]
    alone = [whole(each, amused) for each in asked]
    batcher = Batcher()

    def together(each: EditRequest) -> Pixels:
        with batcher.edit():
            return whole(each, amused)

    with ThreadPoolExecutor(len(asked)) as pool:
        shared = list(pool.map(together, asked))
    assert batcher.answered > batcher.forwards
    assert all(np.array_equal(one, other) for one, other in zip(alone, shared, strict=True))
