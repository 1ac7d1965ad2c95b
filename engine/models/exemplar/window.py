"""Fill the hole of one window, coarse to fine."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from engine.imaging.membrane import membrane
from engine.models.exemplar.finish import copy_most_agreed, join_seam, mend_seam
from engine.models.exemplar.grid import Match, grid_of
from engine.models.exemplar.pyramid import Level, build
from engine.models.exemplar.recipe import Recipe
from engine.models.exemplar.solve import solve_coarsest, solve_finer

Look = Callable[[Tensor, int, float], None]


def fill_window(
    window: Level, recipe: Recipe, generator: torch.Generator, check: Callable[[], None], look: Look
) -> Tensor:
    """(H, W, C): the window with its hole filled.

    Where so little is known that there are no patches the fill is a membrane.

    Args:
        window: at least one known pixel.
        generator: on the CPU; the only source of chance.
        check: raises when the edit was cancelled.
        look: called with (picture of a level, its scale, fraction done) as levels are finished, coarsest first.
    """
    levels = build(window, recipe.coarsest_thickness_px, recipe.coarsest_pairs, recipe.least_side_px)
    match: Match | None = None
    for number in range(len(levels) - 1, -1, -1):
        check()
        level = levels[number]
        grid = grid_of(level, recipe.radius)
        check()
        if match is not None:
            match = solve_finer(level, grid, match, recipe, check)
        elif grid.has_patches:
            # Something to see at once: the surroundings' colours, smoothly.
            look(membrane(level.colour, level.hole), 2**number, 0.0)
            match = solve_coarsest(level, grid, recipe, generator, check)
        if match is not None and number > 0:
            look(match.colour, 2**number, 1 - number / len(levels))
    if match is None:
        return membrane(window.colour, window.hole, check)
    check()
    sharp, source = copy_most_agreed(match, check)
    check()
    if any(recipe.outwards):
        return join_seam(sharp, window.colour, window.hole, match.grid, source, check)
    return mend_seam(sharp, window.colour, window.hole, match, check)
