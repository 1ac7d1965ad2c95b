"""Meissonic and EditMGT: their own pipelines' tokens, fewer numbers computed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from support.meissonic_cases import CODES, EDIT_TINY, LOCAL, MEISSONIC_TINY, PIPELINES, pipeline_inputs
from support.seeded import fill, grid
from torch import Tensor

from engine.errors import EmptySelection
from engine.geometry import TokenRect
from engine.models.masked.interface import Mode, Published, Words
from engine.models.meissonic.config import config_from_json
from engine.models.meissonic.local import LocalMask
from engine.models.meissonic.model import MeissonicModel
from engine.models.meissonic.network import Network
from engine.tokens.regenerate import Recipe, Regeneration, regenerate, regenerate_many
from engine.tokens.schedule import Order

GOLDEN = Path(__file__).parent / "golden"
SIDE = 8


class ChosenTokens:
    """A picture tokenizer that gives chosen ids."""

    codes = CODES

    def __init__(self, ids: Tensor, token_px: int) -> None:
        self.ids, self.token_px = ids, token_px

    def encode(self, picture: Tensor) -> Tensor:
        assert picture.shape[2] % self.token_px == picture.shape[3] % self.token_px == 0
        return self.ids

    def decode(self, ids: Tensor) -> Tensor:
        raise NotImplementedError

    def decode_region(self, ids: Tensor, rect_tok: TokenRect, halo_tok: int | None = None) -> Tensor:
        raise NotImplementedError


def model_of(case: dict[str, Any], dtype: torch.dtype = torch.float32, **options: Any) -> MeissonicModel:
    tiny = MEISSONIC_TINY if case["family"] == "meissonic" else EDIT_TINY
    network = Network(config_from_json(json.dumps(tiny))).eval()
    fill(network, case["seed"])
    x = pipeline_inputs(case)
    said = {"not": 0, "wanted": 1}
    strength = options.pop("strength", case["strength"])
    return MeissonicModel(
        network.to(dtype),
        ChosenTokens(x["ids"], case["token_px"]),
        lambda text: (x["hidden"][said.get(text, 1)].to(dtype), x["pooled"][said.get(text, 1)].to(dtype)),
        strength=strength,
        **options,
    )


def words_of(case: dict[str, Any]) -> Words:
    return Words(
        "" if case["family"] == "editmgt" else "wanted",
        "not",
        "wanted" if case["family"] == "editmgt" else "",
        picture=torch.zeros(3, SIDE * case["token_px"], SIDE * case["token_px"]),
    )


@pytest.mark.parametrize("name", PIPELINES)
def test_the_exact_mode_draws_the_tokens_of_the_published_pipeline(name: str) -> None:
    case = PIPELINES[name]
    local = LocalMask(LOCAL[0], tuple(LOCAL[1])) if case.get("local") else None
    model = model_of(case, local=local)
    x = pipeline_inputs(case)
    theirs = load_file(str(GOLDEN / "tokens.safetensors"))[name].long()
    how = Published(case["steps"], case["guidance"], case["temperature"])
    opened = model.open(x["ids"], x["mask"], words_of(case), Mode.EXACT)
    assert torch.equal(model.published(opened, how, seed=case["draw"]), theirs[x["mask"]])
    assert torch.equal(theirs[~x["mask"]], x["ids"][~x["mask"]])
    if local is not None:  # some of the source stays, and not all
        assert 0.1 < (theirs == x["ids"]).float().mean() < 0.9


FAMILIES = pytest.mark.parametrize("case", [PIPELINES["meissonic-box"], PIPELINES["editmgt-all"]], ids=["mgt", "edit"])


def region(*boxes: tuple[int, int, int, int], side: int = SIDE) -> Tensor:
    out = torch.zeros(side, side, dtype=torch.bool)
    for y0, x0, y1, x1 in boxes:
        out[y0:y1, x0:x1] = True
    return out


def drawn_by(model: MeissonicModel, case: dict[str, Any], mask: Tensor, mode: Mode, recipe: Recipe) -> Tensor:
    opened = model.open(pipeline_inputs(case)["ids"], mask, words_of(case), mode)
    return regenerate(model.steps_of([opened]), opened.at, opened.size_tok, recipe, seed=5)


def test_nothing_is_drawn_where_nothing_is_masked() -> None:
    with pytest.raises(EmptySelection):
        model_of(PIPELINES["meissonic-box"]).open(grid(0, CODES, SIDE, SIDE), region(), Words("a"), Mode.EXACT)


@FAMILIES
def test_the_fast_mode_is_the_exact_one_where_all_is_computed_at_every_step(case: dict[str, Any]) -> None:
    mask, recipe = region((1, 2, 5, 6)), Recipe(6, guidance=(4.0, 4.0))
    exact = drawn_by(model_of(case), case, mask, Mode.EXACT, recipe)
    assert torch.equal(drawn_by(model_of(case, refresh_every=1), case, mask, Mode.FAST, recipe), exact)


@FAMILIES
def test_the_fast_mode_looks_at_the_context_as_it_was(case: dict[str, Any]) -> None:
    """What the region's own tokens say is new in every step; words, source and what lies around are old."""
    model = model_of(case, refresh_every=100)
    mask = region((1, 2, 5, 6))
    fast, exact = (
        model.open(pipeline_inputs(case)["ids"], mask, words_of(case), mode) for mode in (Mode.FAST, Mode.EXACT)
    )
    state = Regeneration(fast.at, fast.size_tok, (CODES,), Recipe(4, guidance=(3.0, 3.0)), seed=1)
    nothing, every = torch.zeros(len(fast.at), 0, dtype=torch.int64), torch.arange(len(fast.at))
    apart: list[float] = []
    for _ in range(2):
        answers = [model.steps_of([one])([state.ask()])[0].logits(every, nothing) for one in (fast, exact)]
        apart.append(float((answers[0] - answers[1]).abs().max() / answers[1].abs().max()))
        state.advance(model.steps_of([exact])([state.ask()])[0])
    assert apart[0] == 0
    assert 0 < apart[1] < 0.7


