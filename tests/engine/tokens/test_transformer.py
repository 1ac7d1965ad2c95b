"""The exact context cache, against the plain pass over everything."""

import pytest
import torch
from hypothesis import given, settings
from support.tokens import DTYPES, TOY, holes, make_window, toy_transformer
from torch import Tensor

from engine.tokens.grid import places, positions, window_patches
from engine.tokens.packed import Row, Steps
from engine.tokens.text import START, pad_texts
from engine.tokens.transformer import Cache, RegionTokens, Transformer

SIZES = (12, 6)
GROUPS = len(SIZES)


def tokens_of(hole: Tensor, seed: int = 0) -> tuple[RegionTokens, Tensor, RegionTokens]:
    """A window's all tokens, which of them are region (1, N), and the region's tokens alone."""
    window = make_window(hole, seed)
    at, all_at = window.region.nonzero(), torch.ones_like(window.region).nonzero()
    is_region = window.region.flatten()
    generator = torch.Generator().manual_seed(seed)
    ids = torch.stack([torch.randint(size, (len(all_at),), generator=generator) for size in SIZES], -1)
    revealed = (torch.rand(len(all_at), generator=generator) < 0.5) & is_region
    where = torch.zeros(len(all_at), places(at).shape[1])
    where[is_region] = places(at)
    patches = window_patches(window.ground, window.known).flatten(1, 2)
    every = RegionTokens(patches, positions(all_at, at)[None], where[None], ids[None], revealed[None])
    mine = RegionTokens(*(getattr(every, name)[:, is_region] for name in RegionTokens.__slots__[:5]))
    return every, is_region[None], mine


def cached(model: Transformer, every: RegionTokens, is_region: Tensor, mine: RegionTokens, words: Tensor) -> Tensor:
    context = ~is_region[0]
    cache = model.prefill(every.patches[:, context], every.positions[:, context])
    return step(model, cache, mine, words)


def step(model: Transformer, cache: Cache, mine: RegionTokens, words: Tensor) -> Tensor:
    row = Row(model, cache, mine.patches[0], mine.positions[0], mine.places[0], model.text(words))
    return Steps(model).step([row], [mine.ids[0]], [mine.revealed[0]])[0][None]


@given(holes())
@settings(max_examples=30, deadline=None)
def test_the_cached_step_equals_the_plain_pass(hole: Tensor):
    model = toy_transformer()
    every, is_region, mine = tokens_of(hole)
    words = torch.tensor([[START, 4, 5]])
    with torch.no_grad():
        plain = model.forward_full(every, is_region, words)[is_region]
        quick = cached(model, every, is_region, mine, words)[0]
        for group in range(GROUPS):
            earlier = mine.ids[0][:, :group]
            logits = model.logits(plain, earlier), model.logits(quick, earlier)
            assert logits[0].shape[-1] == SIZES[group]
            assert torch.allclose(*logits, atol=1e-5)


def test_what_the_context_says_does_not_depend_on_the_region():
    model = toy_transformer()
    hole = torch.zeros(40, 40, dtype=torch.bool)
    hole[10:30, 10:30] = True
    every, is_region, _ = tokens_of(hole)
    other = RegionTokens(
        torch.where(is_region[..., None], 0.0, every.patches), every.positions, every.places, every.ids, every.revealed
    )
    heard: list[list[Tensor]] = []
    for tokens, words in ((every, [START, 4]), (other, [START, 5, 6])):
        calls: list[Tensor] = []
        hooks = [
            block.mlp.register_forward_hook(lambda _, __, out, c=calls: c.append(out)) for block in model._blocks()
        ]
        with torch.no_grad():
            model.forward_full(tokens, is_region, torch.tensor([words]))
        for hook in hooks:
            hook.remove()
        heard.append([call[:, : is_region.shape[1]] for call in calls])
    for one, two in zip(*heard, strict=True):
        assert torch.allclose(one[~is_region], two[~is_region], atol=1e-6)
        assert not torch.allclose(one[is_region], two[is_region], atol=1e-3)


