"""How the host and its worker talk: length-prefixed msgpack on pipes, pixels in shared memory.

A frame is four bytes of length, little-endian, and a msgpack map. Pixels of a layer never cross the pipes: the host
makes a shared segment, the worker attaches to it by name. A segment holds one control byte (`CANCEL` when the edit is
to stop; `CONTROL_BYTES` are kept for it), the request's pixels, the mask, and room for the result.
"""

from __future__ import annotations

import struct
import sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from typing import cast

import msgpack
import numpy as np

from engine.api import Alpha, Depth, EditRequest, LayerFormat, Mask, Pixels, Value
from engine.errors import WorkerCrashed
from engine.geometry import PixelRect, Size

_LENGTH = struct.Struct("<I")
LENGTH_BYTES = _LENGTH.size
# A frame holds names, numbers and at most one small preview.
LARGEST_FRAME = 16 << 20
# The control byte is followed by nothing up to here, so that pixels begin on a cache line.
CONTROL_BYTES = 64
CANCEL = 1
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
    register = resource_tracker.register
    resource_tracker.register = _register_nothing
    try:
        return SharedMemory(name=name)
    finally:
        resource_tracker.register = register


def _register_nothing(name: str, rtype: str) -> None:
    """Stands in for the tracker while attaching."""


def bytes_needed(request: EditRequest) -> int:
    """Size of a segment for this request: pixels, mask and a result at most as large as the pixels."""
    return CONTROL_BYTES + 2 * request.pixels.nbytes + request.mask.nbytes


def write_request(request: EditRequest, segment: SharedMemory) -> Fields:
    """Put the pixels and the mask into the segment.

    Returns:
        The fields that tell the worker the rest.
    """
    buffer = segment.buf
    assert buffer is not None, "the segment is open"
    buffer[0] = 0
    pixels_at = CONTROL_BYTES
    mask_at = pixels_at + request.pixels.nbytes
    _view(segment, pixels_at, request.pixels.shape, request.pixels.dtype)[...] = request.pixels
    _view(segment, mask_at, request.mask.shape, request.mask.dtype)[...] = request.mask
    return {
        "do": "edit",
        "segment": segment.name,
        "edit_id": request.edit_id,
        "operation": request.operation,
        "layer": (request.layer_size.width, request.layer_size.height),
        "depth": request.format.depth.value,
        "channels": request.format.channels,
        "alpha": request.format.alpha.value,
        "reach": request.reach_px.as_tuple(),
        "seed": request.seed,
        "prompt": request.prompt,
        "previews": request.previews,
        "values": dict(request.values),
        "profile": request.profile,
        "result_at": mask_at + request.mask.nbytes,
    }


def read_request(fields: Fields, segment: SharedMemory) -> EditRequest:
    """The request as the worker sees it; its arrays are copies."""
    reach_px = PixelRect(*cast(tuple[int, int, int, int], fields["reach"]))
    format_ = LayerFormat(Depth(fields["depth"]), cast(int, fields["channels"]), Alpha(fields["alpha"]))
    shape = (reach_px.height, reach_px.width, format_.channels)
    pixels = _view(segment, CONTROL_BYTES, shape, format_.depth.dtype)
    mask = _view(segment, CONTROL_BYTES + pixels.nbytes, shape[:2], np.dtype(np.uint8))
    return EditRequest(
        edit_id=cast(str, fields["edit_id"]),
        operation=cast(str, fields["operation"]),
        layer_size=Size(*cast(tuple[int, int], fields["layer"])),
        format=format_,
        reach_px=reach_px,
        pixels=pixels.copy(),
        mask=cast(Mask, mask.copy()),
        seed=cast(int, fields["seed"]),
        prompt=cast(str, fields["prompt"]),
        previews=cast(bool, fields["previews"]),
        values=cast(dict[str, Value], fields["values"]),
        profile=cast(bytes | None, fields["profile"]),
    )


def write_result(pixels: Pixels, at: int, segment: SharedMemory) -> None:
    """Put the patch's pixels where the request said."""
    _view(segment, at, pixels.shape, pixels.dtype)[...] = pixels


def read_result(rect_px: PixelRect, format_: LayerFormat, at: int, segment: SharedMemory) -> Pixels:
    """The patch, copied out of the segment: H×W×C of ``rect_px``."""
    shape = (rect_px.height, rect_px.width, format_.channels)
    return _view(segment, at, shape, format_.depth.dtype).copy()


def _view(segment: SharedMemory, at: int, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> Pixels:
    return cast(Pixels, np.ndarray(shape, dtype, buffer=segment.buf, offset=at))
