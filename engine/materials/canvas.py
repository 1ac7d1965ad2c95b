"""Where a batch of pictures is drawn: its size, its scale, its random numbers, and noise that has no seams."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

# One table of random numbers serves every noise of a canvas, each time from another place of it. 256 cells before it
# repeats: at the finest octave that is 256 pixels, and an octave's repeat is hidden by the others'.
_TABLE_CELLS = 256
# A grid point's value is normal; the sum over octaves is scaled so that 95 % of it lies within -1 … 1.
_NOISE_SCALE = 0.75
# Radians between the lattices of two octaves: no two of ten come to lie alike.
_TURN = 0.65


class Canvas:
    """A batch of B pictures to be drawn, H×W pixels each, float32 on one device.

    Coordinates are in *units*: ``unit_px`` pixels are 1.0, so a material keeps its scale whatever the picture's size,
    and a larger picture shows more of it. Scenes are composed over the frame instead: see `across` and `down`.

    All random numbers come from one generator on the CPU, in the order in which they are asked for, and as many of
    them whatever the size: the same seed and batch give the same picture at every size and scale, but for what is
    too fine to be seen, and on every device, up to rounding.

    Attributes:
        batch, height, width: B, H, W.
        unit_px: (B, 1, 1) pixels in a unit.
        x, y: (B, H, W) in units, from a random place, so that no two pictures begin at a brick's corner.
        device: where everything is drawn.
    """

    def __init__(
        self,
        batch: int,
        height: int,
        width: int,
        *,
        seed: int,
        unit_px: float | Tensor = 256.0,
        device: torch.device | str = "cpu",
    ) -> None:
        self.batch, self.height, self.width = batch, height, width
        self.device = torch.device(device)
        self._generator = torch.Generator().manual_seed(seed)
        unit = torch.as_tensor(unit_px, dtype=torch.float32).reshape(-1, 1, 1).expand(batch, 1, 1)
        self.unit_px = unit.to(self.device)
        table = torch.randn(1, 1, _TABLE_CELLS, _TABLE_CELLS, generator=self._generator)
        # One row and column more than the period, so that the cell at the edge has its neighbours.
        self._table = F.pad(table, (0, 1, 0, 1), mode="circular").to(self.device)
        self._cells = torch.rand(_TABLE_CELLS, _TABLE_CELLS, generator=self._generator).to(self.device)
        rows = torch.arange(height, dtype=torch.float32, device=self.device)[None, :, None] + 0.5
        cols = torch.arange(width, dtype=torch.float32, device=self.device)[None, None, :] + 0.5
        self.across = (cols / width).expand(batch, height, width)
        self.down = (rows / height).expand(batch, height, width)
        self.x = (cols / self.unit_px + self.uniform(0, 16)).expand(batch, height, width)
        self.y = (rows / self.unit_px + self.uniform(0, 16)).expand(batch, height, width)

    # -- random numbers, one for each picture of the batch: (B, 1, 1) ------------------------------------------------

    def uniform(self, low: float, high: float) -> Tensor:
        """(B, 1, 1) in low … high."""
        drawn = torch.rand(self.batch, 1, 1, generator=self._generator).to(self.device)
        return drawn * (high - low) + low

    def normal(self, spread: float = 1.0, *, channels: int = 0) -> Tensor:
        """(B, 1, 1), or (B, channels, 1, 1): normal with that standard deviation."""
        shape = (self.batch, channels, 1, 1) if channels else (self.batch, 1, 1)
        return torch.randn(shape, generator=self._generator).to(self.device) * spread

    def whole(self, low: int, high: int) -> Tensor:
        """(B, 1, 1) float32: a whole number from low to high, both included."""
        return torch.randint(low, high + 1, (self.batch, 1, 1), generator=self._generator).float().to(self.device)

    def chance(self, share: float) -> Tensor:
        """(B, 1, 1) float32: 1 for that share of the pictures, else 0."""
        return (torch.rand(self.batch, 1, 1, generator=self._generator) < share).float().to(self.device)

    def grain(self) -> Tensor:
        """(B, H, W): independent normal numbers, one a pixel; of a generator of their own, see `noise`."""
        shape = (self.batch, self.height, self.width)
        own = torch.Generator().manual_seed(int(torch.randint(2**62, (), generator=self._generator)))
        return torch.randn(shape, generator=own).to(self.device)

    # -- coordinates ------------------------------------------------------------------------------------------------

    def turned(self, angle: Tensor | float) -> tuple[Tensor, Tensor]:
        """x and y, (B, H, W) in units, in axes turned by the angle (radians, (B, 1, 1))."""
        angle = torch.as_tensor(angle, dtype=torch.float32, device=self.device)
        cos, sin = angle.cos(), angle.sin()
        return self.x * cos + self.y * sin, self.y * cos - self.x * sin

    @property
    def pixel(self) -> Tensor:
        """(B, 1, 1): a pixel's side in units. The width of an edge that is to be sharp and smooth: see `step`."""
        return 1.0 / self.unit_px

    # -- noise ------------------------------------------------------------------------------------------------------

    def noise(
        self,
        x: Tensor,
        y: Tensor,
        *,
        octaves: int = 5,
        persistence: float = 0.5,
        ridged: bool = False,
        shift: Tensor | None = None,
        local: bool = False,
    ) -> Tensor:
        """(B, H, W) in about -1 … 1: value noise, its largest features one unit of x and y wide.

        ``x`` and ``y`` may be scaled, stretched, turned and bent by other noise at will (Perlin 1985; domain warping:
        Quilez 2002). Octaves finer than two pixels are left out: they would only alias. ``ridged`` folds every octave
        (Musgrave 1994): creases for rock and water. ``shift`` (B, H, W) takes every block of a surface to noise of its
        own: it is added to x, and its jumps are not taken for a slope. ``local`` fades octaves pixel by pixel, not over
        the whole picture: for a plane seen in perspective.
        """
        # Pixels in a cell of the first octave: octaves are faded out where their cells are under two pixels.
        slope = slope_at if local else _slope
        first_cell_px = 1.0 / torch.maximum(slope(x), slope(y)).clamp(min=1e-9)
        x = x if shift is None else x + shift
        total = torch.zeros((), device=self.device)
        amplitude, power = 1.0, 0.0
        # All places are drawn, seen or not: or a small picture would go on with other numbers than a large one.
        places = torch.rand(octaves, 2, self.batch, 1, 1, generator=self._generator).to(self.device) * _TABLE_CELLS
        for octave in range(octaves):
            fold = float(2**octave)
            seen = (first_cell_px / fold - 1.0).clamp(0, 1)
            if octave and not bool(seen.any()):
                break
            # Each octave's lattice is turned, or the eye finds the axes.
            cos, sin = fold * math.cos(octave * _TURN), fold * math.sin(octave * _TURN)
            value = self._octave(x * cos + y * sin, y * cos - x * sin, places[octave])
            value = 1.0 - 2.0 * value.abs() if ridged else value
            total = total + value * (amplitude * seen)
            power += amplitude**2
            amplitude *= persistence
        return total * (_NOISE_SCALE / math.sqrt(power))

    def _octave(self, x: Tensor, y: Tensor, place: Tensor) -> Tensor:
        """One octave from a place (2, B, 1, 1) of the table, (B, H, W), normal with deviation up to 1."""
        x, y = (x + place[0]) % _TABLE_CELLS, (y + place[1]) % _TABLE_CELLS
        column, row = x.floor(), y.floor()
        fx, fy = _smooth(x - column), _smooth(y - row)
        # Bilinear over the smoothed fraction is value noise; grid_sample does the gathering.
        grid = torch.stack((column + fx, row + fy), -1) * (2.0 / _TABLE_CELLS) - 1.0
        table = self._table.expand(self.batch, -1, -1, -1)
        return F.grid_sample(table, grid, mode="bilinear", padding_mode="border", align_corners=True)[:, 0]

    def cell(self, column: Tensor, row: Tensor, salt: int = 0) -> Tensor:
        """A random number in 0 … 1 for each whole cell (column, row), any shape: a brick's tone, a leaf's turn."""
        shift = salt * 37
        # The table's side is a power of two: the low bits are the remainder, of negative numbers too.
        i = (column.int() + shift * 3) & (_TABLE_CELLS - 1)
        j = (row.int() + shift * 5) & (_TABLE_CELLS - 1)
        place = j * _TABLE_CELLS + i
        return self._cells.view(-1).index_select(0, place.reshape(-1)).view(place.shape)

    def points(self, x: Tensor, y: Tensor, *, jitter: float = 0.8, salt: int = 0) -> Points:
        """The nearest of random points, about one in every unit cell of x and y (Worley 1996)."""
        column, row = x.floor(), y.floor()
        near = torch.full_like(x, 9.0)
        second = near.clone()
        tone, dx, dy = torch.zeros_like(x), torch.zeros_like(x), torch.zeros_like(x)
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                i, j = column + right, row + down
                to_x = i + 0.5 + (self.cell(i, j, salt + 1) - 0.5) * jitter - x
                to_y = j + 0.5 + (self.cell(i, j, salt + 2) - 0.5) * jitter - y
                distance = (to_x * to_x + to_y * to_y).sqrt()
                closer = distance < near
                second = torch.where(closer, near, torch.minimum(second, distance))
                tone = torch.where(closer, self.cell(i, j, salt + 3), tone)
                dx, dy = torch.where(closer, to_x, dx), torch.where(closer, to_y, dy)
                near = torch.where(closer, distance, near)
        return Points(near, second, tone, dx, dy)


