"""A layer's colours as an 8 bit sRGB picture in a file's bytes, for looking at; never stored, never edited."""

from __future__ import annotations

import io
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from bridge.review.shrink import Floats
from engine.api import Alpha, Depth, LayerFormat
from engine.geometry import Size

Mime = Literal["image/jpeg", "image/png"]
_QUALITY = 88
# When a file would be too large it is made smaller by this much, until it is not.
_SMALLER = 0.75
# XYZ (D50) to linear sRGB (Lindbloom).
_XYZ_TO_SRGB = np.array(
    ((3.1338561, -1.6168667, -0.4906146), (-0.9787684, 1.9161415, 0.0334540), (0.0719453, -0.2289914, 1.4052427)),
    np.float32,
)


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
    shown = _shown(picture, format_, profile)
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


def _shown(picture: Floats, format_: LayerFormat, profile: bytes | None) -> Image.Image:
    """RGB, or RGBA where something is transparent; in sRGB."""
    has_alpha = format_.alpha is not Alpha.NONE
    colour = picture[..., :-1] if has_alpha else picture
    if format_.depth is Depth.F32:
        rgb = Image.fromarray(_bytes(_curved(_in_srgb(colour, profile))))
    else:
        eight = _bytes(colour)
        grey_or_rgb = Image.fromarray(eight[..., 0] if eight.shape[2] == 1 else eight)
        rgb = _converted(grey_or_rgb, profile).convert("RGB")
    alpha = _bytes(picture[..., -1]) if has_alpha else None
    if alpha is not None and alpha.min() < 255:
        rgb.putalpha(Image.fromarray(alpha))
    return rgb


def _converted(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """From the layer's colour space to sRGB."""
    if profile is None:
        return picture
    try:
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(picture, theirs, _srgb(), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture
    return picture if made is None else made


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))  # pyright: ignore[reportUnknownArgumentType]


def _in_srgb(light: Floats, profile: bytes | None) -> Floats:
    """Linear light in the profile's primaries, or grey, to linear light in those of sRGB: H×W×3."""
    if light.shape[2] == 1:
        return np.repeat(light, 3, axis=2)
    if profile is None:
        return light
    try:
        read = cast(object, ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return light
    # Each is XYZ and xyY; None where the profile is not of primaries.
    colorants = [getattr(read, f"{name}_colorant", None) for name in ("red", "green", "blue")]
    to_xyz = [cast(tuple[tuple[float, float, float], ...], colorant)[0] for colorant in colorants if colorant]
    if len(to_xyz) != 3:
        return light
    matrix = _XYZ_TO_SRGB @ np.array(to_xyz, np.float32).T
    return (light @ matrix.T).astype(np.float32)


def _curved(light: Floats) -> Floats:
    """IEC 61966-2-1, of what is within 0 … 1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


def _bytes(values: Floats) -> NDArray[np.uint8]:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
