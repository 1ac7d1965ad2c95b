from __future__ import annotations

import asyncio

import pytest
from support.wire import ANN, SECRET, TOKEN, Recorder, connected, serving, settled

from bridge.connection import ConnectionClosed, Outbox
from bridge.errors import Conflict, TooLarge
from bridge.history.records import Person
from bridge.protocol import messages as m
from bridge.protocol.codec import encode
from bridge.send_queue import SEND_BYTES
from engine.errors import EmptySelection

ASK = m.DocumentList(id=5)


def preview(size: int, number: int = 0) -> m.EditPreview:
    return m.EditPreview(
        edit_id="abcdefgh",
        candidate=number,
        rect_px=(0, 0, 1, 1),
        scale=1,
        width=1,
        height=1,
        channels=3,
        encoding="raw",
        data=bytes(size),
    )


class Answering(Recorder):
    """Answers with what a test gives it."""

    def __init__(self, answer) -> None:
        super().__init__()
        self._answer = answer

    async def answer(self, message: m.ClientMessage, out: Outbox) -> None:
        await self._answer(message, out)


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_messages_of_one_socket_are_handled_in_order():
    handlers = Recorder()
    async with serving(handlers) as server, connected(server) as client:
        await client.hello()
        for number in range(200):
            await client.send(m.DocumentList(id=number))
        assert [(await client.receive()).re for _ in range(200)] == list(range(200))
    assert [message.id for message in handlers.handled] == list(range(200))


async def test_pairing_on_a_connection_opens_it():
    handlers = Recorder()
    async with serving(handlers) as server, connected(server) as client:
        assert (await client.hello(None)).person_id is None
        assert (await client.ask(ASK)).code == "not_paired"
        assert (await client.ask(m.Pair(id=2, code="wrong", name="Ann"))).code == "pairing_failed"
        paired = await client.ask(m.Pair(id=3, code=handlers.pairing.code, name="Ann"))
        assert (paired.re, paired.token, paired.person_id) == (3, TOKEN, "ann")
        assert (await client.ask(ASK)).re == 5
    assert handlers.outs[0].person == ANN


@pytest.mark.parametrize(
    ("error", "code"),
    [(Conflict("a", "b"), "conflict"), (EmptySelection(), "empty_selection"), (RuntimeError(SECRET), "internal")],
)
async def test_an_error_is_the_answer_to_its_request(error: Exception, code: str):
    async def answer(message: m.ClientMessage, out: Outbox) -> None:
        raise error

    async with serving(Answering(answer)) as server, connected(server) as client:
        await client.hello()
        said = await client.ask(ASK)
        assert (said.re, said.code, said.fatal) == (5, code, False)
        assert said.hint
        assert SECRET not in said.message + said.hint
        assert (await client.ask(m.Ping(id=6))).re == 6


async def test_an_error_longer_than_a_frame_still_reaches_the_client():
    async def answer(message: m.ClientMessage, out: Outbox) -> None:
        raise TooLarge("x" * 2 * m.FRAME_BYTES)

    async with serving(Answering(answer)) as server, connected(server) as client:
        await client.hello()
        assert (await client.ask(ASK)).code == "too_large"


async def test_an_answer_that_fits_no_frame_is_an_error():
    async def answer(message: m.ClientMessage, out: Outbox) -> None:
        await out.send(preview(m.FRAME_BYTES))

    async with serving(Answering(answer)) as server, connected(server) as client:
        await client.hello()
        assert (await client.ask(ASK)).code == "too_large"


async def test_a_person_the_protocol_cannot_name_ends_the_connection_and_no_more():
    class Broken(Recorder):
        async def authenticate(self, token: str) -> Person | None:
            return Person("no id!", "Ann")

    async with serving(Broken()) as server, connected(server) as client:
        await client.send(m.Hello(id=1, protocol=1, client="test", token=TOKEN))
        assert await client.close_code() == 1011
        await settled(lambda: server.connections == 0)


async def test_a_bug_while_proving_a_token_ends_the_connection_without_details():
    class Broken(Recorder):
        async def authenticate(self, token: str) -> Person | None:
            raise RuntimeError(SECRET)

    async with serving(Broken()) as server, connected(server) as client:
        said = await client.hello()
        assert (said.code, SECRET in said.message) == ("internal", False)
        assert await client.close_code() == 1011


async def test_the_bridge_learns_that_a_client_has_left_and_sends_nothing_more():
    handlers = Recorder()
    async with serving(handlers) as server:
        async with connected(server) as client:
            await client.hello()
            await client.ask(ASK)
        await settled(lambda: handlers.left_outs)
        (out,) = handlers.left_outs
        assert out.closed
        with pytest.raises(ConnectionClosed):
            await out.send(m.Done(re=1))
        out.offer(m.Done(re=1), "key")
        assert server.connections == 0


