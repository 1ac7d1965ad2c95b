"""Put another background behind the subject: a colour, a gradient, a material, a scene, or a picture of one's own."""

from __future__ import annotations

import time
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from engine.api import Alpha, EditFacts, EditRequest, EditResult, Reference
from engine.colour.convert import as_in_layer, is_unreadable, numbers_of
from engine.colour.space import srgb
from engine.errors import BadRequest, EmptySelection
from engine.geometry import Size
from engine.imaging.composite import composite
from engine.imaging.cover import covering, middle_kept
from engine.imaging.layer import Floats, to_stored, to_working
from engine.imaging.match import look_of, matched
from engine.materials.catalogue import Understood
from engine.materials.material import Kind
from engine.matting.light import to_linear, to_srgb
from engine.matting.picture import picture_of, resized
from engine.operations.cutting import Painted, Scene, as_layer, repaint
from engine.operations.drawing import drawing_of
from engine.operations.replace import read
from engine.operations.report import Report

# How far the subject's light may follow, each way, in each channel.
_MOST_GAIN = 1.7
# Colour follows the new background by this share, lightness by less: a face stays a face.
_COLOUR_FOLLOWS, _LIGHTNESS_FOLLOWS = 0.5, 0.3
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
# The contact shadow: how flat the subject lies on the ground, how dark and how soft it is there.
_SHADOW_FLAT, _SHADOW_DARK, _SHADOW_SOFT_OF_SIDE = 0.10, 0.55, 0.02
# Only this share of the subject, from its foot up, casts it: what is near the ground.
_SHADOW_FROM = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Behind:
    """What is put behind the subject.

    Attributes:
        reference: H×W×3 float32 0 … 1, the layer's own numbers, to use in place of the request's prompt; scaled to
            cover, its middle kept.
        carry_light: 0 (off) … 1: how far the subject takes on the light of the new background.
        contact_shadow: whether the subject darkens the ground at its foot.
    """

    reference: Floats | None = None
    carry_light: float = 0.0
    contact_shadow: bool = False


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Paint ``request.prompt``, or the picture of that number, behind the subject.

    Values, as in the plan's `BackgroundReplace`: ``reference`` (from 1), ``light`` 0 … 1 (how far the subject takes on
    the new background's light), ``shadow`` (not 0: a contact shadow), ``selected`` (not 0: the mask is the background
    itself and no hint at the subject; the picture is shown there and nowhere else).

    Raises:
        UnknownPrompt: some of the words are not in the catalogue.
        BadRequest: there is no picture of that number.
        EmptySelection: nothing is selected.
        SubjectNotFound, Cancelled: as `cutting.repaint`.
    """
    behind = Behind(_reference(request), request.number("light"), request.number("shadow") > 0)
    notes: tuple[str, ...] = ()
    if behind.reference is not None:
        reference = _its_reference(request)
        if is_unreadable(reference.profile, numbers_of(reference.profile)):
            notes = ("the picture's colour profile could not be read; it was taken for sRGB",)
        if request.number("selected") > 0:
            return _where_selected(request, report, device, behind.reference, notes)
    space = numbers_of(request.profile)
    understood = read(request.prompt) if behind.reference is None else None

    def paint(scene: Scene) -> Painted:
        height, width = scene.alpha.shape
        if behind.reference is not None:
            drawn = _covering_all(behind.reference, Size(width, height))
        else:
            assert understood is not None
            drawn = as_in_layer(_drawn(understood, scene, request, device), srgb(), space)
        report.check()
        return over(scene, drawn, behind)

    return repaint(request, report, device, paint, notes)


def _where_selected(
    request: EditRequest, report: Report, device: torch.device | str, reference: Floats, notes: tuple[str, ...]
) -> EditResult:
    """The picture scaled to cover the layer, seen where the background was selected: no subject has to be found, and
    what is not selected need not be here.
    """
    began = time.perf_counter()
    report.check()
    if not request.mask.any():
        raise EmptySelection("Nothing is selected, so there is no background to replace.")
    drawn = covering(reference, request.layer_size, request.reach_px)
    report.check()
    opaque = np.ones(request.mask.shape, np.float32)
    shown = to_stored(as_layer(Painted(drawn, opaque), request.format), request.format)
    pixels = composite(request.pixels, shown, request.mask, request.format)
    facts = EditFacts("the picture as it is", "", str(device), time.perf_counter() - began, notes)
    return EditResult(request.reach_px, pixels, facts, request.mask)


def over(scene: Scene, drawn: Floats, behind: Behind) -> Painted:
    """The subject over a new background (H, W, 3) sRGB."""
    subject = scene.subject
    if behind.carry_light > 0:
        subject = relit(scene, drawn, behind.carry_light)
    if behind.contact_shadow:
        kept = (1 - contact_shadow(scene.cover[..., 0]))[..., None]
        drawn = to_srgb(np.asarray(to_linear(drawn) * kept, np.float32))
    colour = subject * scene.cover + (1 - scene.cover) * drawn
    return Painted(colour.astype(np.float32), np.ones_like(scene.alpha), everywhere=behind.carry_light > 0)


def _its_reference(request: EditRequest) -> Reference:
    number = round(request.number("reference"))
    if not 1 <= number <= len(request.references):
        raise BadRequest(f"There is no image {number} with the command.", hint="Add the picture, then try again.")
    return request.references[number - 1]


def _reference(request: EditRequest) -> Floats | None:
    """(H, W, 3) the picture that the words name, in the layer's numbers, over white where it is transparent."""
    if "reference" not in request.values:
        return None
    reference = _its_reference(request)
    working = to_working(reference.pixels, reference.format)
    picture = picture_of(working.pixels, reference.format.alpha is not Alpha.NONE)
    own = numbers_of(reference.profile)
    rgb = as_in_layer(picture.rgb, own, numbers_of(request.profile))
    shown = picture.opacity[..., None]
    return np.clip(rgb * shown + (1 - shown), 0, 1).astype(np.float32)


