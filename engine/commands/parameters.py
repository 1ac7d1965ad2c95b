"""What an operation's parameters may be, wherever they are said: lengths, amounts, ratios. Units are told in `plan`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

Prompt = Annotated[str, Field(min_length=1, max_length=300)]
# Words for a model that reads them itself.
Instruction = Annotated[str, Field(min_length=1, max_length=2000)]
ModelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,39}$")]
Colour = Annotated[str, Field(min_length=1, max_length=60)]
Reference = Annotated[int, Field(ge=1, le=10)]
References = Annotated[tuple[Reference, ...], Field(min_length=1, max_length=10)]
# -1 takes all of it away (grey, flat), 1 doubles it.
Change = Annotated[float, Field(ge=-1, le=4)]
Amount = Annotated[float, Field(ge=0, le=1)]
Pixels = Annotated[int, Field(ge=1, le=100_000)]
Fraction = Annotated[float, Field(gt=0, le=20)]

_RATIO = re.compile(r"(\d{1,5}(?:\.\d{1,3})?):(\d{1,5}(?:\.\d{1,3})?)")
# Beyond this a picture is a line.
_MOST_RATIO = 50.0


def is_aspect(said: str) -> bool:
    """Whether it is a width to a height (“16:9”), and of a picture rather than a line."""
    match = _RATIO.fullmatch(said)
    width, height = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
    return bool(width and height) and max(width / height, height / width) <= _MOST_RATIO
