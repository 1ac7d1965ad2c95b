"""What a token says must not depend on its company, to the bit."""

import pytest
import torch
from support.tokens import box_hole, make_window, toy_transformer

from engine.tokens.config import PRESETS
from engine.tokens.packed import Steps
from engine.tokens.regenerate import Ask
from engine.tokens.region import Region, RegionModel, Worded, open_region
from engine.tokens.text import START
from engine.tokens.transformer import Transformer

HOLES = [(8, 8, 40, 40), (3, 3, 9, 9), (0, 0, 48, 48), (16, 0, 17, 48)]
TEXTS = [(START, 4, 5), (START,), (START, 6, 7, 8, 3), (START, 9)]


def cpu_transformer() -> Transformer:
    """As large as the built-in one, whose matrix products are as its."""
    torch.manual_seed(0)
    return Transformer(PRESETS["cpu"].transformer, 20).eval()


def opened(model: Transformer) -> list[Region]:
    windows = [make_window(box_hole(48, 48, box), seed) for seed, box in enumerate(HOLES)]
    return [open_region(model, window.ground, window.known, window.region) for window in windows]


def ask_of(region: Region, edit: int, guidance: float, sizes: tuple[int, ...]) -> Ask:
    draw = torch.Generator().manual_seed(edit)
    count = len(region.at)
    ids = torch.stack([torch.randint(size, (count,), generator=draw) for size in sizes], 1)
    return Ask(edit, ids, torch.rand(count, generator=draw) < 0.5, guidance)


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
@pytest.mark.parametrize("make", [toy_transformer, cpu_transformer])
def test_a_row_says_the_same_in_any_company(make: type[Transformer], threads: int):
    model, before = make(), torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        regions, steps = opened(model), Steps(model)
        sizes = steps.model.head.sizes
        asks = [ask_of(region, edit, 2.0 - edit % 2, sizes) for edit, region in enumerate(regions)]
        together = RegionModel(steps, list(zip(regions, TEXTS, strict=True)))(asks)
        for edit, (region, text, ask, among) in enumerate(zip(regions, TEXTS, asks, together, strict=True)):
            alone = RegionModel(steps, [(region, text)])([Ask(0, ask.ids, ask.revealed, ask.guidance)])[0]
            every = torch.arange(len(region.at))
            for group in range(len(sizes)):
                wanted = alone.logits(every, ask.ids[:, :group])
                assert torch.equal(wanted, among.logits(every, ask.ids[:, :group])), (edit, group)
                for some in (every[:1], every[1:4], every[-2:]):
                    assert torch.equal(wanted[some], alone.logits(some, ask.ids[some, :group])), (edit, group)
    finally:
        torch.set_num_threads(before)


def test_a_row_is_made_once_and_used_again():
    model = toy_transformer()
    region = opened(model)[0]
    worded = Worded(region, (START, 4))
    guided = worded.rows(model, True)
    assert len(guided) == 2 and worded.rows(model, True)[1] is guided[1]
    assert worded.rows(model, False) == guided[:1]
    assert len(Worded(region, (START,)).rows(model, True)) == 1  # without words there is nothing to guide by
