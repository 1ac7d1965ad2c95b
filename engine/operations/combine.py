"""Several pictures in one scene: cut out, placed by the words, in the layer's light, with a shadow where they stand."""

from __future__ import annotations

import time

import numpy as np
import torch

from engine.api import Alpha, EditFacts, EditRequest, EditResult
from engine.colour.convert import is_unreadable, numbers_of
from engine.combining.collage import collage
from engine.combining.finish import as_seen, grain_of
from engine.combining.layout import lay_out
from engine.combining.light import followed
from engine.combining.piece import Piece, cut_piece, rect_of, scaled
from engine.combining.put import Board, Put, in_window, put
from engine.combining.shadow import ground_shadow, margin_of, rim_shadow
from engine.combining.slots import Ground, Shape, Slot
from engine.combining.stage import Stage, matte_in, stage_of
from engine.commands.plan import Combine
from engine.commands.scene import Arrangement, Relation, Scene, UnknownScene
from engine.commands.sizes import flies, metres_of
from engine.errors import BadRequest
from engine.geometry import PixelRect, Size
from engine.imaging.layer import Flags, Floats, to_working
from engine.imaging.mask import bounding_box
from engine.imaging.match import Look, look_of
from engine.matting.picture import picture_of, resized
from engine.operations.report import Report

