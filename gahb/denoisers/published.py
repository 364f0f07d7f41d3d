"""Networks that the authors of Kadkhodaie et al. (ICLR 2024) released, read into ours.

Their files are state dictionaries of PyTorch. A UNet is named ``encoder.<b>.<i>``,
``mid_block.<i>``, ``decoder.<b>.<i>`` and ``upsample.<b>``; a BF-CNN ``conv_layers.<i>`` and
``BN_layers.<i>``; a convolution holds ``weight``, a normalisation ``gammas`` and
``running_sd`` of shape [1, channels, 1, 1]. Every name may begin with ``module.``. Both
return the noise, as ours do inside. Depth and width follow from the shapes; whether a BF-CNN
rectifies after its first convolution does not, and the released ones do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from gahb.denoisers.bf_cnn import BFCNN
from gahb.denoisers.layers import BiasFreeBatchNorm
from gahb.denoisers.unet import UNet
from gahb.errors import CheckpointError

State = Mapping[str, Tensor]


def read_published(path: Path | str, entry: str = "linear") -> UNet | BFCNN:
    """Return the network of a released file, in evaluation mode.

    Parameters
    ----------
    path : Path or str
        A ``.pt`` file. It is read without unpickling anything but tensors.
    entry : str
        What follows the first convolution of a BF-CNN, see `gahb.denoisers.bf_cnn.BFCNN`.

    Raises
    ------
    CheckpointError
        If the file is no state dictionary, or of another network: what was expected.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"{path} does not exist") from None
    except Exception as error:  # whatever a damaged or hostile file makes of the reader
        reason = (str(error).splitlines() or [type(error).__name__])[0][:160]
        raise CheckpointError(f"{path} is no file of tensors ({reason})") from None
    if not isinstance(content, dict) or not all(isinstance(v, Tensor) for v in content.values()):
        raise CheckpointError(f"{path} is no state dictionary: names with a tensor each")
    state = {str(key).removeprefix("module."): value for key, value in content.items()}
    return network_of(state, entry, path)


