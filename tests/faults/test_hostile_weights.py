"""Files of weights that would hang, eat memory or run code: one line, at once."""

import io
import os
import random
import signal
import struct
import zipfile

import pytest
import torch

from gahb.denoisers.pretrained import adopt
from gahb.denoisers.published import find_published, read_published
from gahb.denoisers.states import read_state
from gahb.errors import CheckpointError, ConfigError
from gahb.files import check_weights
from gahb.settings import DenoiserSettings
from released import TheirUNet


@pytest.fixture(autouse=True)
def _ends():
    """Whatever hangs is ended: a test of this file takes seconds."""

    def end(*arguments):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def text(word: bytes) -> bytes:
    return b"X" + struct.pack("<I", len(word)) + word


def tensor(shape: bytes, stride: bytes, kind: bytes = b"FloatStorage") -> bytes:
    """The instructions of a tensor of a storage of four numbers."""
    storage = b"(" + text(b"storage") + b"ctorch\n" + kind + b"\n" + text(b"0") + text(b"cpu")
    made = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x04tQK\x00" + shape + stride
    return made + b"\x89ccollections\nOrderedDict\n)RtR"


ONE = tensor(b"K\x04\x85", b"K\x01\x85")


def pickled(*instructions: bytes) -> bytes:
    """A file of torch.save around some instructions."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x/data.pkl", b"\x80\x02" + b"".join(instructions) + b".")
        archive.writestr("x/data/0", struct.pack("<4f", 1, 2, 3, 4))
    return file.getvalue()


def state(instructions: bytes) -> bytes:
    """A file of torch.save with a mapping of one name."""
    return pickled(b"}" + text(b"w") + instructions + b"s")


def nested(depth: int) -> bytes:
    """A tuple of two of tuples of two of …, as a key: its hash takes 2**depth steps."""
    levels = b"".join(b"q%ch%c\x86" % (level, level) for level in range(depth))
    return b"}K\x01\x85" + levels + b"K\x01s"


def compressed(content: dict) -> bytes:
    file, packed = io.BytesIO(), io.BytesIO()
    torch.save(content, file)
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return packed.getvalue()


def directory(change) -> bytes:
    """A file of torch.save whose directory says something else of the numbers."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x/data.pkl", b"\x80\x02}" + text(b"w") + ONE + b"s.")
        archive.writestr("x/data/0", struct.pack("<4f", 1, 2, 3, 4))
        change(archive.getinfo("x/data/0"))
    return file.getvalue()


def larger(part: zipfile.ZipInfo) -> None:
    part.file_size = part.compress_size = 2**31


def elsewhere(part: zipfile.ZipInfo) -> None:
    part.header_offset = 10**9


def encrypted(part: zipfile.ZipInfo) -> None:
    part.flag_bits |= 1


