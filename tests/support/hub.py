"""A stand-in for the hub: speaks what huggingface_hub asks, well or badly, and counts the bytes that it gives."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import struct
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from engine.models.catalogue import Entry

_CHUNK = 1 << 14


def safetensors(size: int = 64, seed: int = 1) -> bytes:
    """A whole file of that many random bytes as one tensor."""
    header = json.dumps({"weight": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    body = hashlib.shake_256(seed.to_bytes(8, "little")).digest(size)
    return struct.pack("<Q", len(header)) + header + body


def files_of(entry: Entry, source: int = 0, size: int = 64) -> dict[str, bytes]:
    """A repository that has one small file for each pattern that a model's source asks for."""
    files: dict[str, bytes] = {"README.md": b"# A model"}
    for number, pattern in enumerate(entry.sources[source].patterns):
        path = pattern.replace("*", "config" if pattern.endswith("*.json") else "weights")
        path += ".json" if pattern.endswith("/*") else ""
        if path.endswith(".safetensors"):
            files[path] = safetensors(size, seed=number)
        elif path.endswith(".index.json"):
            shard = next(key for key in files if key.endswith(".safetensors"))
            files[path] = json.dumps({"weight_map": {"weight": Path(shard).name}}).encode()
        else:
            files[path] = json.dumps({"number": number}).encode()
    return files


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """The same in a folder."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


@dataclass
class HubStandin:
    """What it holds and how it behaves.

    Attributes:
        repos: repository → path → content.
        breaks: path → after how many bytes its next answers break off; each is used once.
        dead_after_break: whether everything is answered 503 from the first break on.
        lies: paths whose content is not what their checksum says. lost: listed, but 404.
        gated, forbidden: repositories that are answered 401 as gated, 403.
        away: files are at another address, to which it redirects, as the hub does with large ones.
        deaf_to_ranges: every file is given from its beginning. slow_s: waited before each chunk.
        silent_on_checksums: files are listed without.
        large: from that size on a file has a sha256 (LFS), below it git's id.
        given: path → bytes that were sent. asked: method, path, Range and Authorization of each request.
        hosts: as each request named it.
    """

    repos: dict[str, dict[str, bytes]] = field(default_factory=dict)
    breaks: dict[str, list[int]] = field(default_factory=dict)
    dead_after_break: bool = False
    lies: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    gated: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    deaf_to_ranges: bool = False
    away: bool = False
    slow_s: float = 0.0
    silent_on_checksums: bool = False
    large: int = 32
    given: Counter[str] = field(default_factory=Counter)
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    address: str = ""
    dead: bool = False

    def commit(self, repo: str) -> str:
        """Changes with the content, as git's do."""
        content = sorted((path, hashlib.sha256(data).hexdigest()) for path, data in self.repos[repo].items())
        return hashlib.sha1(repr(content).encode()).hexdigest()

    async def info(self, request: web.Request) -> web.Response:
        repo, revision = self._repo(request), request.match_info.get("revision", "main")
        if revision not in ("main", self.commit(repo)):
            raise web.HTTPNotFound(headers={"X-Error-Code": "RevisionNotFound"})
        siblings = [self._sibling(path, data) for path, data in self.repos[repo].items()]
        return web.json_response({"id": repo, "sha": self.commit(repo), "siblings": siblings})

    async def tree(self, request: web.Request) -> web.Response:
        repo = self._repo(request)
        return web.json_response(
            [
                {"type": "file", "path": path, "size": len(data), "oid": git_id(data)}
                for path, data in self.repos[repo].items()
            ]
        )

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        repo, path = self._repo(request), request.match_info["path"]
        data = self.repos[repo].get(path)
        if request.match_info["revision"] not in ("main", self.commit(repo)):
            raise web.HTTPNotFound(headers={"X-Error-Code": "RevisionNotFound"})
        if data is None or path in self.lost:
            raise web.HTTPNotFound(headers={"X-Error-Code": "EntryNotFound", "X-Repo-Commit": self.commit(repo)})
        if path in self.lies:
            data = data[:-1] + bytes([data[-1] ^ 1])
        if self.away and request.host.startswith("127.0.0.1"):
            raise web.HTTPFound(f"http://localhost:{request.url.port}{request.path_qs}")
        start = 0 if self.deaf_to_ranges else _start_of(request.headers.get("Range", ""))
        headers = {
            "X-Repo-Commit": self.commit(repo),
            "ETag": f'"{hashlib.sha256(data).hexdigest()}"',
            "X-Linked-Etag": f'"{hashlib.sha256(data).hexdigest()}"',
            "X-Linked-Size": str(len(data)),
            "Accept-Ranges": "bytes",
            "Content-Length": str(len(data) - start),
        }
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        response = web.StreamResponse(status=206 if start else 200, headers=headers)
        await response.prepare(request)
        if request.method == "HEAD":
            return response
        end = len(data)
        if self.breaks.get(path):
            end = start + self.breaks[path].pop(0)
            self.dead = self.dead_after_break
        for at in range(start, end, _CHUNK):
            await asyncio.sleep(self.slow_s)
            chunk = data[at : min(end, at + _CHUNK)]
            await response.write(chunk)
            self.given[path] += len(chunk)
        if end < len(data):
            assert request.transport is not None
            request.transport.close()
        return response

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._middleware])
        app.router.add_get("/api/models/{owner}/{name}", self.info)
        app.router.add_get("/api/models/{owner}/{name}/revision/{revision}", self.info)
        app.router.add_get("/api/models/{owner}/{name}/tree/{revision}", self.tree)
        app.router.add_get("/{owner}/{name}/resolve/{revision}/{path:.+}", self.resolve)
        return app

    @web.middleware
    async def _middleware(self, request: web.Request, handler: object) -> web.StreamResponse:
        of_headers = (request.headers.get("Range", ""), request.headers.get("Authorization", ""))
        self.asked.append((request.method, request.path, *of_headers))
        self.hosts.append(request.host)
        if self.dead:
            raise web.HTTPServiceUnavailable
        return await handler(request)  # type: ignore[operator]

    def _repo(self, request: web.Request) -> str:
        repo = f"{request.match_info['owner']}/{request.match_info['name']}"
        if repo in self.gated:
            raise web.HTTPUnauthorized(headers={"X-Error-Code": "GatedRepo"})
        if repo in self.forbidden:
            raise web.HTTPForbidden
        if repo not in self.repos:
            raise web.HTTPNotFound(headers={"X-Error-Code": "RepoNotFound"})
        return repo

    def _sibling(self, path: str, data: bytes) -> dict[str, object]:
        sibling: dict[str, object] = {"rfilename": path}
        if self.silent_on_checksums:
            return sibling
        sibling |= {"size": len(data), "blobId": git_id(data)}
        if len(data) >= self.large:
            sibling["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
        return sibling


def git_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@contextmanager
def hub_standin() -> Generator[HubStandin]:
    """It runs on loopback, in a thread of its own, for this block."""
    hub, loop = HubStandin(), asyncio.new_event_loop()
    runner = web.AppRunner(hub.app())

    async def start() -> int:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = int(runner.addresses[0][1])
        with contextlib.suppress(OSError):  # where “localhost” is the other family first
            await web.TCPSite(runner, "::1", port).start()
        return port

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    hub.address = f"http://127.0.0.1:{port}"
    try:
        yield hub
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def _start_of(range_header: str) -> int:
    return int(range_header.removeprefix("bytes=").split("-")[0]) if range_header else 0
