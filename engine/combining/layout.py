"""Where cut-outs go and how large they are: geometry alone, no pixels.

A place is told by the words (left of, behind …), by the room there is, and by the ground: what stands beside something
stands on the same line; what stands behind it stands a little higher and is a little smaller.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.combining.scale import Measure, longer_side
from engine.combining.slots import Ground, Shape, Slot, rect_on
from engine.commands.scene import Placement, Relation, Scene, Target
from engine.errors import BadRequest
from engine.geometry import PixelRect

# Space between two things that stand beside each other, as a share of the smaller one; and to the layer's border, of
# its shorter side.
_GAP, _MARGIN = 0.08, 0.04
# Where nothing else tells where the ground is: this far down the layer; what flies has its middle this far down.
_GROUND, _SKY = 0.92, 0.30
# Behind: feet higher by this share of the other's height, smaller by that factor; in front the other way round.
_BACK, _BACK_SCALE, _FORTH, _FORTH_SCALE = 0.05, 0.92, 0.07, 1.08
# Behind and in front of something of its size, a thing is shifted so that this share of it is seen (of the other).
_SEEN = 0.62
# What is on something stands this far down in its box: a table top is seen from above.
_TOP = 0.16
# Of a selection that shows where to stand, this far down.
_STAND = 0.85
# The middle of what is “on the left”, as a share of the layer's width.
_ASIDE = 0.22
# Where there is no room beside something, a thing becomes smaller down to this factor before it covers anything.
_LEAST_SHRINK = 0.55
_TRIES = 49


def lay_out(scene: Scene, shapes: Mapping[int, Shape], ground: Ground) -> tuple[tuple[Slot, ...], tuple[str, ...]]:
    """A slot for every placement, from back to front, and what is worth saying of them.

    Raises:
        BadRequest: two pictures are each placed by the other; or there is nothing to place one by.
    """
    layout = _Layout(scene, shapes, ground)
    waiting = list(scene.placements)
    # What is placed by the layer comes first, then what is placed by that, then what takes the room that is left.
    waiting.sort(key=lambda one: one.relation is None and one.anchor is None)
    named = {one.to.reference for one in waiting if one.to is not None and one.to.reference is not None}
    waiting.sort(key=lambda one: one.reference not in named)
    while waiting:
        ready = next((one for one in waiting if layout.is_ready(one)), None)
        if ready is None:
            raise BadRequest(
                "Two pictures are placed by each other.", hint="Say of one of them where in the layer it is."
            )
        waiting.remove(ready)
        layout.place(ready)
    slots = sorted(layout.slots.values(), key=lambda slot: (not slot.behind, slot.foot))
    return tuple(slots), tuple(layout.notes)


class _Layout:
    def __init__(self, scene: Scene, shapes: Mapping[int, Shape], ground: Ground) -> None:
        self.scene, self.shapes, self.ground = scene, shapes, ground
        self.slots: dict[int, Slot] = {}
        self.notes: list[str] = []
        self.measure = Measure.of(scene, shapes, ground.size, ground.named)
        self.margin = round(_MARGIN * min(ground.size.width, ground.size.height))

    def is_ready(self, one: Placement) -> bool:
        """Whether all that it is placed by has its place."""
        needed = (target.reference for target in (one.to, one.as_large_as) if target is not None)
        return all(number is None or number in self.slots for number in needed)

    def place(self, one: Placement) -> None:
        """Find its slot."""
        shape = self.shapes[one.reference]
        if one.relation is not None and one.to is not None:
            slot = self._related(one, shape, one.relation, self._box(one.to))
        elif one.anchor == "selection":
            slot = self._selected(one, shape)
        elif one.anchor is not None:
            slot = self._anchored(one, shape, one.anchor)
        else:
            slot = self._in_room(one, shape)
        self.slots[one.reference] = slot
        self._remark(one, slot)

    def _size(self, one: Placement, shape: Shape, beside: PixelRect | None) -> tuple[float, float]:
        """Width and height in layer pixels."""
        as_large = None if one.as_large_as is None else self._box(one.as_large_as)
        longer = longer_side(one, shape.size, self.measure, beside, as_large)
        scale = longer / shape.longer
        return shape.size.width * scale, shape.size.height * scale

    def _box(self, to: Target) -> PixelRect:
        if to.reference is not None:
            return self.slots[to.reference].rect_px
        box = self.ground.selection if to.is_selection else self.ground.named
        if box is None:
            raise BadRequest(f"There is nothing to place a picture by: {to.says()} was not found.", hint="Select it.")
        return box

    def _foot_of(self, to: Target, box: PixelRect) -> float:
        if to.reference is not None:
            return self.slots[to.reference].foot
        return float(box.y1)

    def _related(self, one: Placement, shape: Shape, relation: Relation, box: PixelRect) -> Slot:
        width, height = self._size(one, shape, box)
        layer = self.ground.size
        assert one.to is not None
        foot = self._foot_of(one.to, box)
        middle = (box.x0 + box.x1) / 2
        in_air = one.in_air or shape.in_air or (one.to.reference is not None and self.slots[one.to.reference].in_air)
        behind = False
        if "top" not in shape.cut and one.as_large_as is None and height > foot - self.margin > 0:
            fits = max(_LEAST_SHRINK, (foot - self.margin) / height)  # its head is not cut off
            width, height = width * fits, height * fits
        match relation:
            case Relation.LEFT | Relation.RIGHT | Relation.BESIDE:
                is_left = relation is Relation.LEFT or (relation is Relation.BESIDE and self._is_freer_left(box, width))
                return self._beside(one, shape, box, foot, (width, height), is_left=is_left, in_air=in_air)
            case Relation.ABOVE:
                return self._above(one, box, (width, height))
            case Relation.BELOW:
                x, foot = middle - width / 2, box.y1 + _GAP * height + height
                bottom = foot = min(foot, max(layer.height - self.margin, box.y1))
            case Relation.BEHIND:
                width, height = width * _BACK_SCALE, height * _BACK_SCALE
                foot = bottom = foot - _BACK * box.height
                x = self._peeping(box, width, height)
                behind = one.to.reference is None
            case Relation.FRONT:
                width, height = width * _FORTH_SCALE, height * _FORTH_SCALE
                foot = bottom = min(foot + _FORTH * box.height, max(layer.height - self.margin, foot))
                x = middle - width / 2 if height < 0.55 * box.height else self._peeping(box, width, height)
            case Relation.ON:
                is_place = one.to.reference is None
                bottom = box.y0 + (_STAND if is_place else _TOP) * box.height
                x, foot = middle - width / 2, max(foot, bottom) + 1
            case Relation.HELD:
                x, bottom = middle - width / 2, (box.y0 + box.y1) / 2 + height / 2
                rect_px = rect_on(x, bottom, width, height)
                return Slot(one.reference, rect_px, float(layer.height), behind=True, stands=False, touches=True)
        if "bottom" in shape.cut and relation in (Relation.BEHIND, Relation.FRONT):
            bottom = float(layer.height) if relation is Relation.FRONT else bottom
        x = self._within(x, width)
        return Slot(
            one.reference,
            rect_on(x, bottom, width, height),
            foot,
            behind,
            in_air,
            stands=not in_air and "bottom" not in shape.cut,
        )

    def _above(self, one: Placement, box: PixelRect, size: tuple[float, float]) -> Slot:
        """Over it where there is room, else as high as it goes, beside what it would cover."""
        width, height = size
        free = box.y0 - _GAP * min(height, box.height) - self.margin
        shrink = max(_LEAST_SHRINK, min(1.0, free / height))
        width, height = width * shrink, height * shrink
        x, bottom = (box.x0 + box.x1 - width) / 2, self.margin + max(free, height)
        if height > free * 1.02:
            gap = _GAP * width
            x = box.x0 - gap - width if self._is_freer_left(box, width) else box.x1 + gap
            bottom = max(self.margin + height, box.y0 + height / 2)
            self.notes.append(f"there is no room above it for image {one.reference}, so it is above and beside it")
        return Slot(
            one.reference, rect_on(self._within(x, width), bottom, width, height), 0.0, in_air=True, stands=False
        )

    def _beside(
        self,
        one: Placement,
        shape: Shape,
        box: PixelRect,
        foot: float,
        size: tuple[float, float],
        *,
        is_left: bool,
        in_air: bool,
    ) -> Slot:
        (width, height), layer = size, self.ground.size
        gap = _GAP * min(width, box.width)
        cut_there = ("left" if is_left else "right") in shape.cut
        free = (box.x0 if is_left else layer.width - box.x1) - gap - (0 if cut_there else self.margin)
        if width > free and one.as_large_as is None:
            shrink = max(_LEAST_SHRINK, min(1.0, max(free, 1.0) / width))
            width, height = width * shrink, height * shrink
        x = box.x0 - gap - width if is_left else box.x1 + gap
        if cut_there:
            x = 0.0 if is_left else layer.width - width
        elif x < self.margin or x + width > layer.width - self.margin:
            x = min(max(x, self.margin), layer.width - self.margin - width)
        if width > free * 1.02:
            side = "left" if is_left else "right"
            self.notes.append(
                f"there is no room {side} of it for image {one.reference}, so one covers part of the other"
            )
        if in_air:
            bottom = (box.y0 + box.y1) / 2 + height / 2
            return Slot(one.reference, rect_on(x, bottom, width, height), foot, in_air=True, stands=False)
        bottom = self._standing(shape, foot)
        return Slot(one.reference, rect_on(x, bottom, width, height), foot, stands="bottom" not in shape.cut)

    def _standing(self, shape: Shape, foot: float) -> float:
        """Where its lower edge is: on the ground, or beyond the layer where its own picture cut it off."""
        if "bottom" in shape.cut:
            return float(self.ground.size.height)
        return min(foot, self.ground.size.height - self.margin / 2)

    def _is_freer_left(self, box: PixelRect, width: float) -> bool:
        """Which side of it has more room, others that are there already counted."""
        layer = self.ground.size
        left, right = float(box.x0), float(layer.width - box.x1)
        for slot in self.slots.values():
            if slot.rect_px == box or slot.behind:
                continue
            reach = slot.rect_px.width
            if slot.rect_px.x1 <= box.x0 + width / 4:
                left -= reach
            elif slot.rect_px.x0 >= box.x1 - width / 4:
                right -= reach
        return left > right

    def _peeping(self, box: PixelRect, width: float, height: float) -> float:
        """The left edge of what is partly hidden by the box, or hides part of it: to its freer side."""
        if height > 1.35 * box.height and width < 1.2 * box.width:
            return (box.x0 + box.x1) / 2 - width / 2
        if self._is_freer_left(box, width):
            return box.x0 - _SEEN * width
        return box.x1 - (1 - _SEEN) * width

    def _within(self, x: float, width: float) -> float:
        room = self.ground.size.width - width
        low, high = min(self.margin, room / 2), max(room - self.margin, room / 2)
        return min(max(x, low), high)

    def _selected(self, one: Placement, shape: Shape) -> Slot:
        box = self.ground.selection
        if box is None:
            raise BadRequest("Nothing is selected to put a picture in.", hint="Select where it goes.")
        scale = min(box.width / shape.size.width, box.height / shape.size.height) * one.size
        width, height = shape.size.width * scale, shape.size.height * scale
        rect_px = rect_on((box.x0 + box.x1 - width) / 2, (box.y0 + box.y1 + height) / 2, width, height)
        in_air = one.in_air or shape.in_air
        if not in_air:
            rect_px = rect_on((box.x0 + box.x1 - width) / 2, float(box.y1), width, height)
        return Slot(one.reference, rect_px, float(rect_px.y1), in_air=in_air, stands=not in_air)

    def _anchored(self, one: Placement, shape: Shape, anchor: str) -> Slot:
        width, height = self._size(one, shape, None)
        layer = self.ground.size
        x = (layer.width - width) / 2
        # A corner is a corner; “on the left” is in the left of the picture, not at its edge.
        inward = self.margin if " " in anchor else max(self.margin, _ASIDE * layer.width - width / 2)
        if "left" in anchor:
            x = 0.0 if "left" in shape.cut else float(inward)
        elif "right" in anchor:
            x = layer.width - width - (0 if "right" in shape.cut else inward)
        if "top" in anchor:
            return Slot(one.reference, rect_on(x, self.margin + height, width, height), 0.0, in_air=True, stands=False)
        if one.in_air or shape.in_air:
            return Slot(
                one.reference, rect_on(x, (layer.height + height) / 2, width, height), 0.0, in_air=True, stands=False
            )
        foot = float(layer.height - self.margin) if "bottom" in anchor else self._ground_line()
        bottom = self._standing(shape, foot)
        return Slot(one.reference, rect_on(x, bottom, width, height), foot, stands="bottom" not in shape.cut)

    def _ground_line(self) -> float:
        subject, layer = self.ground.named, self.ground.size
        if subject is not None and 0.5 * layer.height < subject.y1 < layer.height - 1:
            return float(subject.y1)
        return _GROUND * layer.height

    def _in_room(self, one: Placement, shape: Shape) -> Slot:
        """Where it covers least: not the subject, not another picture; beside others rather than far from them."""
        layer, in_air = self.ground.size, one.in_air or shape.in_air
        width, height = self._size(one, shape, None)
        foot = self._ground_line()
        bottom = _SKY * layer.height + height / 2 if in_air else self._standing(shape, foot)
        bottom = max(bottom, min(self.margin + height, layer.height))
        best, cost = self._best(one, shape, width, height, bottom)
        shrink = 1.0
        while cost > 0.05 and shrink > _LEAST_SHRINK and one.as_large_as is None:
            shrink *= 0.85
            other, its_cost = self._best(one, shape, width * shrink, height * shrink, bottom)
            if its_cost < cost * 0.8:
                best, cost = other, its_cost
        return Slot(one.reference, best, foot, in_air=in_air, stands=not in_air and "bottom" not in shape.cut)

    def _best(
        self, one: Placement, shape: Shape, width: float, height: float, bottom: float
    ) -> tuple[PixelRect, float]:
        """The box with the least cost and how much it covers (0 … 1 of itself)."""
        room = max(self.ground.size.width - width, 0.0)
        low, high = min(self.margin, room / 2), max(room - self.margin, room / 2)
        if "left" in shape.cut:
            low = high = 0.0
        elif "right" in shape.cut:
            low = high = room
        wished = self._wished_middle(one)
        best: tuple[float, float, PixelRect] | None = None
        for x in np.linspace(low, high, _TRIES):
            rect_px = rect_on(float(x), bottom, width, height)
            covers = self._covers(rect_px)
            far = abs(float(x) + width / 2 - wished) / self.ground.size.width
            if best is None or covers + 0.3 * far < best[0]:
                best = (covers + 0.3 * far, covers, rect_px)
        assert best is not None
        return best[2], best[1]

    def _wished_middle(self, one: Placement) -> float:
        """Spread evenly where nothing is in the layer, close to what is there otherwise."""
        subject = self.ground.named
        if subject is not None:
            return (subject.x0 + subject.x1) / 2
        free = [each.reference for each in self.scene.placements if each.relation is None and each.anchor is None]
        return (free.index(one.reference) + 0.5) / len(free) * self.ground.size.width

    def _covers(self, rect_px: PixelRect) -> float:
        """How much of its box lies over the subject or over other pictures."""
        area = max(rect_px.area, 1)
        covered = sum(rect_px.intersect(slot.rect_px).area for slot in self.slots.values()) / area
        flags = self.ground.covered
        if flags is None:
            return covered
        high, wide = flags.shape
        y0, y1 = (
            round(min(max(y, 0), self.ground.size.height) / self.ground.size.height * high)
            for y in (rect_px.y0, rect_px.y1)
        )
        x0, x1 = (
            round(min(max(x, 0), self.ground.size.width) / self.ground.size.width * wide)
            for x in (rect_px.x0, rect_px.x1)
        )
        part = flags[y0:y1, x0:x1]
        return covered + (float(part.mean()) if part.size else 0.0)

    def _remark(self, one: Placement, slot: Slot) -> None:
        """Where a picture's own border cuts its thing off amid the layer, that is seen."""
        layer, rect_px, cut = self.ground.size, slot.rect_px, self.shapes[one.reference].cut
        seen: dict[str, bool] = {
            "left": rect_px.x0 > 0, "right": rect_px.x1 < layer.width, "top": rect_px.y0 > 0,
            "bottom": rect_px.y1 < layer.height and not slot.behind,
        }  # fmt: skip
        sides = [side for side in ("left", "right", "top", "bottom") if side in cut and seen[side]]
        if sides:
            self.notes.append(f"image {one.reference} ends at its own {' and '.join(sides)} border, and that is seen")
