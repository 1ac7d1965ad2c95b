"""What repeats in two directions: checks, dots, tiles, weaves, at any angle and any fraction of a pixel.

The periods are the shifts under which the known pixels agree with themselves: normalised correlation of a masked
picture (Padfield 2012, equations 14-17), its peaks read off to a fraction of a pixel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

# Shifts count as periods from this correlation on, of at least this share of the overlap that shift zero has.
_AGREES, _OVERLAP = 0.9, 0.08
_LEAST_PERIOD_PX = 3.0
# Two periods are of two directions when they span this share of the rectangle of their lengths.
_SPANS = 0.25
# A period this near to whole pixels is one: then what is there is copied bit by bit.
_WHOLE_PX = 0.04
# Lattice steps tried for a missing pixel, from the nearest on: all pairs up to this.
_STEPS = 6
_PEAKS = 400
# Pixels each way that a value between pixels is made of.
_CUBIC = 4
# Periods are looked for in a part of this side at most around the hole: its transforms take seconds beyond.
_MOST_SIDE_PX = 1024
# Power iterations; the mixture need not be exact.
_ROUNDS_TO_STRONGEST = 30
_ROUNDS = 3


def along_lattice(picture: Tensor, unknown: Tensor, known: Tensor, check: Callable[[], None]) -> Tensor | None:
    """``picture`` with its unknown pixels copied from where the lattice repeats; None where there is no lattice.

    Args:
        picture: (C, H, W) float32. unknown, known: (H, W) bool; pixels that are neither are left out.
    """
    check()
    part = _middle(unknown)
    periods = periods_of(picture[:, *part], known[part])
    if periods is None:
        return None
    return _copied(picture, unknown, known, periods, check)


def periods_of(picture: Tensor, known: Tensor) -> Tensor | None:
    """(2, 2) float64: the two shortest shifts (rows, columns) that span the lattice; None where nothing repeats."""
    correlation = _correlation(picture, known)
    peaks = _peaks(correlation)
    if len(peaks) == 0:
        return None
    lengths = _length(peaks)
    first = peaks[lengths.argmin()]
    spans = (first[0] * peaks[:, 1] - first[1] * peaks[:, 0]).abs() / (lengths * _length(first))
    others = peaks[spans > _SPANS]
    if len(others) == 0:
        return None
    basis = torch.stack([first, others[_length(others).argmin()]])
    for _ in range(_ROUNDS):
        # Every peak is a whole number of both: the far ones tell the periods best.
        numbers = peaks @ basis.inverse()
        whole = numbers.round()
        fits = ((numbers - whole).abs().amax(1) < 0.12) & (whole.abs().sum(1) > 0)
        if int(fits.sum()) < 2:
            return None
        n, p = whole[fits], peaks[fits]
        if float((n.T @ n).det()) < 1e-6:
            return None
        basis = (n.T @ n).inverse() @ (n.T @ p)
    near = basis.round()
    return torch.where((basis - near).abs() < _WHOLE_PX, near, basis)


def _correlation(picture: Tensor, known: Tensor) -> Tensor:
    """(2H-1, 2W-1) float64: agreement of the known pixels with themselves at each shift, shift 0 in the middle."""
    height, width = known.shape
    size = (_quick(2 * height - 1), _quick(2 * width - 1))
    mask = known.double()
    values = _strongest(picture, known) * mask
    mask_f, values_f = _there(mask, size), _there(values, size)
    squares_f = _there(values * values, size)
    count = _back(mask_f * mask_f.conj(), size).round().clamp(min=1)
    both = _back(values_f.conj() * values_f, size)
    # Sums over the overlap, of the fixed picture; of the shifted one they are the same seen from the other side.
    sums = _back(mask_f.conj() * values_f, size)
    squares = _back(mask_f.conj() * squares_f, size)
    spread = (squares - sums.square() / count).clamp(min=0)
    below = (spread * _opposite(spread)).sqrt()
    enough = count >= _OVERLAP * float(mask.sum())
    agreement = torch.where(enough & (below > 1e-9), (both - sums * _opposite(sums) / count) / below.clamp(min=1e-9), 0)
    agreement = agreement.roll((height - 1, width - 1), (0, 1))
    return agreement[: 2 * height - 1, : 2 * width - 1]


def _strongest(picture: Tensor, known: Tensor) -> Tensor:
    """(H, W) float64: the mixture of the channels that varies most, around its mean."""
    values = picture[:, known].double()
    mean = values.mean(1, keepdim=True)
    together = (values - mean) @ (values - mean).T
    mixture = together.sum(1) + 1e-12
    for _ in range(_ROUNDS_TO_STRONGEST):
        mixture = together @ (mixture / _length(mixture))
    mixture = mixture / _length(mixture).clamp(min=1e-12)
    return ((picture.double() - mean[:, :, None]) * mixture[:, None, None]).sum(0)


def _there(picture: Tensor, size: tuple[int, int]) -> Tensor:
    return cast("Tensor", torch.fft.rfft2(picture, s=size))


def _back(spectrum: Tensor, size: tuple[int, int]) -> Tensor:
    return cast("Tensor", torch.fft.irfft2(spectrum, s=size))


def _opposite(shifts: Tensor) -> Tensor:
    """The value of shift -s at shift s."""
    return shifts.flip(0, 1).roll((1, 1), (0, 1))


def _quick(length: int) -> int:
    """The next length that the transform does quickly: of the factors 2, 3 and 5."""
    while True:
        rest = length
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return length
        length += 1


def _peaks(correlation: Tensor) -> Tensor:
    """(n, 2) float64 shifts, to a fraction of a pixel, nearest first; half of them, the others are their negatives."""
    height, width = correlation.shape
    middle = torch.tensor([height // 2, width // 2])
    around = F.max_pool2d(correlation[None, None], 3, 1, 1)[0, 0]
    found = ((correlation >= around) & (correlation > _AGREES)).nonzero()
    found = found[((found > 0) & (found < torch.tensor([height - 1, width - 1]))).all(1)]
    shifts = found - middle
    one_half = (shifts[:, 0] > 0) | ((shifts[:, 0] == 0) & (shifts[:, 1] > 0))
    far = _length(shifts.double()) >= _LEAST_PERIOD_PX
    found, shifts = found[one_half & far], shifts[one_half & far]
    order = _length(shifts.double()).argsort()[:_PEAKS]
    out: list[list[float]] = []
    for place, shift in zip(_listed(found[order]), _listed(shifts[order]), strict=True):
        row, col = (int(one) for one in place)
        here = float(correlation[row, col])
        offsets = (
            _vertex(float(correlation[row - 1, col]), here, float(correlation[row + 1, col])),
            _vertex(float(correlation[row, col - 1]), here, float(correlation[row, col + 1])),
        )
        out.append([shift[0] + offsets[0], shift[1] + offsets[1]])
    return torch.tensor(out, dtype=torch.float64).reshape(-1, 2)


def _middle(unknown: Tensor) -> tuple[slice, slice]:
    """The part in which periods are looked for: all, or of a large picture a part around one of the hole's ends."""
    height, width = unknown.shape
    rows, cols = unknown.any(1).nonzero()[:, 0], unknown.any(0).nonzero()[:, 0]

    def span(low: int, high: int, length: int) -> slice:
        if length <= _MOST_SIDE_PX:
            return slice(0, length)
        # Around the hole's end that has more room beyond it.
        at = low if low >= length - high else high
        start = min(max(0, at - _MOST_SIDE_PX // 2), length - _MOST_SIDE_PX)
        return slice(start, start + _MOST_SIDE_PX)

    return span(int(rows[0]), int(rows[-1]) + 1, height), span(int(cols[0]), int(cols[-1]) + 1, width)


def _length(vectors: Tensor) -> Tensor:
    return vectors.square().sum(-1).sqrt()


def _listed(table: Tensor) -> list[list[float]]:
    return cast("list[list[float]]", table.tolist())


def _vertex(before: float, here: float, after: float) -> float:
    """Where the parabola through three neighbours is highest, -0.5 … 0.5."""
    bend = before - 2 * here + after
    return 0.0 if bend >= -1e-12 else max(-0.5, min(0.5, 0.5 * (before - after) / bend))


def _copied(
    picture: Tensor, unknown: Tensor, known: Tensor, periods: Tensor, check: Callable[[], None]
) -> Tensor | None:
    """Each missing pixel from the nearest place that the lattice says is the same; whole shifts copy bits."""
    height, width = known.shape
    # A place can be read between pixels where all sixteen around it are known.
    sixteen = torch.zeros_like(known)
    if height >= _CUBIC and width >= _CUBIC:
        unread = F.max_pool2d((~known)[None, None].float(), _CUBIC, 1)[0, 0] > 0
        sixteen[1 : height - 2, 1 : width - 2] = ~unread
    shifts = torch.tensor(_steps(periods, math.hypot(height, width)), dtype=torch.float64) @ periods
    order = _length(shifts).argsort()
    missing = unknown.nonzero()
    out = picture.clone()
    for shift in _listed(shifts[order]):
        check()
        if len(missing) == 0:
            return out
        if math.hypot(*shift) > math.hypot(height, width):
            break
        whole = shift[0] == round(shift[0]) and shift[1] == round(shift[1])
        y, x = missing[:, 0] + shift[0], missing[:, 1] + shift[1]
        low_y, low_x = y.floor().long(), x.floor().long()
        inside = (low_y >= 0) & (low_y < height) & (low_x >= 0) & (low_x < width)
        readable = known if whole else sixteen
        good = inside.clone()
        good[inside] = readable[low_y[inside], low_x[inside]]
        if not bool(good.any()):
            continue
        to = missing[good]
        if whole:
            out[:, to[:, 0], to[:, 1]] = picture[:, low_y[good], low_x[good]]
        else:
            out[:, to[:, 0], to[:, 1]] = _read(picture, y[good], x[good])
        missing = missing[~good]
    return out if len(missing) == 0 else None


def _steps(periods: Tensor, reach_px: float) -> list[tuple[int, int]]:
    """Whole numbers of both periods: all that are near, and along each period as far as the picture reaches."""
    near = [(i, j) for i in range(-_STEPS, _STEPS + 1) for j in range(-_STEPS, _STEPS + 1) if (i, j) != (0, 0)]
    first, second = (int(reach_px / float(length)) for length in _length(periods))
    along = [(i, 0) for i in range(_STEPS + 1, first + 1)] + [(0, j) for j in range(_STEPS + 1, second + 1)]
    return near + along + [(-i, -j) for i, j in along]


def _read(picture: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """(C, n) between pixels by cubic interpolation, kept between the four nearest: no ringing at hard edges."""
    height, width = picture.shape[1:]
    rows, cols = y.floor().long(), x.floor().long()
    out = torch.zeros(picture.shape[0], len(y))
    for step_y, weight_y in _weights(y - rows):
        for step_x, weight_x in _weights(x - cols):
            values = picture[:, (rows + step_y).clamp(0, height - 1), (cols + step_x).clamp(0, width - 1)]
            out += values * (weight_y * weight_x).float()
    four = torch.stack([picture[:, rows + i, cols + j] for i in (0, 1) for j in (0, 1)])
    return out.clamp(four.amin(0), four.amax(0))


def _weights(share: Tensor) -> list[tuple[int, Tensor]]:
    """Catmull-Rom."""
    t = share
    return [
        (-1, ((-t + 2) * t - 1) * t / 2),
        (0, ((3 * t - 5) * t * t + 2) / 2),
        (1, ((-3 * t + 4) * t + 1) * t / 2),
        (2, ((t - 1) * t * t) / 2),
    ]
