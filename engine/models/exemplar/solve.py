"""One level: match every patch over the hole with a known one, let the matches vote, and again."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.exemplar.grid import Grid, Match, doubled
from engine.models.exemplar.offsets import dominant_offsets
from engine.models.exemplar.outwards import went_on
from engine.models.exemplar.patches import principal_patches, project
from engine.models.exemplar.peel import peel
from engine.models.exemplar.pyramid import Level
from engine.models.exemplar.recipe import Recipe
from engine.models.exemplar.search import exact_nearest, take_better
from engine.models.exemplar.shift_map import shift_map
from engine.models.exemplar.vote import trust_of, votes

Check = Callable[[], None]
_SIDES = ((0, 1), (1, 0), (0, -1), (-1, 0))
_SWEEPS = 2
# Neighbouring patches share most of their pixels: one in so many says how well a fill fits.
_ASKED_FOR_MISFIT = 3


def solve_coarsest(level: Level, grid: Grid, recipe: Recipe, generator: torch.Generator, check: Check) -> Match:
    """Nothing is known yet: two or three ways to begin, rounds of match and vote for each, and the best one goes on.

    Beyond the picture's border there is a fourth, and it is the only one (`outwards`).
    Peeling continues lines and texture from the border inwards; a map of a few large shifts continues what repeats,
    and keeps whole things whole; a guess, where there is one, may know of structure that neither finds.
    """
    given = level.colour.reshape(-1, level.colour.shape[2])
    if any(recipe.outwards):
        start = went_on(given, level.banned, grid, recipe, generator, check)
        if start is not None:
            return _rounds(start, grid.targets, grid, recipe, 1, None, check, exact=True)
    flat = peel(given, grid, generator, recipe.seed_jitter, check)
    draw = torch.randint(len(grid.sources), (len(grid.targets),), generator=generator)
    nearest = grid.sources[draw.to(given.device)]
    best = _rounds(flat, nearest, grid, recipe, recipe.rounds_coarsest, None, check)
    starts = [
        (_shifted(best, level.banned, grid, recipe, generator, check), recipe.rounds_shifted, recipe.shifted_below),
        (_guessed(level, grid), recipe.rounds_guess, recipe.guess_below),
    ]
    if all(start is None for start, _, _ in starts):
        return best
    misfit = _misfit(best, grid, recipe, check)
    for start, rounds, below in starts:
        if start is None:
            continue
        tried = _rounds(start, nearest, grid, recipe, rounds, None, check)
        tried_misfit = _misfit(tried, grid, recipe, check)
        if tried_misfit < below * misfit:
            best, misfit = tried, tried_misfit
    return best


def _guessed(level: Level, grid: Grid) -> Tensor | None:
    """(H*W, C): the hole as it was guessed."""
    if level.guess is None:
        return None
    flat, guess = (picture.reshape(-1, picture.shape[2]) for picture in (level.colour, level.guess))
    return flat.index_copy(0, grid.pixels, guess[grid.pixels])


def _shifted(
    peeled: Match, banned: Tensor, grid: Grid, recipe: Recipe, generator: torch.Generator, check: Check
) -> Tensor | None:
    """(H*W, C): the hole filled by a shift map, as peeled where no shift leads to anything known; None: no map."""
    flat = peeled.colour.reshape(-1, peeled.colour.shape[2])
    most = min(recipe.shifts, math.isqrt(recipe.shift_pairs // len(grid.pixels)))
    if most < recipe.least_shifts or not _is_exact(grid, recipe):
        return None
    features = project(flat, grid.height, grid.width, _basis(flat, grid, recipe.dims_exact), grid.shape, check)
    shifts = dominant_offsets(features, grid, most, generator, check)
    if not len(shifts):
        return None
    spread = flat[grid.sources].var(0).sum()
    liking = torch.rand(len(shifts), generator=generator).to(flat.device) * spread * recipe.seed_jitter
    copied, leads = shift_map(flat, banned, grid, shifts, liking, check)
    return flat.index_copy(0, grid.pixels[leads], flat[copied[leads]])


def _misfit(match: Match, grid: Grid, recipe: Recipe, check: Check) -> Tensor:
    """Mean squared distance of the fill's patches to the nearest known ones: how little it looks invented."""
    flat = match.colour.reshape(-1, match.colour.shape[2])
    basis = _basis(flat, grid, recipe.dims_exact)
    offered = project(flat, grid.height, grid.width, basis, grid.shape, check)[grid.sources]
    wanted = _project_targets(flat, basis, grid)[::_ASKED_FOR_MISFIT]
    return exact_nearest(wanted, offered, grid.handicap[grid.sources], check)[1].mean()


def _basis(flat: Tensor, grid: Grid, dims: int) -> Tensor:
    return principal_patches(flat, grid.sources, grid.offsets, dims)


def solve_finer(level: Level, grid: Grid, coarser: Match, recipe: Recipe, check: Check) -> Match:
    """Start from the coarser level's matches, then rounds of match and vote."""
    nearest = doubled(grid, coarser)
    check()
    flat = _enlarged(level, grid, coarser)
    check()
    # Sharp copies where the coarser level's matches are allowed here too.
    allowed = torch.isfinite(grid.handicap[nearest])
    copied_from, trust = grid.spread(nearest, torch.where(allowed, recipe.falloff**-grid.depth, 0.0))
    check()
    counted = torch.cat([flat, torch.ones_like(flat[:, :1])], 1)
    copies = votes(grid.pixels, copied_from, trust, counted, grid.offsets, check)
    flat[grid.pixels] = torch.where(copies[:, -1:] > 0.5, copies[:, :-1], flat[grid.pixels])
    if level.height * level.width > recipe.most_searched_px:
        return _carried(flat, nearest, grid, coarser, recipe, check)
    exact = _is_exact(grid, recipe)
    rounds = recipe.rounds_exact if exact else recipe.rounds_guessed
    return _rounds(flat, nearest, grid, recipe, rounds, coarser, check)


