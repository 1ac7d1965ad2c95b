"""Fill the hole of one window, coarse to fine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.exemplar.finish import mend_seam, most_agreed
from engine.models.exemplar.patches import (
    PatchShape,
    anchors_that_fit,
    patch_rows,
    patches_touching,
    principal_patches,
    project,
)
from engine.models.exemplar.pyramid import Level, build, depth_in_hole
from engine.models.exemplar.search import exact_nearest, masked_nearest, take_better
from engine.models.exemplar.vote import trust_of, votes


@dataclass(frozen=True, slots=True)
class Recipe:
    """The numbers of the method, all found by measurement on photographs."""

    radius: int = 3
    coarsest_thickness_px: int = 28
    least_side_px: int = 16
    dims_coarse: int = 24
    dims_fine: int = 20
    rounds_coarsest: int = 8
    rounds_exact: int = 3
    rounds_fine: int = 2
    exact_pairs: int = 50_000_000
    coarsest_pairs: int = 20_000_000
    falloff: float = 1.3
    seed_jitter: float = 0.1


Look = Callable[[Tensor, int, float], None]


@dataclass(slots=True)
class _State:
    """What a level hands to the next finer one."""

    colour: Tensor  # (H, W, C), hole filled
    nearest: Tensor  # (H*W,) int64 anchors
    trust: Tensor  # (H*W,)
    shape: PatchShape


def fill_window(
    window: Level, recipe: Recipe, generator: torch.Generator, check: Callable[[], None], look: Look
) -> Tensor:
    """(H, W, C): the window with its hole filled.

    Args:
        window: at least one known, not banned pixel.
        generator: on the CPU; the only source of chance.
        check: raises when the edit was cancelled.
        look: called with (picture of a level, fraction done) as levels are finished, coarsest first.
    """
    levels = build(window, recipe.coarsest_thickness_px, recipe.coarsest_pairs, recipe.least_side_px)
    state: _State | None = None
    for number in range(len(levels) - 1, -1, -1):
        check()
        solver = _Solver(levels[number], recipe, generator, check)
        state = solver.solve(state)
        if number == 0:
            return solver.finished(state)
        look(state.colour, 2**number, 1 - number / len(levels))
    raise AssertionError("a pyramid has at least one level")


class _Solver:
    def __init__(
        self, level: Level, recipe: Recipe, generator: torch.Generator, check: Callable[[], None]
    ) -> None:
        self.level, self.recipe, self.check = level, recipe, check
        self.generator = generator
        h, w = level.height, level.width
        device = level.colour.device
        self.shape, self.sources_map = self._largest_patch_with_sources()
        self.offsets = self.shape.offsets(w, device)
        self.sources = self.sources_map.reshape(-1).nonzero()[:, 0]
        self.target_map = patches_touching(level.hole, self.shape)
        self.targets = self.target_map.reshape(-1).nonzero()[:, 0]
        self.pixels = level.hole.reshape(-1).nonzero()[:, 0]
        self.depth = depth_in_hole(level.hole, 24)
        centre = self.targets + self.shape.ry * w + self.shape.rx
        self.target_depth = self.depth.reshape(-1)[centre]
        self.handicap = torch.full((h * w,), torch.inf, device=device)
        self.handicap[self.sources] = 0.0

    def _largest_patch_with_sources(self) -> tuple[PatchShape, Tensor]:
        level = self.level
        for radius in range(self.recipe.radius, -1, -1):
            shape = PatchShape.that_fits(level.height, level.width, radius)
            fits = anchors_that_fit(level.height, level.width, shape, level.colour.device)
            sources = fits & ~patches_touching(level.hole | level.banned, shape)
            if int(sources.sum()) >= (1 if radius == 0 else 4 * shape.pixels // 3):
                return shape, sources
        return shape, sources

    # ---- a level

    def solve(self, coarser: _State | None) -> _State:
        recipe, level = self.recipe, self.level
        exact = len(self.targets) * len(self.sources) <= recipe.exact_pairs
        if coarser is None:
            flat = self._peel()
            draw = torch.randint(len(self.sources), (len(self.targets),), generator=self.generator)
            nearest = self.sources[draw.to(self.sources.device)]
            rounds = recipe.rounds_coarsest
        else:
            nearest = self._doubled(coarser)
            flat = self._known_flat()
            up = F.interpolate(
                coarser.colour.permute(2, 0, 1)[None], scale_factor=2.0, mode="bilinear", align_corners=False
            )[0, :, : level.height, : level.width]
            flat[self.pixels] = up.permute(1, 2, 0).reshape(-1, flat.shape[1])[self.pixels]
            # Start from sharp copies where the coarser level's matches hold here too.
            ok = torch.isfinite(self.handicap[nearest])
            trust = torch.where(ok, recipe.falloff**-self.target_depth, 0.0)
            sharp, covered = self._vote(flat, nearest, trust)
            flat[self.pixels] = torch.where(covered[:, None], sharp, flat[self.pixels])
            rounds = recipe.rounds_exact if exact else recipe.rounds_fine
        dims = recipe.dims_coarse if exact else recipe.dims_fine
        basis = principal_patches(flat, self.sources, self.offsets, dims)
        features = project(flat, level.height, level.width, basis, self.shape)
        jitter = self._jitter(features) if coarser is None else None
        for number in range(rounds):
            self.check()
            wanted = self._features_of_targets(flat, basis, features, first=number == 0)
            if exact:
                handicap = self.handicap[self.sources]
                if jitter is not None:
                    handicap = handicap + jitter * (1 - number / rounds)
                index, best = exact_nearest(wanted, features[self.sources], handicap, self.check)
                nearest = self.sources[index]
            else:
                nearest, best = self._improve(nearest, wanted, features, coarser if number == 0 else None)
            trust = trust_of(best, self.target_depth, recipe.falloff)
            flat = flat.clone()
            flat[self.pixels], _ = self._vote(flat, nearest, trust)
        self.trust = trust
        self.best = best
        self.features = features
        self.wanted = wanted
        self.nearest = nearest
        return _State(flat.reshape(level.height, level.width, -1), *self._spread(nearest, trust), self.shape)

    def finished(self, state: _State) -> Tensor:
        level = self.level
        middle = self._middle_of_patch()
        chosen = most_agreed(self.pixels, state.nearest, state.trust, self.offsets, middle)
        flat = state.colour.reshape(-1, state.colour.shape[2]).clone()
        flat[self.pixels] = flat[chosen]
        self.check()
        return mend_seam(
            flat.reshape(state.colour.shape), level.colour, level.hole, state.nearest, state.trust, self.offsets
        )

    def _middle_of_patch(self) -> Tensor:
        k = torch.arange(self.shape.pixels, device=self.offsets.device)
        y, x = k // self.shape.cols - self.shape.ry, k % self.shape.cols - self.shape.rx
        return k[(y.abs() <= 1) & (x.abs() <= 1)]

    def _spread(self, nearest: Tensor, trust: Tensor) -> tuple[Tensor, Tensor]:
        """(H*W,) each: matches and trust at their anchors; an anchor that is no target names itself, untrusted."""
        copied_from = torch.arange(self.level.height * self.level.width, device=nearest.device)
        copied_from[self.targets] = nearest
        everywhere = torch.zeros(len(copied_from), device=nearest.device)
        everywhere[self.targets] = trust
        return copied_from, everywhere

    def _known_flat(self) -> Tensor:
        flat = self.level.colour.reshape(-1, self.level.colour.shape[2]).clone()
        flat[self.pixels] = 0.0
        return flat

    def _features_of_targets(self, flat: Tensor, basis: Tensor, features: Tensor, *, first: bool) -> Tensor:
        if first:
            return features[self.targets]
        ys, xs = self.targets // self.level.width, self.targets % self.level.width
        y0, y1 = int(ys.min()), int(ys.max()) + self.shape.rows
        x0, x1 = int(xs.min()), int(xs.max()) + self.shape.cols
        part = flat.reshape(self.level.height, self.level.width, -1)[y0:y1, x0:x1]
        inner = project(part.reshape(-1, flat.shape[1]), y1 - y0, x1 - x0, basis, self.shape)
        return inner[(ys - y0) * (x1 - x0) + (xs - x0)]

    def _vote(self, flat: Tensor, nearest: Tensor, trust: Tensor) -> tuple[Tensor, Tensor]:
        copied_from, everywhere = self._spread(nearest, trust)
        new = votes(self.pixels, copied_from, everywhere, flat, self.offsets)
        anchors = self.pixels[:, None] - self.offsets[None]
        covered = (everywhere[anchors.clamp(min=0)] * (anchors >= 0)).sum(1) > 0
        return new, covered

    def _jitter(self, features: Tensor) -> Tensor:
        """(sources,) a seeded preference for some sources, of the size of usual distances."""
        usual = features[self.sources].var(0).sum() * self.recipe.seed_jitter
        return torch.rand(len(self.sources), generator=self.generator).to(features.device) * usual

    # ---- coarsest level

    def _peel(self) -> Tensor:
        """Fill ring by ring from the known border, each pixel from the patch that fits what is known around it."""
        level, w = self.level, self.level.width
        flat = self._known_flat()
        known = (~level.hole).reshape(-1).float()
        channels = flat.shape[1]
        offered = patch_rows(flat, self.sources, self.offsets)
        jitter = torch.rand(len(self.sources), generator=self.generator).to(flat.device)
        jitter = jitter * offered.var(0).sum() * self.recipe.seed_jitter
        ys, xs = self.pixels // w, self.pixels % w
        ay = (ys - self.shape.ry).clamp(0, level.height - self.shape.rows)
        ax = (xs - self.shape.rx).clamp(0, w - self.shape.cols)
        anchors = ay * w + ax
        inside = self.pixels - anchors
        left = torch.ones(len(self.pixels), dtype=torch.bool, device=flat.device)
        while bool(left.any()):
            self.check()
            map_known = known.reshape(1, 1, level.height, w)
            near = (F.max_pool2d(map_known, 3, 1, 1).reshape(-1) > 0)[self.pixels] & left
            if not bool(near.any()):
                near = left
            rows = anchors[near][:, None] + self.offsets[None]
            weight = known[rows][:, :, None].expand(-1, -1, channels).reshape(len(rows), -1)
            wanted = flat[rows].reshape(len(rows), -1)
            chosen = self.sources[masked_nearest(wanted, weight, offered, jitter)]
            flat[self.pixels[near]] = flat[chosen + inside[near]]
            # Guesses count, but less than what is known, so that structure enters from the border.
            known[self.pixels[near]] = 0.5
            left = left & ~near
        return flat

    # ---- finer levels

    def _doubled(self, coarser: _State, shift: tuple[int, int] = (0, 0)) -> Tensor:
        """(targets,) the coarser level's matches of the patch at the same place (or beside it), twice as far."""
        w, h = self.level.width, self.level.height
        ch, cw = coarser.colour.shape[:2]
        ys, xs = self.targets // w, self.targets % w
        py = ((ys + self.shape.ry) // 2 - coarser.shape.ry + shift[0]).clamp(0, ch - coarser.shape.rows)
        px = ((xs + self.shape.rx) // 2 - coarser.shape.rx + shift[1]).clamp(0, cw - coarser.shape.cols)
        match = coarser.nearest[py * cw + px]
        dy, dx = match // cw - py, match % cw - px
        sy = (ys + 2 * dy).clamp(0, h - self.shape.rows)
        sx = (xs + 2 * dx).clamp(0, w - self.shape.cols)
        return sy * w + sx

    def _improve(
        self, nearest: Tensor, wanted: Tensor, features: Tensor, coarser: _State | None
    ) -> tuple[Tensor, Tensor]:
        w = self.level.width
        best = torch.full((len(wanted),), torch.inf, device=wanted.device)
        nearest, best = take_better(nearest, best, nearest, wanted, features, self.handicap)
        sides = ((0, 1), (1, 0), (0, -1), (-1, 0))
        if coarser is not None:
            for shift in sides:
                self.check()
                nearest, best = take_better(
                    nearest, best, self._doubled(coarser, shift), wanted, features, self.handicap
                )
        full = torch.arange(self.level.height * w, device=wanted.device)
        size = len(full)
        for _ in range(2):
            for dy, dx in sides:
                step = dy * w + dx
                full[self.targets] = nearest
                beside = (self.targets + step).clamp(0, size - 1)
                guess = full[beside] - step
                nearest, best = take_better(nearest, best, guess, wanted, features, self.handicap)
            for dy, dx in sides:
                self.check()
                nearest, best = take_better(nearest, best, nearest + dy * w + dx, wanted, features, self.handicap)
        lost = ~torch.isfinite(best)
        if bool(lost.any()):
            draw = torch.randint(len(self.sources), (int(lost.sum()),), generator=self.generator)
            nearest = nearest.clone()
            nearest[lost] = self.sources[draw.to(nearest.device)]
            best = torch.where(lost, wanted.square().sum(1), best)
        return nearest, best