def network_of(
    state: State, entry: str = "linear", name: Path | str = "the state dictionary"
) -> UNet | BFCNN:
    """Return the network that holds the tensors of ``state``; ``name`` is for messages."""
    flat = any(key.startswith("conv_layers.") for key in state)
    try:
        _check_storage(state)
        with torch.device("meta"):  # costs nothing, whatever the shapes ask for
            network, pairs = _bf_cnn(state, entry) if flat else _unet(state)
        for module, tensors in pairs:
            _fill(module, tensors)
    except (KeyError, IndexError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{name} is neither a released UNet (encoder.<b>.<i>, mid_block.<i>, decoder.<b>.<i>, "
            f"upsample.<b>) nor a BF-CNN (conv_layers.<i>, BN_layers.<i>): {error}"
        ) from None
    if not all(torch.isfinite(value).all() for value in state.values()):
        raise CheckpointError(f"{name} holds values that are not finite: get it again")
    if any((value <= 0).any() for key, value in state.items() if key.endswith("running_sd")):
        raise CheckpointError(f"{name} holds a running_sd that is not above 0: get it again")
    used = sum(len(tensors) for _, tensors in pairs)
    if used != len(state):
        raise CheckpointError(f"{name} has {len(state)} tensors, the network it describes {used}")
    return network.eval().requires_grad_(False)


def _check_storage(state: State) -> None:
    """Refuse what are no numbers, and tensors that claim more of them than they hold."""
    for key, value in state.items():
        if value.dtype not in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
            raise ValueError(f"{key} holds {value.dtype}, expected floating-point numbers")
        if (
            value.is_sparse
            or value.is_meta
            or value.numel() * value.element_size() > value.untyped_storage().nbytes()
        ):
            raise ValueError(f"{key} holds fewer values than its shape {tuple(value.shape)} says")


def _layers(state: State, prefix: str) -> list[dict[str, Tensor]]:
    """Return the layers below ``prefix`` by their number, each as names to tensors."""
    found: dict[int, dict[str, Tensor]] = {}
    for key, value in state.items():
        if key.startswith(prefix):
            number, _, name = key.removeprefix(prefix).partition(".")
            found.setdefault(int(number), {})[name] = value
    return [found[number] for number in sorted(found)]


def _blocks(state: State, prefix: str) -> list[list[dict[str, Tensor]]]:
    """Return the blocks below ``prefix`` by their number, each as a list of layers."""
    keys = (key for key in state if key.startswith(prefix))
    numbers = sorted({int(key.removeprefix(prefix).split(".")[0]) for key in keys})
    return [_layers(state, f"{prefix}{number}.") for number in numbers]


def _parts(module: nn.Module) -> list[nn.Module]:
    """Return the layers of one of our blocks that hold tensors, in order."""
    return [layer for layer in module if any(True for _ in layer.parameters())]


def _paired(modules: Sequence, layers: Sequence, where: str) -> list[tuple]:
    """Return ours beside theirs; a different number of them is an error."""
    if len(modules) != len(layers):
        raise ValueError(f"{where} has {len(layers)} parts with tensors, expected {len(modules)}")
    return list(zip(modules, layers))


def _unet(state: State) -> tuple[UNet, list]:
    """Return a UNet of the depth and width in ``state``, and its layers beside theirs."""
    encoder = _blocks(state, "encoder.")
    first = encoder[0][0]["weight"]
    network = UNet(len(encoder), first.shape[0], first.shape[1])
    pairs = _paired(_parts(network.middle), _layers(state, "mid_block."), "mid_block")
    for level, (block, layers) in enumerate(zip(network.encoder, encoder)):
        pairs += _paired(_parts(block), layers, f"encoder.{level}")
    # Whichever end they are numbered from, wider blocks are deeper.
    decoder = sorted(_blocks(state, "decoder."), key=lambda layers: layers[0]["weight"].shape[0])
    upsample = sorted(_layers(state, "upsample."), key=lambda layer: layer["weight"].shape[1])
    for block, layers in _paired(network.decoder, decoder, "decoder"):
        pairs += _paired(_parts(block), layers, "a block of the decoder")
    return network, pairs + _paired(network.upsample, upsample, "upsample")


def _bf_cnn(state: State, entry: str) -> tuple[BFCNN, list]:
    """Return a BF-CNN of the depth and width in ``state``, and its layers beside theirs."""
    convolutions, norms = _layers(state, "conv_layers."), _layers(state, "BN_layers.")
    first = convolutions[0]["weight"]
    network = BFCNN(len(convolutions), first.shape[0], first.shape[1], entry)
    ours = _parts(network.layers)
    own_norms = [layer for layer in ours if isinstance(layer, BiasFreeBatchNorm)]
    own_convolutions = [layer for layer in ours if not isinstance(layer, BiasFreeBatchNorm)]
    pairs = _paired(own_convolutions, convolutions, "conv_layers")
    return network, pairs + _paired(own_norms, norms, "BN_layers")


def _fill(module: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Copy the tensors of one layer of theirs into one of ours."""
    names = {"weight": "weight"}
    if isinstance(module, BiasFreeBatchNorm):
        names = {"gammas": "gains", "running_sd": "running_deviation"}
    if set(tensors) != set(names):
        raise ValueError(f"a layer holds {sorted(tensors)}, expected {sorted(names)}")
    own = module.state_dict()
    for name, value in tensors.items():
        if own[names[name]].shape != value.shape:
            raise ValueError(
                f"{name} has the shape {tuple(value.shape)}, expected "
                f"{tuple(own[names[name]].shape)}"
            )
    values = {names[name]: value.to(own[names[name]].dtype) for name, value in tensors.items()}
    module.load_state_dict(values, assign=True)
