"""HTTP for the team's page: ``/join`` and ``/d/DOCUMENT`` are the page, ``/page/HASH/NAME`` what it loads.

The page itself knows nothing: who may see what is decided at the WebSocket. What it loads is named by its content, so
browsers keep it for ever; nothing is looked up in a folder, only in a table made at the start.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from aiohttp import web

_TYPES = {"page.js": "text/javascript", "page.css": "text/css", "icon.svg": "image/svg+xml"}
_HASH_CHARS = 20
_DOCUMENT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FOR_EVER = "public, max-age=31536000, immutable"
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Inlay</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="{icon}">
<link rel="stylesheet" href="{style}">
<script type="module" src="{script}"></script>
<body>
<div id="page"></div>
<noscript>This page needs JavaScript. It comes from the bridge alone; nothing else is loaded.</noscript>
</html>
"""
_NO_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Inlay</title>
<h1>This bridge was installed without the review page</h1>
<p>It is built where Node 20 or newer is: install Node, then install Inlay again
(<code>python -m pip install --force-reinstall --no-deps .</code> in the checkout), and start <code>inlay serve</code>
anew. Comments and verdicts are in the plugins and on the command line meanwhile.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class _Asset:
    data: bytes
    kind: str


class PageRoutes:
    """Serves the page.

    Args:
        folder: where it was built; None: this installation has none, and says so.
    """

    def __init__(self, folder: Path | None) -> None:
        self._assets: dict[str, _Asset] = {}
        self._page: str | None = None
        if folder is None:
            return
        paths: dict[str, str] = {}
        for name, kind in _TYPES.items():
            data = (folder / name).read_bytes()
            paths[name] = f"/page/{sha256(data).hexdigest()[:_HASH_CHARS]}/{name}"
            self._assets[paths[name]] = _Asset(data, kind)
        self._page = _PAGE.format(script=paths["page.js"], style=paths["page.css"], icon=paths["icon.svg"])

    def routes(self) -> Sequence[web.RouteDef]:
        """For the server."""
        return (
            web.get("/join", self._answer),
            web.get("/d/{document_id}", self._document),
            web.get("/page/{path:.*}", self._asset),
        )

    async def _document(self, request: web.Request) -> web.Response:
        if _DOCUMENT.fullmatch(request.match_info["document_id"]) is None:
            raise web.HTTPNotFound
        return await self._answer(request)

    async def _answer(self, request: web.Request) -> web.Response:
        if self._page is None:
            return web.Response(status=503, text=_NO_PAGE, content_type="text/html")
        return web.Response(
            text=self._page, content_type="text/html", headers={"Content-Security-Policy": policy(request.host)}
        )

    async def _asset(self, request: web.Request) -> web.Response:
        asset = self._assets.get(request.raw_path)
        if asset is None:
            raise web.HTTPNotFound
        return web.Response(
            body=asset.data, content_type=asset.kind, charset="utf-8", headers={"Cache-Control": _FOR_EVER}
        )


def policy(host: str) -> str:
    """What the page may do: load our script and style, talk to this bridge, nothing else.

    Args:
        host: of the request, checked by the guard; a WebSocket's address is not everywhere ``'self'``.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            f"connect-src 'self' ws://{host} wss://{host}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )
