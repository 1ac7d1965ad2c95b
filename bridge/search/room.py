"""The room that answers searches. What a person may not see it does not ask for, so no role is asked before."""

from __future__ import annotations

from bridge.access.pace import Pace
from bridge.connection import Outbox
from bridge.history.folding import fold
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.search.query import Query, read_query
from bridge.search.search import Hit, Search

PAGE_HITS = 20
# So many searches at once of one person, and so many a second: typing asks a few times a second, and each looks through
# everything that this person may see.
_BURST, _A_SECOND = 20, 5.0
# Of a text: around what was found.
_BEFORE_CHARS, _SHOWN_CHARS = 60, 240
_MARKS = 20


class SearchRoom:
    """Searches."""

    def __init__(self, history: History) -> None:
        self._search = Search(history.database)
        self._pace = Pace(_BURST, _A_SECOND)

    async def answer(self, message: m.Search, out: Outbox) -> None:
        """Answer one message.

        Raises:
            Unclear: the query cannot be read.
            TooFast: too many searches of one person.
        """
        self._pace.take(out.person.person_id)
        query = read_query(message.query)
        found = await self._search.find(
            query, out.person, document_id=message.document_id, skip=message.skip, limit=PAGE_HITS
        )
        hits = tuple(hit_info(hit, query) for hit in found.hits)
        await out.send(m.SearchFound(re=message.id, total=found.total, hits=hits))


def hit_info(hit: Hit, query: Query) -> m.HitInfo:
    text, marks = shown(hit.text, query.words)
    return m.HitInfo(
        kind=hit.kind,
        document_id=hit.document_id,
        document_title=hit.document_title,
        layer_id=hit.layer_id,
        layer_name=hit.layer_name,
        version_id=hit.version_id,
        comment_id=hit.comment_id,
        author=hit.author,
        at=hit.at.isoformat(),
        text=text,
        marks=marks,
    )


def shown(text: str, words: tuple[str, ...]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The part of a text around the first of the words, and where in it the words are."""
    plain = " ".join(text.split())
    marks = _marks(plain, words)
    start = max(0, marks[0][0] - _BEFORE_CHARS) if marks and len(plain) > _SHOWN_CHARS else 0
    cut = plain[start : start + _SHOWN_CHARS]
    head, tail = "… " if start else "", " …" if start + len(cut) < len(plain) else ""
    shift = len(head) - start
    within = ((first + shift, min(last, start + len(cut)) + shift) for first, last in marks if first < start + len(cut))
    return f"{head}{cut}{tail}", tuple(within)[:_MARKS]


def _marks(text: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the words are; folding may make a text longer, so each character's own place is kept."""
    folded: list[str] = []
    place: list[int] = []
    for number, char in enumerate(text):
        for one in fold(char):
            folded.append(one)
            place.append(number)
    whole = "".join(folded)
    found: list[tuple[int, int]] = []
    for word in words:
        at = whole.find(word)
        while at >= 0 and len(found) < _MARKS:
            found.append((place[at], place[at + len(word) - 1] + 1))
            at = whole.find(word, at + len(word))
    merged: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged
