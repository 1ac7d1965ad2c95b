"""“Grass” where there is grass around: what is there goes on, and not another one drawn over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.api import Alpha, EditRequest
from engine.geometry import PixelRect
from engine.imaging.layer import Flags, Floats, Working
from engine.imaging.pattern import continued
from engine.materials import catalogue
from engine.materials.material import Kind
from engine.models import sight
from engine.models.exemplar import regenerate
from engine.models.exemplar.model import transparent
from engine.models.exemplar.quilt import quilted
from engine.operations.drawing import Drawing
from engine.operations.model_report import ModelReport
from engine.operations.numbers import seen
from engine.operations.report import Report

# What is around the selection is looked at so far, as a share of the selection's longer side.
_LOOKED_AT = 0.35
_LEAST_LOOK_PX = 24
# With less of that known (selections at corners, islands of alpha) nothing is said about it.
_LEAST_KNOWN = 0.15
# So sure the sight must be of the name that was asked for: in 109 names chance is 0.009, and twins share.
_SURE = 0.2
# And so near to what it usually looks like. Scenes vary so much that many a photograph is a little like one.
_MOST_DEVIATION = MappingProxyType({Kind.PATTERN: 3.0, Kind.MATERIAL: 2.0, Kind.SCENE: 1.2})
# In colours or moods that were named, a material has to be nearer, for no other name is weighed against it ...
_MOST_DEVIATION_NAMED = 1.2
# ... and the mean colour around near to that of one of so many drawings (largest channel, 0 … 1).
_NEAR_COLOUR = 0.1
_DRAWINGS, _DRAWINGS_OF_A_PATTERN = 4, 12
# What is another thing here and there, or has a grain as long as the selection: pieces of it do not go together.
_DRIFTING = frozenset(
    "wood,wooden planks,plywood,bark,flat shapes,interface panels,paint strokes,watercolour,sea,clouds,blue sky,"
    "overcast sky,night sky,galaxy,northern lights,fog,fire,embers,lava,smoke".split(",")
)
# So wide a band along the border is healed where pieces were set in, wider in larger pictures (as the pieces are).
_BORDER_PX, _BORDER_FOR_PX, _MOST_BORDER_PX = 12, 512, 24
# A plain colour is what was named, to the bit, also in something nearly of that colour.
_NEVER = ("plain",)
# What hardly varies (standard deviation, 0 … 1) is no pattern yet.
_LEAST_VARIATION = 0.01
# A continued gradient has to be one that the words could mean: so near to one of the drawings, pixel by pixel (mean).
_NEAR_GRADIENT = 0.06
_GRADIENT_DRAWINGS = 16


@dataclass(frozen=True, slots=True, eq=False)
class GoneOn:
    """A fill of the selection's box: (h, w, C) working pixels, and who made it."""

    fill: Floats
    model: str
    weights_hash: str
    note: str


def gone_on(
    request: EditRequest, working: Working, hole: Flags, box: PixelRect, drawing: Drawing, report: Report
) -> GoneOn | None:
    """What surrounds the selection, continued, where it is what the words ask for; None where it is something else.

    A pattern is continued to the pixel, along its lines or its lattice; a material by whole pieces of it, anything else
    by the exemplar model.
    """
    unknown, usable = torch.from_numpy(np.asarray(hole)), torch.from_numpy(np.asarray(~hole & ~working.broken))
    picture = seen(working.pixels, request)
    if not is_around(picture, usable, box, drawing, request.seed):
        return None
    report.check()
    weights_hash = sight.load().weights_hash
    note = f"{drawing.name} was already around the selection, and goes on there as it is in the layer"
    pixels = torch.from_numpy(working.pixels)
    if drawing.kind is Kind.PATTERN:
        filled = continued(pixels.permute(2, 0, 1), unknown, usable, report.check)
        if filled is None or filled.is_lines != drawing.is_lines:
            return None
        fill = _cut(filled.picture.permute(1, 2, 0), box)
        if drawing.name == "gradient" and not _is_meant(seen(fill, request), drawing, request.seed):
            return None
        return GoneOn(fill, "pattern", weights_hash, note)
    broken = torch.from_numpy(working.broken).to(drawing.device)
    pixels, unknown = pixels.to(drawing.device), unknown.to(drawing.device)
    has_alpha, band = request.format.alpha is not Alpha.NONE, _along_border(unknown)
    set_in = None
    if drawing.kind is Kind.MATERIAL and drawing.name not in _DRIFTING and not torch.equal(band, unknown):
        report.progress(0.02, "taking pieces of the surroundings")
        whole = PixelRect(0, 0, unknown.shape[1], unknown.shape[0])
        not_copied = broken | transparent(pixels, unknown, whole, has_alpha)
        set_in = quilted(pixels, unknown, not_copied, seed=request.seed, check=report.check)
    if set_in is not None:
        # What lies inside is whole; along the border, which cannot be cut, the model lets it meet the layer.
        pixels, unknown = set_in, band
    filled = regenerate(
        pixels,
        unknown,
        seed=request.seed,
        report=ModelReport(request, report, box),
        unusable=broken,
        has_alpha=has_alpha,
    )
    return GoneOn(_cut(filled, box), "exemplar", weights_hash, note)


