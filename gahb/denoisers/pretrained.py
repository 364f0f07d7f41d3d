"""Take trained networks from files instead of training them."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from gahb.denoisers.bf_cnn import BFCNN
from gahb.denoisers.checks import check_values
from gahb.denoisers.contract import check_state, validate
from gahb.denoisers.external import called
from gahb.denoisers.kinds import KINDS
from gahb.denoisers.published import find_published
from gahb.denoisers.registry import build, filled, save
from gahb.denoisers.unet import UNet
from gahb.errors import CheckpointError
from gahb.files import check_regular
from gahb.messages import quoted
from gahb.settings import DenoiserSettings
from gahb.storage import checkpoint_header, file_hash, is_checkpoint


def adopt(weights: Path, denoiser: DenoiserSettings, channels: int) -> nn.Module:
    """Return the network in a file, in evaluation mode, if it is the one configured.

    Parameters
    ----------
    weights : Path
        A checkpoint of ours (``.safetensors``), or a state dictionary as the authors of
        Kadkhodaie et al. released them (``.pt``), see `gahb.denoisers.published`. Whatever
        the factory of a network of one's own can read.
    denoiser : DenoiserSettings
        What it has to be.
    channels : int
        Channels of the images, 1 for grey.

    Raises
    ------
    CheckpointError
        If it is another network: which keys of the configuration would fit it.
    """
    if KINDS[denoiser.kind].external:
        if not weights.is_dir():
            check_regular(weights)
        arguments = denoiser.arguments | {"weights": str(weights)}
        own = build(denoiser.model_copy(update={"arguments": arguments}), 0, channels)
        check_values(own, weights)
        return own.eval().requires_grad_(False)
    if is_checkpoint(weights):
        return _adopt_own(weights, denoiser, channels)
    found = find_published(weights, denoiser.entry, denoiser.weights_key)
    _compare(weights, _describe(found.network), denoiser, channels)
    return found.read()


def adopt_to_file(
    checkpoint: Path, weights: Path, denoiser: DenoiserSettings, channels: int, size: int
) -> None:
    """Write the network of `adopt` as a checkpoint like those of training.

    One of one's own is tried first on images of ``size``, see
    `gahb.denoisers.contract.validate`.
    """
    network = adopt(weights, denoiser, channels)
    if KINDS[denoiser.kind].external:
        assert denoiser.python is not None  # or the settings would not be there
        name = called(denoiser.python)
        check_state(network, name)
        validate(network, (channels, size, size), name=name)
    # A network of one's own may come from a folder.
    proof = {"sha256": file_hash(weights)} if weights.is_file() else {}
    description = {
        "denoiser": denoiser.model_dump(),
        "channels": channels,
        "weights": {"file": weights.name} | proof,
    }
    save(checkpoint, network, description, {})


def _adopt_own(weights: Path, denoiser: DenoiserSettings, channels: int) -> nn.Module:
    description, _ = checkpoint_header(weights)
    found = description.get("denoiser")
    if not isinstance(found, dict) or not isinstance(found.get("kind"), str):
        raise CheckpointError(f"{weights} does not describe its denoiser; train it again")
    shape = {key: found.get(key) for key in _keys(found["kind"])}
    _compare(weights, shape | {"channels": description.get("channels", 1)}, denoiser, channels)
    return filled(weights, denoiser).eval().requires_grad_(False)


def _keys(kind: str) -> set[str]:
    """Return the keys of the configuration that a kind of network depends on."""
    return {"kind"} | (set(KINDS[kind].keys) if kind in KINDS else set())


def _describe(network: UNet | BFCNN) -> dict[str, str | int]:
    """Return a released network in terms of the configuration."""
    convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    own: dict[str, str | int]
    if isinstance(network, BFCNN):
        own = {"kind": "bf-cnn", "layers": len(convolutions)}
    else:
        own = {"kind": "unet", "blocks": len(network.encoder)}
    width, channels = convolutions[0].weight.shape[:2]
    return {**own, "width": width, "channels": channels}


def _compare(weights: Path, found: dict, denoiser: DenoiserSettings, channels: int) -> None:
    """Raise a CheckpointError that lists every key that differs."""
    expected = denoiser.model_dump() | {"channels": channels}
    differing = [key for key in found if found[key] != expected.get(key)]
    if differing:
        sections = {"channels": "data"}
        advice = ", ".join(
            f"{sections.get(key, 'denoiser')}.{key}: {quoted(found[key])[1:-1]}"
            for key in differing
        )
        raise CheckpointError(f"{weights} holds another network than configured; set {advice}")
