"""Things before a ground of one colour, as products are photographed: told from it exactly, with their shadow."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.imaging.layer import Flags, Floats
from engine.imaging.mask import bounding_box
from engine.matting.picture import Picture, lab_of, resized

# A ground is plain when its border is of one colour, within this (Lab), nearly everywhere; looked at in this size.
_PLAIN, _MOSTLY, _PLAIN_SIDE_PX = 3.0, 0.97, 640
# How much darker its shadow on the ground may be, and the step in lightness between neighbours that begins a thing.
_SHADED, _EDGE = 30.0, 3.0
# The foot of a thing, where its shadow lies: this share of its height; and how light the ground has to be to show one.
_FOOT, _LIGHT = 0.06, 50.0
# Down there a soft shadow is looked for, as a share of the height from below.
_LOW = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """``outline``: (h, w) True where the thing is, of the picture's proportions. ``ground``: Lab of the ground."""

    outline: Flags
    ground: tuple[float, float, float]


def plain_ground(picture: Picture) -> Plain | None:
    """The thing before a ground of one colour; None when the picture has no such ground.

    What the border's colour reaches from the border on is the ground: a white thing on white keeps its lights.
    """
    scale = min(1.0, _PLAIN_SIDE_PX / max(picture.width, picture.height))
    size = (max(3, round(picture.width * scale)), max(3, round(picture.height * scale)))
    lab = lab_of(np.clip(resized(picture.rgb, *size), 0, 1))
    rim = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    ground = np.median(rim, axis=0)
    if float((np.linalg.norm(rim - ground, axis=-1) < _PLAIN).mean()) < _MOSTLY:
        return None
    away = lab - ground
    alike = np.asarray(np.linalg.norm(away, axis=-1) < _PLAIN, np.uint8)
    box = bounding_box(_enclosed(alike))
    # At its foot its soft shadow is ground too: darker, of the same colour, without an edge. A thing begins with one.
    foot = slice(max(0, box.y1 - round(_LOW * box.height)), alike.shape[0])
    steps = np.asarray(cv2.morphologyEx(lab[..., 0], cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.float32)
    is_shade = (np.linalg.norm(away[..., 1:], axis=-1) < _PLAIN) & (away[..., 0] > -_SHADED) & (steps <= _EDGE)
    alike[foot][is_shade[foot]] = 1
    outline = _enclosed(alike)
    if not outline.any() or outline.all():
        return None
    return Plain(outline, (float(ground[0]), float(ground[1]), float(ground[2])))


def _enclosed(alike: npt.NDArray[np.uint8]) -> Flags:
    """What the pixels that are 1 and hang together with the border enclose."""
    labels = np.asarray(cv2.connectedComponents(alike, connectivity=4)[1], np.int32)
    at_rim = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return ~np.isin(labels, at_rim[at_rim > 0])


def with_its_shadow(picture: Picture, plain: Plain, colour: Floats, alpha: Floats) -> tuple[Floats, Floats]:
    """Colour and alpha with the shadow at the thing's foot as black of its own opacity, not as a grey that shines.

    Args:
        colour, alpha: (H, W, 3) and (H, W) of the whole picture.
    """
    box = bounding_box(alpha > 0.5)
    if box.is_empty or plain.ground[0] < _LIGHT:
        return colour, alpha
    margin = max(2, round(_FOOT * box.height))
    rows = slice(box.y1 - margin, min(alpha.shape[0], box.y1 + margin))
    lab = lab_of(np.clip(picture.rgb[rows], 0, 1))
    away = lab - np.asarray(plain.ground, np.float32)
    is_ground = (np.linalg.norm(away[..., 1:], axis=-1) < _PLAIN) & (away[..., 0] > -_SHADED)
    # Only what hangs together with the ground: a grey patch of the thing itself is none.
    clear = np.asarray(alpha[rows] <= 0, np.bool_)
    together = np.asarray(is_ground | clear, np.uint8)
    labels = np.asarray(cv2.connectedComponents(together, connectivity=4)[1], np.int32)
    outside = np.unique(labels[clear])
    shade = is_ground & np.isin(labels, outside[outside > 0])
    # The step from the shadow to the thing is a pixel or two of neither.
    beside = np.asarray(cv2.dilate(shade.astype(np.uint8), np.ones((5, 1), np.uint8)), np.bool_)
    shade |= beside & (np.linalg.norm(away[..., 1:], axis=-1) < _PLAIN) & (lab[..., 0] > _LIGHT) & (alpha[rows] > 0)
    lost = np.clip(-away[..., 0] / plain.ground[0], 0, 1)
    colour, alpha = colour.copy(), alpha.copy()
    colour[rows][shade] = 0
    alpha[rows][shade] = lost[shade]
    return colour, alpha
