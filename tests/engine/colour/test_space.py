"""Colour numbers ↔ light."""

import struct

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageCms

from engine.colour.space import space_of, srgb

SRGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def profile_with_gamma(gamma: float) -> bytes:
    """A small RGB profile of matrix type: sRGB's primaries, one gamma as a ``curv`` element."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    xyz = [(0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)]
    columns = [b"XYZ " + bytes(4) + struct.pack(">iii", *(round(v * 65536) for v in each)) for each in xyz]
    tags, data, start = b"", b"", 128 + 4 + 12 * 4
    for name, body in zip((b"gTRC", b"rXYZ", b"gXYZ", b"bXYZ"), (curve, *columns), strict=True):
        tags += struct.pack(">4sII", name, start + len(data), len(body))
        data += body
    header = bytearray(128)
    header[16:20], header[36:40] = b"RGB ", b"acsp"
    return bytes(header) + struct.pack(">I", 4) + tags + data


@pytest.mark.parametrize("profile", [None, SRGB_PROFILE, profile_with_gamma(2.2), profile_with_gamma(1.8)])
@pytest.mark.parametrize("is_linear", [False, True])
def test_there_and_back_is_what_it_was(profile: bytes | None, is_linear: bool) -> None:
    space = space_of(profile, is_linear=is_linear)
    numbers = torch.linspace(0, 1, 65536).view(1, 256, 256).expand(3, -1, -1)
    assert torch.allclose(space.from_light(space.to_light(numbers)), numbers, atol=0.2 / 65535)


def test_a_profile_s_own_curve_is_used() -> None:
    half = torch.full((3, 1, 1), 0.5)
    assert float(srgb().to_light(half)[0]) == pytest.approx(0.2140, abs=1e-4)
    assert float(space_of(profile_with_gamma(2.2), is_linear=False).to_light(half)[0]) == pytest.approx(
        0.5**2.2, abs=1e-3
    )
    assert float(space_of(SRGB_PROFILE, is_linear=False).to_light(half)[0]) == pytest.approx(0.2140, abs=1e-3)
    assert not space_of(SRGB_PROFILE, is_linear=False).is_guess


def test_layers_of_32_bits_hold_light_already() -> None:
    numbers = torch.tensor([0.0, 0.5, 7.0]).view(3, 1, 1)
    assert torch.equal(space_of(None, is_linear=True).to_light(numbers), numbers)


def test_numbers_beyond_black_and_white_go_on_straight() -> None:
    numbers = torch.tensor([-0.1, 1.0, 1.4]).view(3, 1, 1)
    light = srgb().to_light(numbers)
    assert float(light[0]) < 0 < 1 < float(light[2])
    assert torch.allclose(srgb().from_light(light), numbers, atol=1e-5)


def test_white_is_as_bright_as_it_gets() -> None:
    assert float(srgb().luminance(torch.ones(3, 1, 1))) == pytest.approx(1.0)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_profile_or_a_guess(profile: bytes) -> None:
    assert space_of(profile, is_linear=False).to_xyz


@given(st.integers(0, 300), st.binary(min_size=1, max_size=40))
def test_a_damaged_profile_is_a_guess_or_still_a_space(at: int, damage: bytes) -> None:
    broken = bytearray(profile_with_gamma(2.2))
    broken[at : at + len(damage)] = damage
    space = space_of(bytes(broken), is_linear=False)
    assert bool(torch.isfinite(space.to_light(torch.rand(3, 2, 2))).all())
