"""The room that answers for who is in a document; whether a person may was decided before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bridge.access.invites import Invite
from bridge.access.links import LINK_LIFE_S, Links
from bridge.access.tokens import new_token, token_hash
from bridge.connection import Outbox
from bridge.history.store import History
from bridge.protocol import messages as m
from engine.commands.text import typed

PeopleMessage = m.MemberList | m.MemberSet | m.InviteMake | m.InviteList | m.InviteRevoke | m.LinkMake
# Names of those who came in by one invite, and invites in one answer: it fits a frame.
_NAMES = 20
_INVITES = 50


class PeopleRoom:
    """Members and invites of documents, and links for oneself.

    Args:
        links: where those are kept; the routes take them from there.
        public_url: where others reach this bridge, asked whenever an invite is made; None: nowhere.
    """

    def __init__(self, history: History, links: Links, public_url: Callable[[], str | None] = lambda: None) -> None:
        self._history = history
        self._public_url = public_url
        self._links = links

    async def answer(self, message: PeopleMessage, out: Outbox) -> None:
        """Answer one message.

        Raises:
            BridgeError: see `bridge.history.members.Members` and `bridge.history.invites.Invites`.
        """
        match message:
            case m.MemberList():
                await self._tell_members(message.id, message.document_id, out)
            case m.MemberSet():
                await self._history.members.set_role(
                    message.document_id, message.person_id, message.role, out.person.person_id
                )
                await self._tell_members(message.id, message.document_id, out)
            case m.InviteMake():
                token = new_token()
                made = await self._history.invites.make(
                    message.document_id,
                    message.role,
                    token_hash(token),
                    out.person,
                    name=typed(message.name).strip(),
                    expires=None if message.expires_s is None else timedelta(seconds=message.expires_s),
                    once=message.once,
                )
                at = self._public_url()
                link = None if at is None else f"{at}/join#{token}"
                await out.send(m.InviteIs(re=message.id, invite=invite_info(made), token=token, link=link))
            case m.InviteList():
                found = await self._history.invites.list(message.document_id)
                infos = tuple(invite_info(invite) for invite in found[-_INVITES:])
                await out.send(m.Invites(re=message.id, invites=infos))
            case m.InviteRevoke():
                revoked = await self._history.invites.revoke(message.invite_id, out.person)
                await out.send(m.InviteIs(re=message.id, invite=invite_info(revoked), token=None))
            case m.LinkMake():
                token = self._links.make(out.person.person_id, message.document_id)
                await out.send(m.LinkIs(re=message.id, token=token, expires_s=LINK_LIFE_S))

    async def _tell_members(self, request_id: int, document_id: str, out: Outbox) -> None:
        members = await self._history.members.list(document_id)
        infos = tuple(
            m.MemberInfo(person_id=member.person.person_id, name=member.person.name, role=member.role)
            for member in members
        )
        await out.send(m.Members(re=request_id, members=infos))


def invite_info(invite: Invite) -> m.InviteInfo:
    return m.InviteInfo(
        invite_id=invite.invite_id,
        document_id=invite.document_id,
        role=invite.role,
        name=invite.name,
        once=invite.once,
        created_at=invite.created_at.isoformat(),
        expires_at=None if invite.expires_at is None else invite.expires_at.isoformat(),
        used_at=None if invite.used_at is None else invite.used_at.isoformat(),
        revoked_at=None if invite.revoked_at is None else invite.revoked_at.isoformat(),
        joined=invite.joined[:_NAMES],
    )