class Points:
    """For each pixel its nearest random point: all (B, H, W).

    Attributes:
        near, second: distance to the nearest and the second nearest point.
        tone: that point's own number, 0 … 1.
        dx, dy: the way to it.
    """

    def __init__(self, near: Tensor, second: Tensor, tone: Tensor, dx: Tensor, dy: Tensor) -> None:
        self.near, self.second, self.tone, self.dx, self.dy = near, second, tone, dx, dy

    @property
    def border(self) -> Tensor:
        """Distance-like: 0 on the border between two points' cells, growing inwards."""
        return self.second - self.near


def step(value: Tensor, width: Tensor | float) -> Tensor:
    """0 … 1: an edge at value = 0, smooth over about ``width`` to each side (`Canvas.pixel`: crisp)."""
    return torch.sigmoid(value / torch.as_tensor(width).mul(0.4).clamp(min=1e-6))


def _smooth(t: Tensor) -> Tensor:
    """Perlin's quintic: no kink in the second derivative, which relief would show."""
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0)


def _slope(value: Tensor) -> Tensor:
    """(B, 1, 1): how much the coordinate changes from a pixel to the next, the larger of the two ways."""
    if value.shape[-1] < 2 or value.shape[-2] < 2:
        return torch.full((value.shape[0], 1, 1), 1e-9, device=value.device)
    across = value.diff(dim=-1).abs().mean((-2, -1), keepdim=True)
    down = value.diff(dim=-2).abs().mean((-2, -1), keepdim=True)
    return torch.maximum(across, down)


def slope_at(value: Tensor) -> Tensor:
    """(B, H, W): at every pixel, how much the coordinate changes to the next, the larger of the two ways."""
    across, down = torch.zeros_like(value), torch.zeros_like(value)
    if value.shape[-1] > 1:
        across[..., 1:] = value.diff(dim=-1).abs()
        across[..., 0] = across[..., 1]
    if value.shape[-2] > 1:
        down[..., 1:, :] = value.diff(dim=-2).abs()
        down[..., 0, :] = down[..., 1, :]
    return torch.maximum(across, down)
