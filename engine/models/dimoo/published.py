"""Upstream's sampling loop (generators/image_generation_generator.py and image_to_image_generator.py), draw for draw.

All masked tokens are drawn by Gumbel-max at every step, then as many as the cosine says are masked again: those whose
log probability plus Gumbel noise is lowest, at a temperature that does not fall. What is known is no candidate.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from engine.models.dimoo.guided import DimooSteps
from engine.models.masked.interface import Published
from engine.tokens.regenerate import Ask

# Upstream's, under its logarithms.
_LEAST = 1e-20


@torch.inference_mode()
def draw_as_published(
    steps_of: DimooSteps,
    count: int,
    how: Published,
    *,
    seed: int,
    device: torch.device,
    dtype: torch.dtype,
    check: Callable[[], None],
) -> Tensor:
    """The (R,) codes that upstream draws after ``setup_seed(seed)``.

    Args:
        steps_of: opened for this edit alone. count: R.
        how: guidance 1 more than upstream's ``cfg_scale``; upstream's temperature does not change with the steps.
        dtype: of the network. Random numbers are drawn in it, as upstream does; float16, in which upstream does not
            run, would lose the logarithms' small numbers: there they are float32.
        check: called before each step; may raise to stop.
    """
    numbers = torch.float32 if dtype == torch.float16 else dtype
    generator = torch.Generator(device).manual_seed(seed)
    ids = torch.zeros(count, dtype=torch.int64, device=device)
    masked = torch.ones(count, dtype=torch.bool, device=device)
    first, last = how.temperature
    for step in range(how.steps):
        temperature = first + (last - first) * step / max(1, how.steps - 1)
        at = masked.nonzero()[:, 0]
        if not len(at):
            break
        check()
        ask = Ask(0, ids[:, None], ~masked, how.guidance)
        drawn, sure = _draw(steps_of([ask])[0].raw(at, numbers), temperature, generator)
        ids[at] = drawn
        noisy = sure.clamp_min(_LEAST).log() + temperature * _gumbel(sure, generator)
        # At most all but one: each step reveals something.
        stay = min(_still_masked(count, step, how.steps), len(at) - 1)
        masked[at] = noisy < noisy.sort().values[stay]
    return ids


def _draw(logits: Tensor, temperature: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """(n,) codes of (n, codes) logits by Gumbel-max, and their probabilities."""
    if temperature == 0:
        drawn = logits.argmax(-1)
    else:
        drawn = (logits / temperature).add_(_gumbel(logits, generator)).argmax(-1)
    return drawn, logits.softmax(-1).gather(-1, drawn[:, None])[:, 0]


def _still_masked(count: int, step: int, steps: int) -> int:
    """Tokens that are masked after a step, in float32 as upstream counts them."""
    if step == steps - 1:
        return 0
    share = torch.cos(0.5 * math.pi * torch.tensor((step + 1) / steps))
    return max(1, int((count * share).floor()))


def _gumbel(like: Tensor, generator: torch.Generator) -> Tensor:
    uniform = torch.rand(like.shape, generator=generator, device=like.device, dtype=like.dtype)
    return uniform.add_(_LEAST).log_().neg_().add_(_LEAST).log_().neg_()
