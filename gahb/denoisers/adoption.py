"""Take trained networks from files instead of training them."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from gahb.denoisers.bf_cnn import BFCNN
from gahb.denoisers.kinds import EXTERNAL, KINDS
from gahb.denoisers.published import read_published
from gahb.denoisers.registry import build, save, separated
from gahb.errors import CheckpointError
from gahb.sections import Denoiser
from gahb.storage import file_hash, read_checkpoint


def adopt(weights: Path, denoiser: Denoiser, channels: int) -> nn.Module:
    """Return the network in a file, in evaluation mode, if it is the one configured.

    Parameters
    ----------
    weights : Path
        A checkpoint of ours (``.safetensors``), or a state dictionary as the authors of
        Kadkhodaie et al. released them (``.pt``), see `gahb.denoisers.published`. Whatever
        the factory of a network of one's own can read.
    denoiser : Denoiser
        What it has to be.
    channels : int
        Channels of the images, 1 for grey.

    Raises
    ------
    CheckpointError
        If it is another network: which keys of the configuration would fit it.
    """
    if denoiser.kind in EXTERNAL:
        arguments = denoiser.arguments | {"weights": str(weights)}
        own = build(denoiser.model_copy(update={"arguments": arguments}), 0, channels)
        return own.eval().requires_grad_(False)
    if weights.suffix == ".safetensors":
        return _adopt_own(weights, denoiser, channels)
    network = read_published(weights, denoiser.entry)
    _compare(weights, _describe(network), denoiser, channels)
    return network


def adopt_to_file(checkpoint: Path, weights: Path, denoiser: Denoiser, channels: int) -> None:
    """Write the network of `adopt` as a checkpoint like those of training."""
    # A network of one's own may come from a folder.
    proof = {"sha256": file_hash(weights)} if weights.is_file() else {}
    description = {
        "denoiser": denoiser.model_dump(),
        "channels": channels,
        "weights": {"file": weights.name} | proof,
    }
    save(checkpoint, adopt(weights, denoiser, channels), description, {})


def _adopt_own(weights: Path, denoiser: Denoiser, channels: int) -> nn.Module:
    tensors, description = read_checkpoint(weights)
    _, tensors = separated(tensors)
    found = description.get("denoiser")
    if not isinstance(found, dict) or not isinstance(found.get("kind"), str):
        raise CheckpointError(f"{weights} does not describe its denoiser; train it again")
    shape = {key: found.get(key) for key in _keys(found["kind"])}
    _compare(weights, shape | {"channels": description.get("channels", 1)}, denoiser, channels)
    network = build(denoiser, 0, channels)
    try:
        network.load_state_dict(tensors, strict=True)
    except RuntimeError:
        raise CheckpointError(f"{weights} does not fit its own description") from None
    return network.eval().requires_grad_(False)


def _keys(kind: str) -> set[str]:
    """Return the keys of the configuration that a kind of network depends on."""
    return {"kind"} | (set(KINDS[kind][2]) if kind in KINDS else set())


def _describe(network: nn.Module) -> dict[str, str | int]:
    """Return a released network in terms of the configuration."""
    if isinstance(network, BFCNN):
        layers = [layer for layer in network.layers if isinstance(layer, nn.Conv2d)]
        first = layers[0].weight
        own = {"kind": "bf-cnn", "layers": len(layers)}
    else:
        first = network.encoder[0][0].weight
        own = {"kind": "unet", "blocks": len(network.encoder)}
    return own | {"width": first.shape[0], "channels": first.shape[1]}


def _compare(weights: Path, found: dict, denoiser: Denoiser, channels: int) -> None:
    """Raise a CheckpointError that lists every key that differs."""
    expected = denoiser.model_dump() | {"channels": channels}
    differing = [key for key in found if found[key] != expected.get(key)]
    if differing:
        sections = {"channels": "data"}
        advice = ", ".join(
            f"{sections.get(key, 'denoiser')}.{key}: {found[key]}" for key in differing
        )
        raise CheckpointError(f"{weights} holds another network than configured; set {advice}")
