"""Who is here, over real sockets: two pages, a plugin, and one who sends ten thousand positions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from support.idle import IdleEngine
from support.pictures import RGB8, picture
from support.wire import Client, connected

from bridge.access.tokens import token_hash
from bridge.client import InlayClient, People
from bridge.compose import Bridge, running_bridge
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.settings import Settings


@dataclass
class Team:
    bridge: Bridge
    document_id: str
    version_id: str
    people: People
    bob_id: str


@pytest_asyncio.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with running_bridge(Settings(data_folder=tmp_path, port=0, durable=False), IdleEngine()) as bridge:
        async with await InlayClient.connect(bridge.address, bridge.local_token) as owner:
            layer = await owner.open_layer("poster", picture(200, 300), RGB8)
            beside = await History.open(tmp_path, durable=False)
            for name, role in (("Bob", "viewer"), ("Cy", "commenter")):
                person = await beside.people.add(name, token_hash(f"{name}'s token"))
                await beside.members.set_role(layer.document_id, person.person_id, role)
            await beside.close()
            people = People(owner)
            members = await people.members(layer.document_id)
            bob_id = next(one.person_id for one in members if one.name == "Bob")
            yield Team(bridge, layer.document_id, layer.head_version_id or "", people, bob_id)


async def look(client: Client, token: str, team: Team) -> None:
    await client.hello(token)
    await client.send(m.PresenceLook(id=2, document_id=team.document_id, version_id=team.version_id))


async def names(client: Client, wanted: list[str]) -> m.Presence:
    """The first list that has these people, whatever comes before."""
    while True:
        got = await client.receive()
        if isinstance(got, m.Presence) and [one.name for one in got.people] == wanted:
            return got


async def test_a_page_a_program_and_their_end(team: Team):
    async with connected(team.bridge.server) as bob, connected(team.bridge.server) as cy:
        await look(bob, "Bob's token", team)
        # The owner's program has the document open.
        here = await names(bob, ["Bob", "this machine"])
        assert [one.version_id for one in here.people] == [team.version_id, None]
        await look(cy, "Cy's token", team)
        await names(bob, ["Bob", "Cy", "this machine"])
        await cy.send(m.PresencePoint(at_px=(7, 9)))
        while not isinstance(said := await bob.receive(), m.PresenceAt):
            pass
        assert (said.at_px, said.version_id) == ((7, 9), team.version_id)
        await cy.socket.close()
        await names(bob, ["Bob", "this machine"])


async def test_whoever_is_taken_out_of_the_document_hears_no_more(team: Team):
    async with connected(team.bridge.server) as bob, connected(team.bridge.server) as cy:
        await look(bob, "Bob's token", team)
        await look(cy, "Cy's token", team)
        await names(cy, ["Bob", "Cy", "this machine"])
        await team.people.set_role(team.document_id, team.bob_id, None)
        await names(cy, ["Cy", "this machine"])
        await cy.send(m.PresencePoint(at_px=(7, 9)))
        await cy.send(m.PresenceLook(id=3, document_id=team.document_id))
        await asyncio.sleep(0.2)
        await bob.send(m.Ping(id=9))
        last: list[m.Message] = []
        while not isinstance(got := await bob.receive(), m.Done) or got.re != 9:
            last.append(got)
        assert not any(isinstance(got, m.PresenceAt) for got in last)
        assert all(got.people and "Bob" in [one.name for one in got.people] for got in last if got.type == "presence")
        await bob.send(m.PresenceLook(id=10, document_id=team.document_id))
        refused = await bob.receive()
        assert (refused.type, refused.code) == ("error", "not_found")


async def test_ten_thousand_positions_a_second_slow_down_whoever_sends_them_and_nobody_else(team: Team):
    async with connected(team.bridge.server) as bob, connected(team.bridge.server) as cy:
        await look(bob, "Bob's token", team)
        await look(cy, "Cy's token", team)
        await names(cy, ["Bob", "Cy", "this machine"])

        async def floods() -> None:
            for number in range(10_000):
                await bob.send(m.PresencePoint(at_px=(number, number)))

        flood = asyncio.create_task(floods())
        longest_s, heard = 0.0, 0
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        for number in range(100, 120):
            asked_s = loop.time()
            await cy.send(m.Ping(id=number))
            while (got := await cy.receive()).type != "done" or got.re != number:
                heard += got.type == "presence.at"
            longest_s = max(longest_s, loop.time() - asked_s)
            await asyncio.sleep(0.02)
        took_s = loop.time() - began_s
        flood.cancel()
        assert longest_s < 5  # it would be minutes behind ten thousand of them
        assert heard <= 30 + 20 * (took_s + 1)
