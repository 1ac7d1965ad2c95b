"""What every operation promises, whichever it is and however the layer is stored: see `support.promises`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from support.promises import ARGUMENTS, FORMATS, plain_request, requests

from engine.api import Alpha, EditRequest, EditResult, LayerFormat, Mask, Pixels
from engine.errors import BadRequest, Cancelled
from engine.geometry import PixelRect
from engine.operations.registry import OPERATIONS
from engine.operations.report import SilentReport

NAMES = sorted(OPERATIONS)
KNOWN = [name for name in NAMES if name in ARGUMENTS]
# Every operation in every format: a few examples of each are some thousand edits.
few = settings(max_examples=3, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_that_is_registered_is_held_to_its_promises(name: str):
    assert name in ARGUMENTS, f"say in tests/support/promises.py how “{name}” is asked for"
    assert (ARGUMENTS[name].keeps == "none") == bool(ARGUMENTS[name].why)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f"{f.depth}x{f.channels}-{f.alpha}")
@pytest.mark.parametrize("name", KNOWN)
def test_outside_its_mask_not_a_bit_changes_alpha_included(name: str, format_: LayerFormat):
    done: list[EditResult] = []

    @few
    @given(requests(name, format_))
    def check(request: EditRequest) -> None:
        with left_alone(request):
            result = run(request)
        if result is not None:
            check_outside(request, result)
            done.append(result)

    check()
    assert done, "every example was refused, so nothing was looked at"


@pytest.mark.parametrize("name", KNOWN)
def test_it_does_what_it_is_there_for_in_every_format(name: str):
    for format_ in FORMATS:
        request = plain_request(name, format_)
        result = OPERATIONS[name](request, SilentReport(), "cpu")
        check_outside(request, result)
        if result.canvas is None:
            before = request.pixels[result.rect_px.slices(request.reach_px)]
            assert not np.array_equal(result.pixels, before)
        else:
            assert result.canvas.size != request.layer_size or result.canvas.format != request.format


@pytest.mark.parametrize("name", KNOWN)
def test_the_same_request_and_seed_give_the_same_bytes(name: str):
    @settings(max_examples=4)
    @given(st.sampled_from(FORMATS).flatmap(lambda format_: requests(name, format_)))
    @example(plain_request(name))  # which the seed has a say in, where it has one
    def check(request: EditRequest) -> None:
        one, two = run(request), run(request)
        assert (one is None) == (two is None)
        if one is not None and two is not None:
            assert one.rect_px == two.rect_px and one.canvas == two.canvas and one.layers == two.layers
            assert one.pixels.tobytes() == two.pixels.tobytes()
            assert (one.mask is None) == (two.mask is None)
            assert one.mask is None or one.mask.tobytes() == changed_by(request, two).tobytes()

    check()


@pytest.mark.parametrize("name", KNOWN)
def test_it_can_be_stopped_wherever_it_looks_up_and_nothing_comes_of_it(name: str):
    request = plain_request(name)
    counting = StoppingReport(None)
    OPERATIONS[name](request, counting, "cpu")
    assert counting.calls > 1
    for at in {1, 2, counting.calls // 2, counting.calls - 1, counting.calls}:
        with left_alone(request), pytest.raises(Cancelled):
            OPERATIONS[name](request, StoppingReport(at), "cpu")


def run(request: EditRequest) -> EditResult | None:
    """The result, or None where the operation says why it cannot be done."""
    try:
        with torch.inference_mode():
            return OPERATIONS[request.operation](request, SilentReport(), "cpu")
    except BadRequest as refused:
        assert str(refused) and refused.hint
        event(f"{request.operation}: {refused.code}")
        return None


def changed_by(request: EditRequest, result: EditResult) -> Mask:
    """H×W of the result's rectangle: 0 where it says that nothing changed."""
    if result.mask is not None:
        return result.mask
    assert result.canvas is None, "a new canvas comes with its mask"
    return request.mask[result.rect_px.slices(request.reach_px)]


def check_outside(request: EditRequest, result: EditResult) -> None:
    keeps = ARGUMENTS[request.operation].keeps
    canvas = result.canvas
    layer = request.format if canvas is None else canvas.format
    assert result.pixels.dtype == request.pixels.dtype == layer.depth.dtype
    assert result.pixels.shape == (result.rect_px.height, result.rect_px.width, layer.channels)
    assert (canvas is None) == (request.becomes is None)
    if request.becomes is not None and canvas is not None:
        assert (canvas.size, canvas.format) == (request.becomes.size, request.becomes.format)
        assert result.rect_px == canvas.size.rect
    if keeps == "none":
        return
    changed = changed_by(request, result)
    assert changed.dtype == np.uint8 and changed.shape == result.pixels.shape[:2]
    if keeps == "canvas":
        assert canvas is not None
        old_px = request.layer_size.rect.shift(canvas.x0, canvas.y0)
        assert canvas.size.rect.contains(old_px)
        assert same_bits(result.pixels[old_px.slices()], request.pixels)
        assert not changed[old_px.slices()].any()
        return
    assert request.reach_px.contains(result.rect_px)
    here = result.rect_px.slices(request.reach_px)
    if keeps == "mask":
        assert (changed <= request.mask[here]).all()
    before = as_format(request.pixels[here], request.format, layer)
    assert same_bits(result.pixels[changed == 0], before[changed == 0])


def as_format(pixels: Pixels, is_now: LayerFormat, wanted: LayerFormat) -> Pixels:
    """A layer that gains alpha is opaque where nothing changed."""
    if is_now.channels == wanted.channels:
        return pixels
    assert is_now.alpha is Alpha.NONE and wanted.channels == is_now.channels + 1
    opaque = np.full((*pixels.shape[:2], 1), wanted.depth.white, pixels.dtype)
    return np.concatenate([pixels, opaque], -1)


def same_bits(one: Pixels, two: Pixels) -> bool:
    return one.dtype == two.dtype and np.ascontiguousarray(one).tobytes() == np.ascontiguousarray(two).tobytes()


@contextmanager
def left_alone(request: EditRequest) -> Iterator[None]:
    """What was asked is not written to."""
    pixels, mask = request.pixels.tobytes(), request.mask.tobytes()
    yield
    assert request.pixels.tobytes() == pixels
    assert request.mask.tobytes() == mask


class StoppingReport:
    """Counts the calls, and cancels at one of them."""

    def __init__(self, at: int | None) -> None:
        self.calls = 0
        self._at = at

    def progress(self, fraction: float, stage: str) -> None:
        assert 0 <= fraction <= 1 and stage
        self.check()

    def preview(self, rect_px: PixelRect, scale: int, pixels: npt.NDArray[np.uint8]) -> None:
        assert pixels.dtype == np.uint8 and pixels.shape[2] in (3, 4)
        assert pixels.shape[:2] == (-(-rect_px.height // scale), -(-rect_px.width // scale))
        self.check()

    def check(self) -> None:
        self.calls += 1
        if self.calls == self._at:
            raise Cancelled
