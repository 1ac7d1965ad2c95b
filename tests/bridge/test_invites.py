"""Invites at a real bridge: links, cookies, roles, and everybody who tries to come in without."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from support.idle import IdleEngine
from support.pictures import RGB8, picture
from support.wire import connected

from bridge.client import InlayClient, Layer, People, RemoteError, Review, join, link_of
from bridge.compose import Bridge, running_bridge
from bridge.history import invites as stored
from bridge.protocol import messages as m
from bridge.settings import Settings


@dataclass
class Scene:
    """A document with an owner who invites."""

    bridge: Bridge
    folder: Path
    client: InlayClient
    people: People
    layer: Layer

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.bridge.port}"

    async def link(self, role: Any = "commenter", **fields: Any) -> str:
        return (await self.invite(role, **fields))[1]

    async def invite(self, role: Any = "commenter", **fields: Any) -> tuple[m.InviteInfo, str]:
        invite, token = await self.people.invite(self.layer.document_id, role, **fields)
        return invite, link_of(self.bridge.address, token)

    async def comes(self, token: str) -> InlayClient:
        return await InlayClient.connect(self.bridge.address, token)


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with running_bridge(Settings(data_folder=tmp_path, port=0, durable=False), IdleEngine()) as bridge:
        async with await InlayClient.connect(bridge.address, bridge.local_token) as client:
            layer = await client.open_layer("poster", picture(64, 64), RGB8)
            yield Scene(bridge, tmp_path, client, People(client), layer)


async def post(scene: Scene, body: object, **headers: str | None) -> aiohttp.ClientResponse:
    """``POST /session`` as a page of the bridge sends it, but for the headers that are given; None leaves one out."""
    known = {"Origin": scene.origin, "Content-Type": "application/json"}
    known |= {name.replace("_", "-"): value for name, value in headers.items()}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        response = await session.post(
            f"{scene.origin}/session", data=data, headers={name: value for name, value in known.items() if value}
        )
        await response.read()
        return response


async def test_whoever_opens_a_link_comes_in_with_its_role_and_nothing_more(scene: Scene):
    joined = await join(await scene.link("commenter"), "Bob")
    assert (joined.document_id, joined.name, joined.role) == (scene.layer.document_id, "Bob", "commenter")
    async with await scene.comes(joined.token) as bob:
        review = Review(bob)
        opened = await review.visit(joined.document_id)
        assert opened.document.role == "commenter"
        assert opened.document.key == joined.document_id  # not the owner's, which may be a file's path
        comment = await review.comment(scene.layer.head_version_id, "Hello.")
        assert comment.author == "Bob"
        for refused in (
            review.approve(scene.layer.head_version_id),
            bob.undo(scene.layer),
            People(bob).invites(joined.document_id),
            bob.open_layer("my own", picture(8, 8), RGB8),
        ):
            with pytest.raises(RemoteError) as error:
                await refused
            assert error.value.code == "forbidden"
        (listed,) = await bob.documents()
        assert (listed.document_id, listed.key, listed.role) == (joined.document_id, joined.document_id, "commenter")
    assert [document.key for document in await scene.client.documents()] == ["poster"]
    members = await scene.people.members(scene.layer.document_id)
    assert [(member.name, member.role) for member in members] == [("Bob", "commenter"), ("this machine", "owner")]


async def test_a_link_for_all_makes_each_a_person_and_one_with_a_name_is_one_persons(scene: Scene):
    link = await scene.link("viewer")
    first, second = await join(link, "Bob"), await join(link)
    named = await scene.link("viewer", name="Cleo")
    phone, desk = await join(named, "Mallory"), await join(named)
    assert (first.name, second.name, phone.name, desk.name) == ("Bob", "Guest", "Cleo", "Cleo")
    assert len({first.token, second.token, phone.token, desk.token}) == 4
    members = await scene.people.members(scene.layer.document_id)
    assert [member.name for member in members] == ["Bob", "Cleo", "Guest", "this machine"]


async def test_a_link_for_once_is_for_the_first_however_many_open_it_at_once(scene: Scene):
    invite, link = await scene.invite(once=True)
    came = await asyncio.gather(*(join(link, f"{number}") for number in range(6)), return_exceptions=True)
    refused = [one for one in came if isinstance(one, RemoteError)]
    assert len(refused) == 5 and {one.code for one in refused} == {"invite_invalid"}
    listed = await scene.people.invites(scene.layer.document_id)
    assert [one.invite_id for one in listed] == [invite.invite_id]
    assert listed[0].used_at is not None and len(listed[0].joined) == 1


async def test_what_is_taken_back_lets_nobody_in_and_puts_out_who_came_by_it(scene: Scene):
    invite, link = await scene.invite("editor")
    joined = await join(link, "Bob")
    heard: list[m.Event] = []
    async with await scene.comes(joined.token) as bob:
        bob.listen(heard.append)
        await Review(bob).visit(joined.document_id)
        revoked = await scene.people.revoke(invite.invite_id)
        assert revoked.revoked_at is not None and revoked.joined == ()
        await Review(scene.client).comment(scene.layer.head_version_id, "He is gone.")
        for tried in (Review(bob).visit(joined.document_id), Review(bob).comments(joined.document_id)):
            with pytest.raises(RemoteError) as error:
                await tried
            assert error.value.code == "not_found"
        await asyncio.sleep(0.05)
        assert [event.kind for event in heard if event.kind.startswith("comment")] == []
    for token in (joined.token,):
        with pytest.raises(RemoteError) as error:
            await scene.comes(token)
        assert error.value.code == "not_paired"
    with pytest.raises(RemoteError) as error:
        await join(link)
    assert error.value.code == "invite_invalid"


async def test_a_person_with_roles_elsewhere_stays_a_person(scene: Scene):
    other = await scene.client.open_layer("other", picture(64, 64), RGB8)
    invite, link = await scene.invite("viewer")
    joined = await join(link, "Bob")
    _, token = await scene.people.invite(other.document_id, "viewer")
    response = await post(scene, {"token": token}, Cookie=f"inlay_session={joined.token}")
    assert response.status == 200 and "Set-Cookie" not in response.headers
    await scene.people.revoke(invite.invite_id)
    async with await scene.comes(joined.token) as bob:
        assert [document.document_id for document in await bob.documents()] == [other.document_id]


async def test_an_old_link_lets_nobody_in(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    link = await scene.link(expires_s=60)

    class Later(stored.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return super().now(tz) + stored.timedelta(seconds=61)

    monkeypatch.setattr(stored, "datetime", Later)
    with pytest.raises(RemoteError) as error:
        await join(link)
    assert error.value.code == "invite_invalid"


async def test_an_invite_never_takes_a_right_away(scene: Scene):
    _, token = await scene.people.invite(scene.layer.document_id, "viewer")
    cookie = f"inlay_session={scene.bridge.local_token}"
    response = await post(scene, {"token": token}, Cookie=cookie)
    assert (await response.json())["role"] == "owner"
    members = await scene.people.members(scene.layer.document_id)
    assert [member.role for member in members] == ["owner"]


async def test_the_owner_changes_roles_and_stays_the_owner(scene: Scene):
    joined = await join(await scene.link("viewer"), "Bob")
    bob, owner = await scene.people.members(scene.layer.document_id)
    changed = await scene.people.set_role(scene.layer.document_id, bob.person_id, "approver")
    assert [member.role for member in changed] == ["approver", "owner"]
    with pytest.raises(RemoteError) as error:
        await scene.people.set_role(scene.layer.document_id, owner.person_id, "viewer")
    assert error.value.code == "owner_stays"
    assert len(await scene.people.set_role(scene.layer.document_id, bob.person_id, None)) == 1
    with pytest.raises(RemoteError):
        await scene.comes(joined.token)


async def test_the_cookie_is_out_of_reach_and_opens_a_socket_only_for_the_bridges_own_page(scene: Scene):
    _, token = await scene.people.invite(scene.layer.document_id, "viewer", name="Bob")
    response = await post(scene, {"token": token})
    cookie = response.headers["Set-Cookie"]
    for flag in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="):
        assert flag in cookie
    sent = cookie.split(";")[0]
    own = [scene.origin]
    others = ["http://localhost:1", f"https://evil.invalid:{scene.bridge.port}", "null", None]
    for origin in own + others:
        headers = {"Cookie": sent} | ({"Origin": origin} if origin else {})
        try:
            async with connected(scene.bridge.server, additional_headers=headers) as client:
                welcome = await client.hello(None)
                assert (welcome.person == "Bob") is (origin in own), origin
        except Exception as error:  # websockets' InvalidStatus, for origins that are not served at all
            assert origin not in (*own, "null", None), origin
            assert "403" in str(error)


async def test_a_cookie_can_be_given_back(scene: Scene):
    joined = await join(await scene.link("viewer"))
    cookie = {"Cookie": f"inlay_session={joined.token}"}
    async with aiohttp.ClientSession() as session:
        for origin, status in (("null", 403), (scene.origin, 204)):
            response = await session.delete(f"{scene.origin}/session", headers={**cookie, "Origin": origin})
            assert response.status == status
    with pytest.raises(RemoteError) as error:
        await scene.comes(joined.token)
    assert error.value.code == "not_paired"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": None}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.invalid"}, 403),
        ({"Content_Type": "text/plain"}, 400),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 400),
    ],
)
async def test_no_other_page_trades_a_token(scene: Scene, headers: dict[str, str | None], status: int):
    _, token = await scene.people.invite(scene.layer.document_id, "viewer", once=True)
    response = await post(scene, {"token": token}, **headers)
    assert response.status == status and "Set-Cookie" not in response.headers
    assert (await post(scene, {"token": token})).status == 200  # the invite was not used up


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", {"token": ""}, {"token": 5}, {"token": "x" * 201}, {"token": "x", "admin": True}, {}],
)
async def test_what_is_no_invite_is_refused_in_plain_words(scene: Scene, body: object):
    response = await post(scene, body)
    assert response.status == 400
    assert (await response.json())["code"] == "malformed"


async def test_a_large_body_is_not_read(scene: Scene):
    assert (await post(scene, b"x" * 100_000)).status == 413


async def test_guessing_is_slow_and_tells_nothing(scene: Scene):
    statuses = [(await post(scene, {"token": f"guess-{number}"})).status for number in range(60)]
    assert statuses[:15] == [403] * 15
    assert statuses.count(429) > 5  # on a slow machine each try has a little longer


async def test_no_invites_token_is_in_the_data_folder(scene: Scene):
    link = await scene.link()
    joined = await join(link)
    secrets = (link.partition("#")[2].encode(), joined.token.encode())
    for path in scene.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret in content for secret in secrets), path


async def test_a_link_of_ones_own_brings_back_nothing_that_was_taken(scene: Scene):
    link = await scene.link("editor", name="Eve")
    await join(link)
    document_id = scene.layer.document_id
    eve = next(one for one in await scene.people.members(document_id) if one.name == "Eve")
    await scene.people.set_role(document_id, eve.person_id, "viewer")
    assert (await join(link)).role == "viewer"  # another browser, without the cookie
    await scene.people.set_role(document_id, eve.person_id, None)
    with pytest.raises(RemoteError):
        await join(link)
    assert [one.role for one in await scene.people.members(document_id)] == ["owner"]


async def test_a_link_for_once_is_not_used_up_by_whom_it_gives_nothing(scene: Scene):
    invite, link = await scene.invite("commenter", once=True)
    cookie = f"inlay_session={scene.bridge.local_token}"
    response = await post(scene, {"token": link.partition("#")[2], "name": ""}, Cookie=cookie)
    assert response.status == 200
    assert (await join(link, "Bob")).role == "commenter"
    with pytest.raises(RemoteError):
        await join(link, "Cy")
    assert invite.once
