"""Taking away over the wire: made at a bridge that serves, fetched once by those who may; the client, the commands."""

from __future__ import annotations

import asyncio
import json
import logging
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
import structlog
from support.discussed import discussed
from support.histories import Host, same_bits
from support.idle import IdleEngine
from typer.testing import CliRunner, Result

from bridge.access.tokens import token_hash
from bridge.cli.app import app
from bridge.client import InlayClient, NotConnected, People, RemoteError, TakeAway
from bridge.compose import Bridge, running_bridge
from bridge.errors import FileError, NotFound, OutOfOrder
from bridge.files import read_picture
from bridge.history.store import History
from bridge.local import _write_notice
from bridge.protocol import messages as m
from bridge.settings import Settings
from bridge.takeaway.errors import ArchiveError, ImportedBefore
from engine.geometry import PixelRect

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROLES = ("editor", "approver", "commenter", "viewer")


@dataclass
class Desk:
    """A bridge that serves, “Herbst / Plakat” in it, and a token for every role."""

    bridge: Bridge
    folder: Path
    document_id: str
    host: Host
    tokens: dict[str, str]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.bridge.port}"

    async def client(self, role: str = "owner") -> InlayClient:
        return await InlayClient.connect(self.bridge.address, self.tokens[role])

    async def get(self, path: str, method: str = "GET", **headers: str) -> tuple[aiohttp.ClientResponse, bytes]:
        async with aiohttp.ClientSession() as session:
            async with session.request(method, self.origin + path, headers=headers) as response:
                return response, await response.read()

    async def inlay(self, *arguments: str | Path) -> Result:
        known = {"INLAY_DATA_FOLDER": str(self.folder), "COLUMNS": "120"}
        return await asyncio.to_thread(CliRunner().invoke, app, [str(each) for each in arguments], env=known)


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """Commands set the log up; the next test has it as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("data")
    async with running_bridge(Settings(data_folder=folder, port=0, durable=False), IdleEngine()) as bridge:
        _write_notice(folder, bridge)
        history = await History.open(folder, durable=False)
        story = await discussed(history, title="Herbst / Plakat\r\n“x”")
        tokens: dict[str, str] = {"owner": "token-of-owner"}
        await history.people.add_token(story.host.person.person_id, token_hash("token-of-owner"))
        for role in (*ROLES, "nobody"):
            tokens[role] = f"token-of-{role}"
            person = await history.people.add(role, token_hash(tokens[role]))
            if role in ROLES:
                await history.members.set_role(story.document_id, person.person_id, role)  # type: ignore[arg-type]
        yield Desk(bridge, folder, story.document_id, story.host, tokens)
        await history.close()


async def made(desk: Desk, client: InlayClient, kind: str = "picture") -> m.TakeIs:
    """One of each kind of file, made and not fetched."""
    head = await desk.host.head()
    builds = {
        "picture": lambda n: m.TakePicture(id=n, version_id=head),
        "report": lambda n: m.TakeReport(id=n, document_id=desk.document_id, kind="html"),
        "archive": lambda n: m.TakeArchive(id=n, document_id=desk.document_id),
    }
    return await client.request(builds[kind], m.TakeIs)


@pytest.mark.parametrize(
    ("kind", "mime", "name"),
    [
        ("picture", "image/png", "Herbst Plakat “x” Layer v6.png"),
        ("report", "text/html", "Herbst Plakat “x” review.html"),
        ("archive", "application/zip", "Herbst Plakat “x”.zip"),
    ],
)
async def test_a_file_is_made_and_fetched_once(desk: Desk, kind: str, mime: str, name: str):
    async with await desk.client() as client:
        file = await made(desk, client, kind)
    assert (file.name, file.notes, file.expires_s) == (name, (), 120)
    response, data = await desk.get(f"/take/{file.token}")
    assert (response.status, len(data), response.content_type) == (200, file.bytes, mime)
    assert response.headers["Content-Disposition"].startswith('attachment; filename="Herbst Plakat x')
    assert "filename*=UTF-8''Herbst%20Plakat%20%E2%80%9Cx%E2%80%9D" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content_length == file.bytes
    again, nothing = await desk.get(f"/take/{file.token}")
    assert again.status == 404 and nothing == b"Not Found"
    for _ in range(100):  # the file goes once its last byte is on the way
        if not list((desk.folder / "taken").rglob("file")):
            break
        await asyncio.sleep(0.02)
    assert not list((desk.folder / "taken").rglob("file"))


@pytest.mark.parametrize("path", ["/take/", "/take/x", "/take/" + "a" * 5000, "/take/../bridge.json", "/take/%2e%2e/x"])
async def test_no_other_address_gives_anything(desk: Desk, path: str):
    response, data = await desk.get(path)
    assert response.status == 404 and b"port" not in data


async def test_asking_for_the_headers_alone_does_not_use_it_up(desk: Desk):
    async with await desk.client() as client:
        file = await made(desk, client)
    response, _ = await desk.get(f"/take/{file.token}", "HEAD")
    assert response.status in (404, 405)
    for method in ("POST", "PUT", "DELETE"):
        response, _ = await desk.get(f"/take/{file.token}", method)
        assert response.status in (404, 405)
    assert (await desk.get(f"/take/{file.token}"))[0].status == 200


async def test_a_page_of_another_site_gets_nothing_and_uses_nothing_up(desk: Desk):
    async with await desk.client() as client:
        file = await made(desk, client)
    response, data = await desk.get(f"/take/{file.token}", Origin="https://evil.invalid")
    assert response.status == 403 and b"PNG" not in data
    response, _ = await desk.get(f"/take/{file.token}", Host="evil.invalid")
    assert response.status == 403
    assert (await desk.get(f"/take/{file.token}"))[0].status == 200


@pytest.mark.parametrize("role", ["owner", *ROLES, "nobody"])
@pytest.mark.parametrize("kind", ["picture", "report", "archive"])
async def test_each_role_takes_away_what_it_may(desk: Desk, role: str, kind: str):
    async with await desk.client(role) as client:
        may = role == "owner" or (role != "nobody" and kind != "archive")
        if may:
            file = await made(desk, client, kind)
            assert (await desk.get(f"/take/{file.token}"))[0].status == 200
            return
        with pytest.raises(RemoteError) as refused:
            await made(desk, client, kind)
        assert refused.value.code == ("not_found" if role == "nobody" else "forbidden")


async def test_who_was_put_out_meanwhile_gets_nothing(desk: Desk):
    async with await desk.client() as owner, await desk.client("viewer") as viewer:
        file = await made(desk, viewer)
        assert viewer.welcome is not None and viewer.welcome.person_id is not None
        await People(owner).set_role(desk.document_id, viewer.welcome.person_id, None)
        response, data = await desk.get(f"/take/{file.token}")
        assert response.status == 404 and b"PNG" not in data
        await People(owner).set_role(desk.document_id, viewer.welcome.person_id, "viewer")


async def test_progress_is_told_on_the_way(desk: Desk, tmp_path: Path):
    async with await desk.client() as client:
        steps: list[float] = []
        await TakeAway(client, desk.bridge.address).archive(desk.document_id, tmp_path / "a.zip", progress=steps.append)
        assert steps and steps == sorted(steps) and steps[-1] == 1.0


async def test_more_than_a_few_at_once_are_refused(desk: Desk):
    async with await desk.client() as client:
        got = await asyncio.gather(*(made(desk, client, "archive") for _ in range(6)), return_exceptions=True)
        refused = [one for one in got if isinstance(one, RemoteError)]
        assert refused and {one.code for one in refused} == {"busy"}
        assert len(refused) < 6
        await made(desk, client)


async def test_the_client_writes_whole_files(desk: Desk, tmp_path: Path):
    head = await desk.host.head()
    async with await desk.client("viewer") as client:
        take = TakeAway(client, desk.bridge.address)
        file = await take.picture(head, tmp_path / "a.tif", kind="tiff")
        assert same_bits(read_picture(tmp_path / "a.tif").pixels, desk.host.pixels) and file.bytes > 0
        await take.picture(head, tmp_path / "part.png", part="changed")
        with pytest.raises(RemoteError) as refused:
            await take.picture("nothing", tmp_path / "b.png")
        assert refused.value.code == "not_found" and not (tmp_path / "b.png").exists()
        with pytest.raises(FileError):
            await take.picture(head, tmp_path / "no" / "folder.png")
        assert sorted(one.name for one in tmp_path.iterdir()) == ["a.tif", "part.png"]
        lost = TakeAway(client, "ws://127.0.0.1:9/ws")
        with pytest.raises((NotConnected, FileError)):
            await lost.picture(head, tmp_path / "c.png")


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def owned(desk: Desk) -> None:
    """The document is that of the person at this machine, whose commands these are."""
    history = await History.open(desk.folder, durable=False)
    local = await history.people.by_token(sha256(desk.bridge.local_token.encode()).digest())
    assert local is not None
    await history.members.set_role(desk.document_id, local.person_id, "owner")
    await history.close()


async def test_commands_export_and_import(desk: Desk, tmp_path: Path):
    await owned(desk)
    done = await desk.inlay("export", desk.document_id, "--out", tmp_path / "a.zip")
    assert done.exit_code == 0 and "is written" in done.stderr, done.stderr
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert json.loads(file.read("manifest.json"))["document"]["title"] == "Herbst / Plakat\r\n“x”"
    there = await desk.inlay("import", tmp_path / "a.zip", "--data", tmp_path / "elsewhere")
    assert there.exit_code == 0 and "6 versions" in there.stderr, there.stderr
    document_id = there.stdout.strip()
    again = await desk.inlay("export", document_id, "--out", tmp_path / "b.zip", "--data", tmp_path / "elsewhere")
    assert again.exit_code == 0, again.stderr
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    twice = await desk.inlay("import", tmp_path / "a.zip", "--data", tmp_path / "elsewhere")
    assert isinstance(twice.exception, ImportedBefore) and document_id in str(twice.exception)
    copied = await desk.inlay("import", tmp_path / "a.zip", "--copy", "--data", tmp_path / "elsewhere")
    assert copied.exit_code == 0 and copied.stdout.strip() != document_id
    beside = await desk.inlay("import", tmp_path / "a.zip")
    assert beside.exit_code == 0, beside.stderr
    async with await InlayClient.connect(desk.bridge.address, desk.bridge.local_token) as client:
        assert beside.stdout.strip() in {one.document_id for one in await client.documents()}


async def test_commands_export_a_version(desk: Desk, tmp_path: Path):
    await owned(desk)
    layer = desk.host.layer
    tree = await desk.host.history.versions.tree(layer.layer_id)
    edits = [one for one in tree if one.kind == "edit"]
    for number, kind in ((1, "png"), (3, "tif"), (3, "webp")):
        version = edits[number - 1].version_id
        done = await desk.inlay("export", desk.document_id, "--out", tmp_path / f"a.{kind}", "--version", version)
        assert done.exit_code == 0, done.stderr
        assert read_picture(tmp_path / f"a.{kind}").size == edits[number - 1].size
    done = await desk.inlay("export", desk.document_id, "-o", tmp_path / "c.png", "--version", edits[0].version_id,
                            "--changed", "--words", "--names")  # fmt: skip
    assert done.exit_code == 0 and read_picture(tmp_path / "c.png").size == PixelRect(10, 20, 140, 160).size
    assert b"remove this" in (tmp_path / "c.png").read_bytes() and b"Ada" in (tmp_path / "c.png").read_bytes()
    asked = await desk.inlay("export", desk.document_id, "-o", tmp_path / "d.png", "--version", "v1")
    assert isinstance(asked.exception, OutOfOrder) and "2 layers" in str(asked.exception)


async def test_commands_report(desk: Desk, tmp_path: Path):
    await owned(desk)
    for kind in ("html", "pdf"):
        done = await desk.inlay("report", desk.document_id, "--out", tmp_path / f"a.{kind}")
        assert done.exit_code == 0 and (tmp_path / f"a.{kind}").stat().st_size > 5000, done.stderr


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("export", "{id}", "--out", "a.gif"), SystemExit),
        (("export", "{id}", "--out", "a.zip", "--words"), SystemExit),
        (("export", "{id}", "--out", "no/folder/a.zip"), FileError),
        (("export", "nothing.png", "--out", "a.zip"), NotFound),
        (("report", "{id}", "--out", "a.doc"), SystemExit),
        (("import", "nothing.zip"), FileError),
        (("import", "{file}"), ArchiveError),
    ],
)
async def test_commands_that_cannot_say_what_to_do(desk: Desk, tmp_path: Path, arguments, error, monkeypatch):
    await owned(desk)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.zip").write_text("no zip")
    known = {"id": desk.document_id, "file": str(tmp_path / "text.zip")}
    done = await desk.inlay(*(one.format(**known) for one in arguments))
    assert done.exit_code != 0 and isinstance(done.exception, error)
    assert getattr(done.exception, "hint", "x")
    assert not (tmp_path / "a.zip").exists()
