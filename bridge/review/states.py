"""Where a document stands: draft, in review, changes requested, approved. Nothing of it is stored: it follows from who
must approve, from the verdicts, and from where the heads of the layers are.

A verdict is on a version, so a new version is not approved because the last one was; going back to an approved version
is. Who must approve decides alone; while nobody was named, every verdict counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bridge.access.roles import may
from bridge.errors import NotApproved, NotApprover, OutOfOrder
from bridge.history import events
from bridge.history.database import Database
from bridge.history.documents import layer_row
from bridge.history.locks import locked_version, set_lock
from bridge.history.records import Member, Person, Verdict
from bridge.history.schema import ApprovalRow, ApproverRow, LayerRow, MemberRow, PersonRow, VersionRow
from bridge.history.tree import version_row

ReviewState = Literal["draft", "in_review", "changes_requested", "approved"]


@dataclass(frozen=True, slots=True)
class LayerState:
    """Where a layer stands.

    Attributes:
        approved_version_id: the nearest approved version that the head came from, or is; what changed since is between
            the two. None: there is none.
        is_locked: the head stays where it is.
    """

    layer_id: str
    head_version_id: str
    state: ReviewState
    approved_version_id: str | None
    is_locked: bool


@dataclass(frozen=True, slots=True)
class DocumentState:
    """Where a document stands, and who must approve it: those named who are still in it."""

    document_id: str
    state: ReviewState
    approvers: tuple[Member, ...]
    layers: tuple[LayerState, ...]


class States:
    """Every document's state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, document_id: str) -> DocumentState:
        """Where the document stands now."""
        return await self._database.read(lambda session: _document_state(session, document_id))

    async def set_approvers(self, document_id: str, person_ids: Sequence[str], by: Person) -> DocumentState:
        """From now on these people must approve, and nobody else; event ``approvers.set`` unless it is so already.

        Raises:
            NotApprover: one of them may not approve in this document.
        """
        return await self._database.write(lambda session: _set_approvers(session, document_id, person_ids, by))

    async def lock(self, version_id: str, is_locked: bool, by: Person) -> DocumentState:
        """Keep the layer at this version, its head and approved, or let it go again; events ``version.locked`` and
        ``version.unlocked``.

        Raises:
            NotFound: no such version.
            OutOfOrder: it is not the head.
            NotApproved: it is not approved.
        """
        return await self._database.write(lambda session: _lock(session, version_id, is_locked, by))


def state_of(verdicts: Mapping[str, Verdict], approvers: Iterable[str]) -> ReviewState:
    """Where a version stands.

    Args:
        verdicts: the last one of each person.
        approvers: who must approve; nobody: every verdict counts.
    """
    wanted = set(approvers)
    said = {person: one for person, one in verdicts.items() if one != "withdrawn" and (not wanted or person in wanted)}
    if "changes_requested" in said.values():
        return "changes_requested"
    if said and wanted <= said.keys():
        return "approved"
    return "in_review" if wanted else "draft"


def _document_state(session: Session, document_id: str) -> DocumentState:
    approvers = _approvers(session, document_id)
    ids = {member.person.person_id for member in approvers}
    verdicts = _verdicts(session, document_id)
    rows = session.scalars(select(LayerRow).where(LayerRow.document_id == document_id))
    layers = tuple(
        _layer_state(session, row, ids, verdicts)
        for row in sorted(rows, key=lambda row: (row.created_at, row.layer_id))
    )
    return DocumentState(document_id, _together(session, layers, ids), approvers, layers)


def _together(session: Session, layers: Sequence[LayerState], approvers: set[str]) -> ReviewState:
    """The document's state: that of the layer that is farthest from being approved; layers that nobody has edited count
    only where no layer was."""
    edited = [one for one in layers if version_row(session, one.head_version_id).kind == "edit"]
    states = {one.state for one in edited or layers}
    for state in ("changes_requested", "in_review", "draft"):
        if state in states:
            # Some layers are approved, others nobody has looked at: that is under way, also where nobody was named.
            return "in_review" if state == "draft" and "approved" in states else state
    if states:
        return "approved"
    return "in_review" if approvers else "draft"


