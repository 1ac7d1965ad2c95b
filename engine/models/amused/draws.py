"""The loop of diffusers' AmusedInpaintPipeline and AmusedScheduler, number for number, over the masked tokens alone.

The published code draws for every token of the grid and throws away what is known. Here the same random numbers are
drawn, because the next ones depend on them, and those of known tokens are not used. Its own mask has gaps in it (a
Lanczos resize and a threshold); it is given ours.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from engine.models.masked.interface import Published

# As the scheduler clamps them before logarithms.
_LEAST = 1e-20


def draw_as_published(
    logits_of: Callable[[Tensor, Tensor], Tensor],
    ids: Tensor,
    at: Tensor,
    mask_id: int,
    how: Published,
    *,
    seed: int,
    check: Callable[[], None],
) -> Tensor:
    """
    Args:
        logits_of: called once a step with the grid (h, w) int64 and the places (n,) in it of its masked tokens; gives
            their logits (n, codes), guidance applied.
        ids: (h, w) int64, ``mask_id`` where something is to be drawn. at: (R,) int64: where, as places in the flat
            grid, ascending.
        check: called before each step; may raise.

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
        logits = logits_of(grid.view_as(ids), unknown)
        chances = logits.softmax(-1)
        drawn, sure = _drawn(chances, unknown, count, generator)
        if step == how.steps - 1:
            return grid.index_copy(0, unknown, drawn)[at]
        noise = _gumbel(torch.zeros(count).uniform_(0, 1, generator=generator)).to(sure)
        stay = _still_masked(len(unknown), masked_share, step, how.steps, count)
        confidence = sure.clamp(_LEAST).log() + temperatures[step].to(sure) * noise[unknown]
        # As many as are less sure than that one; equal ones are kept, as there.
        cut = confidence.sort().values[stay] if stay < len(unknown) else torch.inf
        grid = grid.index_copy(0, unknown, torch.where(confidence < cut, mask_id, drawn))
    return grid[at]


def _drawn(chances: Tensor, unknown: Tensor, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """An id for each unknown token, and how probable it was.

    `torch.multinomial` of one sample is an exponential race: the id of the largest probability over a random number.
    """
    on_cpu = chances.float() if chances.device.type != "cpu" or chances.dtype != torch.float32 else chances
    race = torch.empty(count, chances.shape[-1]).exponential_(1, generator=generator)
    race = race[unknown.to(race.device)].to(on_cpu.device)
    drawn = (on_cpu / race).argmax(-1)
    return drawn, chances.gather(1, drawn[:, None])[:, 0]


def _still_masked(unknown: int, masked_share: Tensor, step: int, steps: int, count: int) -> int:
    """Tokens that stay masked after this step: the inpainting pipeline sets the scheduler to linear."""
    ratio = torch.tensor(step + 1) / steps
    stay = int((count * (masked_share * (1 - ratio))).floor())
    return max(1, min(unknown - 1, stay))


def _gumbel(uniform: Tensor) -> Tensor:
    return -torch.log((-torch.log(uniform.clamp(_LEAST))).clamp(_LEAST))