@FAMILIES
@pytest.mark.parametrize("mode", Mode)
def test_several_edits_in_one_forward_draw_what_each_draws_alone(case: dict[str, Any], mode: Mode) -> None:
    """Windows of other sizes, words, guidance, step counts and orders."""
    model = model_of(case, refresh_every=3)
    ids = [grid(seed, CODES, *size) for seed, size in enumerate([(8, 8), (6, 8), (7, 5), (8, 8)])]
    masks = [torch.zeros_like(one, dtype=torch.bool) for one in ids]
    for mask, box in zip(masks, [(1, 2, 5, 6), (0, 0, 1, 8), (2, 1, 7, 5), (4, 4, 5, 5)], strict=True):
        mask[box[0] : box[2], box[1] : box[3]] = True
    words = [Words("wanted", "not"), Words("not", instruction="wanted"), Words(), Words("wanted", "wanted")]
    recipes = [Recipe(3, guidance=(3.0, 8.0)), Recipe(8), Recipe(5, Order.CONFIDENCE), model.recipe]

    def opened() -> list[Any]:
        return [model.open(one, mask, said, mode) for one, mask, said in zip(ids, masks, words, strict=True)]

    alone = [
        regenerate(model.steps_of([one]), one.at, one.size_tok, recipe, seed=number)
        for number, (one, recipe) in enumerate(zip(opened(), recipes, strict=True))
    ]
    together = opened()
    states = [
        Regeneration(one.at, one.size_tok, (CODES,), recipe, seed=number)
        for number, (one, recipe) in enumerate(zip(together, recipes, strict=True))
    ]
    for one, other in zip(alone, regenerate_many(model.steps_of(together), states), strict=True):
        assert other is not None
        assert torch.equal(one, other)


@FAMILIES
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("order", Order)
def test_only_what_is_selected_is_drawn_in_half_floats_too(
    case: dict[str, Any], dtype: torch.dtype, order: Order
) -> None:
    """In half floats the published code redraws known tokens: their confidence is finite there, and noise beats it."""
    model = model_of(case, dtype)
    mask = region((2, 3, 6, 7))
    for drawn in (
        drawn_by(model, case, mask, Mode.EXACT, Recipe(6, order, guidance=(9.0, 9.0), noise=20.0)),
        model.published(
            model.open(pipeline_inputs(case)["ids"], mask, words_of(case), Mode.EXACT),
            Published(6, 9.0, (20.0, 0.0)),
            seed=1,
        ),
    ):
        assert len(drawn) == 16
        assert 0 <= int(drawn.min()) <= int(drawn.max()) < CODES


def test_the_words_and_the_source_have_a_say() -> None:
    case = PIPELINES["editmgt-all"]
    model = model_of(case)
    mask = region((1, 2, 5, 6))
    ids = pipeline_inputs(case)["ids"]

    def logits(words: Words) -> Tensor:
        opened = model.open(ids, mask, words, Mode.EXACT)
        answer = model.steps_of([opened])(
            [Regeneration(opened.at, opened.size_tok, (CODES,), model.recipe, seed=1).ask()]
        )
        return answer[0].logits(torch.arange(len(opened.at)), torch.zeros(len(opened.at), 0, dtype=torch.int64))

    plain = logits(Words(instruction="wanted"))
    picture = torch.zeros(3, 1024, 1000)
    seen = logits(Words(instruction="wanted", picture=picture))
    for other in (logits(Words(instruction="not")), logits(Words(instruction="wanted", negative="not")), seen):
        assert not torch.allclose(plain, other, atol=1e-2)
    assert torch.equal(logits(Words("wanted", references=(picture,))), seen)
    assert torch.equal(logits(Words("not", instruction="wanted")), plain)
