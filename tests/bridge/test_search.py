"""Searching: what is found, how it is shown, and that nobody finds what they may not see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest
import pytest_asyncio
from sqlalchemy import update
from support.histories import Host, paint
from support.idle import IdleEngine

from bridge.access.roles import Role
from bridge.access.tokens import token_hash
from bridge.client import Bin, InlayClient, RemoteError, Review, Search
from bridge.compose import Bridge, running_bridge
from bridge.history.schema import LayerRow, VersionRow
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.settings import Settings
from engine.geometry import PixelRect

pytestmark = pytest.mark.asyncio(loop_scope="module")
PLACE = PixelRect(0, 0, 60, 60)
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Scene:
    bridge: Bridge
    folder: Path
    document_id: str
    other_id: str
    versions: list[str]

    async def find(self, query: str, token: str | None = None, **options: object) -> m.SearchFound:
        async with await InlayClient.connect(self.bridge.address, token or self.bridge.local_token) as client:
            while True:
                try:
                    return await Search(client).find(query, **options)  # type: ignore[arg-type]
                except RemoteError as error:
                    if error.code != "too_fast":
                        raise

    async def texts(self, query: str, token: str | None = None, **options: object) -> list[str]:
        return sorted(hit.text for hit in (await self.find(query, token, **options)).hits)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("data")
    async with running_bridge(Settings(data_folder=folder, port=0, durable=False), IdleEngine()) as bridge:
        history = await History.open(folder, durable=False)
        owner = await history.people.by_token(token_hash(bridge.local_token))
        assert owner is not None
        host = await Host.open(history, person=owner)
        versions = []
        said = (("make it warmer", "relight"), ("remove the cuff", "remove"), ("100% Ärmel_grün", "replace"))
        for number, (text, op) in enumerate(said):
            landing = await host.edit(PLACE, number)
            versions.append(landing.head_version_id)
            plan = f'{{"ops":[{{"op":"{op}"}}],"keep":[],"says":[],"unsure":[]}}'
            await history.database.write(
                lambda session, it=landing.head_version_id, text=text, plan=plan: session.execute(
                    update(VersionRow).where(VersionRow.version_id == it).values(text=text, plan=plan)
                )
            )
        other = await Host.open(history, person=owner, key="other")
        other.pixels = paint(other.layer.size.rect, seed=5)
        await other.edit(PLACE, 9)
        await history.database.write(
            lambda session: session.execute(
                update(LayerRow).where(LayerRow.layer_id == other.layer.layer_id).values(name="Sky")
            )
        )
        for role in (*ROLES[1:], "nobody"):
            person = await history.people.add(f"{role.title()} Ána", token_hash(f"token-of-{role}"))
            if role != "nobody":
                await history.members.set_role(host.layer.document_id, person.person_id, role)
        await history.close()
        async with await InlayClient.connect(bridge.address, "token-of-approver") as client:
            review = Review(client)
            await review.comment(versions[0], "Die Straße ist zu dunkel")
            closed = await review.comment(versions[1], "A warmer sleeve, please")
            await review.comment(versions[1], "Yes, warmer", reply_to=closed.comment_id)
            await review.resolve(closed.comment_id)
            await review.approve(versions[0], text="Lovely light")
            await review.approve(versions[1], "changes_requested", "Too cold.")
        yield Scene(bridge, folder, host.layer.document_id, other.layer.document_id, versions)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("warmer", ["A warmer sleeve, please", "Yes, warmer", "make it warmer"]),
        ("WARMER in:versions", ["make it warmer"]),
        ("warmer -yes in:comments", ["A warmer sleeve, please"]),
        ('"warmer sleeve"', ["A warmer sleeve, please"]),
        ("sleeve warmer", ["A warmer sleeve, please"]),
        ("STRASSE", ["Die Straße ist zu dunkel"]),
        ("ärmel", ["100% Ärmel_grün"]),
        ("A\u0308RMEL", ["100% Ärmel_grün"]),
        ("100%", ["100% Ärmel_grün"]),
        ("%", ["100% Ärmel_grün"]),
        ("ärmel_", ["100% Ärmel_grün"]),
        ("a_warmer", []),
        ("by:ána warmer", ["A warmer sleeve, please", "Yes, warmer"]),
        ("by:me warmer", ["make it warmer"]),
        ("-by:me warmer", ["A warmer sleeve, please", "Yes, warmer"]),
        ("op:relight in:versions", ["make it warmer"]),
        ("op:remove in:comments", ["A warmer sleeve, please", "Yes, warmer"]),
        ("is:approved", ["Die Straße ist zu dunkel", "Lovely light", "make it warmer"]),
        ("is:rejected in:verdicts", ["Too cold."]),
        ("is:open", ["Die Straße ist zu dunkel"]),
        ("is:resolved", ["A warmer sleeve, please", "Yes, warmer"]),
        ("-is:resolved in:comments", ["Die Straße ist zu dunkel"]),
        ("is:head -layer:sky in:versions", ["100% Ärmel_grün"]),
        ("layer:sky", ["remove this"]),
        ("lovely", ["Lovely light"]),
        ("before:yesterday", []),
        ("nothing-of-that", []),
    ],
)
async def test_what_is_found(scene: Scene, query: str, found: list[str]):
    assert await scene.texts(query) == sorted(found)


async def test_in_one_document_or_all_of_them_from_today_on(scene: Scene):
    everything = await scene.find("after:today")
    assert everything.total == 4 + 3 + 2
    assert (await scene.find("after:today", document_id=scene.other_id)).total == 1


@pytest.mark.parametrize("role", [*ROLES[1:], "nobody"])
async def test_nobody_finds_what_they_may_not_see(scene: Scene, role: str):
    token = f"token-of-{role}"
    found = await scene.find("", token)
    assert found.total == (0 if role == "nobody" else 8)
    assert {hit.document_id for hit in found.hits} == (set() if role == "nobody" else {scene.document_id})
    for query in ("remove this", "layer:sky", "is:head in:versions"):
        hits = (await scene.find(query, token)).hits
        assert all(hit.document_id == scene.document_id for hit in hits)
    assert (await scene.find("", token, document_id=scene.other_id)).total == 0


async def test_what_is_in_the_bin_is_not_found_by_anybody(scene: Scene):
    async with await InlayClient.connect(scene.bridge.address, scene.bridge.local_token) as client:
        await Bin(client).delete(scene.other_id)
        assert (await scene.find("layer:sky")).total == 0
        await Bin(client).restore(scene.other_id)
    assert (await scene.find("layer:sky")).total == 1


async def test_hits_lead_to_their_place_and_mark_the_words(scene: Scene):
    (hit,) = (await scene.find("dunkel straße")).hits
    assert hit.kind == "comment" and hit.comment_id is not None and hit.version_id == scene.versions[0]
    assert [hit.text[first:last] for first, last in hit.marks] == ["Straße", "dunkel"]
    assert hit.author == "Approver Ána" and hit.document_title == "Poster"


async def test_pages_follow_each_other_and_hold_everything_once(scene: Scene):
    async with await InlayClient.connect(scene.bridge.address, "token-of-commenter") as client:
        for number in range(45):
            try:
                await Review(client).comment(scene.versions[2], f"page {number}")
            except RemoteError:
                break
    seen: list[str] = []
    while True:
        page = await scene.find("page in:comments", skip=len(seen))
        seen += [hit.comment_id or "" for hit in page.hits]
        if not page.hits:
            break
    assert page.total == len(seen) == len(set(seen)) > 20


async def test_what_cannot_be_read_is_answered_with_how_it_is_written(scene: Scene):
    with pytest.raises(RemoteError) as caught:
        await scene.find("op:relite")
    assert caught.value.code == "search_unclear" and "relight" in str(caught.value)


async def test_searching_without_pause_is_slowed(scene: Scene):
    codes: list[str] = []
    async with await InlayClient.connect(scene.bridge.address, "token-of-viewer") as client:
        for _ in range(60):
            try:
                await Search(client).find("warmer")
            except RemoteError as error:
                codes.append(error.code)
    assert set(codes) == {"too_fast"}
