"""Networks in numbers, against Table 1 of Kadkhodaie et al. and against counts by hand."""

import pytest

from gahb.analysis.transition.architecture import (
    describe_architecture,
    forward_operations,
    receptive_field,
)
from gahb.settings import DenoiserSettings, TrainingSettings


def unet(blocks: int, width: int = 64) -> DenoiserSettings:
    return DenoiserSettings(kind="unet", blocks=blocks, width=width)


@pytest.mark.parametrize(
    ("blocks", "size", "parameters", "field"),
    # The table gives 360k, 1.8M, 7,659,264 and 31M parameters, and these fields.
    [(1, 20, 366_080, 18), (2, 40, 1_825_024, 44), (3, 80, 7_659_264, 92)],
)
def test_table_1(blocks, size, parameters, field):
    row = describe_architecture(unet(blocks), TrainingSettings(), 1, size)
    assert row["parameters"] == parameters
    assert row["receptive_field"] == field


@pytest.mark.parametrize("layers", [3, 8, 21])
def test_receptive_field_of_plain_convolutions(layers):
    # Each 3x3 convolution adds one pixel on either side.
    field = receptive_field(DenoiserSettings(kind="bf-cnn", layers=layers), 1)
    assert field == (2 * layers + 1,) * 2


def test_pixels_see_different_extents_where_blocks_are_pooled():
    assert receptive_field(unet(3), 1, 8) == (92, 100)


def test_operations_of_plain_convolutions():
    # Two operations (multiply, add) a weight and output pixel: no layer changes the size.
    layers, width, size = 5, 6, 12
    weights = 9 * (width + width + (layers - 2) * width * width)
    denoiser = DenoiserSettings(kind="bf-cnn", layers=layers, width=width)
    assert forward_operations(denoiser, 1, size) == 2 * weights * size**2


def test_cost_of_training_is_three_passes_an_image():
    denoiser, training = unet(1, 8), TrainingSettings(presentations=1000, batch=10)
    row = describe_architecture(denoiser, training, 3, 16)
    passes = 3 * 1000 * forward_operations(denoiser, 3, 16)
    assert row["training_eflop"] == pytest.approx(passes / 1e18)
