from __future__ import annotations

import random
import tracemalloc

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.wire import SECRET, any_message, hostile_frame

from bridge.errors import Malformed, ProtocolError, TooLarge, UnknownMessage
from bridge.protocol import messages as m
from bridge.protocol.codec import decode_client, decode_server, encode
from bridge.protocol.export import client_types, server_types

CANCEL = {"type": "edit.cancel", "id": 7, "edit_id": "abcdefgh"}


def refused(fields: object) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        decode_client(msgpack.packb(fields))
    return caught.value


@pytest.mark.parametrize("kind", client_types(), ids=lambda kind: kind.__name__)
@given(rng=st.builds(random.Random, st.integers(0, 2**32 - 1)))
def test_what_a_client_says_arrives_as_it_was(kind: type[m.Message], rng: random.Random):
    message = any_message(rng, (kind,))
    assert decode_client(encode(message)) == message


@pytest.mark.parametrize("kind", server_types(), ids=lambda kind: kind.__name__)
@given(rng=st.builds(random.Random, st.integers(0, 2**32 - 1)))
def test_what_the_bridge_says_arrives_as_it_was(kind: type[m.Message], rng: random.Random):
    message = any_message(rng, (kind,))
    assert decode_server(encode(message)) == message


@given(rng=st.builds(random.Random, st.integers(0, 2**32 - 1)))
def test_whatever_comes_in_is_a_message_or_a_protocol_error(rng: random.Random):
    data = hostile_frame(rng)
    try:
        decode_client(data)
    except ProtocolError as error:
        assert SECRET not in str(error)
        assert len(str(error)) < 400


@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_protocol_error(data: bytes):
    with pytest.raises(ProtocolError):
        decode_client(data)


def test_bytes_are_not_copied_into_text_or_back():
    data = bytes(range(256)) * 100
    message = m.EditTiles(edit_id="abcdefgh", plane="mask", tiles=(m.Tile(cell=(0, 0), encoding="raw", data=data),))
    taken = decode_client(encode(message))
    assert isinstance(taken, m.EditTiles)
    assert taken.tiles[0].data == data


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"edit_id": 5}, "edit_id: string_type"),
        ({"edit_id": "short"}, "edit_id: string_pattern_mismatch"),
        ({"edit_id": None}, "edit_id: string_type"),
        ({SECRET: 1}, "?: extra_forbidden"),
    ],
)
def test_a_faulty_field_is_named_without_its_value(change: dict[str, object], says: str):
    error = refused(CANCEL | change)
    assert isinstance(error, Malformed)
    assert says in str(error)
    assert error.re == 7


def test_numbers_are_not_made_of_text_or_truth():
    for wrong in ("7", True, 7.0, None):
        assert isinstance(refused(CANCEL | {"id": wrong}), Malformed)


@pytest.mark.parametrize("wrong", [-1, 2**53, True, 1.0, "7", None, [7]])
def test_an_id_that_is_none_is_not_repeated(wrong: object):
    assert refused(CANCEL | {"id": wrong}).re is None


def test_an_unknown_type_is_told_apart_from_a_faulty_one():
    assert isinstance(refused({"type": "edit.paint", "id": 3}), UnknownMessage)
    assert refused({"type": "edit.paint", "id": 3}).re == 3
    assert isinstance(refused({"type": 4, "id": 3}), Malformed)
    assert isinstance(refused({"id": 3}), Malformed)


def test_a_bridges_message_is_unknown_from_a_client():
    assert isinstance(refused({"type": "done", "re": 3}), UnknownMessage)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\xc0",
        msgpack.packb([CANCEL]),
        msgpack.packb({1: 2}),
        msgpack.packb(CANCEL) + b"\x00",
        msgpack.packb(CANCEL)[:-1],
        msgpack.packb({"type": msgpack.ExtType(4, b"x")}),
        msgpack.packb({"type": msgpack.Timestamp(1)}),
        b"\x81\xa4type\xa2\xff\xff",
        b"\x91" * 100_000,
        b'{"type": "ping", "id": 1}',
    ],
)
def test_what_is_not_one_map_is_malformed(data: bytes):
    with pytest.raises(Malformed):
        decode_client(data)


def test_text_beyond_its_limit_is_too_large_and_names_the_request():
    start = {"type": "edit.start", "id": 4, "edit_id": "abcdefgh", "layer_id": "x", "text": "a" * (m.TEXT_CHARS + 1)}
    error = refused(start)
    assert isinstance(error, TooLarge)
    assert error.re == 4
    assert decode_client(msgpack.packb(start | {"text": "a" * m.TEXT_CHARS}))


def test_a_frame_may_be_full_and_no_more():
    def frame(size: int) -> bytes:
        tile = {"cell": [0, 0], "encoding": "raw", "data": b"x" * size}
        return msgpack.packb({"type": "edit.tiles", "edit_id": "abcdefgh", "plane": "mask", "tiles": [tile]})

    spare = m.FRAME_BYTES - len(frame(m.FRAME_BYTES - 200)) + m.FRAME_BYTES - 200
    assert decode_client(frame(spare))
    with pytest.raises(TooLarge):
        decode_client(frame(spare + 1))


def test_a_message_that_does_not_fit_a_frame_is_not_made():
    with pytest.raises(TooLarge):
        encode(m.EditWant(edit_id="abcdefgh", cells=((99_999, 99_999),) * 100_000))


@pytest.mark.parametrize(
    "data",
    [
        b"\xdd\x00\x0f\xff\xff" * 200_000,
        b"\xdf\x00\x0f\xff\xff\x01" * 170_000,
        msgpack.packb(CANCEL | {"more": [0] * 1_000_000}),
        msgpack.packb(CANCEL | {"more": [{}] * 1_000_000}),
        msgpack.packb({"type": "edit.tiles", "edit_id": "abcdefgh", "plane": "mask", "tiles": [{}] * 20_000}),
        msgpack.packb(
            {
                "type": "edit.tiles",
                "edit_id": "abcdefgh",
                "plane": "mask",
                "tiles": [{f"{n:x}": 1 for n in range(16)}] * 4_000,
            }
        ),
        msgpack.packb({"type": "edit.have", "edit_id": "abcdefgh", "rect_px": [0, 0, 1, 1], "hashes": [1] * 20_000}),
    ],
    ids=["arrays", "maps", "ints", "empty-maps", "faulty-tiles", "strange-fields", "faulty-hashes"],
)
def test_a_frame_costs_little_more_memory_than_its_size(data: bytes):
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError):
            decode_client(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 << 20
