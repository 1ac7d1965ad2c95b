"""The same picture in another manner, drawn from the layer's own pixels, tile by tile."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch

from engine.api import Alpha, Depth, EditFacts, EditRequest, EditResult, LayerFormat, Mask, Pixels
from engine.colour.space import ColourSpace, space_of
from engine.errors import BadRequest, EmptySelection, UnknownPrompt
from engine.geometry import PixelRect, Size
from engine.imaging.composite import composite
from engine.imaging.layer import to_preview, to_working
from engine.imaging.mask import bounding_box, hole_of
from engine.operations.report import Report
from engine.operations.toned import in_format, straight_colour
from engine.styles import filters as f
from engine.styles.look import Look, Tones, grid_of, tones_of
from engine.styles.noise import Floats
from engine.styles.numbers import ink_in, light_of, seen_of
from engine.styles.registry import GRADES, PAINTS, Paint
from engine.styles.transfer import Manner, in_the_manner, manner_of
from engine.styles.words import MANNER_UNITS, STYLES, Wanted, margin_px, styles, understand, unit_px

# Tiles have a side of this many margins, within these bounds: a margin is drawn and thrown away.
_TILE_OF_MARGIN, _TILE_PX = 2.5, (1024, 2048)
_PREVIEW_PX = 320
# So many pixels of the region tell its tones; those of a manner are measured on a picture with sides at most so long.
_MOST_SEEN, _MANNER_PX = 400_000, 640
# The colour under alpha below half an 8-bit step cannot be told.
_FAINTEST_ALPHA = 1 / 512
_HIDDEN_UNITS = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """A layer's part in its own format, or a smaller copy of it.

    Attributes:
        pixels: H×W×C. mask: H×W. place: of it on the layer, as large as the copy makes that. layer: likewise.
        unit_px: see `engine.styles.look`.
    """

    pixels: Pixels
    mask: Mask
    format: LayerFormat
    space: ColourSpace
    place: PixelRect
    layer: Size
    unit_px: float


@dataclass(frozen=True, slots=True, eq=False)
class _Manner:
    """What is drawn: a function of a tile, how far it looks, and how much of it there is in the end."""

    paint: Paint
    margin_units: float
    strength: float
    size: float
    inks: tuple[tuple[float, float, float], ...]
    keeps_excess: bool
    tones: Tones


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Draw the selection anew in the style that ``request.prompt`` names, or in that of the value ``reference``.

    Raises:
        EmptySelection: no pixel is selected.
        UnknownPrompt: the words name no style, or say more than one.
        BadRequest: there is no picture of that number.
        Cancelled: by ``report.check``.
    """
    began = time.perf_counter()
    report.check()
    wanted = None if "reference" in request.values else read(request.prompt)
    box = bounding_box(hole_of(request.mask))
    if box.is_empty:
        raise EmptySelection("Nothing is selected, so there is nothing to draw anew.")
    space = space_of(request.profile, is_linear=request.format.depth is Depth.F32)
    picture = _Picture(
        request.pixels, request.mask, request.format, space, request.reach_px, request.layer_size,
        unit_px(request.layer_size),
    )  # fmt: skip
    report.progress(0.02, "looking at the colours")
    manner = _by_words(wanted, picture, box) if wanted else _by_reference(request, picture, box)
    report.check()
    if request.previews:
        _first_look(picture, manner, box, request.seed, report, device)
    stage = f"drawing in the style of {wanted.style if wanted else 'the other picture'}"
    out = request.pixels[box.slices()].copy()
    tiles = list(_tiles(box, manner.margin_units * picture.unit_px))
    for number, tile in enumerate(tiles):
        report.progress(0.1 + 0.88 * number / len(tiles), stage)
        if not (request.mask[tile.slices()] > 0).any():
            continue
        fill = _drawn(picture, manner, tile, request.seed, report.check, device)
        here = tile.slices()
        out[tile.slices(box)] = composite(request.pixels[here], fill, request.mask[here], request.format)
    facts = EditFacts(
        "styles", "", device=str(device), engine_s=time.perf_counter() - began, notes=_notes(request, space, wanted)
    )
    return EditResult(box.shift(request.reach_px.x0, request.reach_px.y0), out, facts)


def read(prompt: str) -> Wanted:
    """The prompt as the styles read it, whole.

    Raises:
        UnknownPrompt: not all of it is understood.
    """
    wanted = understand(prompt)
    if wanted.is_whole:
        return wanted
    words = ", ".join(f"“{word}”" for word in wanted.unknown) or f"“{prompt.strip()}”"
    hint = f"The nearest styles: {', '.join(wanted.nearest)}." if wanted.nearest else f"It knows {STYLES}."
    raise UnknownPrompt(f"Inlay knows no style called {words}.", hint=hint)


