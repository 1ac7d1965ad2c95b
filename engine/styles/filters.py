"""The filters that styles are made of. Pictures are H×W×3, fields H×W, all float32; sizes are in pixels.

OpenCV does the work; everything here looks only so far as its docstring says, so that tiles can be cut with a margin.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from engine.styles.noise import Floats

_LUMA = np.array((0.2126, 0.7152, 0.0722), np.float32)
# Directions that the sectors of the generalised Kuwahara filter look in, and its sharpness (Papari et al. 2007).
_SECTORS, _SHARPNESS = 8, 8.0


def luma(picture: Floats) -> Floats:
    """H×W lightness."""
    return np.asarray(picture @ _LUMA, np.float32)


def soft(values: Floats, sigma_px: float) -> Floats:
    """Gaussian; looks three deviations far."""
    if sigma_px < 0.2:
        return values
    side = 2 * max(1, math.ceil(3 * sigma_px)) + 1
    return np.asarray(
        cv2.GaussianBlur(values, (side, side), sigma_px, borderType=cv2.BORDER_REFLECT_101), np.float32
    ).reshape(values.shape)


def step(values: Floats, low: float, high: float) -> Floats:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((values - np.float32(low)) / np.float32(max(high - low, 1e-6)), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def mix(a: Floats, b: Floats, share: Floats | float) -> Floats:
    """``a`` where the share is 0, ``b`` where it is 1; an H×W share weighs pictures too."""
    weight = np.asarray(share, np.float32)
    if weight.ndim == 2 and max(a.ndim, b.ndim) == 3:
        weight = weight[..., None]
    return np.asarray(a + (b - a) * weight, np.float32)


def at_tone(picture: Floats, light: Floats, tone: Floats, chroma: float = 1.0) -> Floats:
    """The picture's hues at another lightness, their chroma times so much, but never beyond what has that lightness.

    Args:
        light: H×W, the picture's lightness now. tone: H×W wanted.
    """
    # Darker is also less colourful; lighter is not more so, or shadows would glow.
    share = np.minimum(tone / np.maximum(light, 0.05), 1.35) * np.float32(chroma)
    hue = (picture - light[..., None]) * share[..., None]
    high, low = hue.max(-1), hue.min(-1)
    room = np.minimum((1 - tone) / np.maximum(high, 1e-4), tone / np.maximum(-low, 1e-4))
    return np.asarray(tone[..., None] + hue * np.clip(room, 0, 1)[..., None], np.float32)


def shrunk(values: Floats, factor: int) -> Floats:
    """Means of blocks; both sides are multiples of the factor."""
    if factor == 1:
        return values
    height, width = values.shape[0] // factor, values.shape[1] // factor
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def grown(values: Floats, factor: int) -> Floats:
    """The way back, smooth."""
    if factor == 1:
        return values
    height, width = values.shape[0] * factor, values.shape[1] * factor
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def looked_up(values: Floats, x: Floats, y: Floats) -> Floats:
    """Values at other places, in pixels of the array, linear between them."""
    return np.asarray(cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.float32)


def places(shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """x and y of every pixel."""
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    return xs, ys


def slopes(values: Floats) -> tuple[Floats, Floats]:
    """Scharr derivatives along x and y of H×W or H×W×C."""
    scale = 1 / 32
    return (
        np.asarray(cv2.Scharr(values, cv2.CV_32F, 1, 0, scale=scale), np.float32),
        np.asarray(cv2.Scharr(values, cv2.CV_32F, 0, 1, scale=scale), np.float32),
    )


def along(picture: Floats, sigma_px: float, resting: float = 0.6) -> tuple[Floats, Floats, Floats]:
    """The direction in which the picture changes least (its strokes' direction), and how sure that is.

    The smoothed structure tensor (Förstner 1986; Kyprianidis & Döllner 2008), filled from farther away where a
    place has no direction of its own, and at last by ``resting`` (radians). Looks about nine deviations far.

    Returns:
        x and y of unit vectors, and the anisotropy 0 … 1.
    """
    dx, dy = slopes(picture)
    dx, dy = dx.reshape(*picture.shape[:2], -1), dy.reshape(*picture.shape[:2], -1)
    tensor = np.stack([(dx * dx).sum(-1), (dx * dy).sum(-1), (dy * dy).sum(-1)], -1)
    near = soft(np.asarray(tensor, np.float32), sigma_px)
    far = soft(near, 2.5 * sigma_px)
    rest = np.array(
        (math.sin(resting) ** 2, -math.sin(resting) * math.cos(resting), math.cos(resting) ** 2), np.float32
    )
    whole = near + np.float32(0.15) * far + np.float32(1e-5) * rest
    xx, xy, yy = whole[..., 0], whole[..., 1], whole[..., 2]
    spread = np.sqrt((xx - yy) ** 2 + 4 * xy**2)
    angle = np.float32(0.5) * np.arctan2(2 * xy, xx - yy) + np.float32(math.pi / 2)
    sure = spread / np.maximum(xx + yy, 1e-8)
    return np.cos(angle), np.sin(angle), np.asarray(sure, np.float32)


def flowing(values: Floats, tx: Floats, ty: Floats, sigma_px: float, step_px: float = 1.0) -> Floats:
    """A mean along the lines of a direction field: line integral convolution (Cabral & Leedom 1993), Gaussian weights.

    Looks two deviations far.
    """
    count = max(1, math.ceil(2 * sigma_px / step_px))
    xs, ys = places(values.shape)
    total, weight = values.copy(), 1.0
    field = np.stack([tx, ty], -1)
    for sign in (1.0, -1.0):
        x, y = xs.copy(), ys.copy()
        fx, fy = tx * np.float32(sign), ty * np.float32(sign)
        for number in range(1, count + 1):
            x += fx * np.float32(step_px)
            y += fy * np.float32(step_px)
            share = math.exp(-((number * step_px) ** 2) / (2 * sigma_px**2))
            total += looked_up(values, x, y) * np.float32(share)
            weight += share
            if number < count:
                found = looked_up(field, x, y)
                # A direction has no sign: go on the way one came.
                turn = np.where(found[..., 0] * fx + found[..., 1] * fy < 0, np.float32(-1), np.float32(1))
                fx, fy = found[..., 0] * turn, found[..., 1] * turn
    return np.asarray(total / np.float32(weight), np.float32)


def flattened(picture: Floats, radius_px: float) -> Floats:
    """Flat areas with firm edges: the generalised Kuwahara filter (Papari et al. 2007); looks a radius and a half far.

    Of eight sectors around a pixel those that vary least have the say.
    """
    radius = max(1, round(1.4 * radius_px))
    kernels = _sectors(radius, radius_px / 2)
    square = np.asarray(picture * picture, np.float32)
    total, weight = np.zeros_like(picture), np.zeros(picture.shape[:2], np.float32)
    for kernel in kernels:
        mean = _filtered(picture, kernel)
        spread = np.maximum(_filtered(square, kernel) - mean * mean, 0).sum(-1)
        say = 1 / (1 + (spread * np.float32(255.0**2) / 25) ** np.float32(_SHARPNESS / 2))
        say += np.float32(1e-9)
        total += mean * say[..., None]
        weight += say
    return np.asarray(total / weight[..., None], np.float32)


def _filtered(values: Floats, kernel: Floats) -> Floats:
    return np.asarray(cv2.filter2D(values, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT_101), np.float32)


def _sectors(radius: int, sigma_px: float) -> list[Floats]:
    ys, xs = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float32)
    angle = np.arctan2(ys, xs)
    disc = np.exp(-(xs**2 + ys**2) / (2 * (sigma_px * 1.2) ** 2)) * (xs**2 + ys**2 <= radius**2 + 0.5)
    found: list[Floats] = []
    for number in range(_SECTORS):
        off = np.angle(np.exp(1j * (angle - number * 2 * math.pi / _SECTORS)))
        wedge = np.clip(np.cos(off * _SECTORS / 4.4), 0, 1) ** 2 * (np.abs(off) < math.pi / _SECTORS * 1.5)
        wedge = np.where((xs == 0) & (ys == 0), 1 / _SECTORS, wedge) * disc
        found.append(np.asarray(wedge / wedge.sum(), np.float32))
    return found


def contours(light: Floats, tx: Floats, ty: Floats, sigma_px: float, sharpness: float = 18.0) -> Floats:
    """How much a place is a dark line or lies on the dark side of an edge: difference of Gaussians, summed along the
    flow (Winnemöller et al. 2012). About 0 on flat areas, negative on lines; looks ten deviations far."""
    narrow = soft(light, sigma_px)
    wide = soft(light, sigma_px * 1.6)
    return flowing(np.asarray((narrow - wide) * np.float32(sharpness), np.float32), tx, ty, 2.5 * sigma_px)
