"""Whatever is in a configuration or a file: a result or one line, never a traceback."""

import contextlib
import os
import random
import zipfile
from io import BytesIO

import numpy as np
import pytest
import torch
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from safetensors.torch import save_file

from archives import write_cifar, write_database
from damage import altered, survive
from gahb.data.labels import has_attribute, identities
from gahb.data.preprocess import read_folder
from gahb.data.readers import read_cifar, read_idx
from gahb.denoisers.published import read_published
from gahb.errors import CheckpointError, ConfigError, DataError, GahbError
from gahb.plan.experiments import load_families
from gahb.plan.layers import layered
from gahb.settings import Settings
from gahb.storage import read_array, read_arrays, read_checkpoint, read_json, write_checkpoint
from pictures import colour, encoded
from repository import ROOT

DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text())

ABSURD = st.sampled_from(
    [
        *("auto", "1e-3", "nan", "fashion-mnist", "cpu", "", "{n}", "../x", "a:b", "\x00", "ü\n"),
        *(0, -1, 2**63, 10**30, 1e308, -0.0, float("nan"), float("inf")),
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | ABSURD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [(name,) for name in Settings.model_fields]
    + [
        (name, key)
        for name, field in Settings.model_fields.items()
        if hasattr(field.annotation, "model_fields")
        for key in field.annotation.model_fields
    ]
)
NAMES = st.text("abcdefgh_", min_size=1, max_size=6)
CHANGES = st.dictionaries(KEYS | st.tuples(NAMES) | st.tuples(NAMES, NAMES), ANYTHING, max_size=3)


def nested(changes: dict) -> dict:
    """Return a configuration from keys of one or two parts."""
    raw: dict = {}
    for (name, *rest), value in changes.items():
        if not rest:
            raw[name] = value
        elif isinstance(raw.setdefault(name, {}), dict):
            raw[name][rest[0]] = value
    return raw


def answer(raw: dict) -> str:
    """Return what a configuration is answered with, as the Snakefile would ask."""
    try:
        load_families(layered(raw, ROOT))
    except ConfigError as error:
        return str(error)
    return "config: accepted"


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANGES)
def test_any_configuration_is_accepted_or_explained_in_one_line(changes):
    message = answer({**DEFAULT, **nested(changes)})
    assert message.startswith("config: ")
    assert "\n" not in message
    # Whatever is wrong, it is named: a key of one part or of several.
    named = set(Settings.model_fields) | {name for key in changes for name in key}
    assert message == "config: accepted" or any(name in message for name in named)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(CHANGES.map(nested) | ANYTHING, max_size=2),
    st.dictionaries(NAMES, CHANGES.map(nested), max_size=2),
)
def test_any_presets_and_variants_too(presets, variants):
    message = answer({**DEFAULT, "presets": presets, "variants": variants})
    assert message.startswith("config: ")
    assert "\n" not in message


@pytest.mark.parametrize("presets", [3, "laptop.yaml", {"a": 1}, [None], [["x"]], [{"presets": 1}]])
def test_presets_are_a_list_of_presets(presets):
    assert answer({**DEFAULT, "presets": presets}).startswith("config: presets")


def test_idx_files(tmp_path):
    header = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (5, 4, 4))
    whole = header + bytes(range(80))
    path = tmp_path / "images-idx3-ubyte"
    path.write_bytes(whole)
    assert read_idx(path).shape == (5, 4, 4)
    assert survive(read_idx, path, whole, 400) > 100


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_pictures(tmp_path, kind):
    file = BytesIO()
    picture = Image.fromarray(colour(1, 24)[0])
    exif = picture.getexif()
    exif[ExifTags.Base.Orientation] = 6  # readers that turn pictures read it once more
    picture.save(file, kind, exif=exif)
    whole = file.getvalue()
    path = tmp_path / f"a.{kind.lower()}"
    assert survive(lambda path: read_folder(path.parent, 8), path, whole, 120) > 10


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zips(tmp_path, packing):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for index, pixels in enumerate(colour(3, 8)):
            archive.writestr(f"{index}.png", encoded(pixels))
    path = tmp_path / "x.zip"
    assert survive(lambda path: read_folder(path, 8), path, file.getvalue(), 250) > 50


