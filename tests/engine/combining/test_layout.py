"""Where cut-outs go, without a pixel."""

from __future__ import annotations

import numpy as np
import pytest

from engine.combining.collage import cells_of
from engine.combining.layout import lay_out
from engine.combining.slots import Ground, Shape, Slot
from engine.commands.scene_words import scene_of
from engine.commands.sizes import metres_of
from engine.errors import BadRequest
from engine.geometry import PixelRect, Size

LAYER = Size(1000, 600)
CAT = PixelRect(450, 250, 600, 500)


def slots_of(
    words: str | None, *sizes: Size, cut: frozenset[str] = frozenset(), ground: Ground | None = None
) -> dict[int, Slot]:
    scene = scene_of(tuple(range(1, len(sizes) + 1)), words)
    shapes = {
        one.reference: Shape(sizes[one.reference - 1], cut, metres_of(one.noun), one.in_air) for one in scene.placements
    }
    covered = np.zeros((60, 100), np.bool_)
    covered[25:50, 45:60] = True
    slots, _ = lay_out(scene, shapes, ground or Ground(LAYER, CAT, CAT, None, covered))
    return {slot.reference: slot for slot in slots}


SQUARE = Size(200, 200)


def test_left_right_and_beside_stand_on_the_same_ground_and_cover_nothing():
    left = slots_of("image 1 left of the cat", SQUARE)[1]
    right = slots_of("image 1 right of the cat", SQUARE)[1]
    assert left.rect_px.x1 <= CAT.x0 and right.rect_px.x0 >= CAT.x1
    assert left.rect_px.y1 == right.rect_px.y1 == CAT.y1 and left.stands
    beside = slots_of("both next to the cat", SQUARE, SQUARE)
    assert beside[1].rect_px.x1 <= CAT.x0 and beside[2].rect_px.x0 >= CAT.x1


def test_a_mug_beside_a_cat_is_as_small_as_a_mug():
    mug = slots_of("the mug from image 1 left of the cat", SQUARE)[1].rect_px
    assert max(mug.width, mug.height) == pytest.approx(CAT.height * 0.11 / 0.45, abs=1)
    large = slots_of("image 1 left of the cat, as large as the cat", SQUARE)[1].rect_px
    assert max(large.width, large.height) == CAT.height


def test_behind_is_hidden_in_part_higher_and_drawn_first():
    slot = slots_of("image 1 behind the cat", SQUARE)[1]
    assert slot.behind and slot.rect_px.y1 < CAT.y1 and slot.rect_px.meets(CAT)
    assert slot.rect_px.x0 < CAT.x0 or slot.rect_px.x1 > CAT.x1
    in_front = slots_of("image 1 in front of the cat", SQUARE)[1]
    assert not in_front.behind and in_front.foot > CAT.y1


def test_above_is_in_the_air_and_goes_aside_where_there_is_no_room():
    above = slots_of("image 1 above the cat", SQUARE)[1]
    assert not above.stands and above.rect_px.y1 <= CAT.y0
    tall = PixelRect(400, 5, 600, 600)
    aside = slots_of("image 1 above the cat", SQUARE, ground=Ground(LAYER, tall, tall))[1]
    assert not aside.rect_px.meets(tall)


def test_pictures_are_placed_by_pictures_and_two_by_each_other_is_said():
    slots = slots_of("image 1 to the left of image 2", SQUARE, SQUARE)
    assert slots[1].rect_px.x1 <= slots[2].rect_px.x0
    with pytest.raises(BadRequest, match="by each other"):
        slots_of("image 1 left of image 2 and image 2 left of image 1", SQUARE, SQUARE)


def test_without_words_nothing_lies_over_the_subject_or_another_picture():
    slots = slots_of(None, SQUARE, SQUARE, SQUARE)
    boxes = [CAT, *(slot.rect_px for slot in slots.values())]
    for number, box in enumerate(boxes):
        assert LAYER.rect.contains(box)
        assert not any(box.meets(other) for other in boxes[number + 1 :])


def test_what_its_picture_cut_off_stands_at_the_layers_border_without_a_shadow():
    slot = slots_of("image 1 left of the cat", SQUARE, cut=frozenset({"bottom"}))[1]
    assert slot.rect_px.y1 == LAYER.height and not slot.stands
    assert slots_of("image 1 left of the cat", SQUARE, cut=frozenset({"left"}))[1].rect_px.x0 == 0


def test_the_selection_holds_what_goes_there_and_a_hand_what_it_holds():
    box = PixelRect(100, 100, 200, 180)
    ground = Ground(LAYER, None, box, box)
    inside = slots_of("the mug from image 1 here", Size(100, 300), ground=ground)[1].rect_px
    assert box.contains(inside) and inside.height == box.height
    held = slots_of("the man holding the mug from image 1", SQUARE, ground=ground)[1]
    assert held.touches and held.behind and held.rect_px.meets(box)


def test_no_room_at_all_still_gives_a_place():
    full = LAYER.rect
    slots = slots_of("image 1 left of the cat and image 2 above it", SQUARE, SQUARE, ground=Ground(LAYER, full, full))
    assert all(slot.rect_px.meets(full) for slot in slots.values())
    tiny = slots_of(None, SQUARE, ground=Ground(Size(1, 1)))
    assert tiny[1].rect_px.area == 1


def test_a_collage_fills_its_place_with_cells_that_do_not_meet():
    place = PixelRect(10, 20, 710, 520)
    for count in range(1, 11):
        cells = cells_of(place, [1.5] * count)
        assert len(cells) == count and all(place.contains(cell) for cell in cells)
        assert not any(one.meets(other) for n, one in enumerate(cells) for other in cells[n + 1 :])
        assert sum(cell.area for cell in cells) > 0.9 * place.area
