"""What cannot be sent is told before it is: in plain words, as the bridge would."""

from __future__ import annotations

import numpy as np

from bridge.client.layer import Layer, Reference
from bridge.errors import BadPixels, NotUnderstood, TooLarge
from bridge.protocol import messages as m
from bridge.protocol.codec import too_long_a_text
from engine.api import Mask, Pixels


def check_words(text: str) -> None:
    """The bridge reads no more than so many characters, and only such as can be written in UTF-8.

    Raises:
        TooLarge, NotUnderstood: it is not so.
    """
    if len(text) > m.TEXT_CHARS:
        raise too_long_a_text()
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotUnderstood("There is something in the words that is no character.", hint="Type them anew.") from None


def check_pixels(layer: Layer, mask: Mask | None, references: tuple[Reference, ...]) -> None:
    """A mask is H×W uint8 of the layer, a reference's pixels are as its format says.

    Raises:
        BadPixels, TooLarge: it is not so.
    """
    if mask is not None and (mask.shape != layer.pixels.shape[:2] or mask.dtype != np.uint8):
        raise BadPixels(
            f"The selection is {_shape(mask)}, the layer {layer.size} and wants 8 bit.", hint="Select on this layer."
        )
    if len(references) > m.MOST_REFERENCES:
        raise TooLarge(f"At most {m.MOST_REFERENCES} pictures go with a command.", hint="Send those that it speaks of.")
    for number, reference in enumerate(references, 1):
        pixels, format_ = reference.pixels, reference.format
        if not pixels.size or pixels.ndim != 3 or (pixels.shape[2], pixels.dtype) != (
            format_.channels, format_.depth.dtype,
        ):  # fmt: skip
            raise BadPixels(f"Image {number} is {_shape(pixels)}, not {format_}.", hint="Add another picture.")


def _shape(pixels: Pixels | Mask) -> str:
    return f"{'×'.join(str(side) for side in (*pixels.shape[1::-1], *pixels.shape[2:]))} {pixels.dtype}"
