"""Files of tensors, of any age and kind: what PyTorch reads is read alike."""

import struct

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from damage import survive
from gahb.denoisers.published import read_published
from gahb.denoisers.states import read_state
from gahb.errors import CheckpointError
from released import TheirCNN


def many_kinds() -> dict:
    shared = torch.randn(40)
    kinds = (torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int8, torch.uint8)
    return {
        "plain": torch.randn(3, 4),
        "view": shared[10:20],
        "every second": shared[::2],
        "turned": torch.randn(3, 5, 7).permute(2, 0, 1),
        "last": torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last),
        "one": torch.tensor(2.5),
        "none": torch.empty(0, 3),
        "parameter": nn.Parameter(torch.randn(2, 2)),
        "bool": torch.tensor([True, False]),
        **{str(kind): torch.arange(5).to(kind) for kind in kinds},
        "expanded": torch.tensor([3.0, 4.0]).expand(50, 2),
        "a.name\n\x1b[31m": torch.ones(1),
    }


WAYS = [
    {},
    {"_use_new_zipfile_serialization": False},
    {"pickle_protocol": 4},
    {"pickle_protocol": 5, "_use_new_zipfile_serialization": False},
]


@pytest.mark.parametrize("way", WAYS, ids=["zip", "old", "zip 4", "old 5"])
def test_tensors_are_what_pytorch_reads(tmp_path, way):
    expected = many_kinds()
    torch.save(expected, tmp_path / "x.pt", **way)
    found = read_state(tmp_path / "x.pt")
    if not way.get("pickle_protocol"):  # others are none that it knows
        expected = torch.load(tmp_path / "x.pt", weights_only=True)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].dtype == value.dtype, name
        assert found[name].stride() == value.stride(), name
        assert torch.equal(found[name], value), name


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
@pytest.mark.parametrize("way", WAYS[:2], ids=["zip", "old"])
def test_tensors_of_other_kinds_are_named(tmp_path, way):
    minus = torch.complex(torch.ones(2), torch.ones(2)).conj().imag
    assert minus.is_neg()
    strange = {
        "a quantised tensor": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8),
        "a sparse tensor": torch.ones(3).to_sparse(),
        "a nested tensor": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
        "a tensor without values": torch.ones(3, device="meta"),
        "a tensor of other numbers, such as float8": torch.ones(3).to(torch.float8_e4m3fn),
        "a tensor of other numbers, such as complex": torch.ones(3, dtype=torch.complex64),
        "a tensor that is negated": minus,
    }
    for what, value in strange.items():
        torch.save({"w": value}, tmp_path / "x.pt", **way)
        with pytest.raises(CheckpointError, match=f"'w' is {what}"):
            read_state(tmp_path / "x.pt")


def test_files_without_checksums_and_of_safetensors_are_read(tmp_path):
    state = TheirCNN(3, 2, 1, False).state_dict()
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(state, tmp_path / "x.pt")
    finally:
        torch.serialization.set_crc32_options(True)
    save_file(state, tmp_path / "x.safetensors")
    for name in ("x.pt", "x.safetensors"):
        found = read_state(tmp_path / name)
        assert all(torch.equal(found[key], value) for key, value in state.items())
        read_published(tmp_path / name)


def test_a_checksum_tells_damage_in_the_numbers(tmp_path):
    torch.save({"w": torch.full((100,), 3.0)}, tmp_path / "x.pt")
    content = (tmp_path / "x.pt").read_bytes()
    number = struct.pack("<f", 3.0)
    (tmp_path / "x.pt").write_bytes(content.replace(number, struct.pack("<f", 5.0), 1))
    with pytest.raises(CheckpointError, match="its checksum is wrong"):
        read_state(tmp_path / "x.pt")


@pytest.mark.parametrize("way", [*WAYS[:2], None], ids=["zip", "old", "safetensors"])
def test_damaged_files_of_each_kind(tmp_path, way):
    path, state = tmp_path / "x.pt", TheirCNN(3, 2, 1, False).state_dict()
    if way is None:
        save_file(state, path)
    else:
        torch.save({"model": state}, path, **way)

    def read(path):
        read_published(path)
        read_state(path)

    assert survive(read, path, path.read_bytes(), 250) > 80
