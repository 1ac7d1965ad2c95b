"""One edit from window to pixels, alone and beside others."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tokens import DTYPES, box_hole, holes, make_window, toy_tokenizer, toy_transformer
from torch import Tensor

from engine.errors import EmptySelection
from engine.tokens.grid import pixel_mask, scatter
from engine.tokens.ground import fill_ground
from engine.tokens.regenerate import Recipe, Regeneration, regenerate, regenerate_many
from engine.tokens.region import RegionModel, codes_of_region, decode_drawn, open_region
from engine.tokens.schedule import Order
from engine.tokens.text import START
from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import Transformer

WORDS = (START, 4, 5)
GUIDED = Recipe(steps=4, guidance=(1.5, 2.5))


def drawn(model: Transformer, hole: Tensor, recipe: Recipe, seed: int = 0, words: tuple[int, ...] = WORDS) -> Tensor:
    window = make_window(hole)
    region = open_region(model, window.ground, window.known, window.region)
    return regenerate(RegionModel(model, [(region, words)]), region.at, region.size_tok, recipe, seed=seed)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("noise", [0.0, 100.0])
def test_known_tokens_and_pixels_never_change(dtype: torch.dtype, order: Order, noise: float):
    """However strong the noise, in any precision: what is known is not in the arrays that are drawn from."""
    tokenizer, model = toy_tokenizer(dtype), toy_transformer(dtype)
    window = make_window(box_hole(56, 48, (13, 9, 35, 42)))
    region = open_region(model, window.ground, window.known, window.region)
    recipe = Recipe(order=order, noise=noise, temperature=(2.0, 0.5), guidance=(2.0, 2.0))
    ids = regenerate(RegionModel(model, [(region, WORDS)]), region.at, region.size_tok, recipe, seed=1)
    before = torch.randint(6, (7, 6, 2), generator=torch.Generator().manual_seed(0)) + 100
    after = scatter(ids, region.at, before)
    assert torch.equal(after[~window.region], before[~window.region])
    assert bool((after[window.region] != before[window.region]).all())
    rect_px, pixels = decode_drawn(
        tokenizer, region, ids, torch.ones(len(ids), dtype=torch.bool), window.ground, window.known
    )
    rows, columns = rect_px.slices()
    known = window.known[..., rows, columns].expand_as(pixels)
    assert torch.equal(pixels[known], window.picture[..., rows, columns][known])
    assert bool(pixels.isfinite().all())
    assert not bool((pixel_mask(window.region) & ~box_hole(56, 48, rect_px.as_tuple())).any())


@given(holes(4), st.sampled_from(Order))
@settings(max_examples=15, deadline=None)
def test_any_hole_is_drawn_whole(hole: Tensor, order: Order):
    ids = drawn(toy_transformer(), hole, Recipe(order=order, guidance=(2.0, 1.0)))
    assert ids.shape == (int(make_window(hole).region.sum()), 2)


def test_a_whole_window_without_any_context_is_drawn():
    assert drawn(toy_transformer(), torch.ones(32, 24, dtype=torch.bool), GUIDED).shape == (12, 2)


def test_an_empty_hole_is_told():
    window = make_window(torch.zeros(16, 16, dtype=torch.bool))
    with pytest.raises(EmptySelection):
        open_region(toy_transformer(), window.ground, window.known, window.region)


@pytest.mark.parametrize("recipe", [GUIDED, Recipe(order=Order.CONFIDENCE), Recipe(steps=3, guidance=(1.0, 2.0))])
def test_edits_of_other_sizes_words_and_steps_draw_together_what_they_draw_alone(recipe: Recipe):
    model = toy_transformer()
    cases = [
        (box_hole(48, 48, (8, 8, 40, 40)), (START, 4, 5)),
        (box_hole(24, 64, (3, 3, 9, 9)), (START,)),
        (torch.ones(16, 24, dtype=torch.bool), (START, 6, 7, 8, 3)),
        (box_hole(48, 48, (8, 8, 40, 40)), (START, 9)),
    ]
    alone = [drawn(model, hole, recipe, seed, words) for seed, (hole, words) in enumerate(cases)]
    windows = [make_window(hole) for hole, _ in cases]
    regions = [open_region(model, window.ground, window.known, window.region) for window in windows]
    states = [
        Regeneration(region.at, region.size_tok, (12, 6), recipe, seed=seed) for seed, region in enumerate(regions)
    ]
    many = RegionModel(model, [(region, words) for region, (_, words) in zip(regions, cases, strict=True)])
    for one, other in zip(alone, regenerate_many(many, states), strict=True):
        assert other is not None
        assert torch.equal(one, other)


def test_padding_and_company_change_no_logit():
    model = toy_transformer()
    holes_ = [box_hole(48, 48, (8, 8, 40, 40)), box_hole(24, 64, (3, 3, 9, 9)), torch.ones(16, 24, dtype=torch.bool)]
    windows = [make_window(hole) for hole in holes_]
    regions = [open_region(model, window.ground, window.known, window.region) for window in windows]
    states = [Regeneration(region.at, region.size_tok, (12, 6), GUIDED, seed=0) for region in regions]
    texts = [(START, 4, 5), (START,), (START, 6, 7, 8)]
    many = RegionModel(model, list(zip(regions, texts, strict=True)))
    together = many([state.ask(edit) for edit, state in enumerate(states)])
    for edit, region in enumerate(regions):
        alone = RegionModel(model, [(region, texts[edit])])([states[edit].ask()])[0]
        every = torch.arange(len(region.at))
        for earlier in (torch.zeros(len(every), 0, dtype=torch.int64), torch.zeros(len(every), 1, dtype=torch.int64)):
            assert torch.allclose(alone.logits(every, earlier), together[edit].logits(every, earlier), atol=1e-5)


def test_guidance_goes_away_from_the_wordless_answer():
    model = toy_transformer()
    window = make_window(box_hole(48, 48, (8, 8, 40, 40)))
    region = open_region(model, window.ground, window.known, window.region)
    every, none = torch.arange(len(region.at)), torch.zeros(len(region.at), 0, dtype=torch.int64)

    def logits(words: tuple[int, ...], guidance: float) -> Tensor:
        state = Regeneration(region.at, region.size_tok, (12, 6), Recipe(guidance=(guidance, guidance)), seed=0)
        return RegionModel(model, [(region, words)])([state.ask()])[0].logits(every, none)

    said, without = logits(WORDS, 1.0), logits((START,), 3.0)
    assert torch.allclose(logits(WORDS, 2.5), without + 2.5 * (said - without), atol=1e-4)
    assert float((said - without).abs().max()) > 1e-3


def test_a_new_prompt_needs_no_new_prefill(monkeypatch: pytest.MonkeyPatch):
    model = toy_transformer()
    window = make_window(box_hole(48, 48, (8, 8, 40, 40)))
    region = open_region(model, window.ground, window.known, window.region)
    monkeypatch.setattr(Transformer, "prefill", lambda *_: pytest.fail("the context was said again"))
    results = [
        regenerate(RegionModel(model, [(region, words)]), region.at, region.size_tok, GUIDED, seed=seed)
        for words, seed in (((START, 4), 0), ((START, 5), 0), ((START, 5), 1))
    ]
    assert not torch.equal(results[0], results[1])
    assert not torch.equal(results[1], results[2])


def test_a_half_drawn_region_can_be_shown(tokenizer: Tokenizer, transformer: Transformer):
    window = make_window(box_hole(48, 48, (8, 8, 40, 40)))
    region = open_region(transformer, window.ground, window.known, window.region)
    looks: list[Tensor] = []

    def show(state: Regeneration) -> None:
        codes, coded = codes_of_region(tokenizer, region, state.ids, state.revealed)
        assert int(coded.sum()) == int(state.revealed.sum())
        assert float(codes[0][~coded[0]].abs().sum()) == 0
        looks.append(decode_drawn(tokenizer, region, state.ids, state.revealed, window.ground, window.known)[1])

    model = RegionModel(transformer, [(region, WORDS)])
    regenerate(model, region.at, region.size_tok, Recipe(steps=3, remask_share=0), seed=0, after_step=show)
    assert [tuple(look.shape) for look in looks] == [(1, 3, 32, 32)] * 3
    assert not torch.equal(looks[0], looks[2])


def test_drawing_does_not_depend_on_what_the_hole_held():
    model = toy_transformer()
    hole = box_hole(48, 48, (11, 8, 37, 40))
    one = make_window(hole)
    secret = torch.where(one.known, one.picture, 0.123)
    two = fill_ground(secret, one.known)
    assert torch.equal(one.ground, two)
    regions = [open_region(model, ground, one.known, one.region) for ground in (one.ground, two)]
    ids = [
        regenerate(RegionModel(model, [(region, WORDS)]), region.at, region.size_tok, GUIDED, seed=0)
        for region in regions
    ]
    assert torch.equal(*ids)