def _covering_all(picture: Floats, size: Size) -> Floats:
    """(height, width, 3) sRGB 0 … 1: the picture scaled to cover, its middle kept; as `covering`, quicker for all."""
    kept = middle_kept(Size(picture.shape[1], picture.shape[0]), size)
    return resized(np.ascontiguousarray(picture[kept.slices()]), size.width, size.height)


def relit(scene: Scene, drawn: Floats, strength: float) -> Floats:
    """The subject's colours with the change from the old background's light to the new one's, in part."""
    share = ((1 - scene.alpha) * scene.opacity)[..., None]
    if float(share.sum()) < 1:
        return scene.subject
    old = (to_linear(scene.behind) * share).sum((0, 1)) / share.sum()
    new = to_linear(drawn).mean((0, 1))
    old_light, new_light = float(old @ _LUMA), float(new @ _LUMA)
    lightness = (max(new_light, 0.02) / max(old_light, 0.02)) ** (_LIGHTNESS_FOLLOWS * strength)
    hue = (np.maximum(new, 0.02) / max(new_light, 0.02)) / (np.maximum(old, 0.02) / max(old_light, 0.02))
    gain = np.clip(lightness * hue ** (_COLOUR_FOLLOWS * strength), 1 / _MOST_GAIN, _MOST_GAIN)
    return to_srgb(np.asarray(to_linear(scene.subject) * gain, np.float32))


def contact_shadow(cover: Floats) -> Floats:
    """(H, W) 0 … 1: how much light the subject keeps from the ground at its foot."""
    rows = np.flatnonzero((cover > 0.5).any(1))
    if len(rows) == 0:
        return np.zeros_like(cover)
    foot, top = float(rows[-1] + 1), float(rows[0])
    low = cover.copy()
    low[: int(foot - _SHADOW_FROM * (foot - top))] = 0
    height, width = cover.shape
    # The lower part laid flat about the line the subject stands on.
    flat = np.array([[1, 0, 0], [0, _SHADOW_FLAT, foot * (1 - _SHADOW_FLAT)]], np.float64)
    laid = np.asarray(cv2.warpAffine(low, flat, (width, height), flags=cv2.INTER_AREA), np.float32)
    soft = max(0.8, _SHADOW_SOFT_OF_SIDE * (foot - top))
    wide = cv2.GaussianBlur(laid, (0, 0), 2.5 * soft, sigmaY=soft)
    near = cv2.GaussianBlur(laid, (0, 0), soft, sigmaY=0.4 * soft)
    return np.clip(_SHADOW_DARK * np.maximum(wide, near), 0, 1).astype(np.float32)


def _drawn(understood: Understood, scene: Scene, request: EditRequest, device: torch.device | str) -> Floats:
    """(H, W, 3) sRGB: the words drawn at the scene's size, as sharp and as grainy as the subject."""
    drawing = drawing_of(understood, request.reach_px.size, device)
    if scene.per_layer_px < 1:
        drawn = drawing.small(request.seed, 1 / scene.per_layer_px)
    else:
        drawn = drawing.full(request.seed)
        if drawing.kind is not Kind.PATTERN:
            subject = torch.from_numpy(np.ascontiguousarray(np.clip(scene.subject, 0, 1))).permute(2, 0, 1)
            drawn = matched(drawn, look_of(subject, torch.from_numpy(scene.alpha >= 1)), request.seed)
    shown = np.ascontiguousarray(drawn.clamp(0, 1).permute(1, 2, 0).numpy(), np.float32)
    return resized(shown, scene.alpha.shape[1], scene.alpha.shape[0])
