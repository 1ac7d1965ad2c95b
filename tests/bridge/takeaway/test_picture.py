"""A version as a picture file: to the bit, in its own depth, with its own profile; and what the file says of itself."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import c2pa
import cv2
import imagecodecs
import numpy as np
import pytest
import tifffile
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from PIL import Image
from sqlalchemy import insert, update
from support.certificates import signing
from support.histories import Host, same_bits
from support.profiles import profile_of

from bridge.files import read_picture
from bridge.grid import cut
from bridge.history.schema import SharedTileRow, VersionRow
from bridge.history.store import History
from bridge.takeaway import credentials
from bridge.takeaway.credentials import Signing
from bridge.takeaway.errors import NothingToExport, PixelsMissing, UnfitFormat
from bridge.takeaway.picture import MIMES, Kind, Made, Wanted, write_version
from engine.api import Alpha, Depth, LayerFormat, Pixels
from engine.geometry import PixelRect, Size

AS_IT_IS = Wanted()
TOOL = ("Inlay", "1.2.3")
PLACE = PixelRect(40, 30, 170, 150)
FORMATS = [
    LayerFormat(depth, channels, alpha)
    for depth in Depth
    for channels, alpha in (
        (1, Alpha.NONE),
        (2, Alpha.STRAIGHT),
        (3, Alpha.NONE),
        (4, Alpha.STRAIGHT),
        (4, Alpha.PREMULTIPLIED),
    )
]
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
DRAWN = f"{IPTC}compositeWithTrainedAlgorithmicMedia"


async def share(host: Host, pixels: Pixels | None = None) -> None:
    """The whole picture is known from the original on."""
    history, layer = host.history, host.layer
    whole_px = layer.size.rect
    tiles = cut(host.pixels if pixels is None else pixels, whole_px, whole_px)
    await history.blobs.put_many({sha256(tile).digest(): tile for tile in tiles.values()})
    source = (await history.versions.tree(layer.layer_id))[0]
    rows = [
        {"version_id": source.version_id, "col": cell.col, "row": cell.row, "tile_hash": sha256(tile).digest()}
        for cell, tile in tiles.items()
    ]
    await history.database.write(lambda session: session.execute(insert(SharedTileRow), rows))


async def export(
    host: Host,
    out: Path,
    wanted: Wanted = AS_IT_IS,
    version_id: str | None = None,
    by: Signing | None = None,
) -> Made:
    version = await host.history.versions.version(version_id or await host.head())
    return await write_version(host.history, version, out, wanted, TOOL, by, lambda done: None)


async def planned(host: Host, version_id: str, plan: str, **fields: object) -> None:
    """The version was made by that plan."""
    row = update(VersionRow).where(VersionRow.version_id == version_id).values(plan=plan, **fields)
    await host.history.database.write(lambda session: session.execute(row))


def xmp_of(path: Path) -> str:
    if path.suffix == ".tif":
        with tifffile.TiffFile(path) as tiff:
            return tiff.pages.first.tags.valueof(700).decode()
    with Image.open(path) as image:
        return (image.info.get("xmp") or image.info["XML:com.adobe.xmp"].encode()).decode()


def field_of(xmp: str, name: str) -> str | None:
    """The text of a field, with all that is in it."""
    root = ElementTree.fromstring(xmp.partition("?>")[2].rpartition("<?xpacket")[0])
    found = next((one for one in root.iter() if one.tag.endswith(f"}}{name}")), None)
    return None if found is None else "".join(found.itertext())


@pytest.mark.parametrize("format_", FORMATS, ids=str)
@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
async def test_what_is_read_back_is_the_layer_to_the_bit(history: History, tmp_path: Path, format_, kind: Kind):
    host = await Host.open(history, Size(300, 200), format_)
    await share(host)
    await host.edit(PLACE, 5)
    out = tmp_path / f"a.{'tif' if kind == 'tiff' else kind}"
    is_able = kind == "tiff" or (
        format_.depth is not Depth.F32
        and format_.alpha is not Alpha.PREMULTIPLIED
        and (kind == "png" or format_.depth is Depth.U8)
    )
    if not is_able:
        with pytest.raises(UnfitFormat):
            await export(host, out, Wanted(kind))
        assert not out.exists()
        return
    made = await export(host, out, Wanted(kind))
    assert (made.size, made.is_signed, made.notes) == (Size(300, 200), False, ())
    back = read_picture(out)
    if kind == "webp" and format_.channels <= 2:
        grey = np.repeat(host.pixels[..., :1], 3, axis=2)
        assert same_bits(back.pixels[..., :3], np.ascontiguousarray(grey))
        return
    assert back.format == format_
    assert same_bits(back.pixels, host.pixels)


@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
async def test_the_layers_own_profile_is_in_the_file(history: History, tmp_path: Path, kind: Kind):
    host, profile = await Host.open(history), profile_of(1.8)
    layer = host.layer
    host.layer = await history.versions.describe_layer(
        layer.document_id, "layer", "Layer", layer.size, layer.format, profile
    )
    await share(host)
    out = tmp_path / f"a.{'tif' if kind == 'tiff' else kind}"
    await export(host, out, Wanted(kind))
    assert read_picture(out).profile == profile


@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
async def test_only_what_was_changed_can_be_had_where_the_rest_is_not_known(host: Host, tmp_path: Path, kind: Kind):
    await host.edit(PLACE, 5)
    out = tmp_path / f"a.{'tif' if kind == 'tiff' else kind}"
    with pytest.raises(PixelsMissing) as refused:
        await export(host, out, Wanted(kind))
    assert "only the part" in refused.value.hint and not out.exists()
    made = await export(host, out, Wanted(kind, part="changed"))
    assert made.size == PLACE.size
    assert same_bits(read_picture(out).pixels, np.ascontiguousarray(host.pixels[PLACE.slices()]))


async def test_an_original_changed_nothing(host: Host, tmp_path: Path):
    with pytest.raises(PixelsMissing) as refused:
        await export(host, tmp_path / "a.png")
    assert "shares the layer" in refused.value.hint
    with pytest.raises(NothingToExport):
        await export(host, tmp_path / "a.png", Wanted(part="changed"))


async def test_each_version_is_exported_as_it_shows_the_layer(host: Host, tmp_path: Path):
    await share(host)
    shown = {await host.head(): host.pixels}
    for seed in (1, 2):
        await host.edit(PLACE.shift(10 * seed, 0), seed)
        shown[await host.head()] = host.pixels
    for number, (version_id, pixels) in enumerate(shown.items()):
        await export(host, tmp_path / f"{number}.png", version_id=version_id)
        assert same_bits(read_picture(tmp_path / f"{number}.png").pixels, pixels)


async def test_other_programs_read_a_16_bit_png(history: History, tmp_path: Path):
    host = await Host.open(history, Size(300, 200), LayerFormat(Depth.U16, 4, Alpha.STRAIGHT))
    await share(host)
    await export(host, tmp_path / "a.png")
    assert (imagecodecs.png_decode((tmp_path / "a.png").read_bytes()) == host.pixels).all()
    assert (cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)[..., [2, 1, 0, 3]] == host.pixels).all()


@pytest.mark.parametrize(
    ("plans", "origin"),
    [
        ((), None),
        (('{"ops":[{"op":"add_text","text":"SALE"}]}',), "humanEdits"),
        (('{"ops":[{"op":"relight","exposure":1.0}]}',), "algorithmicallyEnhanced"),
        (('{"ops":[{"op":"place_image","reference":1}]}',), "composite"),
        (('{"ops":[{"op":"remove"}]}',), "compositeWithTrainedAlgorithmicMedia"),
        # The strongest on the way counts, wherever it was.
        (('{"ops":[{"op":"remove"}]}', '{"ops":[{"op":"add_text","text":"A"}]}'), DRAWN.removeprefix(IPTC)),
        (('{"ops":[{"op":"add_text","text":"A"},{"op":"adjust","kind":"blur"}]}',), "algorithmicallyEnhanced"),
        # What cannot be read is not called harmless.
        (("no plan",), DRAWN.removeprefix(IPTC)),
    ],
)
async def test_the_file_says_how_the_picture_came_to_be(host: Host, tmp_path: Path, plans, origin: str | None):
    await share(host)
    for number, plan in enumerate(plans):
        await host.edit(PLACE, number)
        await planned(host, await host.head(), plan)
    made = await export(host, tmp_path / "a.png")
    assert made.origin == origin
    xmp = xmp_of(tmp_path / "a.png")
    assert field_of(xmp, "DigitalSourceType") == (None if origin is None else f"{IPTC}{origin}")
    assert field_of(xmp, "CreatorTool") == "Inlay 1.2.3"


async def test_whatever_trained_weights_had_a_say_in_is_said_to_be_drawn(host: Host, tmp_path: Path):
    await share(host)
    await host.edit(PLACE)
    await planned(host, await host.head(), '{"ops":[{"op":"upscale","factor":2.0}]}', weights_hash="abc")
    assert (await export(host, tmp_path / "a.png")).origin == DRAWN.removeprefix(IPTC)


async def test_an_undone_edit_is_not_on_the_way(host: Host, tmp_path: Path):
    await share(host)
    await host.edit(PLACE)
    await host.undo()
    assert (await export(host, tmp_path / "a.png")).origin is None


async def test_what_landed_before_the_layer_was_described_anew_may_be_in_its_new_original(
    host: Host, history: History, tmp_path: Path
):
    await host.edit(PLACE)
    layer = host.layer
    smaller = await history.versions.describe_layer(
        layer.document_id, "layer", "Layer", Size(128, 100), layer.format, None
    )
    tiles = cut(host.pixels, smaller.size.rect, smaller.size.rect)
    await history.blobs.put_many({sha256(tile).digest(): tile for tile in tiles.values()})
    rows = [
        {"version_id": smaller.head_version_id, "col": cell.col, "row": cell.row, "tile_hash": sha256(tile).digest()}
        for cell, tile in tiles.items()
    ]
    await history.database.write(lambda session: session.execute(insert(SharedTileRow), rows))
    assert (await export(host, tmp_path / "a.png")).origin == DRAWN.removeprefix(IPTC)


@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
async def test_words_and_names_are_in_the_file_only_where_asked(host: Host, tmp_path: Path, kind: Kind):
    await share(host)
    await host.edit(PLACE)
    hostile = "</rdf:li><script>\x00\ud800 & “remove”"
    safe = hostile.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    await planned(host, await host.head(), '{"ops":[]}', text=hostile.replace("\ud800", ""))
    out = tmp_path / f"a.{'tif' if kind == 'tiff' else kind}"
    await export(host, out, Wanted(kind))
    assert b"remove" not in out.read_bytes() and b"Ada" not in out.read_bytes()
    await export(host, out, Wanted(kind, words=True))
    assert field_of(xmp_of(out), "description") == hostile.replace("\x00", "\ufffd").replace("\ud800", "")
    assert b"Ada" not in out.read_bytes() and safe
    await export(host, out, Wanted(kind, people=True))
    assert field_of(xmp_of(out), "creator") == "Ada"
    assert b"remove" not in out.read_bytes()


# ── content credentials ──────────────────────────────────────────────────────────────────────────────────────────


# What such a file can hold.
@pytest.mark.parametrize(
    ("kind", "depth"),
    [
        ("png", Depth.U8),
        ("png", Depth.U16),
        ("tiff", Depth.U8),
        ("tiff", Depth.U16),
        ("tiff", Depth.F32),
        ("webp", Depth.U8),
    ],
)
async def test_content_credentials_are_signed_and_read_back(history: History, tmp_path: Path, kind: Kind, depth: Depth):
    host = await Host.open(history, format_=LayerFormat(depth, 3, Alpha.NONE))
    await share(host)
    await host.edit(PLACE, 1)
    await planned(host, await host.head(), '{"ops":[{"op":"remove"}]}')
    await host.edit(PLACE, 2)
    await planned(host, await host.head(), '{"ops":[{"op":"add_text","text":"secret words"}]}')
    out = tmp_path / f"a.{'tif' if kind == 'tiff' else kind}"
    made = await export(host, out, Wanted(kind), by=signing(tmp_path))
    assert (made.is_signed, made.notes) == (True, ())
    assert same_bits(read_picture(out).pixels, host.pixels)
    assert field_of(xmp_of(out), "DigitalSourceType") == DRAWN
    with c2pa.Reader(MIMES[kind], io.BytesIO(out.read_bytes())) as reader:
        store = json.loads(reader.json())
        assert store["validation_state"] == "Valid"
        # Nobody trusts a certificate that was made a moment ago; nothing else is said against it.
        assert {one["code"] for one in store["validation_status"]} == {"signingCredential.untrusted"}
    manifest = store["manifests"][store["active_manifest"]]
    assert manifest["claim_generator_info"][0]["name"] == "Inlay"
    assert [one["relationship"] for one in manifest["ingredients"]] == ["parentOf"]
    actions = next(one["data"]["actions"] for one in manifest["assertions"] if one["label"].startswith("c2pa.actions"))
    assert [(one["action"], one.get("digitalSourceType")) for one in actions] == [
        ("c2pa.opened", None),
        ("c2pa.edited", DRAWN),
        ("c2pa.edited", f"{IPTC}humanEdits"),
    ]
    assert actions[0]["parameters"]["ingredients"]
    assert "secret words" not in json.dumps(store) and "Ada" not in json.dumps(store)


async def test_a_picture_that_was_changed_afterwards_shows_it(host: Host, tmp_path: Path):
    await share(host)
    await export(host, tmp_path / "a.png", by=signing(tmp_path))
    spoilt = bytearray((tmp_path / "a.png").read_bytes())
    spoilt[-40] ^= 1
    with c2pa.Reader("image/png", io.BytesIO(bytes(spoilt))) as reader:
        assert json.loads(reader.json())["validation_state"] == "Invalid"


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["es384", "ed25519", "ps256"],
)
async def test_keys_of_other_kinds_sign_too(host: Host, tmp_path: Path, key):
    await share(host)
    assert (await export(host, tmp_path / "a.png", by=signing(tmp_path, key))).notes == ()


async def test_where_it_cannot_be_signed_it_is_said_and_the_picture_is_there(host: Host, tmp_path: Path, monkeypatch):
    await share(host)
    good = signing(tmp_path)
    other = signing(tmp_path_of(tmp_path, "other"))
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
        )
    )
    (tmp_path / "none.pem").write_text("no key")
    cases = {
        "cannot be read": Signing(tmp_path / "gone.pem", good.key),
        "key cannot be read": Signing(good.certificates, tmp_path / "none.pem"),
        "without a password": Signing(good.certificates, locked),
        "cannot be signed": Signing(good.certificates, other.key),
    }
    for said, by in cases.items():
        made = await export(host, tmp_path / "a.png", by=by)
        assert not made.is_signed and said in made.notes[0], said
        assert same_bits(read_picture(tmp_path / "a.png").pixels, host.pixels)
        assert not list(tmp_path.glob("*.signed"))
    monkeypatch.setitem(__import__("sys").modules, "c2pa", None)
    credentials._package.cache_clear()
    made = await export(host, tmp_path / "a.png", by=good)
    credentials._package.cache_clear()
    assert "c2pa-python is not installed" in made.notes[0] and "inlay[credentials]" in made.notes[0]


def tmp_path_of(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    return made
