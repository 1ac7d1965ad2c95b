"""From the words of a combination to typed placements."""

from __future__ import annotations

import pytest

from engine.commands import parse
from engine.commands.plan import Combine
from engine.commands.scene import Arrangement, Placement, Relation, Target, UnknownScene
from engine.commands.scene_words import scene_of
from engine.commands.sizes import flies, metres_of

CAT = Target(noun="cat")


@pytest.mark.parametrize(
    ("words", "relation"),
    [
        ("the mug from image 1 on the left of the cat", Relation.LEFT),
        ("image 1 to the left of the cat", Relation.LEFT),
        ("put image 1 on the right hand side of the cat", Relation.RIGHT),
        ("place the first image right of the cat", Relation.RIGHT),
        ("the mug from picture 1 standing next to the cat", Relation.BESIDE),
        ("image 1 beside the cat", Relation.BESIDE),
        ("the bird from image 1 flying above the cat", Relation.ABOVE),
        ("#1 over the cat", Relation.ABOVE),
        ("image 1 under the cat", Relation.BELOW),
        ("the man from image 1 standing behind the cat", Relation.BEHIND),
        ("image one in front of the cat", Relation.FRONT),
        ("the ball from image 1 on top of the cat", Relation.ON),
        ("the cat holding the mug from image 1", Relation.HELD),
        ("the mug from image 1 in the cat's hand", Relation.HELD),
        ("the mug from image 1 in the hand of the cat", Relation.HELD),
    ],
)
def test_a_relation_is_found_in_all_its_ways_of_being_said(words: str, relation: Relation):
    (one,) = scene_of((1,), words).placements
    assert (one.relation, one.to) == (relation, CAT)


def test_what_a_picture_shows_is_kept_and_its_size_too():
    (one,) = scene_of((1,), "the small coffee mug from image 1 left of the cat").placements
    assert one == Placement(1, "coffee mug", Relation.LEFT, CAT, size=0.6)
    (one,) = scene_of((1,), "image 1 behind the cat, half as big as the cat").placements
    assert (one.as_large_as, one.size) == (CAT, 0.5)
    (one,) = scene_of((1,), "image 1 behind the cat at 150%").placements
    assert one.size == 1.5


def test_several_pictures_are_placed_each_by_its_own_words_and_it_is_what_was_placed_by():
    left, behind = scene_of((1, 2), "put the mug from image 1 left of the cat and image 2 behind it").placements
    assert (left.relation, behind.relation, behind.to) == (Relation.LEFT, Relation.BEHIND, CAT)
    both = scene_of((1, 2), "the mug from image 1 and the bottle from image 2 left of the cat").placements
    assert [(one.noun, one.relation) for one in both] == [("mug", Relation.LEFT), ("bottle", Relation.LEFT)]


def test_pictures_are_placed_by_each_other():
    dog, person = scene_of((1, 2), "the person from image 1 next to the dog from image 2").placements
    assert dog == Placement(2, "dog")
    assert person == Placement(1, "person", Relation.BESIDE, Target(reference=2))


def test_places_of_the_layer_and_the_selection_are_places_too():
    scene = scene_of(
        (1, 2, 3), "image 1 on the left, the mug from image 2 here and the plane from image 3 at the top right"
    )
    assert [one.anchor for one in scene.placements] == ["left", "selection", "top right"]


@pytest.mark.parametrize("words", [None, "group photo", "one picture", "side by side", "match the light"])
def test_pictures_without_a_place_go_where_there_is_room(words: str | None):
    scene = scene_of((2, 3), words)
    assert [(one.reference, one.relation, one.anchor) for one in scene.placements] == [(2, None, None), (3, None, None)]
    assert scene.arrangement is Arrangement.ROOM and scene.shadows


def test_a_collage_and_no_shadows_can_be_said():
    assert scene_of((1, 2), "collage").arrangement is Arrangement.COLLAGE
    assert not scene_of((1,), "image 1 left of the cat without shadows").shadows


@pytest.mark.parametrize(
    "words",
    [
        "postcard", "on a beach", "one scene in a kitchen", "the man from image 1 riding the horse",
        "the dress from image 1 on the woman in image 2", "the woman in image 1 hold the bag from image 2",
        "image 1 like a dream", "swap the faces of image 1 and image 2", "image 7 left of the cat",
        "image 1 left of the cat and image 1 right of the cat",
    ],
)  # fmt: skip
def test_what_places_nothing_is_said_and_never_guessed(words: str):
    with pytest.raises(UnknownScene):
        scene_of((1, 2), words)


def test_the_plan_says_where_everything_goes_in_plain_words():
    plan = parse("put the mug from image 1 on the left of the cat", has_selection=False, references=1)
    assert plan.ops == (Combine(references=(1,), prompt="the mug from image 1 on the left of the cat"),)
    assert plan.says == ("Cut out and put the mug from image 1 to the left of the cat.",)
    plan = parse("combine images 1 and 2: image 1 left of image 2", has_selection=False, references=2)
    assert plan.says == ("Cut out and put image 2 where there is room and image 1 to the left of image 2.",)


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("put image 1 in the top right corner", "place_image"),
        ("use image 1 as the background", "background_replace"),
        ("put image 1 behind the cat", "combine"),
        ("add the bottle from image 1 to the right of this", "combine"),
        ("combine image 1 and 2", "combine"),
    ],
)
def test_what_is_no_combination_stays_what_it_was(text: str, op: str):
    plan = parse(text, has_selection=True, references=2)
    assert [each.op for each in plan.ops] == [op]


def test_a_picture_that_is_not_there_is_asked_for():
    plan = parse("put the mug from image 2 left of the cat", has_selection=False, references=1)
    assert not plan.ops and "no image 2" in plan.unsure[0]


def test_usual_sizes_go_by_the_last_word_of_a_noun():
    assert metres_of("coffee mug") == metres_of("mugs") == 0.11
    assert metres_of("thing") is None
    assert flies("jumbo jet") and not flies("cat")