# A cut-out that is enlarged more than this shows it.
_SOFT_FROM = 1.35
# Where the camera's look is measured: at most this many pixels a side.
_LOOK_PX = 768
# Grain is measured in squares of this side, at these shares of the layer's width and height.
_GRAIN_PX, _GRAIN_AT = 192, (0.15, 0.5, 0.85)
_PREVIEW_PX = 480


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Put the request's references into its layer.

    Values: ``references``, their numbers with commas. ``request.prompt``: where they go, read by
    `engine.commands.scene_words`; empty: where there is room. The mask shows what the words mean by “this” or by a
    noun; everything selected says nothing.

    Returns:
        the box of all that was changed, and exactly that as its mask.

    Raises:
        BadRequest: a picture is not there, or some of the words place nothing.
        SubjectNotFound: a picture has nothing to cut out, or the layer nothing to place one by.
        Cancelled: by ``report.check``.
    """
    began = time.perf_counter()
    report.check()
    numbers = _numbers(request)
    scene = _scene(numbers, request.prompt)
    board = Board.of(request.pixels, request.format)
    if scene.arrangement is Arrangement.COLLAGE:
        references = [request.references[number - 1] for number in numbers]
        collage(board, references, _selected(request), request.profile, report)
        notes: tuple[str, ...] = ()
    else:
        notes = _compose(request, scene, board, report)
    box = bounding_box(board.mask > 0)
    if box.is_empty:
        raise BadRequest("Nothing of the pictures would be seen.", hint="Say another place for them.")
    profiles = (request.references[number - 1].profile for number in numbers)
    if any(is_unreadable(profile, numbers_of(profile)) for profile in profiles):
        notes += ("a picture's colour profile could not be read; it was taken for sRGB",)
    facts = EditFacts("cut-outs", "", str(device), time.perf_counter() - began, notes)
    here = box.slices()
    pixels, mask = np.ascontiguousarray(board.pixels[here]), np.ascontiguousarray(board.mask[here])
    return EditResult(box.shift(request.reach_px.x0, request.reach_px.y0), pixels, facts, mask)


def _compose(request: EditRequest, scene: Scene, board: Board, report: Report) -> tuple[str, ...]:
    """All cut-outs into the board; what is worth saying."""
    report.progress(0.03, "looking at the layer")
    nouns = scene.nouns_of_layer
    by_noun = any(one.to is not None and one.to.noun and one.relation is not Relation.ON for one in scene.placements)
    held = any(one.relation is Relation.HELD for one in scene.placements)
    avoid = any(one.relation is None and one.anchor is None for one in scene.placements)
    stage = stage_of(request, by_noun=by_noun, avoid=avoid, check=report.check)
    most_px = max(256, round(1.2 * max(request.reach_px.width, request.reach_px.height)))
    pieces: dict[int, Piece] = {}
    for done, one in enumerate(scene.placements):
        report.progress(0.1 + 0.5 * done / len(scene.placements), f"cutting out image {one.reference}")
        pieces[one.reference] = cut_piece(
            request.references[one.reference - 1], one.reference, most_px, request.profile, report.check
        )
    shapes = {
        one.reference: Shape(
            pieces[one.reference].core.size,
            pieces[one.reference].cut,
            metres_of(one.noun),
            flies(one.noun) or one.in_air or one.relation is Relation.ABOVE,
        )
        for one in scene.placements
    }
    # A thing that is put on something stands in what is selected, and a hand is where it was selected.
    named = stage.box if by_noun and not held else stage.selection
    slots, notes = lay_out(
        scene, shapes, Ground(request.reach_px.size, stage.box, named, stage.selection, stage.subject)
    )
    if request.previews:
        _first_look(request, stage, pieces, slots, report)
    grain = _grain(request)
    for done, slot in enumerate(slots):
        report.progress(0.65 + 0.33 * done / len(slots), f"putting image {slot.reference} in its place")
        notes += _put_piece(request, scene, stage, board, pieces[slot.reference], slot, grain, report)
    if nouns and by_noun and stage.selection is None:
        notes = (f"“the {nouns[0]}” was taken to be what stands out in the layer", *notes)
    return notes


def _put_piece(
    request: EditRequest,
    scene: Scene,
    stage: Stage,
    board: Board,
    piece: Piece,
    slot: Slot,
    grain: float,
    report: Report,
) -> tuple[str, ...]:
    report.check()
    layer, longer = request.reach_px.size.rect, max(slot.rect_px.width, slot.rect_px.height)
    rect_px = rect_of(piece, slot.rect_px)
    has_shadow = scene.shadows and (slot.stands or slot.touches)
    window = rect_px.grow(margin_of(longer) if has_shadow else 2).intersect(layer)
    if window.is_empty or not window.meets(rect_px):
        return (f"image {slot.reference} lies outside the layer",)
    colour, alpha = scaled(piece, rect_px.size)
    report.check()
    colour = followed(colour, piece.light, stage.light)
    sharpness = _sharpness(request, stage, rect_px, behind=slot.behind)
    seen = as_seen(colour, alpha, Look(sharpness, grain), request.seed + slot.reference)
    report.check()
    cover = in_window(seen.alpha, rect_px, window)
    shadow = np.zeros_like(cover)
    if has_shadow:
        shadow = ground_shadow(cover, longer) if slot.stands else rim_shadow(cover, longer)
    matte = matte_in(stage, request, window, report.check) if slot.behind and stage.subject is not None else None
    put(board, Put(window, in_window(seen.colour, rect_px, window), cover, shadow, matte))
    notes: tuple[str, ...] = ()
    enlarged = rect_px.width / piece.size.width
    if enlarged > _SOFT_FROM:
        notes += (f"image {slot.reference} was enlarged {enlarged:.1f} times, so it is soft",)
    if slot.touches:
        notes += (f"image {slot.reference} lies behind the hand as it is; no finger was bent round it",)
    return notes


def _sharpness(request: EditRequest, stage: Stage, rect_px: PixelRect, *, behind: bool) -> float | None:
    """How sharp the layer is around the place; beside the subject as sharp as that."""
    places = [rect_px.grow(max(8, rect_px.width // 4))]
    if not behind and stage.box is not None:
        places.append(stage.box)
    known: list[float] = []
    for place in places:
        rgb, seen = _part(request, place, _LOOK_PX)
        if min(seen.shape) >= 3:
            sharpness = look_of(torch.from_numpy(rgb).permute(2, 0, 1), torch.from_numpy(seen)).sharpness
            known += [] if sharpness is None else [sharpness]
    return max(known, default=None)


def _grain(request: EditRequest) -> float:
    """The layer's grain: a camera's is everywhere, so it is where the layer is calmest among some places."""
    size = request.reach_px.size
    found: list[float] = []
    for down in _GRAIN_AT:
        for across in _GRAIN_AT:
            x, y = round(across * size.width), round(down * size.height)
            found.append(grain_of(*_part(request, PixelRect(x, y, x, y).grow(_GRAIN_PX // 2), _GRAIN_PX)))
    measured = [each for each in found if each > 0]
    return min(measured, default=0.0)


def _part(request: EditRequest, window: PixelRect, most_px: int) -> tuple[Floats, Flags]:
    """(h, w, 3) sRGB 0 … 1 and where it is visible: the middle of a window, as far as it is in the layer."""
    layer = request.reach_px.size
    x, y = (window.x0 + window.x1) // 2, (window.y0 + window.y1) // 2
    half_w, half_h = min(window.width, most_px) // 2, min(window.height, most_px) // 2
    x, y = min(max(x, half_w), layer.width), min(max(y, half_h), layer.height)
    around = PixelRect(x - half_w, y - half_h, x + half_w, y + half_h).intersect(layer.rect)
    part = to_working(request.pixels[around.slices()], request.format).pixels
    picture = picture_of(part, request.format.alpha is not Alpha.NONE)
    return np.ascontiguousarray(np.clip(picture.rgb, 0, 1)), picture.opacity > 0.5


def _first_look(
    request: EditRequest, stage: Stage, pieces: dict[int, Piece], slots: tuple[Slot, ...], report: Report
) -> None:
    """All pieces in their places, small, without shadows."""
    size = request.reach_px.size
    scale = 1
    while max(size.width, size.height) > scale * _PREVIEW_PX:
        scale *= 2
    wide, high = -(-size.width // scale), -(-size.height // scale)
    shown = resized(stage.small.rgb, wide, high)
    window = Size(wide, high).rect
    for slot in slots:
        report.check()
        box = rect_of(pieces[slot.reference], slot.rect_px)
        x0, y0 = box.x0 // scale, box.y0 // scale
        small = PixelRect(x0, y0, x0 + max(1, box.width // scale), y0 + max(1, box.height // scale))
        colour, alpha = scaled(pieces[slot.reference], small.size)
        share = in_window(alpha, small, window)[..., None]
        shown = shown * (1 - share) + in_window(colour, small, window) * share
    report.preview(request.reach_px, scale, _as_bytes(np.asarray(shown, np.float32)))


def _as_bytes(shown: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.clip(np.rint(shown * 255), 0, 255).astype(np.uint8)


def _selected(request: EditRequest) -> PixelRect:
    """The box of what is selected; the whole reach when that is everything."""
    return bounding_box(request.mask > 0) if request.mask.any() else request.reach_px.size.rect


def _numbers(request: EditRequest) -> tuple[int, ...]:
    said = str(request.values.get("references", ""))
    numbers = tuple(int(part) for part in said.split(",") if part.strip().isdecimal())
    if not numbers:
        raise BadRequest("No pictures are named to combine.", hint="Say which: “combine images 1 and 2”.")
    for number in numbers:
        if not 1 <= number <= len(request.references):
            raise BadRequest(f"There is no image {number} with the command.", hint="Add the picture, then try again.")
    return numbers


def _scene(numbers: tuple[int, ...], prompt: str) -> Scene:
    try:
        return Combine(references=numbers, prompt=prompt or None).scene()
    except UnknownScene as unknown:
        raise BadRequest(f"Where “{unknown.words}” puts a picture is not understood.") from None
    except ValueError:
        raise BadRequest("There are no words that place the picture.") from None
