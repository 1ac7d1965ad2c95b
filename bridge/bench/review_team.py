"""A document as a team leaves it after months: many versions of one large layer, many threads, many people.

Versions go through the history's real landing and comments through the review's real rooms; nothing is written into
tables by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from bridge.access.tokens import new_token, token_hash
from bridge.demo.photos import demo_photo
from bridge.grid import cut, tile_rect_px
from bridge.history.records import Candidate, FinishedEdit, Hash, Layer, NewComment, Person
from bridge.history.store import History
from bridge.protocol.messages import TILE_PX
from bridge.review.approvals import Approvals
from bridge.review.comments import Comments
from engine.api import Alpha, Depth, LayerFormat, Mask, Pixels
from engine.geometry import PixelRect, Size, TileIndex

_RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)
_SEED = 20261128
_NAMES = ("Ada Okafor", "Bo Lindqvist", "Carla Reyes", "Dev Anand", "Emi Sato", "Finn Murphy", "Gita Rao", "Hugo Blanc")
# An edit's selection: an ellipse with these radii; "small" beside a layer of 4096 pixels.
_RADIUS_PX = (24, 90)
# So often somebody goes back some versions and goes on from there.
_BRANCHES_EVERY = 25
_BACK = (2, 12)
_TEXTS = (
    "make this warmer",
    "make this darker",
    "remove this",
    "replace it with grass",
    "blur this",
    "make this brighter",
)
# Of the threads: how many have been resolved, and how many answers they have at most.
_RESOLVED = 0.85
_MOST_ANSWERS = 3
_OF_THE_NEWEST = 30
_SAID = (
    "The edge on the left is too hard.",
    "Can this be a little warmer? It falls out of the series next to the other two.",
    "Better. The seam near the sleeve is still to be seen at 200 %.",
    "I like it.",
    "Please keep the shadow below; without it the thing floats.",
)
_NOTED_EVERY = 200


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the document is."""

    side_px: int
    versions: int
    comments: int


@dataclass(frozen=True, slots=True, eq=False)
class Team:
    """The document, made.

    Attributes:
        places: what each version changed.
        tokens: of each person, the owner first; each lets its person in.
        changed_bytes: raw bytes of all tiles as the edits left them: what a history must at least tell.
        tile_bytes: the same before them added, once for each content: what has to be kept to go back as well.
        history_bytes: of database and blobs when the last edit had landed, before anybody said anything.
    """

    document_id: str
    layer_id: str
    tokens: tuple[str, ...]
    people: tuple[Person, ...]
    version_ids: tuple[str, ...]
    places: dict[str, PixelRect]
    changed_bytes: int
    tile_bytes: int
    history_bytes: int


async def make_team(folder: Path, sizes: Sizes, note: Callable[[str], None]) -> Team:
    """Make the document in a data folder that no bridge uses."""
    history = await History.open(folder, durable=False)
    try:
        people, tokens = await _people(history)
        document = await history.versions.open_document(people[0], "bench review", "Autumn campaign, key visual")
        for number, person in enumerate(people[1:]):
            role = "editor" if number < 3 else "approver" if number < 5 else "commenter"
            await history.members.set_role(document.document_id, person.person_id, role)
        size = Size(sizes.side_px, sizes.side_px)
        layer = await history.versions.describe_layer(document.document_id, "layer", "Key visual", size, _RGB8, None)
        empty_bytes = stored_bytes(folder)
        designer = _Designer(history, layer, people[:4])
        for number in range(sizes.versions):
            await designer.edit()
            if number % _NOTED_EVERY == _NOTED_EVERY - 1:
                note(f"{number + 1} versions")
    finally:
        await history.close()
    # Closed: the database's log is folded in, and nothing is under way.
    history_bytes = stored_bytes(folder) - empty_bytes
    history = await History.open(folder, durable=False)
    try:
        await _talk(history, designer, people, sizes.comments, note)
    finally:
        await history.close()
    return Team(
        document_id=document.document_id,
        layer_id=layer.layer_id,
        tokens=tokens,
        people=people,
        version_ids=tuple(designer.version_ids),
        places=designer.places,
        changed_bytes=designer.changed_bytes,
        tile_bytes=designer.tile_bytes,
        history_bytes=history_bytes,
    )


def stored_bytes(folder: Path) -> int:
    """Of the database with its logs, and of all blobs."""
    files = [*folder.glob("history.sqlite3*"), *(folder / "blobs").rglob("*.blob")]
    return sum(file.stat().st_size for file in files)


async def _people(history: History) -> tuple[tuple[Person, ...], tuple[str, ...]]:
    tokens = tuple(new_token() for _ in _NAMES)
    people = [await history.people.add(name, token_hash(token)) for name, token in zip(_NAMES, tokens, strict=True)]
    return tuple(people), tokens


