"""Archives and databases of pictures, as their publishers write them."""

import hashlib
import tarfile
import zipfile
from io import BytesIO

import lmdb
import numpy as np

from gahb.data.readers import CIFAR_FILES


def write_zip(path, members: dict[str, bytes]) -> None:
    """Write a zip of files by name."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def write_database(path, values: list[bytes]) -> None:
    """Write an LMDB database whose keys are hashes, as LSUN's."""
    with lmdb.open(str(path), map_size=2**26) as database, database.begin(write=True) as writing:
        for value in values:
            writing.put(hashlib.sha1(value).hexdigest().encode(), value)


def write_cifar(path, images: np.ndarray, names=CIFAR_FILES) -> None:
    """Write images as the archive of the binary version: label, then three planes."""
    with tarfile.open(path, "w:gz") as archive:
        for name, part in reversed(
            list(zip(names, np.array_split(images, len(names)), strict=True))
        ):
            planes = np.moveaxis(part, -1, 1).reshape(len(part), -1)
            labels = np.full((len(part), 1), 7, np.uint8)
            content = np.concatenate([labels, planes], axis=1).tobytes()
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
        archive.addfile(tarfile.TarInfo("cifar-10-batches-bin/readme.html"))
