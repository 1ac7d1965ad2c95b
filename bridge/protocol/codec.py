"""Bytes ↔ messages: msgpack outside, strict pydantic inside; nothing here raises anything but `ProtocolError`s.

What a frame can cost is bounded by its size: a frame is first walked without building anything, so that a container
cannot claim more items than there are bytes; then built with limits on every kind of value.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar, cast

import msgpack
from pydantic import TypeAdapter, ValidationError

from bridge.errors import Malformed, ProtocolError, TooLarge, UnknownMessage
from bridge.protocol.messages import (
    FRAME_BYTES,
    TEXT_CHARS,
    ClientMessage,
    Event,
    Message,
    ServerMessage,
    client_messages,
    server_messages,
)

# What a client's message may hold: fields of one map (the largest has 12), items of one list (hashes of tiles).
_CLIENT_FIELDS = 16
_CLIENT_ITEMS = 20_000
# The bridge's own lists are bounded by the frame alone.
_SERVER_FIELDS = 64
_SERVER_ITEMS = FRAME_BYTES
# How many faulty fields an error names; a frame can hold a hundred thousand of them.
_NAMED_FAULTS = 3
_COUNTED_FAULTS = 100
_PLACE_CHARS = 60
_LARGEST_ID = 2**53 - 1

M = TypeVar("M")

_client = cache(client_messages)
_server = cache(server_messages)


def encode(message: Message) -> bytes:
    """The message as one frame.

    Raises:
        TooLarge: it does not fit `FRAME_BYTES`.
    """
    if isinstance(message, Event):
        data = message.packed
    else:
        data = cast(bytes, msgpack.packb(message.model_dump(), use_bin_type=True))
    if len(data) > FRAME_BYTES:
        raise TooLarge(f"A {message_type(message)} message of {len(data)} bytes does not fit a frame of {FRAME_BYTES}.")
    return data


def decode_client(data: bytes) -> ClientMessage:
    """The message of a client's frame.

    Raises:
        Malformed, UnknownMessage, TooLarge: with ``re``, the request's id, where it could be read.
    """
    return _validated(_fields(data, _CLIENT_FIELDS, _CLIENT_ITEMS), _client())


def decode_server(data: bytes) -> ServerMessage:
    """The message of a bridge's frame; for clients. Raises as `decode_client`."""
    return _validated(_fields(data, _SERVER_FIELDS, _SERVER_ITEMS), _server())


def message_type(message: Message) -> str:
    """The tag of a message, for logs."""
    return str(getattr(message, "type", type(message).__name__))


def warm_up() -> None:
    """Build the adapter that reads clients' messages now, rather than at the first one."""
    _client()


def _validated(fields: dict[str, object], adapter: TypeAdapter[M]) -> M:
    try:
        return adapter.validate_python(fields)
    except ValidationError as error:
        raise _fault(error, fields) from None


def _fields(data: bytes, map_fields: int, items: int) -> dict[str, object]:
    if len(data) > FRAME_BYTES:
        raise TooLarge(f"A frame of {len(data)} bytes; at most {FRAME_BYTES} are taken.")
    try:
        # Walk first, building nothing: nested arrays that each claim a million items would make msgpack allocate
        # them all before it notices that they are not there.
        walk = msgpack.Unpacker(max_buffer_size=FRAME_BYTES)  # pyright: ignore[reportUnknownVariableType]
        walk.feed(data)
        walk.skip()
        fields = cast(
            object,
            msgpack.unpackb(
                data,
                raw=False,
                use_list=False,
                strict_map_key=True,
                max_str_len=FRAME_BYTES,
                max_bin_len=FRAME_BYTES,
                max_array_len=items,
                max_map_len=map_fields,
                max_ext_len=0,
            ),
        )
    except Exception:  # msgpack's own errors, ValueError, UnicodeDecodeError, RecursionError: one answer for all
        raise Malformed("The frame is not one msgpack map.") from None
    if not isinstance(fields, dict):
        raise Malformed("The frame is not a msgpack map.")
    return cast(dict[str, object], fields)


def _fault(error: ValidationError, fields: dict[str, object]) -> ProtocolError:
    """What is wrong, by place and kind; never the values, which are the client's."""
    re = request_id(fields)
    tag = fields.get("type")
    if error.error_count() > _COUNTED_FAULTS:
        return _with_id(Malformed(f"The message has {error.error_count()} faulty fields."), re)
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    if any(fault["type"] in ("union_tag_invalid", "union_tag_not_found") for fault in faults):
        if isinstance(tag, str):
            return _with_id(UnknownMessage("This bridge does not know that kind of message."), re)
        return _with_id(Malformed("The message has no type."), re)
    if [fault["type"] for fault in faults] == ["string_too_long"] and faults[0]["loc"][-1] == "text":
        return _with_id(too_long_a_text(), re)
    said = "; ".join(f"{_place(fault['loc'])}: {fault['type']}" for fault in faults[:_NAMED_FAULTS])
    more = f" (and {len(faults) - _NAMED_FAULTS} more)" if len(faults) > _NAMED_FAULTS else ""
    kind = TooLarge if all(fault["type"].endswith("too_long") for fault in faults) else Malformed
    return _with_id(kind(f"Faulty fields: {said}{more}."), re)


def too_long_a_text() -> TooLarge:
    """What a person is told who typed more than is read."""
    return TooLarge(f"That is longer than {TEXT_CHARS:,} characters.", hint="Say it shorter, or in several steps.")


def request_id(fields: dict[str, object]) -> int | None:
    """The request's id, when it is one."""
    value = fields.get("id")
    return value if type(value) is int and 0 <= value <= _LARGEST_ID else None


def _place(location: tuple[int | str, ...]) -> str:
    """Where in the message, without the union's tag in front; a name the client made up is not repeated."""
    known = [str(part) if isinstance(part, int) or _is_ours(part) else "?" for part in location[1:]]
    return ".".join(known)[:_PLACE_CHARS] or "message"


@cache
def _field_names() -> frozenset[str]:
    names: set[str] = set()
    kinds = list(Message.__subclasses__())
    while kinds:
        kind = kinds.pop()
        names.update(kind.model_fields)
        kinds.extend(kind.__subclasses__())
    return frozenset(names)


def _is_ours(part: str) -> bool:
    return part in _field_names()


def _with_id(error: ProtocolError, re: int | None) -> ProtocolError:
    error.re = re
    return error
