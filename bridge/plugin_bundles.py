"""The built Figma and Photoshop plugins and the review page: where they are in this installation, and copies of the
plugins for people to load."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bridge.errors import BridgeError
from bridge.history.disk import disk_errors

# In a wheel (see plugins/build_hook.py), and in a checkout.
_PLACES = (Path(__file__).parent / "bundles", Path(__file__).parent.parent / "plugins" / "dist")
# Each is a folder, and an archive of it.
PLUGINS = {"figma": "inlay-figma.zip", "photoshop": "inlay-photoshop.ccx"}


class NoPlugins(BridgeError):
    """This installation was built without the plugins."""

    code = "no_plugins"
    hint = (
        "They are built where Node 20 or newer is: install it, then install Inlay again "
        "(`python -m pip install --force-reinstall --no-deps .` in the checkout)."
    )


@dataclass(frozen=True, slots=True)
class Exported:
    """One plugin that was written: its folder, ready to load, and its archive."""

    name: str
    folder: Path
    archive: Path


def bundles() -> Path | None:
    """The folder with the built plugins; None when this installation has none."""
    return next((place for place in _PLACES if all((place / name).is_dir() for name in PLUGINS)), None)


def _id_of(folder: Path) -> object:
    """What a plugin's manifest calls it; None where there is none that can be read."""
    try:
        manifest: object = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return cast(dict[str, object], manifest).get("id") if isinstance(manifest, dict) else None


def review_page() -> Path | None:
    """The folder with the built review page; None when this installation has none."""
    return next((place / "review" for place in _PLACES if (place / "review" / "page.js").is_file()), None)


def export_plugins(folder: Path) -> tuple[Exported, ...]:
    """Copy both plugins into ``folder``, which is made if need be; what was exported there before is replaced.

    Raises:
        NoPlugins: there are none in this installation.
        StorageError: they cannot be written.
    """
    source = bundles()
    if source is None:
        raise NoPlugins("This installation of Inlay was built without its plugins.")
    exported: list[Exported] = []
    with disk_errors():
        folder.mkdir(parents=True, exist_ok=True)
        for name, archive in PLUGINS.items():
            target = folder / name
            if _id_of(target) == _id_of(source / name):
                shutil.rmtree(target)
            shutil.copytree(source / name, target, dirs_exist_ok=True)
            shutil.copyfile(source / archive, folder / archive)
            exported.append(Exported(name, target, folder / archive))
    return tuple(exported)
