from __future__ import annotations

import tracemalloc
import zlib
from functools import cache

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BadPixels, TooLarge
from bridge.protocol import messages as m
from bridge.protocol.codec import encode
from bridge.protocol.tiles import frames_of, pack_tile, unpack_tile

ENCODINGS = ("raw", "zlib", "zstd", "fill")


def tile(encoding: str, data: bytes) -> m.Tile:
    return m.Tile.model_validate({"cell": (0, 0), "encoding": encoding, "data": data})


@given(
    pixels=st.lists(st.integers(0, 255), min_size=1, max_size=300),
    bytes_per_pixel=st.integers(1, 16),
    repeat=st.integers(1, 60),
)
def test_samples_come_back_as_they_were(pixels: list[int], bytes_per_pixel: int, repeat: int):
    samples = bytes(pixels) * repeat * bytes_per_pixel
    packed = pack_tile((3, 4), samples, bytes_per_pixel)
    assert packed.cell == (3, 4)
    assert unpack_tile(packed, len(samples), bytes_per_pixel) == samples
    assert len(packed.data) <= len(samples)


def test_one_colour_travels_as_one_pixel():
    packed = pack_tile((0, 0), b"\x01\x02\x03" * 128 * 128, 3)
    assert (packed.encoding, packed.data) == ("fill", b"\x01\x02\x03")


def test_a_tile_whose_corners_agree_is_not_taken_for_a_fill():
    samples = b"\x01" * 100 + b"\x02" + b"\x01" * 100
    assert pack_tile((0, 0), samples, 1).encoding != "fill"


def test_a_smooth_tile_is_packed_and_noise_is_not():
    ramp = np.repeat(np.arange(128, dtype=np.uint8), 128).tobytes()
    noise = np.random.default_rng(1).bytes(128 * 128)
    assert pack_tile((0, 0), ramp, 1).encoding == "zstd"
    assert pack_tile((0, 0), noise, 1).encoding == "raw"


def test_zlib_from_a_client_is_read():
    samples = bytes(range(256)) * 10
    assert unpack_tile(tile("zlib", zlib.compress(samples)), len(samples), 1) == samples


def test_zstd_without_a_stated_size_is_read():
    samples = bytes(range(256)) * 10
    packed = zstandard.ZstdCompressor(write_content_size=False).compress(samples)
    assert unpack_tile(tile("zstd", packed), len(samples), 1) == samples


@pytest.mark.parametrize("size", [0, 1, 99, 101, 5000])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_tile_of_another_size_is_refused(encoding: str, size: int):
    samples = bytes(size)
    data = {
        "raw": samples,
        "zlib": zlib.compress(samples),
        "zstd": zstandard.compress(samples),
        "fill": samples,
    }[encoding]
    if encoding == "fill" and size == 1:
        return
    with pytest.raises(BadPixels):
        unpack_tile(tile(encoding, data), 100, 1)


@given(data=st.binary(max_size=200), encoding=st.sampled_from(ENCODINGS))
def test_whatever_the_bytes_the_size_is_right_or_the_tile_is_refused(data: bytes, encoding: str):
    try:
        samples = unpack_tile(tile(encoding, data), 96, 3)
    except BadPixels:
        return
    assert len(samples) == 96


@cache
def _bombs() -> dict[str, m.Tile]:
    zeros = bytes(64 << 20)
    unsized = zstandard.ZstdCompressor(level=19, write_content_size=False)
    return {
        "zlib": tile("zlib", zlib.compress(zeros, 9)),
        "zstd": tile("zstd", zstandard.compress(zeros, 19)),
        "zstd-unsized": tile("zstd", unsized.compress(zeros)),
        "zstd-claims-2**60": tile("zstd", b"\x28\xb5\x2f\xfd\xe0" + (2**60).to_bytes(8, "little") + b"\x00" * 20),
        "zstd-claims-right-then-more": tile("zstd", _with_size(unsized.compress(zeros), 49152)),
        "zstd-two-frames": tile("zstd", zstandard.compress(bytes(49152)) * 2),
    }


def _with_size(frame: bytes, size: int) -> bytes:
    """The frame with a content size written into its header, which has none."""
    assert frame[4] & 0xE0 == 0, "no single segment, no size"
    return frame[:4] + bytes([frame[4] | 0x80]) + frame[5:6] + size.to_bytes(4, "little") + frame[6:]


@pytest.mark.parametrize("name", list(_bombs()))
def test_a_bomb_is_refused_without_being_inflated(name: str):
    bomb = _bombs()[name]
    tracemalloc.start()
    try:
        with pytest.raises(BadPixels):
            unpack_tile(bomb, 128 * 128 * 3, 3)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


@given(sizes=st.lists(st.integers(1, 300_000), max_size=40), plane=st.sampled_from(("mask", "layer")))
def test_frames_fit_and_keep_every_tile_in_order(sizes: list[int], plane: str):
    tiles = [m.Tile(cell=(300_000, index), encoding="raw", data=bytes(size)) for index, size in enumerate(sizes)]
    frames = list(frames_of(tiles))
    assert [tile for frame in frames for tile in frame] == tiles
    for frame in frames:
        up = {"type": "edit.tiles", "edit_id": "e" * 64, "plane": plane, "tiles": frame}
        assert len(encode(m.EditTiles.model_validate(up))) <= m.FRAME_BYTES
        assert encode(m.PatchTiles(patch_id="p" * 64, frame=2**31, plane="layer", tiles=frame))


def test_frames_are_filled():
    tiles = [m.Tile(cell=(0, index), encoding="raw", data=bytes(49152)) for index in range(63)]
    assert len(list(frames_of(tiles))) == 3


def test_a_message_never_has_more_tiles_than_the_protocol_takes():
    tiles = [m.Tile(cell=(0, index), encoding="fill", data=b"x") for index in range(5000)]
    assert [len(frame) for frame in frames_of(tiles)] == [4096, 904]


def test_a_tile_that_fits_no_frame_is_an_error():
    with pytest.raises(TooLarge):
        list(frames_of([m.Tile(cell=(0, 0), encoding="raw", data=bytes(m.FRAME_BYTES))]))
