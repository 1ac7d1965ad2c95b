"""A layer's colours as an 8 bit sRGB picture in a file's bytes, for looking at; never stored, never edited."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from PIL import Image

from bridge.review.display import Display, Floats
from engine.api import LayerFormat
from engine.geometry import Size

Mime = Literal["image/jpeg", "image/png"]
_QUALITY = 88
# When a file would be too large it is made smaller by this much, until it is not.
_SMALLER = 0.75


def encoded(
    picture: Floats, format_: LayerFormat, profile: bytes | None, size: Size, most_bytes: int
) -> tuple[Mime, Size, bytes]:
    """The file: JPEG, or PNG where something is transparent.

    Args:
        picture: H×W×C straight, as `bridge.review.shrink.Shrinking` makes it.
        format_: of the layer that it was made of; 32 bit numbers are linear light.
        profile: the layer's ICC profile; one that cannot be used counts as none, and none is sRGB.
        size: what it is scaled to.
        most_bytes: of the file; it is made smaller than ``size`` where it would be larger.

    Returns:
        What kind of file, how large a picture, its bytes.
    """
    return encoded_image(Display(format_, profile).of_floats(picture), size, most_bytes)


def encoded_image(shown: Image.Image, size: Size, most_bytes: int) -> tuple[Mime, Size, bytes]:
    """The same of a picture that is RGB or RGBA in sRGB already."""
    if shown.mode == "RGBA" and np.asarray(shown.getchannel("A")).min() == 255:
        shown = shown.convert("RGB")
    while True:
        scaled = shown if shown.size == (size.width, size.height) else shown.resize((size.width, size.height))
        mime, data = _file(scaled)
        if len(data) <= most_bytes:
            return mime, size, data
        size = Size(max(1, int(size.width * _SMALLER)), max(1, int(size.height * _SMALLER)))


def _file(picture: Image.Image) -> tuple[Mime, bytes]:
    file = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(file, "PNG")
        return "image/png", file.getvalue()
    picture.save(file, "JPEG", quality=_QUALITY)
    return "image/jpeg", file.getvalue()
