"""Time and memory of reading as many JPEGs as CelebA has: python tests/benchmarks/benchmark_data.py

The 202,599 pictures of 178x218 pixels are generated, 500 different ones in turn, in a zip of
the publisher's layout; the memory to read them in is promised to be 4 GiB. Arguments: threads and
pictures, by default 2 and 202599.
"""

import resource
import sys
import tempfile
import time
import zipfile
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from gahb.data.containers import LISTING, list_pictures
from gahb.data.dedup import find_duplicates
from gahb.data.preprocess import write_images
from gahb.settings import DataSettings
from gahb.storage import write_json

COUNT, DIFFERENT = int(sys.argv[2]) if len(sys.argv) > 2 else 202_599, 500


def pictures() -> list[bytes]:
    stream, encoded = np.random.default_rng(0), []
    for coarse in stream.integers(0, 256, (DIFFERENT, 24, 20, 3), dtype=np.uint8):
        file = BytesIO()
        Image.fromarray(coarse).resize((178, 218)).save(file, "JPEG", quality=90)
        encoded.append(file.getvalue())
    return encoded


def report(what: str, start: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{what}: {time.monotonic() - start:.0f} s, peak so far {peak:.2f} GiB", flush=True)


if __name__ == "__main__":
    workers = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    encoded = pictures()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(folder / "img_align_celeba.zip", "w") as archive:
            for index in range(COUNT):
                picture = encoded[index % DIFFERENT]
                archive.writestr(f"img_align_celeba/{index + 1:06d}.jpg", picture)
        start = time.monotonic()
        listing = list_pictures(folder / "img_align_celeba.zip")
        report(f"listed {listing.count:,} pictures", start)
        write_json(folder / LISTING, asdict(listing))
        start = time.monotonic()
        data = DataSettings(source="celeba", pad=0, size=80)
        write_images(folder / "images.npy", data, folder, 0, workers=workers)
        report(f"decoded, cropped and averaged to 80x80 with {workers} threads", start)
    start = time.monotonic()
    # All different, so that every pair is compared.
    shape = (COUNT, 1, 20, 20)
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    find_duplicates(images, 0.95)
    report("found no duplicates among as many different images", start)
