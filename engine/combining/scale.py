"""How large a cut-out is in the layer: by the words, by what things usually measure, or by what is beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.combining.slots import Shape
from engine.commands.scene import Placement, Relation, Scene
from engine.commands.sizes import metres_of
from engine.geometry import PixelRect, Size

# Longer sides as shares of the layer's shorter side: when nothing is known of one, of several, and the limits.
_ALONE, _LEAST, _MOST = 0.5, 0.07, 0.92
# A thing of unknown size beside another is somewhat smaller than that: that looks right most often.
_BESIDE = 0.75
# A thing in a hand to the hand's box, and the hand that a selection shows, in metres.
_IN_HAND, _HAND_METRES = 1.3, 0.18
# What flies above something, of the layer's shorter side.
_IN_AIR = 0.32
# All pictures that take the room that is left may fill this share of the layer's width.
_ROW = 0.86


@dataclass(frozen=True, slots=True)
class Measure:
    """What a scene's sizes follow.

    Attributes:
        layer: its size. per_metre: layer pixels a metre, where the usual sizes of two things are known.
        row: the longest side for pictures that nothing else sizes.
        metres: of the pictures by their numbers, where known.
    """

    layer: Size
    per_metre: float | None
    row: float
    metres: Mapping[int, float]

    @staticmethod
    def of(scene: Scene, shapes: Mapping[int, Shape], layer: Size, subject: PixelRect | None) -> Measure:
        """From the nouns of the scene, and the subject's box where the words name it."""
        shorter = min(layer.width, layer.height)
        # What flies is as far away as it likes: its usual size says nothing.
        known = {n: shape.metres for n, shape in shapes.items() if shape.metres is not None and not shape.in_air}
        noun = next(iter(scene.nouns_of_layer), "")
        its_metres = metres_of(noun) if noun else None
        per_metre: float | None = None
        if subject is not None and its_metres is not None:
            per_metre = max(subject.width, subject.height) / its_metres
        elif len(known) > 1:
            per_metre = _ALONE * shorter / max(known.values())
        widths = sum(shape.size.width / shape.longer for shape in shapes.values())
        row = min(_ALONE * shorter, _ROW * layer.width / max(widths, 0.1))
        if subject is not None:
            row = min(row, max(0.8 * subject.height, 0.2 * shorter))
        return Measure(layer, per_metre, row, known)


def longer_side(
    one: Placement, own: Size, measure: Measure, beside: PixelRect | None, as_large: PixelRect | None
) -> float:
    """The longer side of a cut-out in layer pixels.

    Args:
        own: its size in its picture. beside: the box it is placed by. as_large: the box whose size it follows.
    """
    shorter = min(measure.layer.width, measure.layer.height)
    metres = measure.metres.get(one.reference)
    if as_large is not None:
        return max(1.0, max(as_large.width, as_large.height) * one.size)
    if one.relation is Relation.HELD and beside is not None:
        hand = max(beside.width, beside.height)
        longer = hand * (metres / _HAND_METRES if metres is not None else _IN_HAND)
    elif metres is not None and measure.per_metre is not None:
        longer = metres * measure.per_metre
    elif one.relation is Relation.ABOVE and beside is not None:
        longer = min(_IN_AIR * shorter, 1.2 * max(beside.width, beside.height))
    elif beside is not None:
        # By heights, so that a wide thing is no giant.
        longer = _BESIDE * beside.height * max(own.width, own.height) / own.height
        longer = min(longer, _BESIDE * 1.3 * max(beside.width, beside.height))
    else:
        longer = measure.row
    return min(max(longer * one.size, _LEAST * shorter), _MOST * shorter)
