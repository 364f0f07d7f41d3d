"""Registry of data sets: where each comes from, how to know it is intact, its licence."""

from __future__ import annotations

from dataclasses import dataclass

from gahb.sections import Data


@dataclass(frozen=True)
class SourceFile:
    """One original file.

    Attributes
    ----------
    name : str
        File name once decompressed.
    sha256 : str
        Of the decompressed content: mirrors compress the same content differently.
    size : int
        Bytes once decompressed.
    """

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Source:
    """A data set.

    Attributes
    ----------
    title, licence, citation : str
        For people.
    count, height, width : int
        Images in all files together, and their size in pixels; 0 for drawn images, which
        have the count and the size that are asked for.
    reader : str
        ``"idx"``, ``"bundled faces"``, ``"bundled patches"``, ``"cifar"`` or ``"pictures"``, see
        `gahb.data.readers`, or ``"drawn"``, see `gahb.data.synthetic`.
    channels : int
        1 for grey, 3 for colour.
    drop_in : str or None
        For a data set that has to be put into a directory by hand: what to put there.
    files : tuple of SourceFile
        Read in this order; empty when the images come with an installed package.
    mirrors : tuple of str
        HTTPS folders that hold ``<name>.gz``.
    system_directory : str or None
        Where a distribution's package puts ``<name>.gz``.
    debian_package : str or None
        That package.
    """

    title: str
    licence: str
    citation: str
    count: int
    height: int
    width: int
    reader: str
    channels: int = 1
    drop_in: str | None = None
    files: tuple[SourceFile, ...] = ()
    mirrors: tuple[str, ...] = ()
    system_directory: str | None = None
    debian_package: str | None = None


def _drawn(title: str) -> Source:
    """Return the entry of images that are computed, not read."""
    citation = "Kadkhodaie, Guth, Simoncelli & Mallat, ICLR 2024, arXiv 2310.02557"
    return Source(title, "none: drawn at random", citation, 0, 0, 0, "drawn")


SOURCES: dict[str, Source] = {
    "fashion-mnist": Source(
        title="Fashion-MNIST, 70,000 photographs of articles of clothing",
        licence="MIT",
        citation="Xiao, Rasul & Vollgraf 2017, arXiv 1708.07747",
        count=70_000,
        height=28,
        width=28,
        reader="idx",
        files=(
            SourceFile(
                "train-images-idx3-ubyte",
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                47_040_016,
            ),
            SourceFile(
                "t10k-images-idx3-ubyte",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                7_840_016,
            ),
        ),
        mirrors=(
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        ),
        system_directory="/usr/share/datasets/fashion-mnist",
        debian_package="dataset-fashion-mnist",
    ),
    "faces": Source(
        title="100 faces of Labeled Faces in the Wild, bundled with scikit-image",
        licence="as distributed with scikit-image (skimage.data.lfw_subset)",
        citation="Huang, Ramesh, Berg & Learned-Miller 2007, UMass 07-49",
        count=100,
        height=25,
        width=25,
        reader="bundled faces",
    ),
    "patches": Source(
        title="9,045 patches of ten photographs bundled with scikit-image, side by side",
        licence="public domain or CC0, see skimage.data of each",
        citation="van der Walt et al. 2014, scikit-image, PeerJ 2:e453",
        count=9045,
        height=16,
        width=16,
        reader="bundled patches",
    ),
    "cifar-10": Source(
        title="CIFAR-10, 60,000 photographs of ten kinds of things",
        licence="none stated; for research, with citation",
        citation="Krizhevsky 2009, Learning multiple layers of features from tiny images",
        count=60_000,
        height=32,
        width=32,
        channels=3,
        reader="cifar",
        drop_in="the binary version unpacked: data_batch_1.bin to data_batch_5.bin, test_batch.bin",
    ),
    "ffhq": Source(
        title="FFHQ, 70,000 photographs of faces, as 128x128 thumbnails",
        licence="CC BY-NC-SA 4.0",
        citation="Karras, Laine & Aila, CVPR 2019, arXiv 1812.04948",
        count=70_000,
        height=128,
        width=128,
        channels=3,
        reader="pictures",
        drop_in="the folder thumbnails128x128 with its 70,000 PNG files",
    ),
    "c-alpha": _drawn("C^alpha images: two regular regions beside a regular contour"),
    "disks": _drawn("Disks of any position, radius and greys"),
    "sinusoids": _drawn("Plane waves of one frequency, any phase and intensity"),
    "ray": _drawn("One face at all intensities"),
}
"""All known data sets by the name they have in the configuration."""


def is_drawn(data: Data) -> bool:
    """Return whether the images of a configuration are computed, not read."""
    return SOURCES[data.source].reader == "drawn"


def image_count(data: Data) -> int:
    """Return how many images there are before deduplication."""
    return data.count if is_drawn(data) else SOURCES[data.source].count
