"""The pictures that came with a request, for open models that look at them; and what is said where one does not."""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt

import numpy as np
import torch
from torch import Tensor

from engine.api import Alpha, EditRequest, LayerFormat, Pixels, Reference
from engine.colour.convert import numbers_of, turned
from engine.colour.space import srgb
from engine.commands import parse
from engine.commands.phrasing import listed
from engine.commands.plan import Restyle
from engine.errors import BadRequest
from engine.imaging.layer import Floats, to_working
from engine.matting.picture import picture_of
from engine.models.catalogue import entry_of

# Models look at references of fewer pixels than this, squared: of larger ones blocks become one pixel. The longest that
# are left keep 271 px across, where 256 are looked at.
_LEAST_PX = 768
# No model looks at more of a long one than the middle of this many times its shorter side.
_LONGEST_RATIO = 8
# So many pixels are turned between two checks: some milliseconds.
_PIXELS_A_CHECK = 1 << 18


def looked_at(request: EditRequest, model: str, check: Callable[[], None] = lambda: None) -> tuple[Tensor, ...]:
    """The request's references that this model looks at, (3, H, W) float32 sRGB 0 … 1 each, over white.

    Args:
        check: `report.Report.check`.

    Raises:
        BadRequest: one that the request names is not there.
    """
    numbers = _numbers(request)[: _most(model)]
    for number in numbers:
        if not 1 <= number <= len(request.references):
            raise BadRequest(f"There is no image {number} with the command.", hint="Add the picture, then try again.")
    return tuple(shown(request.references[number - 1], check) for number in numbers)


def notes_on(request: EditRequest, model: str) -> tuple[str, ...]:
    """What is to be said of references that were not looked at.

    Args:
        model: that drew it, in the catalogue; empty: a built-in one.
    """
    most = _most(model)
    numbers = _numbers(request) if request.references else ()
    if len(numbers) <= most:
        return ()
    left = numbers[most:]
    said = f"image{'s' if len(left) > 1 else ''} {listed([str(number) for number in left])} "
    said += "were not looked at: " if len(left) > 1 else "was not looked at: "
    title = entry_of(model).title if model else "the built-in model"
    if not most:
        return (f"{said}{title} does not look at other pictures",)
    return (f"{said}{title} looks at {'one picture' if most == 1 else f'{most} pictures'} beside the layer at most",)


def is_style(request: EditRequest) -> bool:
    """Whether the words of an instruction say no more than to take over the style of the picture that is looked at."""
    ops = parse(request.prompt, True, len(request.references)).ops if request.references else ()
    return len(ops) == 1 and isinstance(ops[0], Restyle) and ops[0].reference == _numbers(request)[0]


def shown(reference: Reference, check: Callable[[], None] = lambda: None) -> Tensor:
    """(3, H, W) float32 sRGB 0 … 1 of a picture, over white where it is transparent; large ones smaller, the ends of
    very long ones cut off.
    """
    working = _smaller(_cut(reference.pixels), reference.format, check)
    picture = picture_of(working, reference.format.alpha is not Alpha.NONE)
    check()
    both = np.concatenate([picture.rgb, picture.opacity[..., None]], -1)
    values = torch.from_numpy(np.nan_to_num(both)).permute(2, 0, 1)
    colour = turned(values[:3].contiguous(), numbers_of(reference.profile), srgb()).clamp(0, 1)
    check()
    return torch.lerp(torch.ones_like(colour), colour, values[3:])


def _cut(pixels: Pixels) -> Pixels:
    """The middle, at most so many times as long as wide."""
    (height, width), most = pixels.shape[:2], _LONGEST_RATIO * min(pixels.shape[:2])
    tall, wide = min(height, most), min(width, most)
    top, left = (height - tall) // 2, (width - wide) // 2
    return pixels[top : top + tall, left : left + wide]


def _smaller(pixels: Pixels, format_: LayerFormat, check: Callable[[], None]) -> Floats:
    """Working pixels, some rows after the other; of large pictures, the mean of each block of them."""
    side = max(1, isqrt(pixels.shape[0] * pixels.shape[1] // _LEAST_PX**2))
    rows, columns, channels = pixels.shape[0] // side, pixels.shape[1] // side, pixels.shape[2]
    small = np.empty((rows, columns, channels), np.float32)
    step = max(1, _PIXELS_A_CHECK // (columns * side * side))
    for row in range(0, rows, step):
        check()
        band = to_working(pixels[row * side : (row + step) * side, : columns * side], format_).pixels
        blocks = band[: len(band) // side * side].reshape(-1, side, columns, side, channels)
        small[row : row + step] = blocks.mean((1, 3)) if side > 1 else band
    return small


def _most(model: str) -> int:
    return entry_of(model).references if model else 0


def _numbers(request: EditRequest) -> tuple[int, ...]:
    """Those that the request names, or all."""
    said = str(request.values.get("references", ""))
    numbers = tuple(int(part) for part in said.split(",") if part.strip().isdecimal())
    return numbers or tuple(range(1, len(request.references) + 1))
