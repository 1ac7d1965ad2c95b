"""aMUSEd: the published pipeline's own tokens, fewer numbers computed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from support.open_models import amused_pipeline
from torch import Tensor

from engine.errors import BrokenWeights, EmptySelection
from engine.models.amused.model import AmusedModel, load
from engine.models.amused.network import Network
from engine.models.amused.words import TextEncoder
from engine.models.masked.interface import Mode, Published, Words
from engine.models.masked.vq import VqTokenizer
from engine.tokens.regenerate import Recipe, Regeneration, regenerate, regenerate_many
from engine.tokens.schedule import Order

SIDE = 16


@pytest.fixture(scope="module", params=[True, False], ids=["downsampled", "whole"])
def pipeline(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return amused_pipeline(tmp_path_factory.mktemp("words"), seed=3, downsample=request.param)


@pytest.fixture
def model(pipeline: Any) -> AmusedModel:
    return model_of(pipeline)


def model_of(pipeline: Any, **options: Any) -> AmusedModel:
    text = TextEncoder(pipeline.text_encoder, pipeline.tokenizer)
    return AmusedModel(Network(pipeline.transformer), VqTokenizer(pipeline.vqvae), text, **options)


def region(*boxes: tuple[int, int, int, int]) -> Tensor:
    out = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    for y0, x0, y1, x1 in boxes:
        out[y0:y1, x0:x1] = True
    return out


def picture(seed: int = 0) -> Tensor:
    return torch.rand(1, 3, SIDE * 16, SIDE * 16, generator=torch.Generator().manual_seed(seed))


def published_tokens(pipeline: Any, mask: Tensor, how: Published, seed: int, words: Words) -> Tensor:
    """What diffusers' pipeline draws: its mask is whole tokens, so that its resizing leaves it as it is."""
    pixels = mask.float().repeat_interleave(16, 0).repeat_interleave(16, 1)[None, None]
    out = pipeline(
        words.prompt,
        picture(),
        pixels,
        negative_prompt=words.negative,
        num_inference_steps=how.steps,
        guidance_scale=how.guidance,
        temperature=how.temperature,
        generator=torch.Generator().manual_seed(seed),
        output_type="latent",
    ).images[0]
    return out[mask]


@pytest.mark.parametrize(
    ("mask", "how", "seed"),
    [
        (region((3, 5, 8, 9)), Published(12, 10.0, (2.0, 0.0)), 0),
        (region((0, 0, 1, 1)), Published(12, 10.0, (2.0, 0.0)), 1),  # one token, twelve steps
        (region((0, 0, SIDE, SIDE)), Published(5, 3.0, (2.0, 0.0)), 2),
        (region((2, 2, 4, 14), (9, 1, 15, 3)), Published(1, 10.0, (1.0, 0.5)), 3),
        (region((15, 0, 16, 16)), Published(7, 1.0, (4.0, 0.0)), 4),  # without guidance
    ],
    ids=["box", "one", "all", "once", "unguided"],
)
def test_the_exact_mode_draws_the_tokens_of_the_published_pipeline(
    pipeline: Any, model: AmusedModel, mask: Tensor, how: Published, seed: int
) -> None:
    words = Words("a red cat", "a dog")
    opened = model.open(model.tokenizer.encode(picture()), mask, words, Mode.EXACT)
    theirs = published_tokens(pipeline, mask, how, seed, words)
    assert torch.equal(model.published(opened, how, seed=seed), theirs)
    assert len(theirs.unique()) > 1 or len(theirs) == 1