def test_every_part_of_the_question_is_heard():
    model = toy_transformer()
    hole = torch.zeros(40, 40, dtype=torch.bool)
    hole[10:30, 10:30] = True
    every, is_region, mine = tokens_of(hole)
    words = torch.tensor([[START, 4, 5]])
    with torch.no_grad():
        cache = model.prefill(every.patches[:, ~is_region[0]], every.positions[:, ~is_region[0]])
        usual = step(model, cache, mine, words)
        variations = {
            "words": step(model, cache, mine, torch.tensor([[START, 4, 6]])),
            "context": step(
                model,
                model.prefill(every.patches[:, ~is_region[0]] * 0.5, every.positions[:, ~is_region[0]]),
                mine,
                words,
            ),
        }
        for name, changed in {
            "ids": (mine.ids + 1) % 6,
            "revealed": ~mine.revealed,
            "patches": mine.patches * 0.5,
            "places": mine.places * 0.5,
            "positions": mine.positions * 1.5,
        }.items():
            fields = {each: getattr(mine, each) for each in RegionTokens.__slots__} | {name: changed}
            variations[name] = step(model, cache, RegionTokens(**fields), words)
    for name, other in variations.items():
        assert float((usual - other).abs().amax()) > 1e-3, name


def test_ids_that_are_not_revealed_are_not_read():
    model = toy_transformer()
    every, is_region, mine = tokens_of(torch.ones(24, 24, dtype=torch.bool))
    nothing = RegionTokens(
        mine.patches,
        mine.positions,
        mine.places,
        torch.where(mine.revealed[..., None], mine.ids, 0),
        mine.revealed,
    )
    words = torch.tensor([[START]])
    with torch.no_grad():
        assert torch.equal(
            cached(model, every, is_region, mine, words), cached(model, every, is_region, nothing, words)
        )


@pytest.mark.parametrize("dtype", DTYPES)
def test_it_runs_in_half_precision_near_the_full_one(dtype: torch.dtype):
    hole = torch.zeros(48, 40, dtype=torch.bool)
    hole[10:30, 10:30] = True
    every, is_region, mine = tokens_of(hole)
    words = torch.tensor([[START, 4, 5]])
    with torch.no_grad():
        exact = toy_transformer()
        model = toy_transformer(dtype)
        want = exact.logits(cached(exact, every, is_region, mine, words), mine.ids[..., :1])
        got = model.logits(cached(model, every, is_region, mine, words), mine.ids[..., :1])
    assert got.dtype == torch.float32
    assert float((want - got).abs().mean()) < 0.1 * float(want.abs().mean())


def test_padded_words_are_not_heard():
    model = toy_transformer()
    every, is_region, mine = tokens_of(torch.ones(16, 24, dtype=torch.bool))
    two = RegionTokens(
        *(getattr(every, name).expand(2, *getattr(every, name).shape[1:]) for name in every.__slots__[:5])
    )
    with torch.no_grad():
        alone = model.forward_full(every, is_region, pad_texts([[START, 4]]))
        together = model.forward_full(two, is_region.expand(2, -1), pad_texts([[START, 4], [START, 5, 6, 7]]))
    assert torch.allclose(alone[0], together[0], atol=1e-5)


def test_the_second_group_depends_on_the_first():
    model = toy_transformer()
    hidden = torch.randn(1, TOY.transformer.width)
    with torch.no_grad():
        one, two = (model.logits(hidden, torch.tensor([[first]])) for first in (0, 1))
    assert not torch.allclose(one, two, atol=1e-3)


def test_it_learns_a_rule():
    """Red where the word says so: loss falls, and every weight gets a gradient."""
    torch.manual_seed(0)
    model = Transformer(TOY.transformer, 10)
    every, is_region, _ = tokens_of(torch.ones(16, 16, dtype=torch.bool))
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    losses: list[float] = []
    for step in range(40):
        word = 2 + step % 2
        hidden = model.forward_full(every, is_region, torch.tensor([[START, word]]))[is_region]
        want = torch.full((len(hidden), GROUPS), word)
        terms = [
            torch.nn.functional.cross_entropy(model.logits(hidden, want[:, :group]), want[:, group])
            for group in range(GROUPS)
        ]
        loss = torch.stack(terms).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4
    assert [name for name, weight in model.named_parameters() if weight.grad is None] == []


def test_it_trains_under_autocast():
    model = toy_transformer()
    every, is_region, _ = tokens_of(torch.ones(16, 24, dtype=torch.bool))
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.forward_full(every, is_region, torch.tensor([[START, 4]]))[is_region]
        logits = [model.logits(hidden, every.ids[is_region][:, :group]) for group in range(GROUPS)]
    torch.stack([each.logsumexp(-1).sum() for each in logits]).sum().backward()
    assert all(bool(weight.grad.isfinite().all()) for weight in model.parameters() if weight.grad is not None)
    assert logits[0].dtype == torch.float32