def _by_words(wanted: Wanted, picture: _Picture, box: PixelRect) -> _Manner:
    style = styles()[wanted.style or ""]
    seen, weight = _sampled(picture, box)
    return _Manner(
        PAINTS[style.name],
        (margin_px(style, picture.layer, wanted.size)) / picture.unit_px,
        wanted.strength,
        wanted.size,
        wanted.colours,
        style.name in GRADES,
        tones_of(seen, weight),
    )


def _by_reference(request: EditRequest, picture: _Picture, box: PixelRect) -> _Manner:
    number = round(request.number("reference", 1))
    if not 1 <= number <= len(request.references):
        raise BadRequest(f"There is no image {number} with the command.", hint="Add the picture, then try again.")
    reference = request.references[number - 1]
    height, width = reference.pixels.shape[:2]
    size = Size(width, height)
    other = _Picture(
        reference.pixels, np.full((height, width), 255, np.uint8), reference.format,
        space_of(reference.profile, is_linear=reference.format.depth is Depth.F32), size.rect, size, unit_px(size),
    )  # fmt: skip
    seen, weight = _sampled(picture, box)
    ours, theirs = _measured(picture, box), _measured(other, size.rect)

    def paint(tile: Floats, look: Look) -> Floats:
        return in_the_manner(tile, look, ours, theirs)

    return _Manner(paint, MANNER_UNITS, 1.0, 1.0, (), True, tones_of(seen, weight))


