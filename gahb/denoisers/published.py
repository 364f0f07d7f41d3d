"""Networks that the authors of Kadkhodaie et al. (ICLR 2024) released, read into ours.

Their files are state dictionaries of PyTorch. A UNet is named ``encoder.<b>.<i>``,
``mid_block.<i>``, ``decoder.<b>.<i>`` and ``upsample.<b>``; a BF-CNN ``conv_layers.<i>`` and
``BN_layers.<i>``; a convolution holds ``weight``, a normalisation ``gammas`` and
``running_sd`` of shape [1, channels, 1, 1]. What wrappers put in front of all names is left
out. Both return the noise, as ours do inside. Depth and width follow from the shapes; whether a
BF-CNN rectifies after its first convolution does not, and the released ones do not.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from gahb.denoisers.bf_cnn import BFCNN
from gahb.denoisers.checks import check_values
from gahb.denoisers.layers import BiasFreeBatchNorm
from gahb.denoisers.states import none_or_several
from gahb.denoisers.stored import Names, Stored, Strange, TensorFile
from gahb.denoisers.tensor_files import open_tensor_file
from gahb.denoisers.unet import UNet
from gahb.errors import CheckpointError
from gahb.messages import quoted

log = logging.getLogger(__name__)

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
FIRST = ("encoder", "conv_layers")
"""How the names of the first layer of a network begin, before a number."""
DEPTHS = {"encoder": 2, "decoder": 2, "mid_block": 1, "upsample": 1}
DEPTHS |= {"conv_layers": 1, "BN_layers": 1}
"""How many numbers follow each part in a name."""
UNUSED = "num_batches_tracked"
"""A count that PyTorch's own normalisations keep; nothing depends on it."""
MOST_BLOCKS, MOST_LAYERS, MOST_NETWORKS = 12, 1000, 50
"""More are nonsense that would take long to refuse."""

LOOKED_FOR = (
    "released UNet (encoder.<b>.<i>, mid_block.<i>, decoder.<b>.<i>, upsample.<b>) and no BF-CNN "
    "(conv_layers.<i>, BN_layers.<i>)"
)

Layer = dict[str, str]
"""Of one layer: the last part of each name, and the whole name."""
Layers = dict[str, dict[tuple[int, ...], Layer]]
"""Of a network: by the first part of their names, and the numbers that follow it."""
Pairs = list[tuple[nn.Module, Layer]]
"""Our layers beside theirs."""

Theirs = TypeVar("Theirs")


@dataclass(frozen=True)
class Released:
    """A released network that has been recognised; its numbers are still in the file.

    Attributes
    ----------
    network : UNet or BFCNN
        Ours of the same shape, without values.
    pairs : list
        Its layers beside theirs.
    names : mapping
        All tensors of theirs.
    """

    file: TensorFile
    network: UNet | BFCNN
    pairs: Pairs
    names: Mapping[str, Stored]

    def read(self) -> UNet | BFCNN:
        """Return the network with its values, in evaluation mode.

        Raises
        ------
        CheckpointError
            If the file is damaged, or a value cannot be computed with in float32.
        """
        values = self.file.read(self.names)
        for module, layer in self.pairs:
            own = module.state_dict()
            filled = {ours: values[layer[theirs]] for theirs, ours in _names(module).items()}
            # float16 and float64 become what ours compute with.
            filled = {name: value.to(own[name].dtype) for name, value in filled.items()}
            module.load_state_dict(filled, assign=True)
        check_values(self.network, self.file.path)
        return self.network.eval().requires_grad_(False)


def read_published(path: Path | str, entry: str = "linear", key: str | None = None) -> UNet | BFCNN:
    """Return the network of a released file, in evaluation mode, see `find_published`.

    Examples
    --------
    >>> import tempfile, gahb
    >>> with tempfile.NamedTemporaryFile(suffix=".pt") as file:
    ...     gahb.read_published(file.name)
    Traceback (most recent call last):
    gahb.errors.CheckpointError: ...
    """
    return find_published(path, entry, key).read()