class _Designer:
    """Edits the layer as plugins and engine would hand it over: small selections, now and then from an earlier
    version on."""

    def __init__(self, history: History, layer: Layer, people: tuple[Person, ...]) -> None:
        self._history = history
        self._layer = layer
        self._people = people
        self._rng = np.random.default_rng(_SEED)
        self._picture = _large_picture(layer.size.width)
        # What the layer shows where it is not as it was at first.
        self._shown: dict[TileIndex, Hash] = {}
        self._head = layer.head_version_id
        self._kept: set[Hash] = set()
        self.version_ids: list[str] = []
        self.places: dict[str, PixelRect] = {}
        self.changed_bytes = 0
        self.tile_bytes = 0

    async def edit(self) -> None:
        number = len(self.version_ids)
        if number % _BRANCHES_EVERY == _BRANCHES_EVERY - 1:
            await self._go_back(self.version_ids[-int(self._rng.integers(*_BACK))])
        rect_px, mask = self._selection()
        cells = {cell: self._tile(cell) for cell in rect_px.cells(TILE_PX) if cell not in self._shown}
        before = {cell: sha256(tile).digest() for cell, tile in cells.items()}
        person = self._people[number % len(self._people)]
        result = _other_light(self._picture[rect_px.slices()], self._rng)
        landing = await self._history.versions.land(
            FinishedEdit(
                edit_id=f"bench-review-{number:06d}",
                layer_id=self._layer.layer_id,
                person_id=person.person_id,
                base_version_id=self._head,
                size=self._layer.size,
                format=self._layer.format,
                rect_px=rect_px,
                mask=mask,
                before={cell: before.get(cell) or self._shown[cell] for cell in rect_px.cells(TILE_PX)},
                before_tiles={before[cell]: tile for cell, tile in cells.items()},
                text=_TEXTS[number % len(_TEXTS)],
                plan='{"operations": [{"type": "relight", "region": "selection"}]}',
                says=("Change the light of what is selected.",),
                candidates=(Candidate(result, number, "exact", "", "cpu", 0.2, ()),),
            )
        )
        version = landing.versions[0]
        after = (await self._history.versions.tiles_of(version))["after"]
        self._count(before, after)
        self._shown |= after
        self._head = landing.head_version_id
        self.version_ids.append(version.version_id)
        self.places[version.version_id] = rect_px

    async def _go_back(self, version_id: str) -> None:
        move = await self._history.versions.restore(version_id, self._people[0])
        self._shown |= move.tiles
        self._head = move.head_version_id

    def _count(self, before: dict[TileIndex, Hash], after: dict[TileIndex, Hash]) -> None:
        for cell, key in (*before.items(), *after.items()):
            if key not in self._kept:
                self._kept.add(key)
                self.tile_bytes += tile_rect_px(cell, self._layer.size.rect).area * _RGB8.bytes_per_pixel
        self.changed_bytes += sum(
            tile_rect_px(cell, self._layer.size.rect).area * _RGB8.bytes_per_pixel for cell in after
        )

    def _selection(self) -> tuple[PixelRect, Mask]:
        across, down = (int(value) for value in self._rng.integers(*_RADIUS_PX, 2))
        x, y = (int(self._rng.integers(radius, self._layer.size.width - radius)) for radius in (across, down))
        rows, cols = np.ogrid[-down:down, -across:across]
        mask = np.where((rows / down) ** 2 + (cols / across) ** 2 <= 1, 255, 0).astype(np.uint8)
        return PixelRect(x - across, y - down, x + across, y + down), mask

    def _tile(self, cell: TileIndex) -> bytes:
        covers_px = tile_rect_px(cell, self._layer.size.rect)
        (tile,) = cut(self._picture[covers_px.slices()], covers_px, covers_px).values()
        return tile


async def _talk(
    history: History, designer: _Designer, people: tuple[Person, ...], count: int, note: Callable[[str], None]
) -> None:
    """Threads on versions all over the tree, most of them resolved, and a verdict here and there."""
    rng = np.random.default_rng(_SEED + 1)
    comments, approvals = Comments(history.database), Approvals(history.database)
    said = 0
    while said < count:
        # What is said last is said of the newest version, which people see first.
        is_last = said >= count - _OF_THE_NEWEST
        version_id = designer.version_ids[-1 if is_last else int(rng.integers(len(designer.version_ids)))]
        root_id = f"bench-comment-{said:06d}"
        place = designer.places[version_id] if rng.random() < 0.8 else None
        for answer in range(1 + min(int(rng.integers(_MOST_ANSWERS + 1)), count - said - 1)):
            new = NewComment(
                comment_id=root_id if answer == 0 else f"bench-comment-{said:06d}",
                version_id=version_id,
                text=_SAID[int(rng.integers(len(_SAID)))],
                rect_px=place if answer == 0 else None,
                reply_to=None if answer == 0 else root_id,
            )
            await comments.add(new, people[int(rng.integers(len(people)))])
            said += 1
            if said % (_NOTED_EVERY * 10) == 0:
                note(f"{said} comments")
        if rng.random() < _RESOLVED and not is_last:
            await comments.resolve(root_id, True, people[0])
    for version_id in designer.version_ids[::20]:
        await approvals.set(version_id, "approved", "", people[0])


def _large_picture(side_px: int) -> Pixels:
    """Photographs that come with Inlay, mirrored side by side until they fill a square."""
    photo = demo_photo("coffee").pixels
    mirrored = np.concatenate([photo, photo[:, ::-1]], axis=1)
    mirrored = np.concatenate([mirrored, mirrored[::-1]], axis=0)
    down, across = -(-side_px // mirrored.shape[0]), -(-side_px // mirrored.shape[1])
    return np.tile(mirrored, (down, across, 1))[:side_px, :side_px]


def _other_light(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    gain = rng.uniform(0.6, 1.5, 3)
    return np.clip(pixels.astype(np.float32) * gain, 0, 255).astype(np.uint8)
