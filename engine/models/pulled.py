"""The folder of pulled models as the worker reads it: ``NAME/manifest.json`` beside the files (`bridge.weights.shelf`).

Whether the files are what their checksums say was asked when they were pulled, and is by `inlay models verify`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import cast

from engine.models.catalogue import Ability, entry_of, open_entries

_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class PulledModels:
    """See `engine.models.keeper.Shelf`.

    Attributes:
        folder: holds a folder for each model.
    """

    folder: Path

    def folder_of(self, name: str) -> Path | None:
        """Where that model's weights are; None: they are not here."""
        is_here = any(entry.name == name for entry in open_entries()) and (self.folder / name / _MANIFEST).is_file()
        return self.folder / name if is_here else None

    def present(self) -> tuple[str, ...]:
        """Names of those that are here, best first."""
        return tuple(entry.name for entry in open_entries() if self.folder_of(entry.name) is not None)

    def able(self, ability: Ability) -> tuple[str, ...]:
        """Names of those that are here and can do this, best first."""
        return tuple(name for name in self.present() if ability in entry_of(name).abilities)

    def title_of(self, name: str) -> str:
        """As it is written for people."""
        return entry_of(name).title

    def hash_of(self, name: str) -> str:
        """SHA-256 over its weights' own, so that a version names what drew it; empty where none are told."""
        try:
            manifest = cast(dict[str, object], json.loads((self.folder / name / _MANIFEST).read_bytes()))
            files = cast(list[dict[str, str]], manifest["files"])
            told = sorted(f"{file['path']} {file['sha256']}" for file in files if file["path"].endswith(".safetensors"))
        except (OSError, ValueError, KeyError, TypeError):
            return ""
        return sha256("\n".join(told).encode()).hexdigest() if told else ""
