"""How the host and its worker talk: length-prefixed msgpack on pipes, pixels in shared memory.

A frame is four bytes of length, little-endian, and a msgpack map. Pixels of a layer never cross the pipes: the host
makes a shared segment, the worker attaches to it by name. A segment holds one control byte (`CANCEL` when the edit is
to stop; `CONTROL_BYTES` are kept for it), the request's pixels, the mask, the references, and room for the result and
its mask.
"""

from __future__ import annotations

import struct
import sys
import threading
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from typing import cast

import msgpack
import numpy as np

from engine.api import (
    Alpha,
    Canvas,
    Depth,
    EditFacts,
    EditRequest,
    EditResult,
    LayerFormat,
    Mask,
    Pixels,
    Reference,
    Value,
    heard_layer,
    said_layer,
)
from engine.errors import WorkerCrashed
from engine.geometry import PixelRect, Size

_LENGTH = struct.Struct("<I")
LENGTH_BYTES = _LENGTH.size
# A frame holds names, numbers and at most one small preview.
LARGEST_FRAME = 16 << 20
# The control byte is followed by nothing up to here, so that pixels begin on a cache line.
CONTROL_BYTES = 64
CANCEL = 1
_ATTACHING = threading.Lock()
Fields = dict[str, object]


def pack(fields: Fields) -> bytes:
    """One frame."""
    body = cast(bytes, msgpack.packb(fields, use_bin_type=True))
    return _LENGTH.pack(len(body)) + body


def frame_length(prefix: bytes) -> int:
    """The length that a frame begins with.

    Raises:
        WorkerCrashed: it cannot be one; the other side is out of step.
    """
    (length,) = _LENGTH.unpack(prefix)
    if length > LARGEST_FRAME:
        raise WorkerCrashed("The engine's process sent something unreadable.")
    return int(length)


def unpack(body: bytes) -> Fields:
    """The fields of a frame's body.

    Raises:
        WorkerCrashed: it is not a msgpack map.
    """
    try:
        fields = cast(object, msgpack.unpackb(body, use_list=False, raw=False))
    except (ValueError, msgpack.UnpackException) as error:
        raise WorkerCrashed("The engine's process sent something unreadable.") from error
    if not isinstance(fields, dict):
        raise WorkerCrashed("The engine's process sent something unreadable.")
    return cast(Fields, fields)  # names are ours on both sides


def attach(name: str) -> SharedMemory:
    """A segment that another process made and will remove."""
    if sys.version_info >= (3, 13):
        return SharedMemory(name=name, track=False)
    # Before 3.13 whoever attaches is taken for the owner, and its tracker would remove the segment (bpo-38119).
    # One at a time: of two edits that begin together one would else be registered after all, and when the process
    # crashes its tracker takes the segment away, with which the next edit begins.
    with _ATTACHING:
        register = resource_tracker.register
        resource_tracker.register = _register_nothing
        try:
            return SharedMemory(name=name)
        finally:
            resource_tracker.register = register


def _register_nothing(name: str, rtype: str) -> None:
    """Stands in for the tracker while attaching."""


def bytes_needed(request: EditRequest) -> int:
    """Size of a segment for this request: pixels, mask, references, and a result with its mask."""
    references = sum(_padded(reference.pixels.nbytes) for reference in request.references)
    size, format_ = _result_shape(request)
    result = _padded(size.rect.area * format_.bytes_per_pixel) + size.rect.area
    return CONTROL_BYTES + _padded(request.pixels.nbytes) + _padded(request.mask.nbytes) + references + result


def write_request(request: EditRequest, segment: SharedMemory) -> Fields:
    """Put the pixels, the mask and the references into the segment.

    Returns:
        The fields that tell the worker the rest.
    """
    buffer = segment.buf
    assert buffer is not None, "the segment is open"
    buffer[0] = 0
    at = CONTROL_BYTES
    for array in (request.pixels, request.mask, *(reference.pixels for reference in request.references)):
        _view(segment, at, array.shape, array.dtype)[...] = array
        at += _padded(array.nbytes)
    return {
        "do": "edit",
        "segment": segment.name,
        "edit_id": request.edit_id,
        "operation": request.operation,
        "layer": (request.layer_size.width, request.layer_size.height),
        "format": _said(request.format),
        "reach": request.reach_px.as_tuple(),
        "seed": request.seed,
        "prompt": request.prompt,
        "previews": request.previews,
        "values": dict(request.values),
        "profile": request.profile,
        "references": tuple(
            (reference.pixels.shape[:2], _said(reference.format), reference.profile) for reference in request.references
        ),
        "becomes": None if request.becomes is None else _said_canvas(request.becomes),
        "model": request.model,
        "result_at": at,
    }