def test_databases(tmp_path):
    write_database(tmp_path / "db", [encoded(pixels) for pixels in colour(20, 8)])
    path = tmp_path / "db/data.mdb"
    whole = path.read_bytes()
    # The library maps what it is told is there. Cuts, which copies that broke off have:
    for length in range(0, len(whole), max(1, len(whole) // 40)):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError) as caught:
            read_folder(tmp_path / "db", 8)
        assert "\n" not in str(caught.value)


def test_altered_databases_end_no_process(tmp_path):
    """Each is read by a child, whose end would be seen."""
    write_database(tmp_path / "db", [encoded(pixels) for pixels in colour(40, 8)])
    path = tmp_path / "db/data.mdb"
    whole, ends = path.read_bytes(), []
    for seed in range(60):
        path.write_bytes(altered(whole, random.Random(seed)))
        child = os.fork()
        if not child:
            status = 3
            with contextlib.suppress(BaseException):
                try:
                    read_folder(tmp_path / "db", 8)
                    status = 0
                except GahbError:
                    status = 1
            os._exit(status)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    assert set(ends) <= {0, 1}
    assert ends.count(1) > 10


def test_archives_of_cifar(tmp_path):
    path = tmp_path / "cifar-10-binary.tar.gz"
    write_cifar(path, colour(6, 32))
    assert survive(lambda path: list(read_cifar(path)), path, path.read_bytes(), 120) > 60


def test_lists_of_labels(tmp_path):
    from gahb.storage import write_json

    names = [f"img_align_celeba/{index:06d}.jpg" for index in range(1, 9)]
    listing = {"kind": "zip", "place": "x.zip", "names": names, "count": 8, "skipped": {}}
    write_json(tmp_path / "files.json", listing)
    people = "".join(f"{index:06d}.jpg {index % 3}\n" for index in range(1, 9)).encode()
    shown = b"8\nMale Young\n" + b"".join(
        b"%06d.jpg %2d -1\n" % (i, 1 - i % 2 * 2) for i in range(1, 9)
    )
    path = tmp_path / "identity_CelebA.txt"
    assert survive(lambda path: identities("celeba", path.parent, 8), path, people, 200) > 50
    path = tmp_path / "list_attr_celeba.txt"

    def read(path):
        try:
            has_attribute("celeba", path.parent, 8, "Male")
        except ConfigError as error:
            raise DataError(f"{path.name}: {error}") from None

    assert survive(read, path, shown, 200) > 50


def test_checkpoints(tmp_path):
    path = tmp_path / "x.safetensors"
    write_checkpoint(path, {"a": torch.randn(4, 3), "b": torch.arange(5)}, {"step": 3})
    whole = path.read_bytes()
    assert survive(read_checkpoint, path, whole, 400) > 200
    for header in (2**40, 2**63 - 1, 100_000_000):
        path.write_bytes(header.to_bytes(8, "little") + whole[8:])
        with pytest.raises(CheckpointError, match="is damaged"):
            read_checkpoint(path)
    save_file({"a": torch.zeros(2)}, path)
    with pytest.raises(CheckpointError, match="not a checkpoint written by gahb"):
        read_checkpoint(path)


def test_a_pickle_that_would_run_is_not_run(tmp_path):
    import pickle

    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "went off"), "w"))

    for name, content in {
        "plain.pt": pickle.dumps(Bomb()),
        "nested.pt": pickle.dumps({"conv_layers.0.weight": [Bomb()]}),
        # A small file that unpickles to a list of lists of lists.
        "wide.pt": pickle.dumps([[[0] * 10] * 10] * 10),
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CheckpointError, match=r"\.pt is a pickle, but not one of"):
            read_published(tmp_path / name)
    torch.save({"conv_layers.0.weight": Bomb()}, tmp_path / "zip.pt")
    with pytest.raises(CheckpointError, match=r"zip\.pt holds a whole object \(io\.open\)"):
        read_published(tmp_path / "zip.pt")
    assert not (tmp_path / "went off").exists()


def test_results_that_were_damaged(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(300))
    np.savez(tmp_path / "x.npz", a=np.arange(300), b=np.ones(3))
    (tmp_path / "x.json").write_text('{"a": [1, 2, {"b": "c"}]}')
    readers = {
        "x.npy": lambda path: np.asarray(read_array(path)),
        "x.npz": read_arrays,
        "x.json": read_json,
    }
    for name, read in readers.items():
        path = tmp_path / name
        assert survive(read, path, path.read_bytes(), 250) > 30, name


def test_arrays_of_objects_are_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match=r"x\.npy is damaged"):
        read_array(tmp_path / "x.npy")
    np.savez(tmp_path / "x.npz", a=np.array([{}], dtype=object))
    with pytest.raises(DataError, match=r"x\.npz is damaged"):
        read_arrays(tmp_path / "x.npz")


def test_a_header_that_promises_a_huge_picture(tmp_path):
    Image.new("1", (9000, 9000)).save(tmp_path / "a.png")
    with pytest.raises(DataError, match="holds no pictures"):
        read_folder(tmp_path, 8)
