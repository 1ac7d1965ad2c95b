"""`inlay plugins export`: both plugins, out of the installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge import plugin_bundles
from bridge.plugin_bundles import NoPlugins, export_plugins


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the build hook leaves it."""
    place = tmp_path / "built"
    for name, archive in plugin_bundles.PLUGINS.items():
        (place / name / "icons").mkdir(parents=True)
        (place / name / "manifest.json").write_text(f'{{"id": "inlay-{name}"}}')
        (place / name / "icons" / "icon.png").write_bytes(b"icon")
        (place / archive).write_bytes(b"archive of " + name.encode())
    monkeypatch.setattr(plugin_bundles, "_PLACES", (tmp_path / "nothing", place))
    return place


def test_both_plugins_are_written_with_their_archives(built: Path, tmp_path: Path) -> None:
    exported = export_plugins(tmp_path / "deep" / "out")
    assert [plugin.name for plugin in exported] == ["figma", "photoshop"]
    for plugin in exported:
        assert (plugin.folder / "manifest.json").read_bytes() == (built / plugin.name / "manifest.json").read_bytes()
        assert (plugin.folder / "icons" / "icon.png").read_bytes() == b"icon"
        assert plugin.archive.read_bytes() == b"archive of " + plugin.name.encode()


def test_an_older_export_is_replaced_and_nothing_else_is_touched(built: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_plugins(out)
    (out / "figma" / "old.js").write_text("from an older version")
    (out / "mine.txt").write_text("not ours")
    export_plugins(out)
    assert not (out / "figma" / "old.js").exists()
    assert (out / "mine.txt").read_text() == "not ours"


def test_a_folder_of_that_name_that_is_no_plugin_is_not_taken_away(built: Path, tmp_path: Path) -> None:
    mine = tmp_path / "out" / "figma" / "drawing.fig"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    export_plugins(tmp_path / "out")
    assert mine.read_text() == "mine"


def test_another_plugin_in_a_folder_of_that_name_keeps_its_own_files(built: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "out" / "figma"
    theirs.mkdir(parents=True)
    (theirs / "manifest.json").write_text('{"id": "somebody-elses"}')
    (theirs / "code.js").write_text("theirs")
    export_plugins(tmp_path / "out")
    assert (theirs / "code.js").read_text() == "theirs"


def test_an_installation_without_plugins_says_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin_bundles, "_PLACES", (tmp_path / "nothing",))
    with pytest.raises(NoPlugins) as refused:
        export_plugins(tmp_path / "out")
    assert "Node" in refused.value.hint
    assert not (tmp_path / "out").exists()


def test_half_a_build_is_no_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half" / "figma").mkdir(parents=True)
    monkeypatch.setattr(plugin_bundles, "_PLACES", (tmp_path / "half",))
    assert plugin_bundles.bundles() is None
