"""The pictures that came with a request, for open models that look at them; and what is said where one does not."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.api import Alpha, EditRequest, Reference
from engine.colour.convert import numbers_of, turned
from engine.colour.space import srgb
from engine.commands import parse
from engine.commands.phrasing import listed
from engine.commands.plan import Restyle
from engine.errors import BadRequest
from engine.imaging.layer import to_working
from engine.matting.picture import picture_of, resized
from engine.models.catalogue import entry_of

# Models look at references far smaller than this: what is larger is halved first, which is quick.
_LARGE_PX = 2048


def looked_at(request: EditRequest, model: str) -> tuple[Tensor, ...]:
    """The request's references that this model looks at, (3, H, W) float32 sRGB 0 … 1 each, over white.

    Raises:
        BadRequest: one that the request names is not there.
    """
    most = _most(model)
    return tuple(shown(request.references[number - 1]) for number in _numbers(request)[:most]) if most else ()


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
    """Whether the words of an instruction say no more than to take over the style of a picture that came with it."""
    ops = parse(request.prompt, True, len(request.references)).ops if request.references else ()
    return len(ops) == 1 and isinstance(ops[0], Restyle) and ops[0].reference is not None


def shown(reference: Reference) -> Tensor:
    """(3, H, W) float32 sRGB 0 … 1 of a picture, over white where it is transparent."""
    picture = picture_of(
        to_working(reference.pixels, reference.format).pixels, reference.format.alpha is not Alpha.NONE
    )
    both = np.concatenate([picture.rgb, picture.opacity[..., None]], -1)
    while min(both.shape[:2]) >= _LARGE_PX:
        both = resized(both, both.shape[1] // 2, both.shape[0] // 2)
    values = torch.from_numpy(np.nan_to_num(both)).permute(2, 0, 1)
    colour = turned(values[:3].contiguous(), numbers_of(reference.profile), srgb()).clamp(0, 1)
    return torch.lerp(torch.ones_like(colour), colour, values[3:])


def _most(model: str) -> int:
    return entry_of(model).references if model else 0


def _numbers(request: EditRequest) -> tuple[int, ...]:
    """Those that the request names, or all."""
    said = str(request.values.get("references", ""))
    numbers = tuple(int(part) for part in said.split(",") if part.strip().isdecimal())
    for number in numbers:
        if not 1 <= number <= len(request.references):
            raise BadRequest(f"There is no image {number} with the command.", hint="Add the picture, then try again.")
    return numbers or tuple(range(1, len(request.references) + 1))
