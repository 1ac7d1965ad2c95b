"""What the plan says, as the values that the engine takes."""

from __future__ import annotations

import pytest

from bridge.editing.values import values_of
from engine.commands.plan import BackgroundBlur, BackgroundReplace, Relight
from engine.geometry import PixelRect, Size

SIZE, BOX = Size(100, 80), PixelRect(10, 10, 50, 40)


@pytest.mark.parametrize(
    ("light", "shadow", "values"),
    [
        (None, None, {}),
        (0.5, None, {"light": 0.5}),
        (1.0, True, {"light": 1.0, "shadow": 1.0}),
        (None, False, {"shadow": 0.0}),
    ],
)
def test_light_and_shadow_reach_the_engine_as_numbers(
    light: float | None, shadow: bool | None, values: dict[str, float]
):
    asked = BackgroundReplace(prompt="navy", light=light, shadow=shadow)
    assert values_of(asked, SIZE, None) == values


def test_who_draws_it_is_no_value():
    assert "model" not in values_of(BackgroundReplace(prompt="navy", model="meissonic"), SIZE, None)


def test_what_was_not_said_is_no_value():
    assert values_of(Relight(region="all", exposure=0.263), SIZE, None) == {"exposure": 0.263}


def test_a_selection_is_the_background_that_a_picture_replaces_and_else_a_hint_at_the_subject():
    picture = BackgroundReplace(reference=1)
    assert values_of(picture, SIZE, BOX)["selected"] == 1.0
    assert "selected" not in values_of(picture, SIZE, None)
    # A series sets its prompts behind the subject that is selected.
    assert "selected" not in values_of(BackgroundReplace(prompt="grass"), SIZE, BOX)
    assert "selected" not in values_of(BackgroundBlur(), SIZE, BOX)