def _layer_state(
    session: Session, row: LayerRow, approvers: set[str], verdicts: Mapping[str, Mapping[str, Verdict]]
) -> LayerState:
    head = row.head_version_id
    state = state_of(verdicts.get(head, {}), approvers)
    return LayerState(
        row.layer_id,
        head,
        state,
        _approved_before(session, row.layer_id, head, approvers, verdicts),
        locked_version(session, row.layer_id) is not None,
    )


def _approved_before(
    session: Session, layer_id: str, version_id: str, approvers: set[str], verdicts: Mapping[str, Mapping[str, Verdict]]
) -> str | None:
    approved = {one for one, said in verdicts.items() if state_of(said, approvers) == "approved"}
    if not approved:
        return None
    found = select(VersionRow.version_id, VersionRow.parent_id).where(VersionRow.layer_id == layer_id)
    parents = {row.version_id: row.parent_id for row in session.execute(found)}
    here: str | None = version_id
    while here is not None and here not in approved:
        here = parents[here]
    return here


def _verdicts(session: Session, document_id: str) -> dict[str, dict[str, Verdict]]:
    """By version, the last verdict of each person."""
    last = (
        select(func.max(ApprovalRow.seq))
        .where(ApprovalRow.document_id == document_id)
        .group_by(ApprovalRow.version_id, ApprovalRow.person_id)
    )
    rows = session.scalars(select(ApprovalRow).where(ApprovalRow.document_id == document_id, ApprovalRow.seq.in_(last)))
    verdicts: dict[str, dict[str, Verdict]] = {}
    for row in rows:
        verdicts.setdefault(row.version_id, {})[row.person_id] = row.verdict
    return verdicts


def _approvers(session: Session, document_id: str) -> tuple[Member, ...]:
    """Whoever was named, is still in the document and may still approve: the others cannot be waited for."""
    found = (
        select(PersonRow, MemberRow.role)
        .join(MemberRow, MemberRow.person_id == PersonRow.person_id)
        .join(ApproverRow, ApproverRow.person_id == PersonRow.person_id)
        .where(
            MemberRow.document_id == document_id,
            ApproverRow.document_id == document_id,
            ApproverRow.until_seq.is_(None),
        )
        .order_by(PersonRow.name, PersonRow.person_id)
    )
    return tuple(
        Member(Person(row.person_id, row.name, row.is_guest), role)
        for row, role in session.execute(found)
        if may(role, "approve")
    )


def _set_approvers(session: Session, document_id: str, person_ids: Sequence[str], by: Person) -> DocumentState:
    wanted = set(person_ids)
    for person_id in sorted(wanted):
        member = session.get(MemberRow, (document_id, person_id))
        if member is None or not may(member.role, "approve"):
            raise NotApprover
    open_ones = select(ApproverRow).where(ApproverRow.document_id == document_id, ApproverRow.until_seq.is_(None))
    named = {row.person_id: row for row in session.scalars(open_ones)}
    if wanted != named.keys():
        seq = events.append(session, document_id, "approvers.set", by.person_id)
        for person_id in named.keys() - wanted:
            named[person_id].until_seq = seq
        session.add_all(
            ApproverRow(document_id=document_id, person_id=person_id, from_seq=seq, until_seq=None)
            for person_id in sorted(wanted - named.keys())
        )
        session.flush()
    return _document_state(session, document_id)


def _lock(session: Session, version_id: str, is_locked: bool, by: Person) -> DocumentState:
    version = version_row(session, version_id)
    layer = layer_row(session, version.layer_id)
    if layer.head_version_id != version_id:
        raise OutOfOrder("The layer shows another version.", hint="Restore the one to lock, then lock it.")
    found = _document_state(session, layer.document_id)
    state = next(one for one in found.layers if one.layer_id == layer.layer_id)
    if is_locked and state.state != "approved":
        raise NotApproved
    set_lock(session, layer.layer_id, version_id, is_locked, by.person_id)
    return _document_state(session, layer.document_id)
