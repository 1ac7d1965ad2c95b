"""Another picture's numbers as a layer's."""

import numpy as np
import pytest
import torch
from support.profiles import profile_of

from engine.colour.convert import as_in_layer, is_unreadable, numbers_of, turned
from engine.colour.space import srgb

RAMP = np.linspace(0, 1, 300, dtype=np.float32).reshape(10, 10, 3)
# Adobe RGB (1998), adapted to D50.
ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))

# Linear Adobe RGB to linear sRGB, both at D65.
ADOBE_TO_SRGB = np.array(((1.39836, -0.39836, 0.0), (0.0, 1.0, 0.0), (0.0, -0.04293, 1.04293)))


def test_numbers_of_the_same_space_are_not_touched():
    assert as_in_layer(RAMP, numbers_of(None), srgb()) is RAMP
    assert as_in_layer(RAMP, numbers_of(profile_of(2.2)), numbers_of(profile_of(2.2))) is RAMP


def test_a_tensor_is_turned_as_an_array_is():
    own, layer = numbers_of(profile_of(1.8)), numbers_of(profile_of(2.2))
    tensor = torch.from_numpy(RAMP).permute(2, 0, 1)
    assert np.array_equal(turned(tensor, own, layer).permute(1, 2, 0).numpy(), as_in_layer(RAMP, own, layer))
    assert turned(tensor, own, own) is tensor


def test_a_curve_is_undone_and_the_layers_is_done():
    shown = as_in_layer(RAMP, numbers_of(profile_of(1.8)), numbers_of(profile_of(2.2)))
    assert np.allclose(shown, RAMP ** (1.8 / 2.2), atol=2e-3)


@pytest.mark.parametrize("colour", [(0.0, 1.0, 0.0), (0.7, 0.3, 0.3), (0.2, 0.4, 0.9), (0.5, 0.5, 0.5)])
def test_adobe_rgb_is_shown_in_srgb(colour: tuple[float, float, float]):
    light = np.asarray(colour) ** 2.19921875
    linear = np.clip(ADOBE_TO_SRGB @ light, 0, 1)
    wanted = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    picture = np.full((2, 2, 3), colour, np.float32)
    shown = as_in_layer(picture, numbers_of(profile_of(2.19921875, ADOBE)), srgb())
    assert np.allclose(np.clip(shown[0, 0], 0, 1), wanted, atol=0.004)


def test_there_and_back_is_what_it_was():
    adobe = numbers_of(profile_of(2.2, ADOBE))
    assert np.allclose(as_in_layer(as_in_layer(RAMP, srgb(), adobe), adobe, srgb()), RAMP, atol=2e-3)


def test_broken_bytes_are_told_and_taken_for_srgb():
    assert is_unreadable(b"no profile", numbers_of(b"no profile"))
    assert not is_unreadable(None, numbers_of(None)) and not is_unreadable(profile_of(2.2), numbers_of(profile_of(2.2)))
    assert as_in_layer(RAMP, numbers_of(b"no profile"), srgb()) is RAMP
