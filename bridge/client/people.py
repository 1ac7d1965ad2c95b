"""Who is in a document, and invites to it, for the Python client."""

from __future__ import annotations

import asyncio
import http.client
import json
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Literal, cast
from urllib.parse import urlsplit

from bridge.client.client import InlayClient
from bridge.client.connection import NotConnected
from bridge.client.edit import RemoteError
from bridge.protocol import messages as m

InvitedRole = Literal["editor", "approver", "commenter", "viewer"]
_TIMEOUT_S = 10.0
_MOST_BYTES = 4096
_COOKIES = ("__Host-inlay_session", "inlay_session")


@dataclass(frozen=True, slots=True)
class Joined:
    """What an invite gave: a token to connect with, and the document that it is for."""

    token: str
    document_id: str
    name: str
    role: str


class People:
    """Members and invites of documents, through a connection; raises as `bridge.client.Review`."""

    def __init__(self, client: InlayClient) -> None:
        self._client = client

    async def members(self, document_id: str) -> tuple[m.MemberInfo, ...]:
        """Everybody in a document, by name."""
        answer = await self._client.request(lambda number: m.MemberList(id=number, document_id=document_id), m.Members)
        return answer.members

    async def set_role(self, document_id: str, person_id: str, role: InvitedRole | None) -> tuple[m.MemberInfo, ...]:
        """Give somebody another role, or None; returns who is in the document then."""
        answer = await self._client.request(
            lambda number: m.MemberSet(id=number, document_id=document_id, person_id=person_id, role=role), m.Members
        )
        return answer.members

    async def invite(
        self,
        document_id: str,
        role: InvitedRole,
        *,
        name: str = "",
        once: bool = False,
        expires_s: int | None = None,
    ) -> tuple[m.InviteInfo, str]:
        """Make an invite; its token is told only now. See `m.InviteMake`."""
        answer = await self.invite_link(document_id, role, name=name, once=once, expires_s=expires_s)
        return answer.invite, answer.token or ""

    async def invite_link(
        self,
        document_id: str,
        role: InvitedRole,
        *,
        name: str = "",
        once: bool = False,
        expires_s: int | None = None,
    ) -> m.InviteIs:
        """The same, with the link by which others reach it, where the bridge is open to them."""
        return await self._client.request(
            lambda number: m.InviteMake(
                id=number, document_id=document_id, role=role, name=name, once=once, expires_s=expires_s
            ),
            m.InviteIs,
        )

    async def invites(self, document_id: str) -> tuple[m.InviteInfo, ...]:
        """A document's invites, oldest first."""
        answer = await self._client.request(lambda number: m.InviteList(id=number, document_id=document_id), m.Invites)
        return answer.invites

    async def revoke(self, invite_id: str) -> m.InviteInfo:
        """Take an invite back; those who came in by it are out."""
        answer = await self._client.request(lambda number: m.InviteRevoke(id=number, invite_id=invite_id), m.InviteIs)
        return answer.invite

    async def own_link(self, document_id: str) -> m.LinkIs:
        """A token with which a browser becomes this very person, once, for a short while; see `review_link_of`."""
        return await self._client.request(lambda number: m.LinkMake(id=number, document_id=document_id), m.LinkIs)


def review_link_of(address: str, document_id: str, token: str) -> str:
    """The link that opens a document's page as oneself, for a bridge at ``ws://host:port/ws``."""
    parts = urlsplit(address)
    return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}/d/{document_id}#k={token}"


def link_of(address: str, token: str) -> str:
    """The link of an invite, for a bridge at ``ws://host:port/ws``; what is after the # no browser sends."""
    parts = urlsplit(address)
    return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}/join#{token}"


async def join(link: str, name: str = "") -> Joined:
    """Trade an invite's link for a token, as a browser does for its cookie.

    Raises:
        NotConnected: nobody answers there.
        RemoteError: the invite lets nobody in.
    """
    return await asyncio.to_thread(_join, link, name)


def _join(link: str, name: str) -> Joined:
    parts = urlsplit(link)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=_TIMEOUT_S)
    headers = {"Content-Type": "application/json", "Origin": f"{parts.scheme}://{parts.netloc}"}
    try:
        connection.request("POST", "/session", json.dumps({"token": parts.fragment, "name": name}), headers)
        response = connection.getresponse()
        said = cast(dict[str, str], json.loads(response.read(_MOST_BYTES)))
        cookies = SimpleCookie(response.getheader("Set-Cookie") or "")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotConnected(f"No bridge answers at {parts.netloc}.") from error
    finally:
        connection.close()
    if response.status != http.HTTPStatus.OK:
        raise RemoteError(said["code"], said["message"], said["hint"])
    cookie = next(cookies[name].value for name in _COOKIES if name in cookies)
    return Joined(cookie, said["document_id"], said["name"], said["role"])
