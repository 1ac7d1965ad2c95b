"""Put the background out of focus behind a sharp subject.

Only the background's own light is spread (normalised convolution, Knutsson and Westin 1993): the subject's colours have
no share in it, so no halo of them surrounds the subject. In linear light, with a round aperture, as a lens does it.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch

from engine.api import EditRequest, EditResult
from engine.imaging.layer import Floats
from engine.matting.light import to_linear, to_srgb
from engine.matting.picture import resized
from engine.operations.cutting import Painted, Scene, repaint
from engine.operations.report import Report

# The aperture's radius at amount 1, as a share of the picture's longer side.
_RADIUS_OF_SIDE = 0.05
_USUAL = 0.5
# A larger radius is worked on at a smaller size: what is left after it has no finer detail.
_MOST_RADIUS_PX = 10.0
_LEAST_WEIGHT = np.float32(1e-4)


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Blur the background; values: ``amount`` 0 (nothing) … 1 (a portrait lens wide open).

    Raises:
        SubjectNotFound, Cancelled: as `cutting.repaint`.
    """
    amount = max(0.0, min(1.0, request.number("amount", _USUAL)))
    longer = max(request.reach_px.width, request.reach_px.height)

    def paint(scene: Scene) -> Painted:
        return blurred_scene(scene, amount * _RADIUS_OF_SIDE * longer * scene.per_layer_px)

    return repaint(request, report, device, paint)


def blurred_scene(scene: Scene, radius_px: float) -> Painted:
    """The subject over its own background, out of focus by a disc of that radius."""
    weight = (1 - scene.alpha)[..., None]
    light = to_linear(scene.behind) * scene.opacity[..., None]
    spread = lens_blur(np.concatenate([light * weight, scene.opacity[..., None] * weight, weight], -1), radius_px)
    divisor = np.maximum(spread[..., 4:], _LEAST_WEIGHT)
    opacity = np.clip(spread[..., 3:4] / divisor, 0, 1)
    light = np.asarray(spread[..., :3] / divisor / np.maximum(opacity, _LEAST_WEIGHT), np.float32)
    behind = to_srgb(light) * opacity
    cover = scene.cover
    colour = scene.subject * cover + (1 - scene.alpha[..., None]) * behind
    total = cover + (1 - scene.alpha[..., None]) * opacity
    return Painted(colour.astype(np.float32), total[..., 0].astype(np.float32))


def lens_blur(values: Floats, radius_px: float) -> Floats:
    """(H, W, C) averaged over a disc; the picture is mirrored beyond its border."""
    if radius_px < 0.5:
        return values
    height, width = values.shape[:2]
    scale = min(1.0, _MOST_RADIUS_PX / radius_px)
    small = _resized_planes(values, max(1, round(width * scale)), max(1, round(height * scale)))
    reach = int(np.ceil(radius_px * scale))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius_px * scale + 0.5 - np.hypot(y, x), 0, 1).astype(np.float32)
    disc /= disc.sum()
    planes = [
        np.asarray(cv2.filter2D(np.ascontiguousarray(small[..., c]), -1, disc, borderType=cv2.BORDER_REFLECT_101))
        for c in range(values.shape[2])
    ]
    return _resized_planes(np.asarray(np.stack(planes, -1), np.float32), width, height)


def _resized_planes(values: Floats, width: int, height: int) -> Floats:
    """`resized` plane by plane: OpenCV resizes at most four channels at once."""
    planes = [resized(np.ascontiguousarray(values[..., c]), width, height) for c in range(values.shape[2])]
    return np.stack(planes, -1)
