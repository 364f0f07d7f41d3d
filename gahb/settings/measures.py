"""Settings of what is measured of networks and samples."""

from __future__ import annotations

from pydantic import Field

from gahb.settings.section import Section
from gahb.settings.values import Count, Decibel, Float, Level


class EvaluationSettings(Section):
    """PSNR curves, always in fp32."""

    images: Count = Field(256, description="noisy images per curve point and network")
    input_psnr_db: list[Decibel] = Field(
        default=[0.0, 2.5, 5.0, 7.5, 10.0, 12.5, 15.0, 17.5, 20.0, 22.5, 25.0, 27.5, 30.0],
        min_length=2,
        description="noise levels of the curves, as input PSNR in dB",
    )
    reference_sigma: Float = Field(
        0.1, ge=1e-6, le=1, description="noise level of the PSNR columns of transition.csv"
    )


class AgreementSettings(Section):
    """Comparison with linear, Gaussian and empirical denoisers (Li, Dai & Qu)."""

    images: int = Field(256, ge=4, le=10**6, description="pairs of noisy test images a noise level")
    sigma_min: Level = Field(0.0025, description="smallest noise level compared at")
    sigma_max: Level = Field(40.0, description="largest noise level compared at")
    levels: int = Field(15, ge=3, le=1000, description="noise levels, equally spaced in log sigma")
    small_n: Count = Field(10, description="N of the sweeps over width and over training time")
    distil_draws: Count = Field(
        1, description="noisy versions of each test image that the linear distillate is fitted on"
    )
    ridge: Float = Field(
        0.0, ge=0, le=1, description="ridge of the distillation, in mean variances of a noisy pixel"
    )
    folds: int = Field(8, ge=2, le=100, description="parts of the jackknife of the weight distance")
    jacobian_images: Count = Field(8, description="test images at which Jacobians are taken")
    jacobian_sigmas: list[Level] = Field(
        default=[0.05, 0.2, 1.0], min_length=1, description="noise levels of the Jacobians"
    )
    jacobian_modes: Count = Field(
        64, description="leading singular vectors compared with principal components"
    )


class BasesSettings(Section):
    """Eigenvectors of the denoiser's Jacobian (Kadkhodaie et al., Figs. 3 to 5, 16 to 21)."""

    sigmas: dict[str, Level] = Field(
        default={},
        description="noise level of the Jacobians by figure, such as figure_5: 0.04; "
        "otherwise that of the paper",
    )
    images: int = Field(16, ge=2, le=10**5, description="test images at which they are taken")
    modes: int = Field(
        512, ge=2, le=4096, description="leading eigenvectors that are measured at each"
    )
    shown: Count = Field(2, description="images of which eigenvectors are kept for figures")


class RestorationSettings(Section):
    """Restoration of test images from linear measurements, at the largest N."""

    images: int = Field(16, ge=2, le=10**5, description="test images that are restored")
    samples: int = Field(4, ge=2, le=1000, description="restorations of each, per network")
    factor: int = Field(
        2,
        ge=2,
        le=64,
        description="1/factor^2 of the dimensions is measured; a side of averaged blocks",
    )
