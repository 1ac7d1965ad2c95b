"""What the plan says, as the values that the engine takes."""

from __future__ import annotations

import pytest

from bridge.editing.values import values_of
from engine.commands.plan import BackgroundReplace, Relight
from engine.geometry import Size

SIZE = Size(100, 50)


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


def test_what_was_not_said_is_no_value():
    assert values_of(Relight(region="all", exposure=0.263), SIZE, None) == {"exposure": 0.263}