async def test_somebody_who_never_paired_is_not_said_to_have_left():
    handlers = Recorder()
    async with serving(handlers) as server:
        async with connected(server) as client:
            await client.hello(None)
        await settled(lambda: server.connections == 0)
    assert handlers.left_outs == []


async def test_a_bug_while_leaving_does_not_keep_the_seat():
    class Broken(Recorder):
        async def left(self, out: Outbox) -> None:
            raise RuntimeError(SECRET)

    async with serving(Broken()) as server:
        async with connected(server) as client:
            await client.hello()
        await settled(lambda: server.connections == 0)


async def test_an_offer_that_cannot_be_sent_is_forgotten():
    async def answer(message: m.ClientMessage, out: Outbox) -> None:
        out.offer(preview(2 * m.FRAME_BYTES), "preview")
        await out.send(m.Done(re=5))

    async with serving(Answering(answer)) as server, connected(server) as client:
        await client.hello()
        assert (await client.ask(ASK)).re == 5


async def test_of_offers_that_wait_only_the_latest_is_sent():
    async def answer(message: m.ClientMessage, out: Outbox) -> None:
        for number in range(50):
            out.offer(preview(10, number), "preview")
        await out.send(m.Done(re=5))

    async with serving(Answering(answer)) as server, connected(server) as client:
        await client.hello()
        assert (await client.ask(ASK)).candidate == 49
        assert (await client.receive()).re == 5


# ── those who are slow or gone ───────────────────────────────────────────────────────────────────────────────────


async def test_who_does_not_say_hello_is_closed():
    async with serving(Recorder(), hello_s=0.1) as server, connected(server) as client:
        assert await client.close_code() == 1008
        await settled(lambda: server.connections == 0)


async def test_who_types_a_pairing_code_has_time():
    async with serving(Recorder(), hello_s=0.1) as server, connected(server) as client:
        await client.hello(None)
        await asyncio.sleep(0.3)
        assert (await client.ask(m.Ping(id=2))).re == 2


async def test_who_does_not_answer_pings_is_closed():
    handlers = Recorder()
    async with serving(handlers, heartbeat_s=0.2) as server, connected(server) as client:
        await client.hello()
        client.socket.protocol.receive_data = lambda data: None  # deaf from now on
        await settled(lambda: server.connections == 0)
    assert len(handlers.left_outs) == 1


async def test_a_reader_that_never_reads_has_a_bounded_queue_and_is_closed():
    frame = preview(m.FRAME_BYTES - 300)
    sent = 0

    async def flood(out: Outbox) -> None:
        nonlocal sent
        with pytest.raises(ConnectionClosed):
            while True:
                await out.send(frame)
                sent += 1

    floods: list[asyncio.Task[None]] = []

    async def answer(message: m.ClientMessage, out: Outbox) -> None:
        floods.append(asyncio.create_task(flood(out)))

    handlers = Answering(answer)
    async with serving(handlers, stalled_s=0.5) as server, connected(server) as client, connected(server) as good:
        await good.hello()
        await client.hello()
        client.socket.transport.pause_reading()
        await client.send(ASK)
        await settled(lambda: floods)
        highest = 0
        while not floods[0].done():
            highest = max(highest, handlers.outs[0].queued_bytes)
            assert (await good.ask(m.Ping(id=1))).re == 1
            await asyncio.sleep(0.01)
        await floods[0]
        assert SEND_BYTES < highest <= SEND_BYTES + m.FRAME_BYTES
        assert sent < 40
        await settled(lambda: server.connections == 1)
        assert handlers.left_outs == [handlers.outs[0]]


async def test_acknowledgements_get_through_while_sending_waits():
    """A patch that waits for room is sent beside the reading, so what the client says is still heard."""
    tasks: list[asyncio.Task[None]] = []
    heard: list[int] = []

    async def flood(out: Outbox) -> None:
        for number in range(40):
            await out.send(preview(m.FRAME_BYTES - 300, number))

    async def answer(message: m.ClientMessage, out: Outbox) -> None:
        if isinstance(message, m.PatchAck):
            heard.append(message.received)
        else:
            tasks.append(asyncio.create_task(flood(out)))

    async with serving(Answering(answer)) as server, connected(server, max_queue=1) as client:
        await client.hello()
        client.socket.transport.pause_reading()
        await client.send(ASK)
        await settled(lambda: tasks)
        for number in range(5):
            await client.send(m.PatchAck(patch_id="p", received=number))
        await settled(lambda: len(heard) == 5)
        assert not tasks[0].done()
        client.socket.transport.resume_reading()
        assert [(await client.receive()).candidate for _ in range(40)] == list(range(40))
        await tasks[0]


async def test_the_last_words_are_sent_before_the_socket_closes():
    async with serving(Recorder()) as server, connected(server) as client:
        await client.socket.send(encode(m.Hello(id=3, protocol=99, client="test")))
        said = await client.receive()
        assert (said.re, said.code, said.fatal) == (3, "version_mismatch", True)
        assert await client.close_code() == 1002
