"""A bridge that is killed while people comment: what it acknowledged is there, and nothing is there twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import subprocess
import sys
from pathlib import Path

from support.pictures import RGB8, picture
from support.wire import settled

from bridge.access.tokens import token_hash
from bridge.client import InlayClient, NotConnected, RemoteError, Review
from bridge.history.store import History
from bridge.protocol import messages as m

ROOT = Path(__file__).parents[2]
PEOPLE = 6
KILLS = 2

# A bridge with sockets and a history, until it is killed.
SERVES = """
import asyncio, sys
from pathlib import Path
from support.idle import IdleEngine
from bridge.compose import running_bridge
from bridge.settings import Settings

async def main(folder):
    async with running_bridge(Settings(data_folder=Path(folder), port=0, durable=False), IdleEngine()) as bridge:
        print(bridge.address, bridge.local_token, flush=True)
        await asyncio.Event().wait()

asyncio.run(main(sys.argv[1]))
"""


class Serving:
    """A bridge in a process of its own."""

    def __init__(self, folder: Path) -> None:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVES, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self._process.stdout is not None
        lines = iter(self._process.stdout.readline, "")
        self.address, self.token = next(line for line in lines if line.startswith("ws://")).split()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Writer:
    """A person who comments until the bridge is gone, and who knows what was acknowledged."""

    def __init__(self, token: str, name: str) -> None:
        self.token, self.name = token, name
        self.acknowledged: dict[str, str] = {}
        self.pending: tuple[str, str] | None = None
        self.heard: list[m.Event] = []
        self.count = 0

    async def write(self, address: str, document_id: str, version_id: str) -> None:
        with contextlib.suppress(NotConnected):
            async with await InlayClient.connect(address, self.token) as client:
                client.listen(self.heard.append)
                review = Review(client)
                await review.visit(document_id, self.heard[-1].seq if self.heard else 0)
                while True:
                    if self.pending is None:
                        self.pending = (f"{self.name}-{self.count:06d}", f"{self.name} says {self.count}")
                        self.count += 1
                    comment_id, text = self.pending
                    try:
                        await review.comment(version_id, text, comment_id=comment_id)
                    except RemoteError as refused:
                        assert refused.code == "too_fast"
                        await asyncio.sleep(0.1)
                        continue
                    self.acknowledged[comment_id] = text
                    self.pending = None


async def test_what_was_acknowledged_is_there_once_after_every_kill(tmp_path: Path):
    bridge = await asyncio.to_thread(Serving, tmp_path)
    owner = bridge.token
    async with await InlayClient.connect(bridge.address, owner) as client:
        layer = await client.open_layer("poster", picture(64, 64), RGB8)
    assert layer.head_version_id is not None
    beside = await History.open(tmp_path, durable=False)
    writers = [Writer(f"token-{number}", f"person{number}") for number in range(PEOPLE)]
    for writer in writers:
        person = await beside.people.add(writer.name, token_hash(writer.token))
        await beside.members.set_role(layer.document_id, person.person_id, "commenter")
    await beside.close()
    rng = random.Random(3)
    for kill in range(KILLS):
        writing = [
            asyncio.create_task(writer.write(bridge.address, layer.document_id, layer.head_version_id))
            for writer in writers
        ]
        wanted = 20 * PEOPLE * (kill + 1) // KILLS + rng.randrange(PEOPLE)
        await settled(lambda wanted=wanted: sum(len(writer.acknowledged) for writer in writers) >= wanted)
        bridge.kill()
        await asyncio.gather(*writing)
        bridge = await asyncio.to_thread(Serving, tmp_path)
    try:
        async with await InlayClient.connect(bridge.address, owner) as client:
            review, heard = Review(client), []
            client.listen(heard.append)
            found = await review.comments(layer.document_id)
            opened = await review.visit(layer.document_id, 0)
            await settled(lambda: heard and heard[-1].seq == opened.document.last_seq)
    finally:
        bridge.kill()
    there = {comment.comment_id: comment.text for comment in found}
    assert len(there) == len(found)
    acknowledged = {key: text for writer in writers for key, text in writer.acknowledged.items()}
    assert len(acknowledged) >= 20 * PEOPLE
    assert acknowledged.items() <= there.items()
    # At most the one that each had under way is there beyond.
    assert len(there) - len(acknowledged) <= PEOPLE
    assert [event.seq for event in heard] == list(range(1, len(heard) + 1))
    assert sorted(event.comment_id for event in heard if event.kind == "comment.added") == sorted(there)
    for writer in writers:  # over all their connections: every event once, in order
        seqs = [event.seq for event in writer.heard]
        assert seqs == list(range(1, len(seqs) + 1))
