"""Who may ask what by HTTP: the one place where `roles.ROUTES` is read, before any room sees the request.

A browser proves who it is by its cookie, and the cookie counts only for what a page of this bridge asks. Cookies know
hosts, not ports, so another program's page on this machine counts as the same site; but it has another Origin, says
``Sec-Fetch-Site: same-site``, and cannot send a header of its own without asking first, which is never answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from aiohttp import web

from bridge.access.cookies import held, is_own_origin
from bridge.access.roles import ROUTES, SUBJECTS, Role, Subject, may
from bridge.access.tokens import token_hash

# What our page says with what it asks for; any value but this one is none.
PAGE_HEADER, PAGE_SAYS = "X-Inlay-Page", "1"


class Known(Protocol):
    """Somebody with a token."""

    @property
    def person_id(self) -> str: ...


class People(Protocol):
    """Whose token it is; see `bridge.history.people.People`."""

    async def by_token(self, token_hash: bytes) -> Known | None: ...


class Members(Protocol):
    """Who is what where; see `bridge.history.members.Members`."""

    async def role(self, person_id: str, subject: Subject, subject_id: str) -> Role | None: ...


class Gate:
    """Lets a request through to its room, or says that there is nothing."""

    def __init__(self, people: People, members: Members) -> None:
        self._people = people
        self._members = members

    async def check(self, request: web.Request) -> None:
        """Whether this person may ask that; Host and Origin have been checked.

        Raises:
            HTTPNotFound: no such route, or nothing of which this person may know that it is there.
            HTTPForbidden: their role there has not that right.
        """
        resource = request.match_info.route.resource
        if resource is None:
            return  # aiohttp's own 404 and 405
        # Whoever may read something may ask for its headers alone.
        method = "GET" if request.method == "HEAD" else request.method
        name = f"{method} {resource.canonical}"
        if name not in ROUTES:
            raise web.HTTPNotFound
        right = ROUTES[name]
        if right is None:
            return
        role = await self._role(request)
        if role is None:
            raise web.HTTPNotFound
        if not may(role, right):
            raise web.HTTPForbidden

    async def _role(self, request: web.Request) -> Role | None:
        token = cookie_of_page(request)
        person = None if token is None else await self._people.by_token(token_hash(token))
        named = _named(request.match_info)
        if person is None or named is None:
            return None
        return await self._members.role(person.person_id, *named)


def cookie_of_page(request: web.Request) -> str | None:
    """The token in the cookie of a request that a page of this bridge made; of any other it is not even read."""
    return held(request.cookies) if _is_of_page(request) else None


def _is_of_page(request: web.Request) -> bool:
    headers = request.headers
    origins = headers.getall("Origin", [])
    if origins:
        return is_own_origin(headers.getall("Host", []), origins)
    # A page's own GET has no Origin. Browsers say Sec-Fetch-Site only to addresses that they trust: localhost, and TLS.
    fetched = headers.getall("Sec-Fetch-Site", [])
    return headers.getall(PAGE_HEADER, []) == [PAGE_SAYS] if not fetched else fetched == ["same-origin"]


def _named(parts: Mapping[str, str]) -> tuple[Subject, str] | None:
    """What the address speaks of: the largest thing that it names."""
    for subject in SUBJECTS:
        subject_id = parts.get(f"{subject}_id")
        if subject_id is not None:
            return subject, subject_id
    return None
