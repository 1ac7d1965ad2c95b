"""HTTP for browsers: the token of an invite, or of a link for oneself, is traded for a cookie, which can be given back.

``POST /session {"token": …, "name": …}`` → ``{"document_id", "person_id", "name", "role"}`` and the cookie.
``DELETE /session`` → 204, and the cookie's token lets nobody in any more.

Both only from a page of this bridge (Origin), and the first only as JSON, so that no form of another site can send it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bridge.access.cookies import LIFE_S, is_own_origin, name_of, token_in
from bridge.access.links import Link, Links
from bridge.access.pace import Pace
from bridge.access.tokens import new_token, token_hash
from bridge.errors import AccessError, BadOrigin, BridgeError, InviteInvalid, Malformed, TooFast
from bridge.history.invites import Joined
from bridge.history.records import Person
from bridge.history.store import History
from engine.commands.text import typed

# Tries of one address: a person clicks a link a few times; nobody guesses 256 bits, but each try costs a look-up.
_TRIES = 20
_TRIES_A_SECOND = 1.0
# A few hundred bytes; whoever needs longer keeps a place that others need.
_BODY_S = 10.0


class _Join(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    token: Annotated[str, Field(min_length=1, max_length=200)]
    name: Annotated[str, Field(max_length=200)] = ""


class SessionRoutes:
    """Answers the two requests."""

    def __init__(self, history: History, links: Links) -> None:
        self._history = history
        self._links = links
        self._pace = Pace(_TRIES, _TRIES_A_SECOND)

    def routes(self) -> Sequence[web.RouteDef]:
        """For the server."""
        return (web.post("/session", self._join), web.delete("/session", self._leave))

    async def _join(self, request: web.Request) -> web.Response:
        try:
            _check_origin(request)
            self._pace.take(request.remote or "")
            wanted = await _read(request)
            cookie = _cookie(request)
            known = None if cookie is None else await self._history.people.by_token(token_hash(cookie))
            token = new_token()
            link = self._links.take(wanted.token)
            if link is not None:
                joined = await self._open(link, token_hash(token), known)
            else:
                joined = await self._history.invites.redeem(
                    token_hash(wanted.token), token_hash(token), typed(wanted.name), known
                )
        except BridgeError as error:
            return _refused(error)
        answer = {
            "document_id": joined.document_id,
            "person_id": joined.person.person_id,
            "name": joined.person.name,
            "role": joined.role,
        }
        response = web.json_response(answer)
        if joined.is_new:
            secure = _is_secure(request)
            response.set_cookie(
                name_of(secure=secure), token, max_age=LIFE_S, path="/", httponly=True, samesite="Strict", secure=secure
            )
        return response

    async def _open(self, link: Link, new_hash: bytes, known: Person | None) -> Joined:
        """The browser is the link's person from now on, as long as they are still in the document."""
        role = await self._history.members.role(link.person_id, "document", link.document_id)
        members = await self._history.members.list(link.document_id)
        member = next((one for one in members if one.person.person_id == link.person_id), None)
        if role is None or member is None:
            raise InviteInvalid
        is_new = known is None or known.person_id != link.person_id
        if is_new:
            await self._history.people.add_token(link.person_id, new_hash)
        return Joined(member.person, link.document_id, member.role, is_new)

    async def _leave(self, request: web.Request) -> web.Response:
        try:
            _check_origin(request)
            cookie = _cookie(request)
            if cookie is not None:
                await self._history.people.revoke(token_hash(cookie))
        except BridgeError as error:
            return _refused(error)
        response = web.Response(status=204)
        secure = _is_secure(request)
        response.del_cookie(name_of(secure=secure), path="/", httponly=True, samesite="Strict", secure=secure)
        return response


async def _read(request: web.Request) -> _Join:
    if request.content_type != "application/json":
        raise Malformed("That is not JSON.")
    try:
        async with asyncio.timeout(_BODY_S):
            body = await request.read()
        return _Join.model_validate_json(body)
    except TimeoutError:
        raise Malformed("It takes too long to come in.") from None
    except ValidationError:
        raise Malformed("That is no invite.") from None


def _check_origin(request: web.Request) -> None:
    if not is_own_origin(request.headers.getall("Host", []), request.headers.getall("Origin", [])):
        raise BadOrigin("That page may not do this.")


def _cookie(request: web.Request) -> str | None:
    headers = request.headers
    return token_in(request.cookies, headers.getall("Host", []), headers.getall("Origin", []))


def _is_secure(request: web.Request) -> bool:
    """Whether the page came by TLS; its Origin has been checked."""
    return request.headers.get("Origin", "").lower().startswith("https://")


def _refused(error: BridgeError) -> web.Response:
    match error:
        case TooFast():
            status, headers = 429, {"Retry-After": str(max(1, round(error.wait_s)))}
        case AccessError():
            status, headers = 403, None
        case Malformed():
            status, headers = 400, None
        case _:
            status, headers = 503, None
    said = {"code": error.code, "message": str(error), "hint": error.hint}
    return web.json_response(said, status=status, headers=headers)
