"""The network against upstream's, its names against the published ones, and rows that share a batch."""

import hashlib
import json
from pathlib import Path

import pytest
import torch
from support.dimoo import TINY, listing, network
from torch import Tensor

from engine.models.dimoo.config import Config
from engine.models.dimoo.transformer import Context, Dimoo, Row


def test_the_forward_is_upstreams(golden: dict[str, Tensor]):
    with torch.inference_mode():
        logits = network()(golden["forward.ids"])
    assert golden["forward.logits"].std() > 1
    assert (logits - golden["forward.logits"]).abs().max() < 1e-5


def test_every_published_name_is_here_with_its_shape_and_no_other():
    published = json.loads((Path(__file__).parent / "golden" / "published.json").read_text(encoding="utf-8"))
    with torch.device("meta"):
        ours = Dimoo(Config()).state_dict()
    shapes = {name: tuple(value.shape) for name, value in ours.items()}
    block = "model.transformer.blocks.31."
    assert sorted(name.removeprefix(block) for name in shapes if name.startswith(block)) == published["block"]
    assert sorted(name for name in shapes if ".blocks." not in name) == published["others"]
    assert len(shapes) == published["names"]
    assert hashlib.sha256(listing(shapes).encode()).hexdigest() == published["sha256"]


@pytest.mark.parametrize("side", ["left", "right", "both"])
def test_a_padded_row_is_what_it_is_alone(side: str):
    model = network()
    rows = [
        torch.randint(TINY.vocabulary, (length,), generator=torch.Generator().manual_seed(length)) for length in (7, 19)
    ]
    rows.append(rows[0].flip(0))
    ids, there = torch.zeros(3, 24, dtype=torch.int64), torch.zeros(3, 24, dtype=torch.bool)
    for number, row in enumerate(rows):
        start = {"left": 24 - len(row), "right": 0, "both": (24 - len(row)) // 2}[side]
        ids[number, start : start + len(row)], there[number, start : start + len(row)] = row, True
    with torch.inference_mode():
        together = model(ids, there)
        for number, row in enumerate(rows):
            assert (together[number, there[number]] - model(row[None])[0]).abs().max() < 1e-5
            assert not together[number, ~there[number]].any()


def test_wanted_tokens_are_those_of_the_whole_row():
    model = network()
    ids = torch.arange(20)
    wanted = torch.tensor([3, 4, 11])
    with torch.inference_mode():
        some = model.hidden([Row(ids, torch.arange(20), wanted), Row(ids[:9], torch.arange(9))])
        every = model.hidden([Row(ids, torch.arange(20))])
        other = model.hidden([Row(ids[:9], torch.arange(9))])
    assert (some[:3] - every[wanted]).abs().max() < 1e-5
    assert (some[3:] - other).abs().max() < 1e-5


def test_code_logits_are_the_end_of_the_vocabulary():
    model = network()
    with torch.inference_mode():
        hidden = model.hidden([Row(torch.arange(6), torch.arange(6))])
        assert torch.allclose(model.code_logits(hidden), model.logits(hidden)[:, TINY.first_code :], atol=1e-5)


def test_a_context_that_is_fresh_changes_nothing_and_a_stale_one_does():
    model = network()
    ids, at = torch.arange(20), torch.arange(20)
    some = torch.tensor([5, 6, 13])
    changed = ids.index_fill(0, some, 60)
    with torch.inference_mode():
        context = Context()
        model.hidden([Row(ids, at, context=context)])
        assert context.age == 0
        same = model.hidden([Row(ids[some], some, context=context)])
        assert (same - model.hidden([Row(ids, at, some)])).abs().max() < 1e-5
        stale = model.hidden([Row(changed[some], some, context=context)])
        true = model.hidden([Row(changed, at, some)])
        assert context.age == 2
        assert (stale - true).abs().max() > 1e-3
        context.clear()
        model.hidden([Row(changed, at, context=context)])
        again = model.hidden([Row(changed[some], some, context=context)])
        assert (again - true).abs().max() < 1e-5