def read_request(fields: Fields, segment: SharedMemory) -> EditRequest:
    """The request as the worker sees it; its arrays are copies."""
    reach_px = PixelRect(*cast(tuple[int, int, int, int], fields["reach"]))
    format_ = _heard(fields["format"])
    at = CONTROL_BYTES
    pixels = _view(segment, at, (reach_px.height, reach_px.width, format_.channels), format_.depth.dtype).copy()
    at += _padded(pixels.nbytes)
    mask = cast(Mask, _view(segment, at, (reach_px.height, reach_px.width), np.dtype(np.uint8)).copy())
    at += _padded(mask.nbytes)
    references: list[Reference] = []
    for shape, said, profile in cast(tuple[tuple[tuple[int, int], object, bytes | None], ...], fields["references"]):
        its_format = _heard(said)
        samples = _view(segment, at, (*shape, its_format.channels), its_format.depth.dtype).copy()
        at += _padded(samples.nbytes)
        references.append(Reference(samples, its_format, profile))
    return EditRequest(
        edit_id=cast(str, fields["edit_id"]),
        operation=cast(str, fields["operation"]),
        layer_size=Size(*cast(tuple[int, int], fields["layer"])),
        format=format_,
        reach_px=reach_px,
        pixels=pixels,
        mask=mask,
        seed=cast(int, fields["seed"]),
        prompt=cast(str, fields["prompt"]),
        previews=cast(bool, fields["previews"]),
        values=cast(dict[str, Value], fields["values"]),
        profile=cast(bytes | None, fields["profile"]),
        references=tuple(references),
        becomes=_heard_canvas(fields["becomes"]),
        model=cast(str, fields["model"]),
    )


def write_result(result: EditResult, request: EditRequest, at: int, segment: SharedMemory) -> Fields:
    """Put the patch's pixels and its mask where the request said.

    Returns:
        The fields that tell the host the rest.

    Raises:
        ValueError: the result is larger than what was asked for, a fault of the operation.
    """
    size, format_ = _result_shape(request)
    its_format = request.format if result.canvas is None else result.canvas.format
    wanted = (result.rect_px.height, result.rect_px.width, its_format.channels)
    if result.pixels.shape != wanted or result.pixels.dtype != its_format.depth.dtype:
        raise ValueError(f"a result of {result.pixels.shape} {result.pixels.dtype} is not {wanted} {its_format.depth}")
    if (result.canvas is None) != (request.becomes is None) or (
        result.canvas is not None
        and (result.canvas.size, result.canvas.format, result.rect_px) != (size, format_, size.rect)
    ):
        raise ValueError("a result's canvas is not what the request says the layer becomes")
    if result.rect_px.area > size.rect.area:
        raise ValueError("a result is larger than its reach")
    _view(segment, at, result.pixels.shape, result.pixels.dtype)[...] = result.pixels
    if result.mask is not None:
        _view(segment, at + _padded(result.pixels.nbytes), wanted[:2], np.dtype(np.uint8))[...] = result.mask
    facts = result.facts
    return {
        "say": "result",
        "rect": result.rect_px.as_tuple(),
        "has_mask": result.mask is not None,
        "canvas": None if result.canvas is None else _said_canvas(result.canvas),
        "layers": tuple(said_layer(layer) for layer in result.layers),
        "model": facts.model,
        "weights_hash": facts.weights_hash,
        "device": facts.device,
        "engine_s": facts.engine_s,
        "notes": facts.notes,
    }


def read_result(fields: Fields, request: EditRequest, at: int, segment: SharedMemory) -> EditResult:
    """The result, copied out of the segment."""
    rect_px = PixelRect(*cast(tuple[int, int, int, int], fields["rect"]))
    canvas = _heard_canvas(fields["canvas"])
    format_ = request.format if canvas is None else canvas.format
    pixels = _view(segment, at, (rect_px.height, rect_px.width, format_.channels), format_.depth.dtype).copy()
    mask: Mask | None = None
    if fields["has_mask"]:
        shape = (rect_px.height, rect_px.width)
        mask = cast(Mask, _view(segment, at + _padded(pixels.nbytes), shape, np.dtype(np.uint8)).copy())
    facts = EditFacts(
        model=cast(str, fields["model"]),
        weights_hash=cast(str, fields["weights_hash"]),
        device=cast(str, fields["device"]),
        engine_s=cast(float, fields["engine_s"]),
        notes=cast(tuple[str, ...], fields["notes"]),
    )
    layers = tuple(heard_layer(layer) for layer in cast(tuple[Fields, ...], fields["layers"]))
    return EditResult(rect_px, pixels, facts, mask, canvas, layers)


def _result_shape(request: EditRequest) -> tuple[Size, LayerFormat]:
    """The largest result there can be."""
    if request.becomes is not None:
        return request.becomes.size, request.becomes.format
    return request.reach_px.size, request.format


def _said(format_: LayerFormat) -> tuple[str, int, str]:
    return format_.depth.value, format_.channels, format_.alpha.value


def _heard(said: object) -> LayerFormat:
    depth, channels, alpha = cast(tuple[str, int, str], said)
    return LayerFormat(Depth(depth), channels, Alpha(alpha))


def _said_canvas(canvas: Canvas) -> tuple[object, ...]:
    return (canvas.size.width, canvas.size.height, _said(canvas.format), canvas.x0, canvas.y0, canvas.scale)


def _heard_canvas(said: object) -> Canvas | None:
    if said is None:
        return None
    width, height, format_, x0, y0, scale = cast(tuple[int, int, object, int, int, float], said)
    return Canvas(Size(width, height), _heard(format_), x0, y0, scale)


def _padded(size: int) -> int:
    """So many bytes that what follows begins on a cache line."""
    return -(-size // CONTROL_BYTES) * CONTROL_BYTES


def _view(segment: SharedMemory, at: int, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> Pixels:
    return cast(Pixels, np.ndarray(shape, dtype, buffer=segment.buf, offset=at))
