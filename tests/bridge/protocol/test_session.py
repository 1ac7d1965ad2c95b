from __future__ import annotations

import ast
import inspect
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.wire import any_message, hostile_frame

from bridge.errors import PairingFailed
from bridge.protocol import messages as m
from bridge.protocol import session as session_module
from bridge.protocol.codec import encode
from bridge.protocol.export import client_types
from bridge.protocol.session import (
    FAULTS_PAIRED,
    FAULTS_UNPAIRED,
    Authenticate,
    Close,
    Handle,
    Reply,
    Session,
    TryPair,
)

OTHERS = tuple(kind for kind in client_types() if kind not in (m.Hello, m.Pair, m.Ping))
UNKNOWN = b"\x82\xa4type\xa1x\xa2id\x05"


def hello(token: str | None = None, protocol: int = m.PROTOCOL_VERSION) -> bytes:
    return encode(m.Hello(id=1, protocol=protocol, client="test", token=token))


def unpaired() -> Session:
    session = Session("bridge")
    session.receive(hello())
    return session


def paired() -> Session:
    session = Session("bridge")
    session.receive(hello("token"))
    session.authenticated("ann", "Ann")
    return session


def only_error(actions: session_module.Actions) -> m.Error:
    assert len(actions) == 1
    assert isinstance(actions[0], Reply)
    assert isinstance(actions[0].message, m.Error)
    return actions[0].message


def fatal_error(actions: session_module.Actions) -> m.Error:
    reply, close = actions
    assert isinstance(reply, Reply)
    assert isinstance(close, Close)
    assert isinstance(reply.message, m.Error)
    assert reply.message.fatal
    return reply.message


def test_the_session_knows_nothing_of_asyncio():
    tree = ast.parse(inspect.getsource(session_module))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert "asyncio" not in names


def test_hello_without_a_token_is_welcomed_as_nobody():
    (reply,) = Session("Inlay 1").receive(hello())
    assert reply == Reply(m.Welcome(re=1, bridge="Inlay 1", person_id=None, person=None))


def test_a_known_token_is_welcomed_by_name():
    session = Session("Inlay 1")
    assert session.receive(hello("token")) == (Authenticate("token"),)
    (reply,) = session.authenticated("ann", "Ann")
    assert reply == Reply(m.Welcome(re=1, bridge="Inlay 1", person_id="ann", person="Ann"))
    assert session.paired


def test_the_hello_says_whether_the_client_unpacks_zstd():
    assert paired().zstd
    session = Session("bridge")
    session.receive(encode(m.Hello(id=1, protocol=m.PROTOCOL_VERSION, client="plugin", token=None, zstd=False)))
    assert not session.zstd


def test_an_unknown_token_is_welcomed_as_nobody_and_may_pair():
    session = Session("bridge")
    session.receive(hello("wrong"))
    session.authenticated(None, None)
    assert not session.paired
    assert session.receive(encode(m.Pair(id=2, code="K7QF-2M9X", name="Ann"))) == (TryPair("K7QF-2M9X", "Ann"),)
    (reply,) = session.pairing_done("token", "ann")
    assert reply == Reply(m.Paired(re=2, token="token", person_id="ann"))
    assert session.paired


def test_a_wrong_code_may_be_tried_again():
    session = unpaired()
    session.receive(encode(m.Pair(id=2, code="x", name="Ann")))
    error = only_error(session.pairing_refused(PairingFailed()))
    assert (error.re, error.code, error.fatal) == (2, "pairing_failed", False)
    assert session.receive(encode(m.Pair(id=3, code="y", name="Ann"))) == (TryPair("y", "Ann"),)


@pytest.mark.parametrize("kind", [kind for kind in client_types() if kind is not m.Hello])
def test_nothing_comes_before_hello(kind: type[m.Message]):
    session = Session("bridge")
    assert fatal_error(session.receive(encode(any_message(random.Random(1), (kind,))))).code == "out_of_order"
    assert session.receive(hello()) == ()


@pytest.mark.parametrize("kind", OTHERS)
def test_nobody_reaches_the_bridge_without_a_token(kind: type[m.Message]):
    message = any_message(random.Random(1), (kind,))
    error = only_error(unpaired().receive(encode(message)))
    assert error.code == "not_paired"
    assert error.re == getattr(message, "id", None)


@pytest.mark.parametrize("kind", OTHERS)
def test_a_paired_client_reaches_the_bridge(kind: type[m.Message]):
    message = any_message(random.Random(1), (kind,))
    assert paired().receive(encode(message)) == (Handle(message),)


def test_a_ping_is_answered_once_hello_is_said():
    for session in (unpaired(), paired()):
        assert session.receive(encode(m.Ping(id=9))) == (Reply(m.Done(re=9)),)


def test_another_version_of_the_protocol_is_told_ours():
    session = Session("bridge")
    error = fatal_error(session.receive(hello(protocol=m.PROTOCOL_VERSION + 1)))
    assert error.code == "version_mismatch"
    assert str(m.PROTOCOL_VERSION) in error.message


def test_hello_and_pair_are_said_once():
    assert only_error(unpaired().receive(hello())).code == "out_of_order"
    assert only_error(paired().receive(hello())).code == "out_of_order"
    assert only_error(paired().receive(encode(m.Pair(id=3, code="x", name="y")))).re == 3


def test_text_frames_end_the_connection():
    assert fatal_error(paired().receive_text()).code == "malformed"


def test_an_unknown_message_leaves_the_socket_open_and_names_the_request():
    session = paired()
    error = only_error(session.receive(UNKNOWN))
    assert (error.code, error.re, error.fatal) == ("unknown_message", 5, False)
    assert session.paired


@pytest.mark.parametrize(("make", "faults"), [(unpaired, FAULTS_UNPAIRED), (paired, FAULTS_PAIRED)])
def test_too_many_refused_messages_end_the_connection(make, faults: int):
    session = make()
    for _ in range(faults - 1):
        only_error(session.receive(UNKNOWN))
    fatal_error(session.receive(UNKNOWN))
    assert session.receive(UNKNOWN) == ()
    assert session.receive(encode(m.Ping(id=1))) == ()


def test_nothing_is_taken_while_the_driver_owes_an_answer():
    session = Session("bridge")
    session.receive(hello("token"))
    assert session.receive(encode(m.DocumentList(id=2))) == ()


@given(rng=st.builds(random.Random, st.integers(0, 2**32 - 1)))
def test_whatever_comes_only_a_right_token_opens_the_door(rng: random.Random):
    session = Session("bridge")
    for _ in range(20):
        frame = hostile_frame(rng) if rng.random() < 0.5 else encode(any_message(rng, client_types()))
        for action in session.receive(frame):
            assert not isinstance(action, Handle)
            if isinstance(action, Authenticate):
                session.authenticated(None, None)
            if isinstance(action, TryPair):
                session.pairing_refused(PairingFailed())
    assert not session.paired
