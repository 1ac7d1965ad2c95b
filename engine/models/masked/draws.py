"""The loop of aMUSEd's and Meissonic's pipelines and schedulers, number for number, over the masked tokens alone.

The published code draws for every token of the grid and throws away what is known. Here the same random numbers are
drawn, because the next ones depend on them, and those of known tokens are not used. Their own masks have gaps (a
Lanczos resize and a threshold); they are given ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import cast

import torch
from torch import Tensor

from engine.models.masked.interface import Published

# As the schedulers clamp them before logarithms.
_LEAST = 1e-20
# Random bytes drawn at once to step over other numbers.
_STEP_WORDS = 1 << 22


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
    race = exponentials(cast("list[int]", unknown.tolist()), count, chances.shape[-1], generator).to(on_cpu.device)
    return (on_cpu / race).argmax(-1)


def exponentials(rows: Sequence[int], count: int, width: int, generator: torch.Generator) -> Tensor:
    """Some rows of ``torch.empty(count, width).exponential_(1)``, and the generator as it is after all of them.

    The numbers of rows that nobody wants are stepped over, at a quarter of what drawing them costs.

    Args:
        rows: ascending.

    Returns:
        (rows, width) float32 on the CPU.
    """
    if not is_serial():
        return torch.empty(count, width).exponential_(1, generator=generator)[list(rows)]
    out = torch.empty(len(rows), width)
    done = at = 0
    while done < len(rows):
        first, begun = rows[done], done
        while done < len(rows) and rows[done] == first + done - begun:
            done += 1
        _step_over((first - at) * width, generator)
        out[begun:done].exponential_(1, generator=generator)
        at = first + done - begun
    _step_over((count - at) * width, generator)
    return out


def _step_over(numbers: int, generator: torch.Generator) -> None:
    """An exponential number takes two words of the generator, a random byte one."""
    words = 2 * numbers
    room = torch.empty(min(words, _STEP_WORDS), dtype=torch.uint8)
    while words > 0:
        room[: min(words, len(room))].random_(generator=generator)
        words -= len(room)


@cache
def is_serial() -> bool:
    """Whether this torch draws as `_step_over` believes: a matter of its implementation, not of its promises."""
    plain, stepping = torch.Generator().manual_seed(1), torch.Generator().manual_seed(1)
    whole = torch.empty(5, 64).exponential_(1, generator=plain)
    _step_over(2 * 64, stepping)
    part = torch.empty(2, 64).exponential_(1, generator=stepping)
    _step_over(64, stepping)
    same = torch.equal(torch.rand(4, generator=plain), torch.rand(4, generator=stepping))
    return same and torch.equal(whole[2:4], part)


def _still_masked(unknown: int, masked_share: Tensor, step: int, steps: int, count: int, *, cosine: bool) -> int:
    """Tokens that stay masked after this step."""
    ratio = torch.tensor(step + 1) / steps
    share = torch.cos(ratio * math.pi / 2) if cosine else 1 - ratio
    stay = int((count * (masked_share * share)).floor())
    return max(1, min(unknown - 1, stay))


def _gumbel(uniform: Tensor) -> Tensor:
    return -torch.log((-torch.log(uniform.clamp(_LEAST))).clamp(_LEAST))
