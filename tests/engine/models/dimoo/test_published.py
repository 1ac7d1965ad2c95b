"""The published loops, token for token, as upstream's own functions draw them."""

from dataclasses import replace

import pytest
import torch
from support.dimoo import SIZE_TOK, TINY, Codes, letters, picture_of, reference_codes, scene, tiny, words_of
from torch import Tensor

from engine.errors import Cancelled
from engine.models.dimoo.guided import DimooOpened
from engine.models.dimoo.model import DimooModel
from engine.models.masked.interface import Mode, Published, Words

HERE = scene()


def inpainting(model: DimooModel) -> DimooOpened:
    return model.open(HERE.ids, HERE.region, Words(prompt=words_of(HERE)), Mode.EXACT)


def instructing(model: DimooModel) -> DimooOpened:
    picture = picture_of(torch.tensor(HERE.source).view(SIZE_TOK))
    return model.open(HERE.ids, HERE.region, Words(instruction=words_of(HERE), picture=picture), Mode.EXACT)


def beside(task: str) -> tuple[DimooModel, DimooOpened]:
    """The two tasks with a reference, opened by a model that reads every letter of its templates."""
    model = DimooModel(tiny().network, letters, Codes(), device=torch.device("cpu"), dtype=torch.float32)
    reference = picture_of(reference_codes())
    if task == "subject_driven":
        return model, model.open(HERE.ids, HERE.region, Words("a red door", references=(reference,)), Mode.EXACT)
    picture = picture_of(torch.tensor(HERE.source).view(SIZE_TOK))
    words = Words(instruction="like image 1", picture=picture, references=(reference,), style=True)
    return model, model.open(HERE.ids, torch.ones_like(HERE.region), words, Mode.EXACT)


def whole(opened: DimooOpened, drawn: Tensor) -> Tensor:
    """What upstream gives back: the whole grid, in the vocabulary's ids."""
    return (opened.ids.masked_scatter(opened.region, drawn) + TINY.first_code).flatten()


@pytest.mark.parametrize(
    ("name", "guidance", "temperature", "steps", "seed"),
    [
        ("inpaint.guided", 5.0, 1.0, 8, 7),
        ("inpaint.plain", 1.0, 1.0, 5, 8),
        ("inpaint.greedy", 5.0, 0.0, 6, 9),
        ("inpaint.more_steps_than_tokens", 2.5, 1.0, 40, 10),
    ],
)
def test_words_draw_upstreams_tokens(
    golden: dict[str, Tensor], name: str, guidance: float, temperature: float, steps: int, seed: int
):
    model = tiny()
    opened = inpainting(model)
    drawn = model.published(opened, Published(steps, guidance, (temperature, temperature)), seed=seed)
    assert torch.equal(whole(opened, drawn), golden[name])


def test_an_instruction_draws_upstreams_tokens(golden: dict[str, Tensor]):
    model = tiny()
    opened = instructing(model)
    drawn = model.published(opened, replace(model.instruct_as_published, steps=8), seed=11)
    assert torch.equal(whole(opened, drawn), golden["instruct"])


@pytest.mark.parametrize(("task", "seed"), [("image_ref_transfer", 12), ("subject_driven", 13)])
def test_a_reference_is_read_as_upstream_reads_it(golden: dict[str, Tensor], task: str, seed: int):
    model, opened = beside(task)
    with torch.inference_mode():
        logits = model.network(opened.said.ids[None])[0, opened.said.places]
    codes = logits[:, TINY.first_code : TINY.first_code + TINY.codes]
    assert (codes - golden[f"{task}.logits"]).abs().max() <= 1e-5 * codes.abs().max()
    drawn = model.published(opened, replace(model.instruct_as_published, steps=6), seed=seed)
    assert torch.equal(whole(opened, drawn), golden[task])


def test_what_is_asked_for_matters_to_the_tokens():
    """So that the golden tokens can fail: other weights, other words and another seed draw others."""
    model = tiny()
    how = replace(model.as_published, steps=8)
    drawn = [
        model.published(inpainting(model), how, seed=7),
        model.published(inpainting(model), how, seed=8),
        tiny(2).published(inpainting(tiny(2)), how, seed=7),
        model.published(model.open(HERE.ids, HERE.region, Words("3 4 5"), Mode.EXACT), how, seed=7),
        model.published(instructing(model), how, seed=7),
    ]
    assert len({tuple(tokens.tolist()) for tokens in drawn}) == len(drawn)


def test_each_step_asks_whether_to_go_on():
    model = tiny()
    asked: list[None] = []

    def stop_at_third() -> None:
        asked.append(None)
        if len(asked) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        model.published(inpainting(model), replace(model.as_published, steps=8), seed=1, check=stop_at_third)
    assert len(asked) == 3
