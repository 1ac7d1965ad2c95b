"""A layer's own numbers as 8 bit sRGB, for looking at: once made for a format and a profile, used for many tiles."""

from __future__ import annotations

import io
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from engine.api import Alpha, Depth, LayerFormat, Pixels

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
# XYZ (D50) to linear sRGB (Lindbloom).
_XYZ_TO_SRGB = np.array(
    ((3.1338561, -1.6168667, -0.4906146), (-0.9787684, 1.9161415, 0.0334540), (0.0719453, -0.2289914, 1.4052427)),
    np.float32,
)
# A profile that moves no colour by more than this is sRGB by another name, and its numbers stay as they are. Those that
# programs ship differ by one from the colour engine's own in rounding; the nearest other space, by more than ten.
_ROUNDING = 2
# Steps of each channel in the colours that this is tried with.
_PROBE = 9


class Display:
    """Brings pixels of one format to sRGB.

    Args:
        format_: of what comes in; 32 bit numbers are linear light.
        profile: the layer's ICC profile; one that cannot be used counts as none, and none is sRGB.
    """

    def __init__(self, format_: LayerFormat, profile: bytes | None) -> None:
        self._format = format_
        self._has_alpha = format_.alpha is not Alpha.NONE
        self._is_grey = format_.channels <= 2
        is_light = format_.depth is Depth.F32
        self._primaries = _primaries(profile) if is_light and profile is not None and not self._is_grey else None
        self._transform = None if is_light or profile is None else _transform(profile, "L" if self._is_grey else "RGB")

    def shown(self, pixels: Pixels) -> Image.Image:
        """H×W×C in the layer's format, as RGB, or RGBA where the layer has an opacity. What is 8 bit sRGB stays as it
        is, to the bit, unless it is multiplied by its opacity."""
        if self._format.depth is Depth.U8 and self._format.alpha is not Alpha.PREMULTIPLIED:
            colour = pixels[..., :-1] if self._has_alpha else pixels
            return self._joined(self._coloured(_as_bytes(colour)), _as_bytes(pixels[..., -1]))
        return self.of_floats(_straight(pixels, self._format))

    def of_floats(self, picture: Floats) -> Image.Image:
        """The same of H×W×C straight float32: integers as 0 … 1, floats as they are."""
        colour = picture[..., :-1] if self._has_alpha else picture
        if self._format.depth is Depth.F32:
            light = np.repeat(colour, 3, axis=2) if self._is_grey else colour
            if self._primaries is not None:
                light = (light @ self._primaries.T).astype(np.float32)
            rgb = Image.fromarray(_bytes(_curved(light)))
        else:
            rgb = self._coloured(_bytes(colour))
        return self._joined(rgb, _bytes(picture[..., -1]))

    def _coloured(self, colour: Bytes) -> Image.Image:
        picture = Image.fromarray(np.ascontiguousarray(colour[..., 0] if self._is_grey else colour))
        if self._transform is not None:
            converted = ImageCms.applyTransform(picture, self._transform)
            picture = picture if converted is None else converted
        return picture.convert("RGB")

    def _joined(self, rgb: Image.Image, alpha: Bytes) -> Image.Image:
        if self._has_alpha:
            rgb.putalpha(Image.fromarray(np.ascontiguousarray(alpha)))
        return rgb


def _as_bytes(samples: Pixels) -> Bytes:
    return cast(Bytes, samples)


def _straight(pixels: Pixels, format_: LayerFormat) -> Floats:
    values = pixels.astype(np.float32)
    if format_.depth is Depth.F32:
        values = np.nan_to_num(values, copy=False, nan=0.0, posinf=1.0, neginf=0.0)
    else:
        values /= np.float32(format_.depth.white)
    if format_.alpha is Alpha.PREMULTIPLIED:
        opacity = values[..., -1:]
        np.divide(values[..., :-1], opacity, out=values[..., :-1], where=opacity > 0)
    return values


def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From the layer's colour space to sRGB; None where nothing is to be done, or nothing can be."""
    try:
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        ours = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))  # pyright: ignore[reportUnknownArgumentType]
        made = ImageCms.buildTransform(theirs, ours, mode, "RGB")
        steps = np.linspace(0, 255, _PROBE).astype(np.uint8)
        colours = np.stack(np.meshgrid(*[steps] * (1 if mode == "L" else 3)), axis=-1).reshape(1, -1, len(mode))
        probe = Image.fromarray(np.ascontiguousarray(colours[..., 0] if mode == "L" else colours))
        came = ImageCms.applyTransform(probe, made)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if came is None or np.abs(np.asarray(came).astype(int) - colours).max() <= _ROUNDING:
        return None
    return made


def _primaries(profile: bytes) -> Floats | None:
    """Linear light in the profile's primaries to linear light in those of sRGB: 3×3. None where it has none."""
    try:
        read = cast(object, ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    # Each is XYZ and xyY; None where the profile is not of primaries.
    colorants = [getattr(read, f"{name}_colorant", None) for name in ("red", "green", "blue")]
    to_xyz = [cast(tuple[tuple[float, float, float], ...], colorant)[0] for colorant in colorants if colorant]
    if len(to_xyz) != 3:
        return None
    return _XYZ_TO_SRGB @ np.array(to_xyz, np.float32).T


def _curved(light: Floats) -> Floats:
    """IEC 61966-2-1, of what is within 0 … 1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


def _bytes(values: Floats) -> Bytes:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
