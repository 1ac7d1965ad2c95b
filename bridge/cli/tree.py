"""A layer's versions as a tree on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.markup import escape
from rich.tree import Tree

from bridge.protocol.messages import VersionInfo

_STATES = {"landed": "", "candidate": "variation", "beside": "kept beside after a conflict"}


def version_tree(title: str, versions: Sequence[VersionInfo], head_version_id: str | None) -> Tree:
    """The tree of all versions; the head is marked. Times are local."""
    tree = Tree(f"[bold]{escape(title)}[/]")
    nodes: dict[str | None, Tree] = {None: tree}
    for version in versions:
        parent = nodes.get(version.parent_id, tree)
        nodes[version.version_id] = parent.add(_line(version, is_head=version.version_id == head_version_id))
    return tree


def _line(version: VersionInfo, *, is_head: bool) -> str:
    when = datetime.fromisoformat(version.created_at).astimezone()
    parts = [f"{when:%Y-%m-%d %H:%M:%S}", escape(f"“{version.text}”") if version.kind == "edit" else "the picture"]
    if version.kind == "edit":
        x0, y0, x1, y1 = version.rect_px
        parts.append(f"[dim]{x1 - x0}×{y1 - y0} at {x0}, {y0} · seed {version.seed} · {version.engine_s:.2f} s[/]")
    if _STATES[version.state]:
        parts.append(f"[yellow]{_STATES[version.state]}[/]")
    parts.append(f"[dim]{escape(version.version_id)}[/]")
    if is_head:
        parts.append("[bold green]← now[/]")
    return "  ".join(parts)
