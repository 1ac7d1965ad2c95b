"""The loop of aMUSEd's and Meissonic's pipelines and schedulers, number for number, over the masked tokens alone.

The published code draws for every token of the grid and throws away what is known. Here the same random numbers are
drawn, because the next ones depend on them, and those of known tokens are not used. Their own masks have gaps (a
Lanczos resize and a threshold); they are given ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from engine.models.masked.interface import Published

# As the schedulers clamp them before logarithms.
_LEAST = 1e-20


def draw_as_published(
    logits_of: Callable[[int, Tensor, Tensor], Tensor],
    ids: Tensor,
    at: Tensor,
    mask_id: int,
    how: Published,
    *,
    seed: int,
    check: Callable[[], None],
    cosine: bool = False,
    kept: Callable[[Tensor, Tensor], Tensor] = lambda _, drawn: drawn,
) -> Tensor:
    """
    Args:
        logits_of: called once a step with its number, the grid (h, w) int64 and the places (n,) in it of its masked
            tokens; gives their logits (n, codes), guidance applied.
        ids: (h, w) int64, ``mask_id`` where something is to be drawn. at: (R,) int64: where, as places in the flat
            grid, ascending.
        check: called before each step; may raise.
        cosine: how the share of masked tokens falls; else linearly, as the inpainting pipelines set it.
        kept: called with those places and what was drawn for them, (n,); gives what is taken instead.

    Returns:
        (R,) int64.
    """
    generator = torch.Generator().manual_seed(seed)
    grid, count = ids.flatten().clone(), ids.numel()
    temperatures = torch.linspace(how.temperature[0], how.temperature[1], how.steps)
    masked_share = torch.tensor(len(at)) / count
    for step in range(how.steps):
        check()
        # The published loop goes on, with nothing to draw, where more steps were asked for than there are tokens.
        unknown = at[grid[at] == mask_id]
        chances = logits_of(step, grid.view_as(ids), unknown).softmax(-1)
        drawn = kept(unknown, _drawn(chances, unknown, count, generator))
        if step == how.steps - 1:
            return grid.index_copy(0, unknown, drawn)[at]
        sure = chances.gather(1, drawn[:, None])[:, 0]
        noise = _gumbel(torch.zeros(count).uniform_(0, 1, generator=generator)).to(sure)
        stay = _still_masked(len(unknown), masked_share, step, how.steps, count, cosine=cosine)
        confidence = sure.clamp(_LEAST).log() + temperatures[step].to(sure) * noise[unknown]
        # As many as are less sure than that one; equal ones are kept, as there.
        cut = confidence.sort().values[stay] if stay < len(unknown) else torch.inf
        grid = grid.index_copy(0, unknown, torch.where(confidence < cut, mask_id, drawn))
    return grid[at]


def _drawn(chances: Tensor, unknown: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """An id for each unknown token.

    `torch.multinomial` of one sample is an exponential race: the id of the largest probability over a random number.
    """
    on_cpu = chances.float() if chances.device.type != "cpu" or chances.dtype != torch.float32 else chances
    race = torch.empty(count, chances.shape[-1]).exponential_(1, generator=generator)
    race = race[unknown.to(race.device)].to(on_cpu.device)
    return (on_cpu / race).argmax(-1)


def _still_masked(unknown: int, masked_share: Tensor, step: int, steps: int, count: int, *, cosine: bool) -> int:
    """Tokens that stay masked after this step."""
    ratio = torch.tensor(step + 1) / steps
    share = torch.cos(ratio * math.pi / 2) if cosine else 1 - ratio
    stay = int((count * (masked_share * share)).floor())
    return max(1, min(unknown - 1, stay))


def _gumbel(uniform: Tensor) -> Tensor:
    return -torch.log((-torch.log(uniform.clamp(_LEAST))).clamp(_LEAST))