def _is_exact(grid: Grid, recipe: Recipe) -> bool:
    return len(grid.targets) * len(grid.sources) <= recipe.exact_pairs


def _rounds(
    flat: Tensor,
    nearest: Tensor,
    grid: Grid,
    recipe: Recipe,
    rounds: int,
    coarser: Match | None,
    check: Check,
    *,
    exact: bool | None = None,
) -> Match:
    """The heart: Wexler et al.'s expectation and maximisation, on projected patches."""
    exact = _is_exact(grid, recipe) if exact is None else exact
    basis = _basis(flat, grid, recipe.dims_exact if exact else recipe.dims_guessed)
    check()
    features = project(flat, grid.height, grid.width, basis, grid.shape, check)
    check()
    offered = features[grid.sources] if exact else features
    wanted, trust = features[grid.targets], flat.new_zeros(len(nearest))
    for number in range(rounds):
        check()
        if number > 0:
            wanted = _project_targets(flat, basis, grid)
        if exact:
            index, best = exact_nearest(wanted, offered, grid.handicap[grid.sources], check)
            nearest = grid.sources[index]
        else:
            nearest, best = propagated(nearest, wanted, features, grid, coarser if number == 0 else None, check)
        trust = trust_of(best, grid.depth, recipe.falloff)
        new = votes(grid.pixels, *grid.spread(nearest, trust), flat, grid.offsets, check)
        flat = flat.index_copy(0, grid.pixels, new)
    return Match(flat.reshape(grid.height, grid.width, -1), *grid.spread(nearest, trust), grid)


def _carried(flat: Tensor, nearest: Tensor, grid: Grid, coarser: Match, recipe: Recipe, check: Check) -> Match:
    """The coarser level's matches as they are, or a neighbour's where one is not allowed here: no features at all."""
    nothing = flat.new_zeros(len(flat), 0)
    nearest, _ = propagated(nearest, nothing[grid.targets], nothing, grid, coarser, check)
    copied_from, trust = grid.spread(nearest, recipe.falloff**-grid.depth)
    check()
    new = votes(grid.pixels, copied_from, trust, flat, grid.offsets, check)
    flat = flat.index_copy(0, grid.pixels, new)
    return Match(flat.reshape(grid.height, grid.width, -1), copied_from, trust, grid)


def _enlarged(level: Level, grid: Grid, coarser: Match) -> Tensor:
    """(H*W, C): this level with the coarser fill, twice as large, in its hole."""
    picture = coarser.colour.permute(2, 0, 1)[None]
    large = F.interpolate(picture, scale_factor=2.0, mode="bilinear", align_corners=False)
    large = large[0, :, : level.height, : level.width].permute(1, 2, 0)
    return torch.where(level.hole[..., None], large, level.colour).reshape(-1, level.colour.shape[2])


def _project_targets(flat: Tensor, basis: Tensor, grid: Grid) -> Tensor:
    """(n, D): the targets' patches as the fill is now; only the hole's box is convolved."""
    ys, xs = grid.targets // grid.width, grid.targets % grid.width
    y0, y1 = int(ys.min()), int(ys.max()) + grid.shape.rows
    x0, x1 = int(xs.min()), int(xs.max()) + grid.shape.cols
    box = flat.reshape(grid.height, grid.width, -1)[y0:y1, x0:x1].reshape(-1, flat.shape[1])
    return project(box, y1 - y0, x1 - x0, basis, grid.shape)[(ys - y0) * (x1 - x0) + (xs - x0)]


def propagated(
    nearest: Tensor, wanted: Tensor, features: Tensor, grid: Grid, coarser: Match | None, check: Check
) -> tuple[Tensor, Tensor]:
    """PatchMatch's propagation (Barnes et al. 2009) without its random search: the coarser level has searched.

    Guesses: one's own match, those of the coarser level's neighbours, the neighbours' matches moved along, and the
    places right beside the match.
    """
    best = torch.full((len(wanted),), torch.inf, device=wanted.device)
    nearest, best = take_better(nearest, best, nearest, wanted, features, grid.handicap)
    if coarser is not None:
        for shift in _SIDES:
            check()
            guess = doubled(grid, coarser, shift)
            nearest, best = take_better(nearest, best, guess, wanted, features, grid.handicap)
    everywhere = torch.arange(grid.height * grid.width, device=wanted.device)
    for _ in range(_SWEEPS):
        for dy, dx in _SIDES:
            check()
            step = dy * grid.width + dx
            everywhere[grid.targets] = nearest
            beside = (grid.targets + step).clamp(0, len(everywhere) - 1)
            nearest, best = take_better(nearest, best, everywhere[beside] - step, wanted, features, grid.handicap)
        for dy, dx in _SIDES:
            check()
            guess = nearest + dy * grid.width + dx
            nearest, best = take_better(nearest, best, guess, wanted, features, grid.handicap)
    return _rescue(nearest, best, grid)


def _rescue(nearest: Tensor, best: Tensor, grid: Grid) -> tuple[Tensor, Tensor]:
    """Where no guess was allowed: the next source in reading order, with the worst distance there is."""
    lost = ~torch.isfinite(best)
    if not bool(lost.any()):
        return nearest, best
    after = torch.searchsorted(grid.sources, nearest.contiguous()).clamp(max=len(grid.sources) - 1)
    found = best[~lost]
    worst = found.max() if len(found) else best.new_zeros(())
    return torch.where(lost, grid.sources[after], nearest), torch.where(lost, worst, best)
