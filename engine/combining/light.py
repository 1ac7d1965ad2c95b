"""The light of a picture as a few numbers, and a cut-out made to follow another's: as far as is safe.

Whites and blacks are those that the picture reaches; the tint is that of what is nearly grey in it (grey pixels tell
the light from the paint: after Yang, Gao and Li 2015). What cannot be known, how bright and how colourful the things
themselves are, is followed only a little.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engine.imaging.layer import Floats
from engine.matting.light import to_linear, to_srgb
from engine.matting.picture import lab_of, resized

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
# Numbers are taken from a copy of this longer side.
_SIDE_PX = 256
_BLACK_AT, _WHITE_AT, _COLOURFUL_AT = 0.3, 99.0, 90.0
# How grey a pixel has to be to tell the light's tint, in Lab's chroma; and how much of the picture tells it for sure.
_GREY, _SURE = 9.0, 0.06
_DARKEST_L, _BRIGHTEST_L = 25.0, 97.0
# Shares by which a cut-out follows: what the light's tint does, whites, blacks, middle tones, colourfulness.
_TINT, _WHITE, _BLACK, _MIDDLE, _COLOURFUL = 0.7, 0.45, 0.6, 0.15, 0.25
# Limits of each: gains of a channel, of the middle, of the colours, and of blacks in linear light.
_MOST_TINT, _MOST_MIDDLE, _MOST_WHITE, _MOST_BLACK = 1.35, 1.35, 1.4, 0.015
_COLOURS = (0.75, 1.12)
# A little above the place's whites is allowed (lights), and where it has none to speak of this much light is.
_HEADROOM, _LEAST_WHITE, _CEILING = 1.1, 0.5, 0.8


@dataclass(frozen=True, slots=True)
class Light:
    """``black``, ``middle``, ``white``: linear luminance. ``tint``: Lab a, b of the light. ``colourful``: chroma that
    one pixel in ten exceeds. ``is_scene``: it is that of a whole picture; of a thing alone only its white is sure."""

    black: float
    middle: float
    white: float
    tint: tuple[float, float]
    colourful: float
    is_scene: bool


def light_of(rgb: Floats, weight: Floats, *, is_scene: bool = False) -> Light:
    """Measure a picture.

    Args:
        rgb: (H, W, 3) float32 sRGB. weight: (H, W) 0 … 1: where there is something to see.
    """
    scale = min(1.0, _SIDE_PX / max(weight.shape))
    size = (max(1, round(weight.shape[1] * scale)), max(1, round(weight.shape[0] * scale)))
    seen = resized(weight, *size).reshape(-1) > 0.5
    small = np.clip(resized(rgb, *size).reshape(-1, 3), 0, 1)
    small = small[seen] if seen.any() else small
    luminance = to_linear(small) @ _LUMA
    black, white = (float(np.percentile(luminance, at)) for at in (_BLACK_AT, _WHITE_AT))
    middle = float(np.exp(np.log(np.maximum(luminance, 1e-3)).mean()))
    lab = lab_of(small[None])[0]
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    usable = (lab[:, 0] > _DARKEST_L) & (lab[:, 0] < _BRIGHTEST_L)
    grey = np.exp(-np.square(chroma / _GREY)) * usable
    total = float(grey.sum())
    # Few grey pixels tell little: the tint fades to none.
    sure = min(1.0, total / len(grey) / _SURE)
    tint = (lab[:, 1:] * grey[:, None]).sum(0) / max(total, 1e-6) * sure
    return Light(
        black,
        middle,
        max(white, black + 1e-3),
        (float(tint[0]), float(tint[1])),
        float(np.percentile(chroma, _COLOURFUL_AT)),
        is_scene,
    )


def followed(colour: Floats, own: Light, place: Light) -> Floats:
    """(h, w, 3) sRGB of a cut-out from light ``own``, as it would look in the light of ``place``."""
    linear = to_linear(colour)
    linear = linear * _tint_gain(own, place)
    if own.is_scene:
        middle = (max(place.middle, 0.01) / max(own.middle, 0.01)) ** _MIDDLE
        linear = linear * np.float32(min(max(middle, 1 / _MOST_MIDDLE), _MOST_MIDDLE))
    linear = _between(linear, own, place)
    if own.is_scene:
        share = (max(place.colourful, 2.0) / max(own.colourful, 2.0)) ** _COLOURFUL
        share = min(max(share, _COLOURS[0]), _COLOURS[1])
        grey = (linear @ _LUMA)[..., None]
        linear = grey + (linear - grey) * np.float32(share)
    return np.clip(to_srgb(np.asarray(linear, np.float32)), 0, 1).astype(np.float32)


def _tint_gain(own: Light, place: Light) -> Floats:
    """A gain a channel, luminance kept: from the tint of one light to that of the other."""
    ours, theirs = (
        to_linear(
            np.asarray(cv2.cvtColor(np.array([[[75.0, *light.tint]]], np.float32), cv2.COLOR_LAB2RGB), np.float32)
        )[0, 0]
        for light in (own, place)
    )
    gain = (np.maximum(theirs, 0.02) / np.maximum(ours, 0.02)) ** _TINT
    gain = gain / float(gain @ _LUMA)
    return np.clip(gain, 1 / _MOST_TINT, _MOST_TINT).astype(np.float32)


def _between(linear: Floats, own: Light, place: Light) -> Floats:
    """Blacks as deep and whites as bright as the place's, in part."""
    shift = _BLACK * (place.black - own.black) if own.is_scene else _BLACK * max(0.0, place.black - own.black)
    shift = min(max(shift, -_MOST_BLACK), _MOST_BLACK)
    share = (place.white / own.white) ** _WHITE if own.is_scene else 1.0
    share = min(max(share, 1 / _MOST_WHITE), _MOST_WHITE)
    # What is brighter than the place's whites would glow.
    reaches = float(np.percentile(linear @ _LUMA, 99.5)) * share
    ceiling = max(_HEADROOM * place.white, _LEAST_WHITE)
    if reaches > ceiling:
        share *= (ceiling / reaches) ** _CEILING
    return np.maximum(linear * np.float32(share * (1 - max(shift, 0.0))) + np.float32(shift), 0)