HOSTILE = {
    "nested tuples as a key": (pickled(nested(200)), "holds no state dictionary"),
    "keys of one hash": (
        pickled(b"}(", *(b"\x8a\x0b" + (index * (2**61 - 1)).to_bytes(11, "little") + b"N"
                         for index in range(1, 99_999)), b"u"),
        "holds no state dictionary",
    ),
    "a call for memory": (
        pickled(b"cbuiltins\nbytearray\n\x8a\x06\x00\x00\x00\x00\x00\x7f\x85R"),
        r"holds a whole object \(builtins.bytearray\), which would be code to run",
    ),
    "a bomb": (compressed({"w": torch.zeros(2**22)}), "compressed or encrypted"),
    "many things": (pickled(b"}" * 2**21), "more than 1,048,576 things"),
    "a long description": (pickled(b"}0" * 2**23, b"}"), "is over 16 MiB"),
    "mappings shared": (
        pickled(b"}q\x00", *(b"}(" + text(b"a") + b"h%c" % i + text(b"b") + b"h%cuq%c" % (i, i + 1)
                             for i in range(200))),
        "holds no state dictionary",
    ),
    "a mapping in itself": (pickled(b"}q\x00" + text(b"a") + b"h\x00s"), "no state dictionary"),
    "digits": (pickled(b"I" + b"9" * 5000 + b"\n"), "no file of tensors, or damaged: get it"),
    "a huge number": (
        pickled(b"}\x8b" + struct.pack("<i", 9999) + b"\x01" * 9999 + b"K\x01s"),
        "a number of 79,985 bits",
    ),
    "a huge shape": (
        state(tensor(b"\x8a\x08" + b"\x7f" * 8 + b"\x85", b"K\x01\x85")),
        "'w' is a tensor of a shape that no file could hold",
    ),
    "a view of one number": (
        state(tensor(b"J\xff\xff\xff\x7f\x85", b"K\x00\x85")),
        "'w' holds fewer values than its shape",
    ),
    "a shape that is none": (
        state(tensor(b"K\x04\x85", b"K\x01K\x01\x86")),
        "'w' is a tensor of a shape that is none",
    ),
    "a negative side": (
        state(tensor(b"J\xff\xff\xff\xff\x85", b"K\x01\x85")),
        "'w' is a tensor of a shape that no file could hold",
    ),
    "complex numbers": (
        state(tensor(b"K\x01\x85", b"K\x01\x85", b"ComplexFloatStorage")),
        "'w' is a tensor of other numbers, such as complex ones",
    ),
    "a tensor of another kind": (
        state(b"ctorch._utils\n_rebuild_qtensor\n)R"),
        "'w' is a quantised tensor, expected a plain tensor",
    ),
    "a long name": (pickled(b"}" + text(b"n" * 10**7) + ONE + b"s"), "more than 300 characters"),
    "many mappings": (
        pickled(ONE, b"q\x00}(", *(text(b"%d" % i) + b"}" + text(b"a") + b"h\x00s"
                                   for i in range(2000)), b"u"),
        "more than 1,000 mappings",
    ),
    "no stack": (pickled(b"R"), "REDUCE comes where it has no meaning"),
    "an unknown instruction": (pickled(b"\x97"), "NEXT_BUFFER is not among the instructions"),
    "numbers beyond the end": (directory(larger), "is cut short"),
    "numbers elsewhere": (directory(elsewhere), "no file of tensors, or damaged"),
    "a password": (directory(encrypted), "compressed or encrypted"),
    "cut": (directory(lambda part: None)[:-30], "no file of tensors, or damaged"),
    "a web page": (b"\n<!DOCTYPE html><html><head><title>Virus scan", "but a web page"),
    "a page with a mark": (b"\xef\xbb\xbf<HTML>", "but a web page"),
    "an answer": (b'{"error": "not found"}', "but JSON"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d", "run git lfs pull"),
    "packed": (b"\x1f\x8b\x08\x00", "packed: unpack it"),
    "empty": (b"", "is empty"),
    "words": (b"hello", "neither of PyTorch nor of safetensors"),
    "a long header": (struct.pack("<Q", 2**40) + b"{", "its header is over 16 MiB"),
    "a header of lies": (
        struct.pack("<Q", 60)
        + b'{"w":{"dtype":"F32","shape":[9],"data_offsets":[0,999]}}'.ljust(60),
        "no file of tensors, or damaged",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_one_line_at_once(tmp_path, name):
    content, message = HOSTILE[name]
    (tmp_path / "x.pt").write_bytes(content)
    with pytest.raises(CheckpointError, match=message) as caught:
        read_state(tmp_path / "x.pt")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400 + len(str(tmp_path))
    with pytest.raises(CheckpointError) as caught:
        read_published(tmp_path / "x.pt")
    assert "\n" not in str(caught.value)
    assert "weights_only" not in str(caught.value)


def test_a_million_names_are_refused_in_seconds(tmp_path):
    names = (text(b"encoder.%d.0.weight" % index) + b"h\x00" for index in range(400_000))
    (tmp_path / "x.pt").write_bytes(pickled(ONE, b"q\x00}(", *names, b"u"))
    with pytest.raises(CheckpointError, match=r"though some of its names: 'encoder\.10000\.0"):
        find_published(tmp_path / "x.pt")


@pytest.mark.parametrize("start", [b"", b"PK\x03\x04", b"\x80\x02", b"\x80\x02X\xff\xff\xff\xff"])
def test_files_full_of_holes_are_not_read(tmp_path, start):
    with (tmp_path / "x.pt").open("wb") as file:
        file.write(start)
        file.truncate(40 * 2**30)
    with pytest.raises(CheckpointError, match="no file of tensors"):
        read_state(tmp_path / "x.pt")


def test_a_network_larger_than_memory_is_not_read(tmp_path):
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    count = memory // 4 + 2**20
    header = b'{"w":{"dtype":"F32","shape":[%d],"data_offsets":[0,%d]}}' % (count, 4 * count)
    with (tmp_path / "x.pt").open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + 4 * count)
    with pytest.raises(CheckpointError, match="GiB of memory: no network of ours is as large"):
        read_published(tmp_path / "x.pt")


def test_another_network_than_configured_is_refused_before_it_is_read(tmp_path, monkeypatch):
    torch.save(TheirUNet(2, 8, 1).state_dict(), tmp_path / "x.pt")
    monkeypatch.setattr("gahb.denoisers.stored.TensorFile.read", None)
    with pytest.raises(CheckpointError, match="holds another network"):
        adopt(tmp_path / "x.pt", DenoiserSettings(blocks=2, width=4), 1)


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, message in {
        tmp_path / "pipe": "is a pipe, a device or a socket",
        "/dev/zero": "is a pipe, a device or a socket",
        tmp_path: "is a folder",
        tmp_path / "gone": "does not exist",
        tmp_path / ("n" * 3000): "does not exist",
        "a\0b": "does not exist",
    }.items():
        with pytest.raises(CheckpointError, match=message):
            read_state(path)
        with pytest.raises(ConfigError, match=f"config: denoiser.weights: .*{message}"):
            check_weights(path, of_ones_own=False)
    check_weights(tmp_path, of_ones_own=True)
    with pytest.raises(ConfigError, match="is a pipe"):
        check_weights(tmp_path / "pipe", of_ones_own=True)
    (tmp_path / "page").write_bytes(b"<html>")
    with pytest.raises(ConfigError, match="is no file of tensors but a web page"):
        check_weights(tmp_path / "page", of_ones_own=False)


def test_a_description_is_read_without_being_run(tmp_path):
    """Whatever order instructions come in: a line or a state, never another error."""
    stream = random.Random(0)
    alone = [b"%c" % sign for sign in b"}])(tRbsuaeQN021odl\x81\x85\x92\x93"]
    named = [b"K\x01", b"q\x00", b"h\x00", b"cos\nsystem\n", b"ios\nsystem\n", text(b"a"), ONE]
    instructions, messages = alone + named, []
    for _ in range(1500):
        chosen = [stream.choice(instructions) for _ in range(stream.randrange(1, 12))]
        (tmp_path / "x.pt").write_bytes(pickled(b"}", text(b"w"), ONE, b"s", *chosen))
        try:
            read_state(tmp_path / "x.pt")
        except CheckpointError as error:
            messages.append(str(error))
    assert 500 < len(messages) < 1500
    assert not [message for message in messages if "\n" in message]
