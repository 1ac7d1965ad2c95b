"""Hatch's build hook: builds both plugins and the team's page into the wheel, where Node is there to do it.

Without Node (or npm's registry) the wheel is built all the same, without them, and `inlay plugins export` says how to
get them. ``INLAY_PLUGINS=required`` makes that an error, for releases and tests, and
``INLAY_PLUGINS=skip`` leaves them out.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_MAJOR = 20
# Where `bridge/plugin_bundles.py` looks for them in an installed wheel; the page is in `review` there.
IN_WHEEL = "bridge/bundles"
NPM_TIMEOUT_S = 300
BUILD_TIMEOUT_S = 120


class PluginsNotBuilt(Exception):
    """The plugins cannot be built here; the text says why and what to do."""


class CustomBuildHook(BuildHookInterface[Any]):
    """See the module."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the wheel is put together; ``version`` is ``standard`` or ``editable``."""
        wanted = os.environ.get("INLAY_PLUGINS", "")
        folder = Path(self.root) / "plugins"
        if self.target_name != "wheel" or wanted == "skip":
            return
        try:
            dist = build(folder)
        except PluginsNotBuilt as reason:
            if wanted == "required":
                raise
            self.app.display_warning(f"The Figma and Photoshop plugins and the page are not in this build: {reason}")
            return
        if version == "standard":  # an editable install finds them in plugins/dist
            build_data["force_include"][str(dist)] = IN_WHEEL


def build(folder: Path) -> Path:
    """Build the plugins of ``plugins/``.

    Returns:
        The folder with both, ready to load, and their archives.

    Raises:
        PluginsNotBuilt: Node or its packages are missing, or the build failed.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise PluginsNotBuilt(f"there is no Node. Install Node {NODE_MAJOR} or newer, then install Inlay again.")
    said = _run([node, "--version"], folder, 30)
    found = re.match(r"v(\d+)\.", said)
    if found is None or int(found[1]) < NODE_MAJOR:
        raise PluginsNotBuilt(f"Node is {said.strip()}; {NODE_MAJOR} or newer is needed.")
    needed = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    if not all((folder / "node_modules" / name).is_dir() for name in needed):
        # What the build itself needs; the tests' packages come with a plain `npm ci`.
        _run([npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], folder, NPM_TIMEOUT_S)
    _run([node, "scripts/build.mjs", "--package"], folder, BUILD_TIMEOUT_S)
    return folder / "dist"


def _run(command: list[str], folder: Path, timeout_s: float) -> str:
    try:
        done = subprocess.run(  # noqa: S603 -- node and npm, with words of our own
            command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=timeout_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PluginsNotBuilt(f"`{Path(command[0]).name}` did not finish: {error}") from error
    if done.returncode != 0:
        raise PluginsNotBuilt(f"`{' '.join(Path(part).name for part in command)}` failed:\n{done.stderr[-2000:]}")
    return done.stdout