def _along_border(hole: Tensor) -> Tensor:
    """(H, W) bool: the hole's pixels that are near to what is outside it."""
    width = min(_BORDER_PX * -(-max(hole.shape) // _BORDER_FOR_PX), _MOST_BORDER_PX)
    return hole & (F.max_pool2d((~hole)[None, None].float(), 2 * width + 1, 1, width)[0, 0] > 0)


def is_around(picture: Tensor, usable: Tensor, box: PixelRect, drawing: Drawing, seed: int) -> bool:
    """Whether what lies around the box is what would be drawn there.

    Args:
        picture: (3, H, W) 0 … 1. usable: (H, W) bool: known pixels outside the selection.
    """
    margin = max(_LEAST_LOOK_PX, round(_LOOKED_AT * max(box.width, box.height)))
    near = box.grow(margin).intersect(PixelRect(0, 0, usable.shape[1], usable.shape[0]))
    rows, cols = near.slices()
    seen, shown = picture[:, rows, cols].clamp(0, 1), usable[rows, cols]
    if drawing.name in _NEVER or float(shown.sum()) < _LEAST_KNOWN * near.area:
        return False
    if drawing.kind is not Kind.PATTERN and not drawing.has_words_of_its_own:
        found = sight.load().sees(seen, shown).get(drawing.name)
        return found is not None and found.sure >= _SURE and found.deviation <= _MOST_DEVIATION[drawing.kind]
    scale = max(1.0, max(near.width, near.height) / sight.LOOKED_AT_PX)
    count = _DRAWINGS_OF_A_PATTERN if drawing.kind is Kind.PATTERN else _DRAWINGS
    drawn = [drawing.small(count * seed + number, scale) for number in range(count)]
    mean = seen[:, shown].mean(1)
    if drawing.kind is Kind.PATTERN and float(seen[:, shown].std(1).amax()) < _LEAST_VARIATION:
        return False
    if all(float((one.mean((1, 2)) - mean).abs().amax()) > _NEAR_COLOUR for one in drawn):
        return False
    look = sight.load()
    if drawing.kind is Kind.PATTERN:
        return _is_that_pattern(seen, shown, drawing, drawn, seed)
    return look.deviation(drawing.name, seen, shown, drawn) <= _MOST_DEVIATION_NAMED


def _is_that_pattern(seen: Tensor, shown: Tensor, drawing: Drawing, drawn: Sequence[Tensor], seed: int) -> bool:
    """Whether it is like one of the drawings, and less like any other pattern in the same colours.

    Dots are large or small, stripes lie any way: the nearest of a kind counts.
    """
    look = sight.load()
    own = min(look.deviation(drawing.name, seen, shown, [one]) for one in drawn)
    if own > _MOST_DEVIATION[Kind.PATTERN]:
        return False
    if drawing.is_lines:
        # Whether these are lines will be seen when they are continued; which way they lie is in the statistics.
        return True
    words = set(drawing.name.split())
    scale = drawing.size.width / max(drawn[0].shape[2], 1)
    for name, entry in catalogue.entries().items():
        # Vertical stripes are stripes: neither is another pattern than the other.
        if entry.kind is not Kind.PATTERN or name in _NEVER or set(name.split()) & words:
            continue
        other = replace(drawing, understood=replace(drawing.understood, entry=name))
        for number in range(_DRAWINGS):
            one = other.small(_DRAWINGS * seed + number, scale)
            if look.deviation(drawing.name, seen, shown, [one]) < own:
                return False
    return True


def _is_meant(fill: Tensor, drawing: Drawing, seed: int) -> bool:
    """Whether a gradient (3, h, w) goes where one of the drawings goes, and from end to end."""
    scale = max(1.0, max(drawing.size.width, drawing.size.height) / sight.LOOKED_AT_PX)
    for number in range(_GRADIENT_DRAWINGS):
        drawn = drawing.small(_GRADIENT_DRAWINGS * seed + number, scale)
        small = F.interpolate(fill[None], drawn.shape[1:], mode="bilinear", antialias=True, align_corners=False)[0]
        # The part of a gradient that is missing is less than all of it: of the same turn, in the same order.
        centred = [one - one.mean((1, 2), keepdim=True) for one in (small, drawn)]
        gain = float((centred[0] * centred[1]).sum() / centred[1].square().sum().clamp(min=1e-9))
        if gain > 0.2 and float((centred[0] - gain * centred[1]).abs().mean()) < _NEAR_GRADIENT * min(1.0, gain):
            return True
    return False


def _cut(filled: Tensor, box: PixelRect) -> Floats:
    rows, cols = box.slices()
    return filled[rows, cols].cpu().numpy()
