"""What there is to know of a data set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceFile:
    """One original file.

    Attributes
    ----------
    name : str
        File name once decompressed.
    checksum : str
        As the publisher gives it, ``sha256:`` or ``md5:`` and the digest in hexadecimal, of
        the decompressed content: mirrors compress the same content differently.
    size : int
        Bytes once decompressed, 0 if not known.
    """

    name: str
    checksum: str
    size: int = 0


@dataclass(frozen=True)
class Wheel:
    """A Python package whose wheel has original files.

    Attributes
    ----------
    package, version : str
        Its name and version.
    folder : str
        The folder of the files in the wheel.
    """

    package: str
    version: str
    folder: str


@dataclass(frozen=True)
class Source:
    """A data set.

    Attributes
    ----------
    title, licence, citation : str
        For people.
    count, height, width : int
        Images in all files together, and their size in pixels; 0 where they are open: drawn
        images have the count and size that are asked for, pictures those that they have.
    reader : str
        ``"idx"``, ``"rows"``, ``"bundled faces"``, ``"bundled patches"`` or ``"cifar"``, see
        `gahb.data.readers`; ``"pictures"``, see `gahb.data.decoding`; or ``"drawn"``, see
        `gahb.data.drawn`.
    channels : int
        1 for grey, 3 for colour.
    crop : str
        What is kept of a picture, see `gahb.data.decoding.CROPS`.
    drop_in : str or None
        For a data set that has to be put into a directory by hand: what to put there.
    archive, labels : SourceFile or tuple of SourceFile
        The publisher's zip of a drop-in, verified if it is what is there, and its lists of
        labels.
    files : tuple of SourceFile
        Fetched, and read in this order; empty when the images come with a package or by hand.
    mirrors : tuple of str
        HTTPS folders that hold ``<name>.gz``, or ``<name>`` where that ends so.
    system_directory : str or None
        Where a distribution's package puts the same.
    debian_package : str or None
        That package.
    wheel : Wheel or None
        A package of Python that has the same, which is fetched and not installed.
    """

    title: str
    licence: str
    citation: str
    count: int
    height: int
    width: int
    reader: str
    channels: int = 1
    crop: str = "whole"
    drop_in: str | None = None
    archive: SourceFile | None = None
    labels: tuple[SourceFile, ...] = ()
    files: tuple[SourceFile, ...] = ()
    mirrors: tuple[str, ...] = ()
    system_directory: str | None = None
    debian_package: str | None = None
    wheel: Wheel | None = None