def find_published(path: Path | str, entry: str = "linear", key: str | None = None) -> Released:
    """Look for a released network in a file, before its numbers are read.

    Parameters
    ----------
    path : Path or str
        A file of PyTorch or of safetensors. Nothing in it is run.
    entry : str
        What follows the first convolution of a BF-CNN, see `gahb.denoisers.bf_cnn.BFCNN`.
    key : str, optional
        The keys that lead to the network, joined by dots, where a file holds several.

    Raises
    ------
    CheckpointError
        If the file is damaged, or holds no such network, or several: what was found.
    """
    file = open_tensor_file(path)
    found = _networks(file)
    chosen = [place for place in found if key is None or f"{place}.".startswith(f"{key}.")]
    if len(chosen) != 1:
        places = chosen or list(found)
        how = f"denoiser.weights_key, such as {quoted(min(places))}" if places else ""
        raise CheckpointError(none_or_several(file, places, how, LOOKED_FOR))
    names = {name: tensor for name, tensor in found[chosen[0]].items() if not _unused(name)}
    beside = sum(map(len, file.states.values())) - len(names)
    if beside:
        under = f" under {quoted(chosen[0])}" if chosen[0] else ""
        log.info("%s: the network is read%s; %s other tensors are not", path, under, f"{beside:,}")
    try:
        with torch.device("meta"):  # costs nothing, whatever the shapes ask for
            network, pairs = _recognised(names, entry)
        for module, layer in pairs:
            _check_layer(module, layer, names)
        used = sum(len(layer) for _, layer in pairs)
        if used != len(names):
            raise ValueError(f"it has {len(names)} tensors, the network it describes {used}")
        plain = {name: _plain(names, name) for name in names}
    except (KeyError, IndexError, RuntimeError, ValueError, TypeError) as error:
        reason = error if type(error) is ValueError else "a part of it is missing, or of no size"
        raise CheckpointError(
            f"{path} holds no {LOOKED_FOR}, though some of its names: {reason}"
        ) from None
    return Released(file, network, pairs, plain)


def _unused(name: str) -> bool:
    return name.rpartition(".")[2] == UNUSED


def _networks(file: TensorFile) -> dict[str, Names]:
    """Return what may be networks in a file, by all keys and parts of names that lead to them."""
    networks: dict[str, Names] = {}
    for place, names in file.states.items():
        fronts = sorted({front for name in names if (front := _front(name)) is not None})
        if len(fronts) > MOST_NETWORKS:
            raise CheckpointError(f"{file.path} holds {len(fronts):,} networks, expected one")
        for name, tensor in names.items():
            # The longest: a network may stand beside an average of itself.
            own = max((front for front in fronts if name.startswith(front)), key=len, default=None)
            if own is not None:
                under = ".".join(filter(None, [place, own.removesuffix(".")]))
                networks.setdefault(under, {})[name.removeprefix(own)] = tensor
    return networks


def _front(name: str) -> str | None:
    """Return what is in front of the name of a tensor in a first layer; None for others."""
    parts = name.split(".")
    for index, (part, number) in enumerate(pairwise(parts)):
        if part in FIRST and number.isdecimal():
            return "".join(f"{before}." for before in parts[:index])
    return None


def _recognised(names: Names, entry: str) -> tuple[UNet | BFCNN, Pairs]:
    """Return a network of the depth and width of some tensors, and its layers beside theirs."""
    layers: Layers = {}
    for name in names:
        part, *rest = name.split(".")
        depth = DEPTHS.get(part, 0)
        if not depth or len(rest) <= depth or not all(_is_number(n) for n in rest[:depth]):
            raise ValueError(f"{quoted(name)} is no name of it")
        numbers = tuple(int(number) for number in rest[:depth])
        layers.setdefault(part, {}).setdefault(numbers, {})[".".join(rest[depth:])] = name
    return _bf_cnn(names, layers, entry) if "conv_layers" in layers else _unet(names, layers)


def _is_number(text: str) -> bool:
    return len(text) <= 4 and text.isascii() and text.isdecimal()


def _in_order(layers: Mapping[tuple[int, ...], Layer]) -> list[Layer]:
    """Return layers by their number."""
    return [layers[number] for number in sorted(layers)]


def _blocks(layers: Mapping[tuple[int, ...], Layer]) -> list[list[Layer]]:
    """Return blocks by their number, each as its layers by theirs."""
    blocks: dict[int, dict[tuple[int, ...], Layer]] = {}
    for (block, layer), tensors in layers.items():
        blocks.setdefault(block, {})[(layer,)] = tensors
    return [_in_order(blocks[number]) for number in sorted(blocks)]


