"""Ids of a database → names within a document's file, so that the file is the same wherever the document is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from bridge.history.schema import PersonRow


@dataclass(slots=True)
class Names:
    """Ids of this database → names within the file, given in the order in which they are met."""

    known: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def of(self, kind: str, own: str) -> str:
        name = self.known.get((kind, own))
        if name is None:
            number = self.counts[kind] = self.counts.get(kind, 0) + 1
            name = self.known[kind, own] = f"{kind}-{number}"
        return name

    def maybe(self, kind: str, own: str | None) -> str | None:
        return None if own is None else self.of(kind, own)

    def met(self, kind: str) -> list[str]:
        """The ids of that kind, in order."""
        return [own for met, own in self.known if met == kind]

    def in_order(self, session: Session, person_ids: Iterable[str]) -> list[str]:
        """People who were named at once, in no order: those whom the file knows already come first, then by name."""
        ranks = {own: number for number, own in enumerate(self.met("person"))}

        def rank(own: str) -> tuple[int, str]:
            known = ranks.get(own)
            return (len(ranks), session.get_one(PersonRow, own).name) if known is None else (known, "")

        return sorted(person_ids, key=rank)