def _sampled(picture: _Picture, box: PixelRect) -> tuple[Floats, Floats]:
    """Evenly spread pixels of the box as the styles see them, and which of them are selected and visible."""
    every = max(1, math.ceil(math.sqrt(box.area / _MOST_SEEN)))
    rows, cols = box.slices()
    pixels = np.ascontiguousarray(picture.pixels[rows, cols][every // 2 :: every, every // 2 :: every])
    mask = picture.mask[rows, cols][every // 2 :: every, every // 2 :: every]
    seen, visible, _ = _seen(pixels, picture, "cpu")
    return seen, np.asarray(visible * (mask > 0), np.float32)


def _measured(picture: _Picture, box: PixelRect) -> Manner:
    """The manner of the box, on a smaller copy."""
    small = _smaller(picture, box, max(1, math.ceil(max(box.width, box.height) / _MANNER_PX)))
    seen, visible, _ = _seen(small.pixels, small, "cpu")
    return manner_of(seen, np.asarray(visible * (small.mask > 0), np.float32), small.unit_px)


def _seen(pixels: Pixels, picture: _Picture, device: torch.device | str) -> tuple[Floats, Floats, Floats]:
    """H×W×3 as the styles see it; H×W: 1 where it is visible; H×W: by how much it is brighter than white."""
    colour, alpha, broken = straight_colour(pixels, picture.format)
    light = picture.space.to_light(colour.to(device).contiguous())
    seen, excess = seen_of(light)
    visible = np.ones(seen.shape[:2], np.float32) if alpha is None else (alpha.numpy() >= _FAINTEST_ALPHA)
    return seen, np.asarray(visible * ~broken, np.float32), excess


def _drawn(
    picture: _Picture,
    manner: _Manner,
    tile: PixelRect,
    seed: int,
    check: Callable[[], None],
    device: torch.device | str,
) -> Pixels:
    """The tile in its new style and in the layer's format. ``tile`` is in the picture's own pixels."""
    check()
    grid = grid_of(picture.unit_px)
    window = _window(tile, manner.margin_units * picture.unit_px, picture.place, grid)
    rows = _mirrored(window[1], window[3], picture.pixels.shape[0])
    cols = _mirrored(window[0], window[2], picture.pixels.shape[1])
    pixels = np.ascontiguousarray(picture.pixels[rows][:, cols])
    seen, visible, excess = _seen(pixels, picture, device)
    seen = _hidden_filled(seen, visible, picture.unit_px)
    check()
    place = PixelRect(*window).shift(picture.place.x0, picture.place.y0)
    look = Look(
        picture.unit_px,
        place,
        picture.layer,
        seed,
        manner.tones,
        manner.inks,
        ink_in(picture.space),
        check,
        manner.size,
    )
    drawn = np.clip(manner.paint(seen, look), 0, 1)
    check()
    inner = PixelRect(tile.x0 - window[0], tile.y0 - window[1], tile.x1 - window[0], tile.y1 - window[1])
    here = inner.slices()
    drawn = drawn[here] if manner.strength == 1.0 else np.clip(f.mix(seen[here], drawn[here], manner.strength), 0, 1)
    light = light_of(np.ascontiguousarray(drawn), device)
    if manner.keeps_excess:
        light = light * torch.from_numpy(excess[here]).to(device)
    if picture.format.channels - (picture.format.alpha is not Alpha.NONE) == 1:
        light = picture.space.luminance(light)[None].expand(3, -1, -1)
    source = picture.pixels[tile.slices()]
    _, alpha, broken = straight_colour(source, picture.format)
    return in_format(picture.space.from_light(light.contiguous()).cpu(), alpha, source, broken, picture.format)


def _window(tile: PixelRect, margin: float, place: PixelRect, grid: int) -> tuple[int, int, int, int]:
    """The tile and its margin in the picture's pixels, cut along the layer's coarser grid; it may leave the picture."""
    more = math.ceil(margin)
    x0, y0 = tile.x0 - more + place.x0, tile.y0 - more + place.y0
    x1, y1 = tile.x1 + more + place.x0, tile.y1 + more + place.y0
    return (
        x0 // grid * grid - place.x0,
        y0 // grid * grid - place.y0,
        -(-x1 // grid) * grid - place.x0,
        -(-y1 // grid) * grid - place.y0,
    )


def _mirrored(start: int, end: int, length: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Indices from ``start`` to ``end``, those outside 0 … length mirrored back into it."""
    if length == 1:
        return np.zeros(end - start, np.intp)
    at = np.mod(np.arange(start, end), 2 * (length - 1))
    return np.minimum(at, 2 * (length - 1) - at).astype(np.intp)


def _hidden_filled(seen: Floats, visible: Floats, unit: float) -> Floats:
    """What cannot be seen takes the colours around it, so that it does not bleed into what can."""
    if visible.all():
        return seen
    sigma = _HIDDEN_UNITS * unit
    near = f.soft(seen * visible[..., None], sigma)
    share = f.soft(visible, sigma)[..., None]
    around = np.where(share > 1e-4, near / np.maximum(share, 1e-4), seen)
    return f.mix(np.asarray(around, np.float32), seen, visible)


def _tiles(box: PixelRect, margin_px_: float) -> Iterator[PixelRect]:
    least, most = _TILE_PX
    side = int(min(most, max(least, _TILE_OF_MARGIN * margin_px_)))
    for y0 in range(box.y0, box.y1, side):
        for x0 in range(box.x0, box.x1, side):
            yield PixelRect(x0, y0, min(x0 + side, box.x1), min(y0 + side, box.y1))


def _first_look(
    picture: _Picture, manner: _Manner, box: PixelRect, seed: int, report: Report, device: torch.device | str
) -> None:
    """The style on a small copy: what it will be like, strokes as large as the copy allows."""
    scale = 1
    while max(box.width, box.height) > scale * _PREVIEW_PX:
        scale *= 2
    if scale == 1:
        return
    small = _smaller(picture, box, scale)
    whole = PixelRect(0, 0, small.pixels.shape[1], small.pixels.shape[0])
    fill = _drawn(small, manner, whole, seed, report.check, device)
    shown = composite(small.pixels, fill, small.mask, small.format)
    place = box.shift(picture.place.x0, picture.place.y0)
    report.preview(place, scale, to_preview(to_working(shown, small.format).pixels, small.format))


def _smaller(picture: _Picture, box: PixelRect, scale: int) -> _Picture:
    """A copy of the box at one pixel in ``scale``, sides rounded up."""
    width, height = math.ceil(box.width / scale), math.ceil(box.height / scale)
    pixels, mask = picture.pixels[box.slices()], picture.mask[box.slices()]
    if scale > 1:
        pixels = np.asarray(
            cv2.resize(np.ascontiguousarray(pixels), (width, height), interpolation=cv2.INTER_AREA)
        ).reshape(height, width, -1)
        mask = np.asarray(cv2.resize(np.ascontiguousarray(mask), (width, height), interpolation=cv2.INTER_AREA))
    x0, y0 = (picture.place.x0 + box.x0) // scale, (picture.place.y0 + box.y0) // scale
    return replace(
        picture,
        pixels=np.ascontiguousarray(pixels, picture.pixels.dtype),
        mask=np.ascontiguousarray(mask, np.uint8),
        place=PixelRect(x0, y0, x0 + width, y0 + height),
        layer=Size(math.ceil(picture.layer.width / scale), math.ceil(picture.layer.height / scale)),
        unit_px=max(unit_px(Size(1, 1)), picture.unit_px / scale),
    )


def _notes(request: EditRequest, space: ColourSpace, wanted: Wanted | None) -> tuple[str, ...]:
    notes: list[str] = []
    if wanted is None:
        notes.append(
            "of the other picture its colours, tones and amount of detail were taken, not its strokes or shapes"
        )
    if space.is_guess and request.profile:
        notes.append("the layer's colour profile could not be read; it was taken for sRGB")
    if request.format.channels - (request.format.alpha is not Alpha.NONE) == 1:
        notes.append("the layer is grey and stays so: only the lightness of the style's colours is used")
    if request.format.depth is Depth.F32 and wanted is not None and wanted.style not in GRADES:
        notes.append("light brighter than white is drawn as white")
    return tuple(notes)
