"""What a plan's operation says, as values for the engine."""

from __future__ import annotations

from bridge.editing.values import values_of
from engine.commands.plan import BackgroundBlur, BackgroundReplace
from engine.geometry import PixelRect, Size

SIZE, BOX = Size(100, 80), PixelRect(10, 10, 50, 40)


def test_a_selection_is_the_background_that_a_picture_replaces_and_else_a_hint_at_the_subject():
    picture = BackgroundReplace(reference=1)
    assert values_of(picture, SIZE, BOX)["selected"] == 1.0
    assert "selected" not in values_of(picture, SIZE, None)
    # A series sets its prompts behind the subject that is selected.
    assert "selected" not in values_of(BackgroundReplace(prompt="grass"), SIZE, BOX)
    assert "selected" not in values_of(BackgroundBlur(), SIZE, BOX)
