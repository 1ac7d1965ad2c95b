"""What the catalogue says of a model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ability(StrEnum):
    """What a model can be asked for."""

    REMOVE = "remove"
    EXTEND = "extend"
    TEXT = "text"
    REFERENCE = "reference"
    INSTRUCT = "instruct"


class Family(StrEnum):
    """Whose code runs it: the package of that name under `engine.models`."""

    EXEMPLAR = "exemplar"
    NANO = "nano"
    SCALE = "scale"
    FIGURE = "figure"
    SIGHT = "sight"
    AMUSED = "amused"
    MEISSONIC = "meissonic"
    DIMOO = "dimoo"


class Fast(StrEnum):
    """Whether computing the selection alone gives the same result as computing everything."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Licence:
    """Terms that somebody accepts before they pull.

    Attributes:
        name: as its authors call it. url: where it can be read whole. says: what it asks, in a sentence or two.
    """

    name: str
    url: str
    says: str


@dataclass(frozen=True, slots=True)
class Source:
    """A repository of weights.

    Attributes:
        repo: its id on the hub, ``owner/name``.
        patterns: of the files that are needed, of paths with slashes; a star stands for anything but a slash.
        optional: those patterns of which there may be no file.
        without: patterns of files that are not taken though they match, where others do.
        revision: a commit; None: the newest, whose commit is kept at the pull and told from then on.
        unpinned: why there is no revision; empty where there is one.
        into: folder of the model in which its files are put; empty: the model's own.
        unless: a pattern of files of the model that make this repository needless when an earlier one brought them.
        gated: its owner wants people to have asked for it, with an account.
    """

    repo: str
    patterns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    revision: str | None = None
    unpinned: str = ""
    into: str = ""
    unless: str = ""
    gated: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A model.

    Attributes:
        name: what it is called in commands and files. title: what people read.
        about: what it is, in a line.
        abilities: what it can be asked for.
        native_px: side of the pictures that it was trained on; 0: any.
        token_px: side of one of its tokens; 0: it has none.
        fast: what its fast mode is.
        licences: all of them have to be accepted.
        sources: repositories of its weights; none for the built-in models.
        bytes: of its weights; of open ones as their configurations have it, in the type in which they are published.
        published: what its authors say that it costs; empty where they say nothing.
        references: other pictures that it looks at with the words, as many as it was trained with.
    """

    name: str
    title: str
    family: Family
    about: str
    abilities: frozenset[Ability]
    native_px: int
    token_px: int
    fast: Fast
    licences: tuple[Licence, ...]
    bytes: int
    sources: tuple[Source, ...] = ()
    published: str = ""
    references: int = 0

    @property
    def is_built_in(self) -> bool:
        """Whether it comes with the program."""
        return not self.sources
