"""What is left out of a folder, zip or database is counted and said; links are if asked for."""

import errno
import logging
import os
import re

import numpy as np
import pytest

from archives import write_database, write_zip
from gahb.data.containers import find_container, fingerprint, list_pictures
from gahb.data.fetch import fetch
from gahb.data.folders import AGAIN, CLOSED, LINK, NOWHERE
from gahb.data.preprocess import read_folder
from gahb.data.sources import SOURCES
from gahb.errors import DataError
from pictures import colour, encoded


def test_folder_leaves_out_links_and_what_is_no_picture(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.png").write_bytes(encoded(colour(1, 8)[0]))
    (tmp_path / "in/link.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "in/a.png").write_bytes(encoded(colour(1, 8)[0]))
    (tmp_path / "in/b.jpg").write_bytes(b"<html>")
    (tmp_path / "in/.hidden.png").write_bytes(encoded(colour(1, 8)[0]))
    listing = list_pictures(tmp_path / "in")
    assert listing.names == ["a.png"]
    assert listing.skipped == {"damaged, or no picture": 1, "hidden": 1, LINK: 1}


def test_what_is_left_out_is_said_wherever_pictures_are_read(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("gahb"), "propagate", True)
    caplog.set_level(logging.WARNING, "gahb")
    (tmp_path / "in").mkdir()
    for name, content in {"a.png": encoded(colour(1, 8)[0]), "b.gif": b"", "c.png": b""}.items():
        (tmp_path / "in" / name).write_bytes(content)
    (tmp_path / "in/d.png").symlink_to("a.png")
    expected = [
        f"{tmp_path}/in: 1 left out: another type of file",
        f"{tmp_path}/in: 1 left out: damaged, or no picture",
        f"{tmp_path}/in: 1 left out: {LINK}",
    ]
    assert len(read_folder(tmp_path / "in", 8)) == 1
    assert caplog.messages == expected
    caplog.clear()
    fetch("folder", SOURCES["folder"], tmp_path / "out", str(tmp_path / "in"))
    assert caplog.messages == expected


def test_that_there_are_no_pictures_comes_with_the_reasons(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.gif").write_bytes(b"")
    (tmp_path / "in/b.png").symlink_to("a.gif")
    write_zip(tmp_path / "x.zip", {"a.gif": b"", "b.png": b"x"})
    write_database(tmp_path / "db", [b"30", b"31"])
    reasons = {
        "in": rf"1 left out: another type of file; 1 left out: {re.escape(LINK)}",
        "x.zip": "1 left out: another type of file; 1 left out: damaged, or no picture",
        "db": "2 left out: damaged, or no picture",
    }
    for name, reason in reasons.items():
        with pytest.raises(DataError, match=rf"{name} holds no pictures \({reason}\)$"):
            read_folder(tmp_path / name, 8)
        with pytest.raises(DataError, match=rf"{name} holds no pictures \({reason}\): put there"):
            fetch("folder", SOURCES["folder"], tmp_path / "out", str(tmp_path / name))


def test_folders_that_may_not_be_listed_are_counted_others_are_errors(tmp_path, monkeypatch):
    for name in ("a", "b", "b/c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(encoded(colour(1, 8)[0]))
    scan, code = os.scandir, errno.EACCES

    def refusing(path):
        if str(path) == str(tmp_path / "b"):
            raise OSError(code, os.strerror(code), str(path))
        return scan(path)

    monkeypatch.setattr("os.scandir", refusing)
    listing = list_pictures(tmp_path)
    assert (listing.names, listing.skipped) == (["a/a.png"], {CLOSED: 1})
    assert fingerprint(tmp_path) == fingerprint(tmp_path)
    with pytest.raises(DataError, match=r"b cannot be listed \(Permission denied\)"):
        list_pictures(tmp_path / "b")
    code = errno.EIO
    for ask in (list_pictures, fingerprint, find_container):
        with pytest.raises(DataError, match=r"b cannot be listed \(Input/output error\)"):
            ask(tmp_path / "b")


def test_a_file_that_may_not_be_read_is_counted_a_disk_that_fails_is_an_error(
    tmp_path, monkeypatch
):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(encoded(colour(1, 8)[0]))
    opened, code = os.open, errno.EACCES

    def refusing(path, *others, **options):
        if str(path).endswith("b.png"):
            raise OSError(code, os.strerror(code), str(path))
        return opened(path, *others, **options)

    monkeypatch.setattr("os.open", refusing)
    assert list_pictures(tmp_path).skipped == {"no permission to read it": 1}
    code = errno.EIO
    with pytest.raises(OSError, match="Input/output error"):
        list_pictures(tmp_path)


def test_links_are_followed_if_that_is_asked_for(tmp_path):
    first, second, third = colour(3, 8)
    for name in ("in/own", "blobs", "more/deep"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "blobs/0a1b").write_bytes(encoded(first))
    (tmp_path / "more/deep/c.png").write_bytes(encoded(second))
    (tmp_path / "in/own/d.png").write_bytes(encoded(third))
    (tmp_path / "in/a.png").symlink_to("../blobs/0a1b")
    (tmp_path / "in/folder").symlink_to("../more")
    assert list_pictures(tmp_path / "in").skipped == {LINK: 2}
    listing = list_pictures(tmp_path / "in", follow=True)
    assert listing.names == ["a.png", "folder/deep/c.png", "own/d.png"]
    assert listing.skipped == {}
    found = read_folder(tmp_path / "in", 8, channels=3, follow=True)
    assert np.array_equal(found, np.stack([first, second, third]).transpose(0, 3, 1, 2))
    before = fingerprint(tmp_path / "in", follow=True)
    (tmp_path / "more/deep/e.png").write_bytes(b"")
    assert fingerprint(tmp_path / "in", follow=True) != before


def test_links_in_circles_end(tmp_path):
    (tmp_path / "in/a/b").mkdir(parents=True)
    (tmp_path / "in/a/b/p.png").write_bytes(encoded(colour(1, 8)[0]))
    (tmp_path / "in/a/b/up").symlink_to("../..")
    (tmp_path / "in/again").symlink_to("a")
    (tmp_path / "in/itself.png").symlink_to("itself.png")
    (tmp_path / "in/gone.png").symlink_to("nowhere.png")
    listing = list_pictures(tmp_path / "in", follow=True)
    assert listing.names == ["a/b/p.png"]
    assert listing.skipped == {AGAIN: 2, NOWHERE: 2}


def test_links_that_double_at_every_step_are_each_followed_once(tmp_path):
    for depth in range(40):
        (tmp_path / f"{depth}").mkdir()
        for name in ("left", "right"):
            (tmp_path / f"{depth}/{name}").symlink_to(f"../{depth + 1}")
    (tmp_path / "40").mkdir()
    (tmp_path / "40/a.png").write_bytes(encoded(colour(1, 8)[0]))
    assert list_pictures(tmp_path / "0", follow=True).count == 1
