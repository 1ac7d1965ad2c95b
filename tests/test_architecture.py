"""The arrows of ARCHITECTURE.md: which room may import which, read from the source itself."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("bridge/**/*.py"), *ROOT.glob("engine/**/*.py")])
# About 400 lines; a little over is better than a file cut in an odd place.
LONGEST_FILE = 440
# Rooms → what they may import of our own, beside themselves. `None`: anything.
ARROWS: dict[str, tuple[str, ...] | None] = {
    "engine/geometry.py": (),
    "engine/errors.py": (),
    "engine/api.py": ("engine.geometry",),
    "engine/commands": ("engine.materials.words", "engine.styles.words"),
    "engine/imaging": ("engine.api", "engine.geometry", "engine.errors"),
    "engine/models": (
        "engine.api",
        "engine.geometry",
        "engine.errors",
        "engine.imaging",
        "engine.devices",
        "engine.operations.report",
        "engine.operations.reach",
    ),
    "engine/models/masked": ("engine.geometry", "engine.errors", "engine.imaging", "engine.tokens"),
    "engine/models/nano": ("engine.geometry", "engine.errors", "engine.tokens", "engine.weights", "engine.batcher"),
    "engine/models/amused": ("engine.errors", "engine.tokens", "engine.models.masked"),
    "engine/models/meissonic": ("engine.errors", "engine.tokens", "engine.weights", "engine.models.masked")
    + ("engine.models.amused.words",),
    "engine/models/dimoo": ("engine.errors", "engine.tokens", "engine.weights", "engine.models.masked")
    + ("engine.models.cheaper",),
    "engine/models/figure": ("engine.errors", "engine.weights"),
    "engine/models/scale": ("engine.geometry", "engine.errors", "engine.weights"),
    "engine/models/sight": ("engine.errors", "engine.weights"),
    "engine/models/keeper.py": ("engine.models", "engine.api", "engine.devices", "engine.errors", "engine.weights")
    + ("engine.operations.report", "engine.batcher"),
    "engine/tokens": ("engine.geometry", "engine.errors"),
    "engine/batcher.py": ("engine.tokens.regenerate", "engine.line"),
    "engine/line.py": ("engine.tokens.regenerate", "engine.batcher"),
    "engine/materials": (),
    "engine/styles": ("engine.geometry", "engine.materials.words", "engine.colour.space"),
    "engine/combining": ("engine.api", "engine.geometry", "engine.errors", "engine.commands", "engine.imaging")
    + ("engine.matting", "engine.colour.convert", "engine.operations.report"),
    "engine/weights.py": (),
    "engine/training": ("engine.tokens", "engine.materials", "engine.weights", "engine.models.sight")
    + ("engine.models.scale.network", "engine.models.figure.network", "engine.matting", "engine.imaging.mask")
    + ("engine.geometry", "engine.operations.drawing"),
    "engine": (),
    "bridge/errors.py": (),
    "bridge/settings.py": (),
    "bridge/protocol": ("bridge.errors", "engine.errors"),
    "bridge/access": ("bridge.errors",),
    "bridge/history": (
        "bridge.errors",
        "bridge.access.roles",
        "bridge.access.invites",
        "bridge.grid",
        "bridge.protocol.messages",
    )
    + ("engine.api", "engine.geometry"),
    "bridge/review": ("bridge.errors", "bridge.access", "bridge.history", "bridge.protocol", "bridge.grid")
    + ("bridge.connection",)
    + ("engine.api", "engine.geometry", "engine.commands.text"),
    "bridge/takeaway": ("bridge.errors", "bridge.access", "bridge.history", "bridge.protocol", "bridge.grid")
    + ("bridge.connection", "bridge.review", "bridge.files")
    + ("engine.api", "engine.geometry", "engine.commands.plan", "engine.typeset.fonts"),
    "bridge/search": ("bridge.errors", "bridge.access", "bridge.history", "bridge.protocol", "bridge.connection")
    + ("engine.commands.plan",),
    "bridge/weights": ("bridge.errors", "bridge.files", "bridge.settings", "bridge.history.disk")
    + ("engine.models.catalogue", "engine.models.meissonic.config", "engine.host", "engine.errors"),
    "bridge/grid.py": ("bridge.protocol.messages", "engine.api", "engine.geometry"),
    "bridge/connection.py": ("bridge.errors", "bridge.protocol", "bridge.history.records", "engine.errors")
    + ("bridge.access", "bridge.logs", "bridge.send_queue"),
    "bridge/send_queue.py": ("bridge.errors",),
    "bridge/client": ("bridge.errors", "bridge.protocol", "bridge.grid", "engine.api", "engine.geometry"),
}
NO_TORCH = ("bridge", "engine/api.py", "engine/geometry.py", "engine/errors.py", "engine/host.py", "engine/commands")
NO_TORCH += ("engine/segments.py", "engine/starting.py")
NO_TORCH += ("engine/styles/words.py", "engine/models/catalogue.py", "engine/models/memory.py")
NO_TORCH += ("engine/models/entry.py", "engine/models/meissonic/config.py")
NO_TORCH += ("engine/models/parts.py", "engine/models/pulled.py")
TORCH_ALLOWED = ("bridge/bench",)


def path_of(source: Path) -> str:
    return source.relative_to(ROOT).as_posix()


def room_of(source: Path) -> str:
    """The most particular room of `ARROWS` that the file is in, or ''."""
    path = path_of(source)
    rooms = [room for room in ARROWS if path == room or path.startswith(room + "/")]
    return max(rooms, key=len, default="")


def imports_of(source: Path) -> list[str]:
    """Every module that the file imports, anywhere in it."""
    modules: list[str] = []
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules += [node.module]
    return modules


def within(module: str, room: str) -> bool:
    name = room.removesuffix(".py").replace("/", ".")
    return module == name or module.startswith(name + ".")


@pytest.mark.parametrize("source", SOURCES, ids=path_of)
def test_imports_run_only_along_the_arrows(source: Path):
    room = room_of(source)
    allowed = ARROWS.get(room)
    for module in imports_of(source):
        if path_of(source).startswith("engine/"):
            assert not within(module, "bridge"), f"the engine knows nothing of the bridge, but imports {module}"
        if allowed is None or not module.startswith(("bridge.", "engine.")):
            continue
        assert within(module, room) or any(within(module, other) for other in allowed), f"{module} is no arrow"


@pytest.mark.parametrize("source", SOURCES, ids=path_of)
def test_the_bridge_never_imports_torch(source: Path):
    path = path_of(source)
    if path.startswith(NO_TORCH) and not path.startswith(TORCH_ALLOWED):
        assert not any(within(module, "torch") for module in imports_of(source))


def test_wiring_the_whole_server_up_does_not_import_torch():
    code = "import sys, bridge.compose, bridge.cli.app; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("source", SOURCES, ids=path_of)
def test_no_file_is_longer_than_a_reader_can_hold(source: Path):
    if path_of(source) == "bridge/protocol/messages/__init__.py":
        return  # a list of the messages' names, one a line
    assert len(source.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_only_the_settings_read_the_environment():
    readers = [path_of(source) for source in SOURCES if re.search(r"\benviron\b|getenv", source.read_text("utf-8"))]
    assert set(readers) <= {"bridge/settings.py", "engine/host.py"}


def test_every_file_that_the_architecture_page_links_to_is_there():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", page)
    assert links
    missing = [link for link in links if not link.startswith("http") and not (ROOT / link).exists()]
    assert missing == []


def test_every_dependency_has_its_reason_on_the_architecture_page():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = project.split("dependencies = [", 1)[1].split("\n]", 1)[0]
    names = re.findall(r'"([A-Za-z0-9_-]+)', listed)
    assert names
    assert [name for name in names if f"| {name}" not in page] == []
