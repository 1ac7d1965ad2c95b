"""The pictures that came with a request, for open models that look at them; and what is said where one does not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from engine.api import Alpha, EditRequest, Pixels, Reference
from engine.colour.convert import numbers_of, turned
from engine.colour.space import srgb
from engine.commands import parse
from engine.commands.phrasing import listed
from engine.commands.plan import Restyle
from engine.errors import BadRequest
from engine.imaging.layer import to_working
from engine.matting.picture import picture_of
from engine.models.catalogue import entry_of

# Models look at references that are smaller than this on their shorter side: of larger ones blocks become one pixel.
_LEAST_PX = 768
# No model looks at more of a long one than the middle of this many times its shorter side.
_LONGEST_RATIO = 8
_ROWS_A_CHECK = 16


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
    pixels = _smaller(_cut(reference.pixels), check)
    picture = picture_of(to_working(pixels, reference.format).pixels, reference.format.alpha is not Alpha.NONE)
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


def _smaller(pixels: Pixels, check: Callable[[], None]) -> Pixels:
    """Blocks of whole pixels become their mean, a row of blocks after the other; the same type of numbers."""
    side = min(pixels.shape[:2]) // _LEAST_PX
    if side < 2:
        return pixels
    rows, columns, channels = pixels.shape[0] // side, pixels.shape[1] // side, pixels.shape[2]
    small = np.empty((rows, columns, channels), pixels.dtype)
    for row in range(rows):
        band = pixels[row * side : (row + 1) * side, : columns * side].reshape(side, columns, side, channels)
        mean = band.mean((0, 2), dtype=np.float32)
        small[row] = mean if pixels.dtype.kind == "f" else np.rint(mean)
        if row % _ROWS_A_CHECK == 0:
            check()
    return small


def _most(model: str) -> int:
    return entry_of(model).references if model else 0


def _numbers(request: EditRequest) -> tuple[int, ...]:
    """Those that the request names, or all."""
    said = str(request.values.get("references", ""))
    numbers = tuple(int(part) for part in said.split(",") if part.strip().isdecimal())
    return numbers or tuple(range(1, len(request.references) + 1))