def _parts(module: nn.Module) -> list[nn.Module]:
    """Return the layers of one of our blocks that hold tensors, in order."""
    return [layer for layer in module.children() if any(True for _ in layer.parameters())]


def _paired(
    modules: Sequence[nn.Module], layers: Sequence[Theirs], where: str
) -> list[tuple[nn.Module, Theirs]]:
    """Return ours beside theirs; a different number of them is an error."""
    if len(modules) != len(layers):
        raise ValueError(f"{where} has {len(layers)} parts with tensors, expected {len(modules)}")
    return list(zip(modules, layers, strict=True))


def _sides(names: Names, layer: Layer) -> tuple[int, int]:
    """Return the first two sides of the kernel of a convolution."""
    tensor = _plain(names, layer["weight"])
    if len(tensor.shape) != 4 or 0 in tensor.shape:
        raise ValueError(f"{quoted(layer['weight'])} is not the kernel of a convolution")
    return tensor.shape[0], tensor.shape[1]


def _plain(names: Names, name: str) -> Stored:
    """Return a tensor that can be read, by its name."""
    tensor = names[name]
    if isinstance(tensor, Strange):
        raise ValueError(f"{quoted(name)} is {tensor.what}")
    return tensor


def _unet(names: Names, layers: Layers) -> tuple[UNet, Pairs]:
    encoder, decoder = _blocks(layers["encoder"]), _blocks(layers["decoder"])
    if len(encoder) > MOST_BLOCKS:
        raise ValueError(f"it has {len(encoder):,} blocks, more than {MOST_BLOCKS}")
    width, channels = _sides(names, encoder[0][0])
    network = UNet(len(encoder), width, channels)
    pairs = _paired(_parts(network.middle), _in_order(layers["mid_block"]), "mid_block")
    for level, (block, found) in enumerate(zip(network.encoder, encoder, strict=True)):
        pairs += _paired(_parts(block), found, f"encoder.{level}")
    # Whichever end they are numbered from, wider blocks are deeper.
    decoder.sort(key=lambda block: _sides(names, block[0])[0])
    upsample = sorted(_in_order(layers["upsample"]), key=lambda layer: _sides(names, layer)[1])
    for block, found in _paired(list(network.decoder), decoder, "decoder"):
        pairs += _paired(_parts(block), found, "a block of the decoder")
    return network, pairs + _paired(list(network.upsample), upsample, "upsample")


def _bf_cnn(names: Names, layers: Layers, entry: str) -> tuple[BFCNN, Pairs]:
    convolutions, norms = _in_order(layers["conv_layers"]), _in_order(layers.get("BN_layers", {}))
    if len(convolutions) > MOST_LAYERS:
        raise ValueError(f"it has {len(convolutions):,} layers, more than {MOST_LAYERS:,}")
    width, channels = _sides(names, convolutions[0])
    network = BFCNN(len(convolutions), width, channels, entry)
    ours = _parts(network.layers)
    own_norms = [layer for layer in ours if isinstance(layer, BiasFreeBatchNorm)]
    own_convolutions = [layer for layer in ours if not isinstance(layer, BiasFreeBatchNorm)]
    pairs = _paired(own_convolutions, convolutions, "conv_layers")
    return network, pairs + _paired(own_norms, norms, "BN_layers")


def _names(module: nn.Module) -> dict[str, str]:
    """Return the tensors of a layer: the name of ours by that of theirs."""
    if isinstance(module, BiasFreeBatchNorm):
        return {"gammas": "gains", "running_sd": "running_deviation"}
    return {"weight": "weight"}


def _check_layer(module: nn.Module, layer: Layer, names: Names) -> None:
    """Raise a ValueError unless a layer of theirs fits one of ours."""
    expected, own = _names(module), module.state_dict()
    if set(layer) != set(expected):
        some = quoted(min(layer.values()))
        raise ValueError(f"the layer of {some} holds other tensors than {sorted(expected)}")
    for theirs, ours in expected.items():
        tensor, shape = _plain(names, layer[theirs]), tuple(own[ours].shape)
        if tensor.dtype not in FLOATS:
            raise ValueError(
                f"{quoted(layer[theirs])} holds {tensor.dtype}, expected floating-point numbers"
            )
        if tensor.shape != shape:
            raise ValueError(
                f"{quoted(layer[theirs])} has the shape {tensor.shape}, expected {shape}"
            )
