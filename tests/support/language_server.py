"""A stand-in for a language model's server: speaks OpenAI's chat completions, well or badly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

GOOD = '{"ops": [{"op": "remove", "region": {"named": "dragon"}}]}'


@dataclass
class Standin:
    """How it answers.

    Attributes:
        content: what the model says.
        manner: well, slow, half (the connection breaks amid the body), broken (no JSON around it), error (status 500),
            away (a redirect), long (megabytes), empty (no choices).
        asked: the bodies of the requests.
    """

    content: str = GOOD
    manner: str = "well"
    models: tuple[str, ...] = ("small-model",)
    asked: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""

    async def chat(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        body = json.dumps({"choices": [{"message": {"role": "assistant", "content": self.content}}]}).encode()
        match self.manner:
            case "slow":
                await asyncio.sleep(30)
            case "half":
                response = web.StreamResponse(headers={"Content-Length": str(len(body) * 2)})
                await response.prepare(request)
                await response.write(body[: len(body) // 2])
                assert request.transport is not None
                request.transport.close()
                return response
            case "broken":
                body = b'{"choices": [{"message"'
            case "error":
                return web.Response(status=500)
            case "away":
                raise web.HTTPTemporaryRedirect("http://example.com/v1/chat/completions")
            case "long":
                body = b'{"padding": "' + b"x" * (4 << 20) + b'", ' + body[1:]
            case "empty":
                body = b'{"choices": []}'
            case _:
                pass
        return web.Response(body=body, content_type="application/json")

    async def list_models(self, request: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": name} for name in self.models]})


@asynccontextmanager
async def standin(content: str = GOOD, manner: str = "well") -> AsyncGenerator[Standin]:
    """The server on a free port of this machine, until the block ends."""
    server = Standin(content, manner)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.chat)
    app.router.add_get("/v1/models", server.list_models)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.address = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()
