"""Frames and pixels between host and worker."""

from __future__ import annotations

from multiprocessing.shared_memory import SharedMemory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import wire
from engine.api import Alpha, Depth, EditRequest, LayerFormat
from engine.errors import WorkerCrashed
from engine.geometry import PixelRect, Size


@st.composite
def requests(draw: st.DrawFn) -> EditRequest:
    channels = draw(st.integers(1, 4))
    alpha = draw(st.sampled_from([Alpha.STRAIGHT, Alpha.PREMULTIPLIED])) if channels in (2, 4) else Alpha.NONE
    format_ = LayerFormat(draw(st.sampled_from(Depth)), channels, alpha)
    x0, y0 = draw(st.integers(0, 50)), draw(st.integers(0, 50))
    reach_px = PixelRect(x0, y0, x0 + draw(st.integers(1, 60)), y0 + draw(st.integers(1, 60)))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    pixels = (rng.random((reach_px.height, reach_px.width, channels)) * format_.depth.white).astype(format_.depth.dtype)
    mask = rng.integers(0, 256, pixels.shape[:2], np.uint8)
    return EditRequest("edit-0001", "remove", Size(200, 200), format_, reach_px, pixels, mask, 5, "words", False)


@given(requests())
def test_a_request_and_its_result_cross_shared_memory_unchanged(request: EditRequest):
    segment = SharedMemory(create=True, size=wire.bytes_needed(request))
    try:
        fields = wire.unpack(wire.pack(wire.write_request(request, segment))[wire.LENGTH_BYTES :])
        seen = wire.read_request(fields, segment)
        for name in ("edit_id", "operation", "layer_size", "format", "reach_px", "seed", "prompt", "previews"):
            assert getattr(seen, name) == getattr(request, name)
        assert np.array_equal(seen.pixels, request.pixels) and seen.pixels.dtype == request.pixels.dtype
        assert np.array_equal(seen.mask, request.mask)
        at = fields["result_at"]
        assert isinstance(at, int)
        wire.write_result(seen.pixels, at, segment)
        assert np.array_equal(wire.read_result(request.reach_px, request.format, at, segment), request.pixels)
    finally:
        segment.close()
        segment.unlink()


def test_a_frame_says_its_length_first():
    frame = wire.pack({"say": "progress", "fraction": 0.5})
    assert wire.frame_length(frame[: wire.LENGTH_BYTES]) == len(frame) - wire.LENGTH_BYTES


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x93\x01\x02\x03", b"\x81"])
def test_a_frame_that_is_no_map_is_a_crash(body: bytes):
    with pytest.raises(WorkerCrashed):
        wire.unpack(body)


def test_a_length_that_cannot_be_is_a_crash():
    with pytest.raises(WorkerCrashed):
        wire.frame_length(b"\xff\xff\xff\xff")