@pytest.mark.parametrize("mode", Mode)
def test_without_words_each_step_is_one_row_and_the_tokens_are_the_pipelines(
    pipeline: Any, model: AmusedModel, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    mask, how = region((3, 5, 8, 9)), Published(6, 10.0, (2.0, 0.0))
    opened = model.open(model.tokenizer.encode(picture()), mask, Words(), mode)
    rows: list[int] = []
    plain = type(model.network).__call__
    monkeypatch.setattr(
        type(model.network), "__call__", lambda self, some: (rows.append(len(some)), plain(self, some))[1]
    )
    assert torch.equal(model.published(opened, how, seed=2), published_tokens(pipeline, mask, how, 2, Words()))
    drawn = regenerate(model.steps_of([opened]), opened.at, opened.size_tok, replace(model.recipe, steps=3), seed=1)
    assert drawn is not None and set(rows) == {1}


def test_the_forward_is_that_of_diffusers(pipeline: Any, model: AmusedModel) -> None:
    network = model.network
    mask = region((3, 5, 8, 9))
    opened = model.open(model.tokenizer.encode(picture()), mask, Words("a red cat", "a dog"), Mode.EXACT)
    ids = opened.ids.masked_fill(mask, network.mask_id)
    answer = model.steps_of([opened])([Regeneration(opened.at, opened.size_tok, (64,), Recipe(), seed=1).ask()])[0]
    ours = answer.logits(torch.arange(len(opened.at)), torch.zeros(len(opened.at), 0, dtype=torch.int64))
    hidden, pooled = model.text("a red cat")
    with torch.inference_mode():
        theirs = pipeline.transformer(
            ids[None],
            encoder_hidden_states=hidden,
            pooled_text_emb=pooled,
            micro_conds=torch.tensor([[256.0, 256.0, 0, 0, 6]]),
        )[0, :, mask].T
    assert (ours - theirs).abs().max() < 1e-5 * theirs.abs().max()


def test_nothing_is_drawn_where_nothing_is_masked(model: AmusedModel) -> None:
    with pytest.raises(EmptySelection):
        model.open(torch.zeros(SIDE, SIDE, dtype=torch.int64), region(), Words("a"), Mode.EXACT)


def test_the_fast_mode_is_the_exact_one_where_all_is_computed_at_every_step(pipeline: Any) -> None:
    ids, mask = model_of(pipeline).tokenizer.encode(picture()), region((3, 5, 8, 9))
    drawn: list[Tensor] = []
    for mode, every in ((Mode.EXACT, 1), (Mode.FAST, 1)):
        model = model_of(pipeline, refresh_every=every)
        opened = model.open(ids, mask, Words("a red cat"), mode)
        drawn.append(regenerate(model.steps_of([opened]), opened.at, opened.size_tok, model.recipe, seed=5))
    assert torch.equal(*drawn)


def test_the_fast_mode_is_the_exact_one_where_the_region_is_the_window(pipeline: Any) -> None:
    ids, mask = model_of(pipeline).tokenizer.encode(picture()), region((0, 0, SIDE, SIDE))
    drawn: list[Tensor] = []
    for mode in Mode:
        model = model_of(pipeline, refresh_every=100)
        opened = model.open(ids, mask, Words("a red cat"), mode)
        drawn.append(regenerate(model.steps_of([opened]), opened.at, opened.size_tok, model.recipe, seed=5))
    assert torch.equal(*drawn)


def test_the_fast_mode_looks_at_the_context_as_it_was(pipeline: Any) -> None:
    """What the region's own tokens say is new in every step; what the context says of them is old."""
    model = model_of(pipeline, refresh_every=100)
    mask = region((2, 2, 10, 10))
    ids = model.tokenizer.encode(picture())
    fast, exact = (model.open(ids, mask, Words("a red cat"), mode) for mode in (Mode.FAST, Mode.EXACT))
    state = Regeneration(fast.at, fast.size_tok, (64,), Recipe(4), seed=1)
    nothing = torch.zeros(len(fast.at), 0, dtype=torch.int64)
    every = torch.arange(len(fast.at))
    apart: list[float] = []
    for _ in range(2):
        answers = [model.steps_of([one])([state.ask()])[0].logits(every, nothing) for one in (fast, exact)]
        apart.append(float((answers[0] - answers[1]).abs().max() / answers[1].abs().max()))
        state.advance(model.steps_of([exact])([state.ask()])[0])
    assert apart[0] == 0
    assert 0 < apart[1] < 0.5


@pytest.mark.parametrize("mode", Mode)
def test_several_edits_in_one_forward_draw_what_each_draws_alone(model: AmusedModel, mode: Mode) -> None:
    ids = model.tokenizer.encode(picture())
    masks = [region((3, 5, 8, 9)), region((0, 0, 1, 16)), region((10, 10, 16, 16)), region((4, 4, 5, 5))]
    words = [Words("a cat"), Words("a dog", "a cat"), Words(), Words("red")]
    recipes = [Recipe(3, guidance=(3.0, 8.0)), Recipe(8), Recipe(5, Order.CONFIDENCE), model.recipe]

    def opened() -> list[Any]:
        return [model.open(ids, mask, text, mode) for mask, text in zip(masks, words, strict=True)]

    alone = [
        regenerate(model.steps_of([one]), one.at, one.size_tok, recipe, seed=number)
        for number, (one, recipe) in enumerate(zip(opened(), recipes, strict=True))
    ]
    together = opened()
    states = [
        Regeneration(one.at, one.size_tok, (64,), recipe, seed=number)
        for number, (one, recipe) in enumerate(zip(together, recipes, strict=True))
    ]
    for one, other in zip(alone, regenerate_many(model.steps_of(together), states), strict=True):
        assert other is not None
        assert torch.equal(one, other)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("order", Order)
def test_known_tokens_stay_in_every_precision_and_order(
    pipeline: Any, tmp_path: Path, dtype: torch.dtype, order: Order
) -> None:
    """In half floats the published code redraws some: their confidence is finite there, and noise beats it."""
    pipeline.save_pretrained(str(tmp_path))
    model = load(tmp_path, torch.device("cpu"), dtype)
    assert model.dtype is dtype
    mask = region((3, 5, 8, 9))
    ids = model.tokenizer.encode(picture())
    opened = model.open(ids, mask, Words("a red cat", "a dog"), Mode.EXACT)
    recipe = Recipe(6, order, guidance=(10.0, 10.0), noise=20.0)
    drawn = regenerate(model.steps_of([opened]), opened.at, opened.size_tok, recipe, seed=2)
    assert drawn.shape == (20, 1)
    assert int(drawn.max()) < 64
    after = ids.clone()
    after[mask] = drawn[:, 0]
    assert torch.equal(after[~mask], ids[~mask])


def test_a_saved_pipeline_is_loaded_as_it_is(pipeline: Any, model: AmusedModel, tmp_path: Path) -> None:
    pipeline.save_pretrained(str(tmp_path))
    loaded = load(tmp_path, torch.device("cpu"), torch.float32)
    mask = region((3, 5, 8, 9))
    for one in (model, loaded):
        assert (one.name, one.native_px) == ("amused-256", 256)
    tokens = [
        one.published(
            one.open(one.tokenizer.encode(picture()), mask, Words("a red cat"), Mode.EXACT), one.as_published, seed=1
        )
        for one in (model, loaded)
    ]
    assert torch.equal(*tokens)


def test_a_folder_with_something_missing_is_told_as_broken_weights(pipeline: Any, tmp_path: Path) -> None:
    pipeline.save_pretrained(str(tmp_path))
    (tmp_path / "text_encoder" / "model.safetensors").unlink()
    with pytest.raises(BrokenWeights):
        load(tmp_path, torch.device("cpu"), torch.float32)
