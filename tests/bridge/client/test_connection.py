"""The plumbing of one connection, over a socket that is only said to be one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bridge.client import NotConnected, RemoteError
from bridge.client.connection import Connection
from bridge.protocol import messages as m
from bridge.protocol.codec import encode


class Socket:
    """Keeps what is sent; gives what is put in, until it is closed."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.coming: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def send(self, data: bytes) -> None:
        self.sent.append(data)

    async def close(self) -> None:
        self.coming.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (data := await self.coming.get()) is not None:
            yield data

    def says(self, message: m.ServerMessage) -> None:
        self.coming.put_nowait(encode(message))


async def test_answers_find_their_requests_in_any_order():
    socket = Socket()
    connection = Connection(socket)  # type: ignore[arg-type]
    one, two = connection.number(), connection.number()
    asked = [
        asyncio.create_task(connection.ask(number, m.DocumentList(id=number), m.Documents)) for number in (one, two)
    ]
    await asyncio.sleep(0)
    assert len(socket.sent) == 2
    second = m.Documents(
        re=two, documents=(m.DocumentInfo(document_id="d", key="k", title="t", role="owner", last_seq=0),)
    )
    socket.says(second)
    socket.says(m.Documents(re=one, documents=()))
    assert [len(answer.documents) for answer in await asyncio.gather(*asked)] == [0, 1]
    await connection.close()


async def test_an_answer_of_another_kind_and_a_refusal_are_errors():
    socket = Socket()
    connection = Connection(socket)  # type: ignore[arg-type]
    for answer, code in (
        (m.Documents(re=2, documents=()), "protocol_error"),
        (m.Error(re=3, code="forbidden", message="No.", hint="Ask."), "forbidden"),
    ):
        socket.says(answer)
        number = connection.number()
        with pytest.raises(RemoteError) as refused:
            await connection.ask(number, m.DocumentList(id=number), m.Done)
        assert refused.value.code == code
    await connection.close()


async def test_who_waits_when_the_connection_ends_is_told():
    socket = Socket()
    connection = Connection(socket)  # type: ignore[arg-type]
    number = connection.number()
    waiting = asyncio.create_task(connection.ask(number, m.DocumentList(id=number), m.Documents))
    await asyncio.sleep(0)
    await socket.close()
    with pytest.raises(NotConnected):
        await waiting
    await connection.close()
