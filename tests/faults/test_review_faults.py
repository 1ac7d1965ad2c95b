"""Twenty people comment, decide and edit at once while their bridge is killed, again and again; and a history that
cannot be written for a while."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from support.painting import PaintingEngine
from support.pictures import RGB8, picture
from support.serving import Serving
from support.wire import settled

from bridge.access.tokens import token_hash
from bridge.client import InlayClient, Layer, NotConnected, RemoteError, Review
from bridge.compose import Bridge, running_bridge
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.settings import Settings

COMMENTERS, APPROVERS, EDITORS = 12, 4, 4
KILLS = 3
# Of each kind of work, until the bridge is killed.
ACKNOWLEDGED = 8
# Each editor has a row of tiles of their own: edits that do not meet land on top of each other.
BAND_PX = 128
WIDTH_PX = 128
# How an edit may have ended whose client saw no end of: interrupted, or not begun.
NOT_LANDED = {"interrupted", "not_found", "client_left"}


@dataclass
class Work:
    """What one person did, and what of it the bridge acknowledged."""

    token: str
    name: str
    heard: list[m.Event] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    pending: str | None = None
    count: int = 0

    async def until_killed(self, address: str, place: Layer, role: str) -> None:
        with contextlib.suppress(NotConnected):
            async with await InlayClient.connect(address, self.token) as client:
                client.listen(self.heard.append)
                review = Review(client)
                await review.visit(place.document_id, self.heard[-1].seq if self.heard else 0)
                while True:
                    try:
                        await {"commenter": self.comment, "approver": self.decide, "editor": self.edit}[role](
                            client, review, place
                        )
                    except RemoteError as refused:
                        assert refused.code == "too_fast", refused.code
                        await asyncio.sleep(0.1)

    def next(self) -> str:
        """What was not answered is sent again as it was."""
        if self.pending is None:
            self.pending = f"{self.name}-{self.count:06d}"
            self.count += 1
        return self.pending

    def done(self, what: str) -> None:
        self.acknowledged.append(what)
        self.pending = None

    async def comment(self, _: InlayClient, review: Review, place: Layer) -> None:
        comment_id = self.next()
        assert place.head_version_id is not None
        await review.comment(place.head_version_id, f"says {comment_id}", comment_id=comment_id)
        self.done(comment_id)

    async def decide(self, _: InlayClient, review: Review, place: Layer) -> None:
        text = self.next()
        assert place.head_version_id is not None
        await review.approve(place.head_version_id, "changes_requested" if self.count % 2 else "approved", text)
        self.done(text)
        await asyncio.sleep(0.05)

    async def edit(self, client: InlayClient, _: Review, place: Layer) -> None:
        layer = Layer(place.layer_id, place.document_id, place.pixels, place.format, place.head_version_id)
        if self.pending is not None:
            with contextlib.suppress(RemoteError):
                handle = await client.resume(layer, self.pending)
                outcome = await asyncio.wait_for(handle.result(), 20)
                self.acknowledged.append(outcome.versions[0].version_id)
            self.pending = None
        mask = np.zeros(place.pixels.shape[:2], np.uint8)
        top = BAND_PX * int(self.name[-1])
        # Each edit is of another place, so that none meets the one before.
        left = self.count * 4 % WIDTH_PX
        mask[top : top + 2 + self.count * 4 // WIDTH_PX * 2, left : left + 4] = 255
        self.count += 1
        handle = await client.edit(layer, "remove this", mask=mask, seed=self.count, previews=False)
        self.pending = handle.edit_id
        try:
            outcome = await handle.result()
        except RemoteError as ended:
            assert ended.code == "conflict", ended.code
            self.pending = None
            return
        self.done(outcome.versions[0].version_id)


async def open_team(folder: Path) -> tuple[Serving, Layer, dict[str, list[Work]]]:
    bridge = await asyncio.to_thread(Serving, folder)
    async with await InlayClient.connect(bridge.address, bridge.token) as client:
        layer = await client.open_layer("poster", picture(BAND_PX * EDITORS, WIDTH_PX), RGB8)
    team: dict[str, list[Work]] = {}
    beside = await History.open(folder, durable=False)
    for role, count in (("commenter", COMMENTERS), ("approver", APPROVERS), ("editor", EDITORS)):
        team[role] = [Work(f"token-{role}-{number}", f"{role}{number}") for number in range(count)]
        for work in team[role]:
            person = await beside.people.add(work.name, token_hash(work.token))
            await beside.members.set_role(layer.document_id, person.person_id, role)
    await beside.close()
    return bridge, layer, team


async def test_nothing_acknowledged_is_lost_or_doubled_and_all_catch_up_after_every_kill(tmp_path: Path):
    bridge, layer, team = await open_team(tmp_path)
    everybody = [work for some in team.values() for work in some]
    rng = random.Random(7)
    try:
        for _ in range(KILLS):
            working = [
                asyncio.create_task(work.until_killed(bridge.address, layer, role))
                for role, some in team.items()
                for work in some
            ]
            wanted = {role: sum(len(work.acknowledged) for work in some) for role, some in team.items()}
            await settled(lambda wanted=wanted, working=working: has_done(team, wanted) or ended(working))
            assert not ended(working), "somebody's work ended before the kill"
            await asyncio.sleep(rng.uniform(0, 0.05))
            bridge.kill()
            for failed in await asyncio.gather(*working, return_exceptions=True):
                assert failed is None, failed
            bridge = await asyncio.to_thread(Serving, tmp_path)
        await look(bridge, layer, team)
        # Each catches up from where they were, to one and the same story.
        for work in everybody:
            async with await InlayClient.connect(bridge.address, work.token) as client:
                client.listen(work.heard.append)
                opened = await Review(client).visit(layer.document_id, work.heard[-1].seq if work.heard else 0)
                await settled(lambda work=work, opened=opened: work.heard[-1].seq >= opened.document.last_seq)
    finally:
        bridge.kill()
    stories = [
        [(event.seq, event.kind, event.version_id, event.comment_id) for event in work.heard] for work in everybody
    ]
    assert [seq for seq, *_ in stories[0]] == list(range(1, len(stories[0]) + 1))
    assert all(story == stories[0] for story in stories)
    # Whoever commented last is told their comment's words with its event.
    assert all(event.comment is not None for event in everybody[0].heard if event.kind.startswith("comment."))


def has_done(team: dict[str, list[Work]], before: dict[str, int]) -> bool:
    """Whether of each kind of work enough was acknowledged since."""
    return all(
        sum(len(work.acknowledged) for work in some) >= before[role] + ACKNOWLEDGED for role, some in team.items()
    )


def ended(working: list[asyncio.Task[None]]) -> bool:
    return any(task.done() for task in working)


async def look(bridge: Serving, layer: Layer, team: dict[str, list[Work]]) -> None:
    """What is stored is what was acknowledged, once, and beyond it at most what each had under way at a kill."""
    async with await InlayClient.connect(bridge.address, bridge.token) as client:
        review = Review(client)
        heard: list[m.Event] = []
        client.listen(heard.append)
        opened = await review.visit(layer.document_id, 0)
        await settled(lambda: heard and heard[-1].seq == opened.document.last_seq)
        comments = await review.comments(layer.document_id)
        approvals = await review.approvals(layer.document_id)
        versions, _ = await client.tree_of(layer.layer_id)
    kinds = Counter(event.kind for event in heard)

    said = [comment_id for work in team["commenter"] for comment_id in work.acknowledged]
    there = [comment.comment_id for comment in comments]
    assert len(set(there)) == len(there) == kinds["comment.added"]
    assert set(said) <= set(there) and len(there) - len(said) <= COMMENTERS
    assert {comment.text for comment in comments} == {f"says {comment_id}" for comment_id in there}

    by_person = Counter(event.by for event in heard if event.kind == "approval.set")
    for work in team["approver"]:
        assert len(work.acknowledged) <= by_person[work.name] <= len(work.acknowledged) + 1
        (last,) = [one for one in approvals if one.author == work.name]
        assert last.text >= work.acknowledged[-1]

    landed = [version_id for work in team["editor"] for version_id in work.acknowledged]
    edits = {version.version_id: version for version in versions if version.kind == "edit"}
    assert len(set(landed)) == len(landed) and set(landed) <= set(edits)
    assert len(edits) == kinds["version.landed"] + kinds["edit.conflict"]
    assert len(edits) - len(landed) <= EDITORS * KILLS + kinds["edit.conflict"]
    assert Counter(event.version_id for event in heard if event.kind == "version.landed").most_common(1)[0][1] == 1


# ── a database that others hold, a disk that is full ─────────────────────────────────────────────────────────────


@dataclass
class Room:
    """A bridge in this process with one person who may everything."""

    folder: Path
    bridge: Bridge
    client: InlayClient
    review: Review
    layer: Layer
    heard: list[m.Event]

    @property
    def head(self) -> str:
        assert self.layer.head_version_id is not None
        return self.layer.head_version_id


@pytest_asyncio.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    monkeypatch.setattr(History.open.__func__, "__kwdefaults__", History.open.__func__.__kwdefaults__ | {"busy_s": 0.2})
    settings = Settings(data_folder=tmp_path, port=0, durable=False)
    async with running_bridge(settings, PaintingEngine()) as bridge:
        client = await InlayClient.connect(bridge.address, bridge.local_token)
        heard: list[m.Event] = []
        client.listen(heard.append)
        layer = await client.open_layer("poster", picture(128, 128), RGB8)
        review = Review(client)
        await review.visit(layer.document_id)
        yield Room(tmp_path, bridge, client, review, layer, heard)
        await client.close()


async def refused(work) -> str:
    with pytest.raises(RemoteError) as said:
        await work
    assert said.value.hint
    return said.value.code


async def all_of_it(room: Room, name: str) -> list[str]:
    """Every kind of writing that a team does; what each was refused with."""
    mask = np.zeros((128, 128), np.uint8)
    mask[10:20, 10:20] = 255

    async def edit() -> None:
        await (await room.client.edit(room.layer, "remove this", mask=mask)).result()

    return [
        await refused(room.review.comment(room.head, "Refused?", comment_id=f"{name}-comment")),
        await refused(room.review.approve(room.head)),
        await refused(edit()),
    ]


async def works_again(room: Room, name: str) -> None:
    """Without a restart, and what was refused is not there twice now."""
    before = len(await room.review.comments(room.layer.document_id))
    said = await room.review.comment(room.head, "Refused?", comment_id=f"{name}-comment")
    assert (
        await room.review.comment(room.head, "Refused?", comment_id=f"{name}-comment")
    ).created_at == said.created_at
    await room.review.approve(room.head)
    mask = np.zeros((128, 128), np.uint8)
    mask[30:40, 10:20] = 255
    outcome = await (await room.client.edit(room.layer, "remove this", mask=mask)).result()
    assert len(await room.review.comments(room.layer.document_id)) == before + 1
    versions, head = await room.client.tree_of(room.layer.layer_id)
    assert head == outcome.head_version_id
    assert [version.version_id for version in versions if version.kind == "edit"] == [outcome.versions[0].version_id]
    wanted = {"comment.added", "approval.set", "version.landed"}
    await settled(lambda: wanted <= {event.kind for event in room.heard})
    seqs = [event.seq for event in room.heard]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_a_database_that_another_program_holds_is_a_typed_error_and_works_again_without_a_restart(room: Room):
    other = sqlite3.connect(room.folder / "history.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await all_of_it(room, "locked-0") == ["storage_busy"] * 3
    # Reading goes on meanwhile.
    assert (await room.review.state(room.layer.document_id)).state == "draft"
    assert (await room.client.tree(room.layer))[0].kind == "source"
    other.execute("ROLLBACK")
    other.close()
    await works_again(room, "locked-0")


async def test_a_full_disk_is_a_typed_error_and_works_again_when_there_is_room(
    room: Room, monkeypatch: pytest.MonkeyPatch
):
    # As in `test_history_faults`: a database that may not grow any more is what a full disk is to SQLite.
    database = room.bridge.server._handlers._history.database
    pages = await database.read(lambda session: session.connection().exec_driver_sql("PRAGMA page_count").scalar())
    for engine in (database._flushing, database._hasty):
        with engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    codes: list[str] = []
    for number in range(200):
        try:
            await room.review.comment(room.head, "x" * 1900, comment_id=f"filling-{number:04d}")
        except RemoteError as said:
            if said.code == "too_fast":
                room.bridge.server._handlers._pace._left.clear()
                continue
            codes.append(said.code)
            break
    assert codes == ["storage_full"]
    for engine in (database._flushing, database._hasty):
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    room.bridge.server._handlers._pace._left.clear()
    await works_again(room, "full-0")
