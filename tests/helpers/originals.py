"""A data set of one file, and where it may be."""

import gzip
import hashlib
import random

from gahb.data.source_record import Source, SourceFile

CONTENT = random.Random(0).randbytes(1_000_000)  # does not compress
PACKED = gzip.compress(CONTENT, mtime=0)
FILE = SourceFile(
    "images-idx3-ubyte", f"sha256:{hashlib.sha256(CONTENT).hexdigest()}", len(CONTENT)
)


def source(**places) -> Source:
    """Return the data set, to be had at these places."""
    return Source("Test", "none", "none", 1, 1, 1, "idx", files=(FILE,), **places)


# The last of all places.
PLACES = source(system_directory="/usr/share/datasets/test", debian_package="dataset-test")
