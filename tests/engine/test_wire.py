"""Frames and pixels between host and worker."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import wire
from engine.api import (
    Alpha,
    Canvas,
    Depth,
    EditFacts,
    EditRequest,
    EditResult,
    ImageLayer,
    LayerFormat,
    Pixels,
    Reference,
    ShadeLayer,
    TextLayer,
)
from engine.errors import WorkerCrashed
from engine.geometry import PixelRect, Size

FACTS = EditFacts("exemplar", "", "cpu", 0.5, ("one note",))
LAYERS = (
    ShadeLayer(PixelRect(0, 0, 9, 9), (0.0, 0.0, 0.0, 0.5), 2.0),
    TextLayer("Zoë\n!", PixelRect(1, 2, 3, 4), "DejaVu Sans", "Bold", 12.0, 14.5, (1.0, 0.5, 0.0, 1.0), "centre"),
    ImageLayer(2, PixelRect(1, 2, 3, 4), 90.0, 0.25),
)


@st.composite
def formats(draw: st.DrawFn) -> LayerFormat:
    channels = draw(st.integers(1, 4))
    alpha = draw(st.sampled_from([Alpha.STRAIGHT, Alpha.PREMULTIPLIED])) if channels in (2, 4) else Alpha.NONE
    return LayerFormat(draw(st.sampled_from(Depth)), channels, alpha)


def some_pixels(height: int, width: int, format_: LayerFormat, seed: int = 0) -> Pixels:
    samples = np.random.default_rng(seed).random((height, width, format_.channels)) * format_.depth.white
    return samples.astype(format_.depth.dtype)


@st.composite
def requests(draw: st.DrawFn) -> EditRequest:
    format_ = draw(formats())
    x0, y0 = draw(st.integers(0, 50)), draw(st.integers(0, 50))
    reach_px = PixelRect(x0, y0, x0 + draw(st.integers(1, 60)), y0 + draw(st.integers(1, 60)))
    seed = draw(st.integers(0, 99))
    pixels = some_pixels(reach_px.height, reach_px.width, format_, seed)
    mask = np.random.default_rng(seed).integers(0, 256, pixels.shape[:2], np.uint8)
    references = tuple(
        Reference(some_pixels(draw(st.integers(1, 9)), draw(st.integers(1, 9)), its_format, seed), its_format, profile)
        for its_format, profile in draw(st.lists(st.tuples(formats(), st.none() | st.binary(max_size=9)), max_size=3))
    )
    size = Size(draw(st.integers(1, 80)), draw(st.integers(1, 80)))
    becomes = draw(st.none() | st.builds(Canvas, st.just(size), formats()))
    return EditRequest(
        "edit-0001", "remove", Size(200, 200), format_, reach_px, pixels, mask, 5, "words", False,
        {"amount": 0.5, "place": "top"}, b"profile", references, becomes, draw(st.sampled_from(["", "meissonic"])),
    )  # fmt: skip


@given(requests(), st.booleans(), st.integers(-9, 9))
def test_a_request_and_its_result_cross_shared_memory_unchanged(request: EditRequest, has_mask: bool, x0: int):
    segment = SharedMemory(create=True, size=wire.bytes_needed(request))
    try:
        fields = wire.unpack(wire.pack(wire.write_request(request, segment))[wire.LENGTH_BYTES :])
        seen = wire.read_request(fields, segment)
        for name in ("edit_id", "operation", "layer_size", "format", "reach_px", "seed", "prompt", "previews",
                     "values", "profile", "becomes", "model"):  # fmt: skip
            assert getattr(seen, name) == getattr(request, name)
        assert np.array_equal(seen.pixels, request.pixels) and seen.pixels.dtype == request.pixels.dtype
        assert np.array_equal(seen.mask, request.mask)
        for one, other in zip(seen.references, request.references, strict=True):
            assert np.array_equal(one.pixels, other.pixels) and one.pixels.dtype == other.pixels.dtype
            assert (one.format, one.profile) == (other.format, other.profile)
        at = fields["result_at"]
        assert isinstance(at, int)
        result = _result_of(seen, has_mask, x0)
        told = wire.unpack(wire.pack(wire.write_result(result, seen, at, segment))[wire.LENGTH_BYTES :])
        read = wire.read_result(told, request, at, segment)
        assert np.array_equal(read.pixels, result.pixels) and read.pixels.dtype == result.pixels.dtype
        assert (read.mask is None) == (result.mask is None)
        assert read.mask is None or result.mask is None or np.array_equal(read.mask, result.mask)
        assert (read.rect_px, read.canvas, read.layers, read.facts) == (result.rect_px, result.canvas, LAYERS, FACTS)
    finally:
        segment.close()
        segment.unlink()


def _result_of(request: EditRequest, has_mask: bool, x0: int) -> EditResult:
    becomes = request.becomes
    rect_px = request.reach_px if becomes is None else becomes.size.rect
    format_ = request.format if becomes is None else becomes.format
    canvas = None if becomes is None else Canvas(becomes.size, format_, x0, 3, 2.0)
    mask = np.full((rect_px.height, rect_px.width), 7, np.uint8) if has_mask else None
    return EditResult(rect_px, some_pixels(rect_px.height, rect_px.width, format_), FACTS, mask, canvas, LAYERS)


@given(requests())
def test_a_result_of_another_shape_than_was_asked_for_is_a_fault_and_writes_nothing_beyond_its_room(
    request: EditRequest,
):
    result = _result_of(request, True, 0)
    wider = np.concatenate((result.pixels, result.pixels), axis=1)
    larger = PixelRect(0, 0, result.rect_px.width * 2, result.rect_px.height)
    segment = SharedMemory(create=True, size=wire.bytes_needed(request))
    try:
        for wrong in (replace(result, pixels=wider), replace(result, pixels=wider, rect_px=larger, mask=None)):
            with pytest.raises(ValueError):
                wire.write_result(wrong, request, 0, segment)
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


def test_edits_that_begin_together_leave_every_segment_to_its_owner(monkeypatch: pytest.MonkeyPatch):
    """A tracker that knows of one would take it away when the process crashes (bpo-38119)."""
    segment = SharedMemory(create=True, size=64)
    registered: list[str] = []

    def register(name: str, rtype: str) -> None:
        registered.append(f"{rtype} {name}")

    def attach_often() -> None:
        for _ in range(300):
            wire.attach(segment.name).close()

    interval = sys.getswitchinterval()
    try:
        with monkeypatch.context() as patched:
            patched.setattr(resource_tracker, "register", register)
            sys.setswitchinterval(1e-6)
            threads = [threading.Thread(target=attach_often) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert resource_tracker.register is register
        assert registered == []
    finally:
        sys.setswitchinterval(interval)
        segment.close()
        segment.unlink()
